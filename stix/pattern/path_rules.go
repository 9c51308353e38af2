package pattern

import (
	"fmt"
	"slices"
	"strings"
)

// target is what an object path leads to, as far as the object model knows.
type target struct {
	property
	owners []string // the object types or structures that have the property
}

func (t target) has(owner string) bool { return slices.Contains(t.owners, owner) }

// address tells whether the target may be the value of an IP address.
func (t target) address() bool {
	return t.name == "value" && (t.has("ipv4-addr") || t.has("ipv6-addr"))
}

// path follows an object path through the object model and warns where it
// leaves it. Of what lies beyond, nothing is known and nothing reported.
func (c *checker) path(e *Comparison) target {
	path := &e.Path
	if !isObservable(path.Type) {
		c.customType(path)
		return target{}
	}
	at := target{owners: []string{path.Type}}
	at.kind = structure
	open := false // at a list, its element not yet named
	for _, step := range path.Steps {
		if step.Kind != Property {
			if !at.list && at.kind != hashes && at.kind != dictionary {
				c.report(ruleList, step.Pos, fmt.Sprintf("%s is no list", at.name), "leave out the index")
			}
			if at.kind == hashes || at.kind == dictionary {
				return target{} // any of its values
			}
			open = false
			continue
		}
		if open {
			c.listWithoutIndex(step.Pos, at.name)
		}
		next, ok := c.step(at, step)
		if !ok {
			return target{}
		}
		at, open = next, next.list
	}
	if open && e.Op != Exists {
		c.listWithoutIndex(e.OpPos, at.name)
		return target{}
	}
	return at
}

func (c *checker) listWithoutIndex(pos int, name string) {
	c.report(ruleList, pos, name+" is a list", "write "+name+"[*] for any of its elements")
}

// step goes from a target to a property in it.
func (c *checker) step(at target, step Step) (target, bool) {
	switch at.kind {
	case hashes:
		c.hashName(step)
		return target{property: property{name: step.Name, kind: textual}, owners: []string{"hashes"}}, true
	case extensions:
		if !isExtension(at.owners[0], step.Name) {
			if !strings.HasPrefix(step.Name, "extension-definition--") {
				c.report(ruleExtension, step.Pos, shorten(step.Name)+" is no extension of "+at.owners[0]+" in STIX 2.1", "")
			}
			return target{}, false
		}
		return target{property: property{name: step.Name, kind: structure}, owners: []string{step.Name}}, true
	case structure, reference:
		return c.property(at, step)
	case dictionary:
		return target{}, false // its keys are free
	}
	c.report(ruleProperty, step.Pos, fmt.Sprintf("%s has no properties", at.name), "")
	return target{}, false
}

// property looks a name up in a structure, or in the objects that a reference
// may lead to.
func (c *checker) property(at target, step Step) (target, bool) {
	owners := at.owners
	if at.kind == reference {
		if owners = strings.Split(at.of, "|"); at.of == "" {
			return target{}, false // to an object of any type
		}
	}
	found := target{}
	for _, owner := range owners {
		if p, ok := lookup(owner, step.Name); ok {
			found.property = p
			found.owners = append(found.owners, owner)
		}
	}
	switch {
	case found.owners == nil:
		if !strings.HasPrefix(step.Name, "x_") {
			c.report(ruleProperty, step.Pos,
				fmt.Sprintf("%s has no property %s in STIX 2.1", strings.Join(owners, " or "), shorten(step.Name)), "")
		}
		return target{}, false
	case found.kind == structure:
		found.owners = []string{found.of}
	}
	return found, true
}

// hashName warns of algorithm names that others will not know.
func (c *checker) hashName(step Step) {
	if step.Name == "" || vocabulary(step.Name) {
		return
	}
	fix := ""
	if right, _ := digestForm(plainAlgorithm(step.Name), ""); vocabulary(right) {
		if fix = "write " + right; !isName(right) {
			fix = "write '" + right + "'"
		}
	}
	c.report(ruleHashName, step.Pos, shorten(step.Name)+" is not in the vocabulary of hash algorithms", fix)
}

// customType warns of a type that is no observable of STIX 2.1, and of names
// that no object could have.
func (c *checker) customType(path *ObjectPath) {
	if !isTypeName(path.Type) {
		c.report(ruleTypeName, path.Pos, shorten(path.Type)+" cannot be the name of an object type",
			"type names are 3 to 250 of a-z, 0-9 and single hyphens, a letter first")
		return
	}
	c.report(ruleType, path.Pos, path.Type+" is no cyber-observable object of STIX 2.1", "")
	if first := path.Steps[0]; !isPropertyName(first.Name) {
		c.report(ruleName, first.Pos, shorten(first.Name)+" cannot be the name of a property",
			"property names are 1 to 250 of a-z, 0-9 and underscores")
	}
}

func isTypeName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !('a' <= c && c <= 'z') && !isDigit(c) && c != '-' {
			return false
		}
	}
	return len(name) >= 3 && len(name) <= 250 && name[0] >= 'a' &&
		name[len(name)-1] != '-' && !strings.Contains(name, "--")
}

func isPropertyName(name string) bool {
	for i := range len(name) {
		if c := name[i]; !('a' <= c && c <= 'z') && !isDigit(c) && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 250
}
