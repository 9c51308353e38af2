package exchange

import (
	"context"
	"fmt"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// WhyUnexplained says of a marking why nothing explains it although a definition is
// here, and what to do, for curators; empty where there is no definition, or where it
// is explained. Errors: ErrForbidden, those of the store.
func (x *Exchange) WhyUnexplained(ctx context.Context, by account.Principal, id string) (string, error) {
	if !by.Curates() {
		return "", fmt.Errorf("ask why a marking is not explained: %w", ErrForbidden)
	}
	if m := x.markings.Marking(id); m.Contested() {
		return contestedSays, nil
	} else if m.Known() {
		return "", nil
	}
	found, err := x.store.Standings(ctx, []string{id}, mostStandings)
	if err != nil || len(found[0]) == 0 {
		return "", err
	}
	stands := found[0]
	at := slices.IndexFunc(stands, func(s store.Standing) bool { return s.Source == x.opts.Own })
	s := stands[max(at, 0)]
	_, released, err := x.opened(x.store.Fetch(ctx, []store.Place{s.Place}, nil))
	if err != nil {
		return "", err
	}
	defer released.Close()
	if released.Len() == 0 { // it has gone meanwhile
		return "", nil
	}
	where := fmt.Sprintf("its definition in collection %s, from %s, ", x.collections.name(s.Collection), s.Source)
	if err := handling.Fault(released.Bytes(0)); err != nil {
		return where + "is not understood: " + err.Error() + "; delete it and bring in one that is, or use another id", nil
	}
	return where + "does not count; bring the same in as the own member, or delete it and bring in another", nil
}

const (
	contestedSays = "the own member has brought definitions under this id that mean different things, so none counts; give the definition a new id"
	asideSays     = "another definition is there under the same id; this one is kept aside and explains nothing. Give it a new id, or delete the other first and bring this one in again"
)

// warn says what the own member should know of an object that is kept: that it is a
// marking definition, and explains nothing.
func (w *writing) warn(o *stix.Object, defs handling.Definitions) string {
	if !w.trusted || o.Type != "marking-definition" {
		return ""
	}
	if err := handling.Fault(o.Raw); err != nil {
		return "it explains nothing, and what it marks is withheld from partners: " + err.Error()
	}
	if w.by.Curates() && defs.Marking(o.ID).Contested() { // others might learn of what they do not see
		return contestedSays
	}
	return ""
}

// tellWarnings notes in the node's log that there are warnings, and the first.
func (x *Exchange) tellWarnings(w *writing) {
	var first *Result
	n := 0
	for i := range w.results {
		if r := &w.results[i]; r.Warning != "" {
			if n++; first == nil {
				first = r
			}
		}
	}
	if n > 0 {
		x.opts.Logger.Warn("marking definitions explain nothing", "collection", w.collection.Alias, "count", n, "first", first.ID, "why", first.Warning)
	}
}
