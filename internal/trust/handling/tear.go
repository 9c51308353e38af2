package handling

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entente/stix"
)

// Torn is what is left of an object for another, looser one.
type Torn struct {
	Body []byte   // canonical (RFC 8785), without the parts and their markings
	Left []string // selectors of the parts that were left out
}

// Held says that parts cannot be left out: they are not there, must be there, or
// say what the object is.
type Held struct{ Selectors []string }

func (e *Held) Error() string {
	return fmt.Sprintf("what is marked %s cannot be left out", strings.Join(e.Selectors, ", "))
}

var errMarkings = errors.New("granular_markings are not as STIX 2.1 has them (section 7.2.3)")

// Tear takes the parts out of an object whose marking is withheld. Unlike a face
// the result does not say that it lacks parts: it is not a copy of that object,
// but what another begins with. What must be there is not asked for here, since
// the other object may say something else in its place. Errors: *Held; others when
// the object is broken.
func Tear(o *stix.Object, withheld func(marking string) bool) (Torn, error) {
	r, ok := newRedaction(o)
	if !ok {
		return Torn{}, errors.New("the object is not JSON")
	}
	if len(o.GranularMarkingRefs) > 0 && !r.mark(withheld) {
		if r.held != nil {
			return Torn{}, &Held{r.held}
		}
		return Torn{}, errMarkings
	}
	t := Torn{Left: r.left()}
	r.cut()
	if len(o.GranularMarkingRefs) > 0 {
		r.relabel()
	}
	raw, err := json.Marshal(r.object)
	if err != nil {
		return Torn{}, err
	}
	t.Body, err = stix.Canonical(nil, raw)
	return t, err
}

// HeldParts are selectors of what is marked stricter than the whole and cannot be
// left out, so that whoever may not read it is given nothing of the object.
func HeldParts(o *stix.Object, unmarked Level, defs Definitions) []string {
	if len(o.GranularMarkingRefs) == 0 {
		return nil
	}
	r, ok := newRedaction(o)
	if !ok {
		return nil
	}
	whole := limitsOf(o, defs)
	r.mark(stricter(whole, whole.settled(unmarked), unmarked, defs))
	return r.held
}

// left names the units that are left out, in order.
func (r *redaction) left() []string {
	var list []string
	for property, keys := range r.units {
		for key := range keys {
			list = append(list, strings.TrimSuffix(property+"."+key, "."))
		}
	}
	slices.Sort(list)
	return list
}
