package stix

import (
	"errors"
	"fmt"
	"strings"
)

// This file holds identifiers and references to the rules of sections 2.9 and
// 3.3.

// identifier cuts an identifier into its type and the version of its UUID and
// reports what is wrong with its form.
func (c *checker) identifier(n int32) (typ string, version byte, ok bool) {
	if !c.is(n, stringNode, "an identifier") {
		return "", 0, false
	}
	s := c.nodes[n].text
	typ, uuid, ok := cutID(s)
	switch {
	case !ok:
		c.badID(n, "it is not of the form type--UUID")
	case typeNameFault(typ) != "":
		c.badID(n, "its type "+typeNameFault(typ))
	case !isUUID(uuid):
		c.badID(n, "what follows the type is not a UUID")
	case strings.IndexByte("89abAB", uuid[19]) < 0: // its variant; versions were added since
		c.badID(n, "its UUID is not of RFC 4122: the fourth group does not begin with 8, 9, a or b")
	default:
		return typ, byte(strings.IndexByte("0123456789abcdef", uuid[14]|0x20)), true
	}
	return "", 0, false
}

func (c *checker) badID(n int32, why string) {
	c.must(n, ruleIdentifier, "2.9", quoted(c.nodes[n].text)+" is not an identifier: "+why,
		"write it as indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
}

func isUUID(s string) bool {
	return isHex(s[:8]) && isHex(s[9:13]) && isHex(s[14:18]) && isHex(s[19:23]) && isHex(s[24:])
}

// ownID is the check of an object's own id.
func ownID(c *checker, n int32) {
	if c.container != 0 && c.nodes[n].kind == stringNode {
		return // the deprecated container lets any string be an identifier
	}
	typ, version, ok := c.identifier(n)
	if !ok {
		return
	}
	if c.typ != "" && typ != c.typ {
		c.must(n, ruleIDType, "2.9", "the id is of type "+quoted(typ)+", the object of type "+quoted(c.typ), "begin the id with "+shorten(c.typ)+"--")
		return
	}
	switch c.classOf(c.typ) {
	case observable:
		c.observableID(n, version)
	case customObject: // whether its UUID is to be random depends on what it is
	default:
		if version != 4 {
			c.should(n, ruleUUIDVersion, "2.9", fmt.Sprintf("the UUID is of version %d", version), "use a random one, of version 4")
		}
	}
}

// observableID checks the UUID of an SCO: random where nothing contributes to
// it, else of version 5 and made of what contributes.
func (c *checker) observableID(n int32, version byte) {
	id, err := DeterministicID(c.raw)
	switch {
	case errors.Is(err, ErrRandomID):
		if version != 4 {
			c.must(n, ruleUUIDRandom, "2.9", fmt.Sprintf("the UUID is of version %d, but no property contributes to it", version), "use a random one, of version 4")
		}
	case version != 5:
		c.should(n, ruleUUIDVersion, "2.9", fmt.Sprintf("the UUID is of version %d", version), "make it of the ID contributing properties, of version 5")
	case err == nil && !strings.EqualFold(id, c.nodes[n].text):
		c.should(n, ruleDeterminate, "2.9", "the UUID is not that of the ID contributing properties", "it would be "+id)
	case err == nil:
		c.sharedID(n)
	}
}

// sharedID: an identifier that every producer makes alike belongs to none of
// them, so that no one may give versions to its object (section 3.6).
func (c *checker) sharedID(n int32) {
	for _, name := range []string{"created_by_ref", "created", "modified", "revoked"} {
		if c.member(0, name) != 0 {
			c.must(n, ruleVersionedSCO, "3.6", "the object has "+name+", but the identifier that all producers share", "use a random UUID, of version 4, or leave "+name+" out")
			return
		}
	}
}

// targets says which objects a reference may point at. An object of a type that
// the specification does not know may be of any class, so that it passes where
// classes are named and fails where types are.
type targets struct {
	types   []string
	classes class
	custom  Severity // how grave a type of unknown class is; 0 when it may be
	defined bool     // the text defines the target without a MUST: a wrong one is a warning
	what    string   // for people: "a file or an artifact"
}

// to names the types that a reference may point at.
func to(types ...string) targets {
	return targets{types: types, custom: Error, what: oneOf(types)}
}

// toAny names the classes that a reference may point at.
func toAny(classes class, what string) targets { return targets{classes: classes, what: what} }

var anyObject = toAny(domainObject|relationshipObject|observable|metaObject, "a STIX object")

func oneOf(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// reference is an identifier that points at one of the targets.
func reference(t targets) valueCheck {
	return func(c *checker, n int32) {
		if c.container != 0 && c.nodes[n].kind == stringNode {
			c.localReference(n, t)
			return
		}
		if typ, ok := c.misspelled(n); ok {
			c.target(n, typ, t)
		} else if typ, _, ok := c.identifier(n); ok {
			c.target(n, typ, t)
		}
	}
}

// misspelled is the type of an observable's reference whose UUID has digits too
// few or too many in one of its five groups. It names its target's type and can
// only dangle, as any reference may, so that it is a warning: such ones are
// found in examples that others hold valid.
func (c *checker) misspelled(n int32) (typ string, ok bool) {
	if c.classOf(c.typ) != observable || c.nodes[n].kind != stringNode {
		return "", false
	}
	s := c.nodes[n].text
	typ, uuid, ok := strings.Cut(s, "--")
	if !ok || len(uuid) == 36 || len(uuid) > 40 || typeNameFault(typ) != "" {
		return "", false
	}
	groups := strings.Split(uuid, "-")
	if len(groups) != 5 {
		return "", false
	}
	for i, digits := range [...]int{8, 4, 4, 4, 12} {
		if len(groups[i]) < digits-1 || len(groups[i]) > digits+1 || !isHex(groups[i]) {
			return "", false
		}
	}
	c.should(n, ruleIdentifier, "2.9", quoted(s)+" is not an identifier: its UUID has not 32 digits",
		"copy the id of the object that it refers to")
	return typ, true
}

func references(t targets) valueCheck { return each(reference(t)) }

func (c *checker) target(n int32, typ string, t targets) {
	for _, name := range t.types {
		if typ == name {
			return
		}
	}
	severity := Error
	if t.defined {
		severity = Warning
	}
	switch k := c.classOf(typ); {
	case k&t.classes != 0:
		return
	case k == customObject:
		if t.custom == 0 {
			return
		}
		severity = t.custom
	}
	c.report(severity, ruleReference, c.section, int(c.nodes[n].start),
		"this refers to "+withArticle(shorten(typ))+"; it must refer to "+t.what, "refer to "+t.what)
}

func withArticle(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) || strings.HasPrefix(noun, "x-") {
		return "an " + noun
	}
	return "a " + noun
}

// localReference is a reference inside the deprecated observable container
// (section 2.13): the key of another object there.
func (c *checker) localReference(n int32, t targets) {
	i := c.member(c.container, c.nodes[n].text)
	if i == 0 {
		if _, _, ok := cutID(c.nodes[n].text); !ok {
			c.must(n, ruleLocalRef, "2.13", "the container has no object "+quoted(c.nodes[n].text), "refer to a key of it")
		}
		return
	}
	if c.nodes[i].kind == objectNode {
		if typ := c.textOf(i, "type"); typ != "" {
			c.target(n, typ, t)
		}
	}
}

func (c *checker) classOf(typ string) class {
	if r := c.v.types[typ]; r != nil {
		return r.class
	}
	return customObject
}
