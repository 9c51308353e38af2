package author

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// moreSeen is a keyed sighting that is there and says less often, of the same log that
// has grown: its next version says how often now. What says as much stays as it is, so
// that counting again changes nothing. The fault is why it could not be made anew, and
// comes back where that is for another reason.
func (d *Desk) moreSeen(ctx context.Context, by account.Principal, s *Sighting, fault error) (Written, error) {
	there, ok := errors.AsType[*Exists](fault)
	if !ok || there.Revoked || there.Gone || slices.ContainsFunc(there.Properties, func(name string) bool {
		return name != "count" && name != "first_seen" && name != "last_seen"
	}) {
		return Written{}, fault
	}
	for range 3 {
		var w Written
		if w, fault = d.countUp(ctx, by, there.ID, s); !errors.Is(fault, exchange.ErrStale) {
			return w, fault
		}
	}
	return Written{}, fault
}

func (d *Desk) countUp(ctx context.Context, by account.Principal, id string, s *Sighting) (Written, error) {
	standing, err := d.standing(ctx, by, id)
	if err != nil {
		return Written{}, err
	}
	o, err := content(standing.raw)
	if err != nil {
		return Written{}, err
	}
	// What does not say whose it is nobody changes, not even whose it is.
	if n, err := numberOf(o["count"]); s.Anonymous || err == nil && n >= int64(s.Count) {
		w := d.told(standing.raw, o)
		w.Verdict = Same
		for _, p := range standing.places {
			w.Collections = append(w.Collections, p.Alias)
		}
		return w, nil
	}
	e := Edit{Base: standing.Version(), Set: []string{"count:=" + strconv.Itoa(s.Count)}}
	for _, seen := range []struct {
		name, text string
		sign       int
	}{{"first_seen", s.First, -1}, {"last_seen", s.Last, 1}} {
		text, ok := Moment(seen.text, d.now())
		if !ok {
			continue // New has refused it, or it was not said
		}
		at, err := stix.ParseTimestamp(text)
		said, _ := o[seen.name].(string)
		before, unsaid := stix.ParseTimestamp(said)
		if err == nil && (unsaid != nil || at.Compare(before)*seen.sign > 0) {
			e.Set = append(e.Set, seen.name+"="+text)
		}
	}
	return d.Edit(ctx, by, id, e)
}

func numberOf(v any) (int64, error) {
	n, _ := v.(json.Number)
	return n.Int64()
}
