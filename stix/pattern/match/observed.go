package match

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Observed is an observation that was read from observed-data.
type Observed struct {
	Observation
	ID    string // empty when the object has none
	Input string // the name that Read was given
}

// Observations are what has been read, in its order, revoked ones left out, and
// what could not be used, with the reason. What observed-data names in
// object_refs is looked for in its own bundle, then in all inputs.
func (r *Reader) Observations() ([]Observed, []error) {
	var all []Observed
	var unusable []error
	for i := range r.read {
		o := &r.read[i]
		if revoked, _ := o.properties["revoked"].(bool); revoked {
			continue
		}
		out, err := r.observation(o)
		if err != nil {
			unusable = append(unusable, fmt.Errorf("%s: %s: %w", o.scope.name, o.name(), err))
			continue
		}
		all = append(all, out)
	}
	return all, unusable
}

func (o *observed) name() string {
	if o.id == "" {
		return "observed-data without id"
	}
	return o.id
}

// Plain are the observations alone, for [Matcher.Match].
func Plain(all []Observed) []Observation {
	out := make([]Observation, len(all))
	for i := range all {
		out[i] = all[i].Observation
	}
	return out
}

func (r *Reader) observation(o *observed) (Observed, error) {
	out := Observed{ID: o.id, Input: o.scope.name}
	if err := out.times(o.properties); err != nil {
		return out, err
	}
	local := make(map[string]*Object)
	if all, ok := o.properties["objects"].(map[string]any); ok {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			properties, _ := all[key].(map[string]any)
			if typ, ok := properties["type"].(string); ok {
				local[key] = &Object{Type: typ, Properties: properties}
				out.Objects = append(out.Objects, local[key])
			}
		}
	}
	out.Resolve = func(ref string) *Object {
		for _, known := range []map[string]*Object{local, o.scope.objects, r.every} {
			if found := known[ref]; found != nil {
				return found
			}
		}
		return nil
	}
	refs, _ := o.properties["object_refs"].([]any)
	taken := make(map[string]bool)
	for _, ref := range refs {
		id, _ := ref.(string)
		if found := out.Resolve(id); found != nil && !taken[id] {
			taken[id] = true
			out.Objects = append(out.Objects, found)
		}
	}
	return out, nil
}

// times reads when, and how often, something was observed.
func (o *Observed) times(properties map[string]any) error {
	first, _ := properties["first_observed"].(string)
	last, ok := properties["last_observed"].(string)
	if !ok {
		last = first
	}
	var okFirst, okLast bool
	o.First, okFirst = parseTime(first)
	o.Last, okLast = parseTime(last)
	switch {
	case first == "":
		return fmt.Errorf("it has no first_observed, so nobody knows when it was")
	case !okFirst:
		return fmt.Errorf("first_observed %.40q is no timestamp; write it as 2024-05-01T12:00:00Z", first)
	case !okLast:
		return fmt.Errorf("last_observed %.40q is no timestamp; write it as 2024-05-01T12:00:00Z", last)
	case o.Last.Before(o.First):
		return fmt.Errorf("last_observed %s is before first_observed %s", last, first)
	}
	o.Count = 1
	if value, ok := properties["number_observed"]; ok {
		number, _ := value.(json.Number)
		n, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil || n < 1 {
			return fmt.Errorf("number_observed %.40s is no number from 1", fmt.Sprint(value))
		}
		o.Count = n
	}
	return nil
}
