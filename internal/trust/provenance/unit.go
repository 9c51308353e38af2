package provenance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// kept are the properties of the skeleton whatever marks them.
var kept = []string{"type", "id", "spec_version", "created", "modified", "created_by_ref", "revoked", "valid_until",
	"confidence", "object_marking_refs", "granular_markings", "extensions", "pattern_type"}

// Kept tells the properties that no copy may lack: without them it would say something
// else, or be no version of the object.
func Kept(property string) bool { return slices.Contains(kept, property) }

// unit is what a copy has whole or not at all.
type unit struct {
	at    string // its path where it stands: property, property.[n] or property.key
	path  string // its path in the complete object, where an element may have another index
	value any
	marks []string // granular markings on it, as "selector ref", selectors as in the complete object
}

// UnitOf is the property of a selector (STIX 2.1 section 7.2.3.1), and the element or
// entry in it; the latter is empty when it is about all of the property.
func UnitOf(selector string) (property, key string) {
	property, rest, _ := strings.Cut(selector, ".")
	key, _, _ = strings.Cut(rest, ".")
	return property, key
}

// marking is one granular marking on one selector.
type marking struct{ selector, what string }

// markingsOf reads the granular markings of an object.
func markingsOf(o map[string]any) (all []marking, err error) {
	list, ok := o["granular_markings"].([]any)
	if !ok && o["granular_markings"] != nil {
		return nil, errShape
	}
	for _, v := range list {
		m, _ := v.(map[string]any)
		selectors, ok := m["selectors"].([]any)
		what, named := m["marking_ref"].(string)
		if !named {
			what, named = m["lang"].(string)
		}
		if !ok || !named {
			return nil, errShape
		}
		for _, s := range selectors {
			selector, ok := s.(string)
			if !ok {
				return nil, errShape
			}
			all = append(all, marking{selector, what})
		}
	}
	return all, nil
}

var errShape = fmt.Errorf("granular_markings are not as STIX 2.1 has them (section 7.2.3)")

// grain is how a property is divided into units.
type grain int

const (
	none  grain = iota // it is of the skeleton
	whole              // it is one unit
	fine               // each element or entry is one
)

// division says how a complete object, or a copy, is divided.
type division struct {
	grain    func(name string, value any) grain
	original func(property string, n int) (int, bool) // index that element n of a list has in the complete object
}

// complete is the division of a complete object with such markings.
func complete(marks []marking) division {
	marked := map[string]grain{}
	for _, m := range marks {
		if property, key := UnitOf(m.selector); key == "" {
			marked[property] = whole
		} else if marked[property] == none {
			marked[property] = fine
		}
	}
	return division{
		func(name string, value any) grain { return grainOf(name, value, marked[name]) },
		func(_ string, n int) (int, bool) { return n, true },
	}
}

// grainOf says how a property is divided: by elements where a marking is on a part of
// it or it is a list of references, as one where a marking is on all of it.
func grainOf(name string, value any, marked grain) grain {
	_, list := value.([]any)
	switch {
	case Kept(name):
		return none
	case marked == none && list && strings.HasSuffix(name, "_refs"):
		return fine
	case marked != fine:
		return marked
	}
	switch in := value.(type) {
	case []any:
		return fine
	case map[string]any:
		for key := range in {
			if strings.Contains(key, ".") { // selectors cannot tell where it ends
				return whole
			}
		}
		return fine
	}
	return whole
}

// divide splits an object into its units and the rest.
func divide(o map[string]any, marks []marking, by division) (units []unit, rest map[string]any, restMarks []string, err error) {
	rest = map[string]any{}
	for name, value := range o {
		switch by.grain(name, value) {
		case none:
			rest[name] = value
		case whole:
			units = append(units, unit{at: name, path: name, value: value})
		case fine:
			parts, err := by.parts(name, value)
			if err != nil {
				return nil, nil, nil, err
			}
			if units = append(units, parts...); len(parts) == 0 {
				rest[name] = value
			}
		}
	}
	delete(rest, "granular_markings")
	slices.SortFunc(units, func(a, b unit) int { return strings.Compare(a.at, b.at) })
	at := make(map[string]*unit, len(units))
	for i := range units {
		at[units[i].at] = &units[i]
	}
	for _, m := range marks {
		property, key := UnitOf(m.selector)
		u := at[property]
		if u == nil {
			u = at[property+"."+key]
		}
		if u == nil {
			restMarks = append(restMarks, m.selector+" "+m.what)
			continue
		}
		u.marks = append(u.marks, u.path+strings.TrimPrefix(m.selector, u.at)+" "+m.what)
	}
	slices.Sort(restMarks)
	for i := range units {
		slices.Sort(units[i].marks)
	}
	return units, rest, restMarks, nil
}

// parts splits one property by its elements or entries.
func (by *division) parts(name string, value any) (units []unit, err error) {
	switch in := value.(type) {
	case []any:
		for n, v := range in {
			was, ok := by.original(name, n)
			if !ok {
				return nil, fmt.Errorf("%s has an element, number %d, for which there is no salt", name, n)
			}
			units = append(units, unit{at: element(name, n), path: element(name, was), value: v})
		}
	case map[string]any:
		for key, v := range in {
			units = append(units, unit{at: name + "." + key, path: name + "." + key, value: v})
		}
	}
	return units, nil
}

func element(property string, n int) string { return property + ".[" + strconv.Itoa(n) + "]" }

// Index reads the key of an element, "[n]".
func Index(key string) (n int, ok bool) {
	inner, opened := strings.CutPrefix(key, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	n, err := strconv.Atoi(inner)
	return n, opened && closed && err == nil && n >= 0 && strconv.Itoa(n) == inner
}
