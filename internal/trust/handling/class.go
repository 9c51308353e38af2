package handling

import (
	"fmt"
	"slices"
	"strings"

	"entente/stix"
)

// Class is all of an object that a decision depends on.
type Class struct {
	TLP Level

	// Unexplained are ids of markings that no known definition explains,
	// sorted. They deny partners until one does.
	Unexplained []string
}

// maxMarkings bounds the distinct unexplained markings that one object may
// add to the interned classes.
const maxMarkings = 64

// Classify reads an object's class from its markings. The strictest of several
// TLP labels counts; an object without one counts as unmarked. Markings on
// parts count for the whole object, which is never looser than exact.
func Classify(e *stix.Envelope, unmarked Level, defs Definitions) (Class, error) {
	var c Class
	for _, refs := range [...][]string{e.MarkingRefs, e.GranularMarkingRefs} {
		for _, id := range refs {
			m := explain(id, defs)
			switch {
			case m.TLP != 0:
				c.TLP = max(c.TLP, m.TLP)
			case !m.Statement:
				if !slices.Contains(c.Unexplained, id) {
					c.Unexplained = append(c.Unexplained, id)
				}
			}
		}
	}
	if len(c.Unexplained) > maxMarkings {
		return Class{}, fmt.Errorf("%d markings without a known definition; at most %d are accepted", len(c.Unexplained), maxMarkings)
	}
	for _, id := range c.Unexplained {
		if len(id) > 256 || strings.ContainsAny(id, " \n") {
			return Class{}, fmt.Errorf("marking reference %.80q is no identifier", id)
		}
	}
	if c.TLP == 0 {
		c.TLP = unmarked
	}
	slices.Sort(c.Unexplained)
	return c, nil
}

func explain(id string, defs Definitions) Marking {
	if l, ok := wellKnown[id]; ok {
		return Marking{TLP: l}
	}
	return defs.Marking(id)
}

// Canonical is the class as text: equal classes have equal text. The store
// interns it.
func (c Class) Canonical() string {
	if len(c.Unexplained) == 0 {
		return "tlp:" + c.TLP.String()
	}
	return "tlp:" + c.TLP.String() + " unexplained:" + strings.Join(c.Unexplained, ",")
}

// ParseClass reads what Canonical wrote.
func ParseClass(s string) (Class, error) {
	label, rest, more := strings.Cut(s, " ")
	l, err := ParseLevel(strings.TrimPrefix(label, "tlp:"))
	if err != nil || !strings.HasPrefix(label, "tlp:") {
		return Class{}, fmt.Errorf("handling class %q is not of this program's form", s)
	}
	c := Class{TLP: l}
	if more {
		ids, ok := strings.CutPrefix(rest, "unexplained:")
		if !ok {
			return Class{}, fmt.Errorf("handling class %q is not of this program's form", s)
		}
		c.Unexplained = strings.Split(ids, ",")
	}
	return c, nil
}
