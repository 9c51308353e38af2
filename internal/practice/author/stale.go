package author

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entente/internal/exchange"
)

// Difference is a property that two versions of an object have otherwise.
type Difference struct {
	Property string          `json:"property"`
	Was      json.RawMessage `json:"was,omitempty"` // absent when it was not there
	Is       json.RawMessage `json:"is,omitempty"`  // absent when it is not there any more
}

// Stale says that an edit was made from a version that is not the newest any
// more, and what has changed on both sides. Nothing was written.
type Stale struct {
	ID     string       `json:"id"`
	Base   string       `json:"base"`   // version that the edit was made from
	Newest string       `json:"newest"` // version that is there
	Theirs []Difference `json:"theirs"`
	Yours  []Difference `json:"yours"`
}

func (e *Stale) Error() string {
	s := fmt.Sprintf("%s was changed meanwhile: yours was made from version %s, the newest is %s. Since then %s; you would %s. ",
		e.ID, e.Base, e.Newest, tell(e.Theirs, "was", "nothing was changed"), tell(e.Yours, "", "change nothing"))
	if e.touch() {
		return s + "Look at what is there now, then edit that: --base " + e.Newest
	}
	return s + "The two do not touch: --merge puts yours on top"
}

// Is makes it one of the exchange's answers.
func (e *Stale) Is(target error) bool { return target == exchange.ErrStale }

// touch tells whether both sides changed one property, or one side what the other
// marks parts of, which are marked by their place in it.
func (e *Stale) touch() bool {
	return slices.ContainsFunc(e.Yours, func(y Difference) bool {
		return slices.ContainsFunc(e.Theirs, func(t Difference) bool {
			return t.Property == y.Property || y.marksPartsOf(t.Property) || t.marksPartsOf(y.Property)
		})
	})
}

// marksPartsOf tells whether a difference is about markings, and those, before or
// after, mark parts of a property.
func (d *Difference) marksPartsOf(property string) bool {
	if d.Property != "granular_markings" {
		return false
	}
	for _, raw := range []json.RawMessage{d.Was, d.Is} {
		var marks []struct {
			Selectors []string `json:"selectors"`
		}
		if raw == nil {
			continue
		}
		if json.Unmarshal(raw, &marks) != nil {
			return true
		}
		for _, m := range marks {
			if slices.ContainsFunc(m.Selectors, func(s string) bool { return strings.HasPrefix(s, property+".") }) {
				return true
			}
		}
	}
	return false
}

// tell is a list of differences in a sentence.
func tell(list []Difference, passive, none string) string {
	if len(list) == 0 {
		return none
	}
	var parts []string
	for i, d := range list {
		if i == 5 {
			parts = append(parts, fmt.Sprintf("%d more", len(list)-i))
			break
		}
		switch {
		case passive == "" && d.Is == nil:
			parts = append(parts, "take away "+d.Property)
		case passive == "":
			parts = append(parts, fmt.Sprintf("make %s %s", d.Property, shorten(string(d.Is))))
		case d.Is == nil:
			parts = append(parts, d.Property+" was taken away")
		default:
			parts = append(parts, fmt.Sprintf("%s became %s", d.Property, shorten(string(d.Is))))
		}
	}
	return strings.Join(parts, ", ")
}

// differences lists the properties that two objects have otherwise, in order of
// their names. That modified rises is no difference.
func differences(was, is map[string]any) []Difference {
	names := map[string]bool{}
	for _, o := range []map[string]any{was, is} {
		for name := range o {
			names[name] = name != "modified"
		}
	}
	list := []Difference{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if same, err := equal(was[name], is[name]); names[name] && (err != nil || !same) {
			list = append(list, Difference{Property: name, Was: rawOf(was, name), Is: rawOf(is, name)})
		}
	}
	return list
}

// rawOf is a property in canonical form; nil when it is not there.
func rawOf(o map[string]any, name string) json.RawMessage {
	v, there := o[name]
	if !there {
		return nil
	}
	raw, err := canonical(map[string]any{"": v})
	if err != nil {
		return nil
	}
	return json.RawMessage(raw[len(`{"":`) : len(raw)-1])
}

// names lists the properties of differences.
func names(list []Difference) string {
	var all []string
	for _, d := range list {
		all = append(all, d.Property)
	}
	return strings.Join(all, ", ")
}

// merge puts changes on top of an object.
func merge(newest map[string]any, changes []Difference) map[string]any {
	o, _ := clone(newest).(map[string]any)
	for _, c := range changes {
		if c.Is == nil {
			delete(o, c.Property)
			continue
		}
		if v, err := decode(c.Is); err == nil {
			o[c.Property] = v
		}
	}
	return o
}
