package exchange

import (
	"fmt"
	"iter"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Aside is other content that came under the id and version of an object that
// is there. It was kept aside and nobody is shown it but curators.
type Aside struct {
	ID      string
	Version string
	Source  string // the organisation that brought it
	Raw     []byte // as it came
}

// Conflicts gives what was kept aside in a collection, to curators alone, in no
// order that means anything. What a curator wants kept is published under a
// newer modified time. When ids are given, it is what came under these. Each is
// accounted for as it is given. Errors: ErrNotFound, ErrForbidden.
func (x *Exchange) Conflicts(by account.Principal, collection string, ids ...string) (iter.Seq2[Aside, error], error) {
	c, err := x.access(by, collection)
	if err != nil {
		return nil, err
	}
	if !by.Curates() {
		return nil, fmt.Errorf("see the conflicts of collection %q: %w", c.Alias, ErrForbidden)
	}
	view := x.View(by)
	return func(yield func(Aside, error) bool) {
		for a, err := range x.store.Conflicts(c.Number) {
			if err != nil {
				yield(Aside{}, err)
				return
			}
			aside, err := x.release(view.profile, c.Number, a)
			if err == nil && len(ids) > 0 && !slices.Contains(ids, aside.ID) {
				continue
			}
			if err == nil {
				err = view.giveAside(x.ctx, c.Number, aside)
			}
			if err != nil {
				aside = Aside{}
			}
			if !yield(aside, err) || err != nil {
				return
			}
		}
	}, nil
}

// release opens one conflict through the gate.
func (x *Exchange) release(p handling.Profile, c store.Collection, a store.Aside) (Aside, error) {
	page, err := x.gate.Release(p, &store.Page{Rows: []store.Row{{Collection: c, Body: a.Body}}})
	if err != nil {
		return Aside{}, err
	}
	defer page.Close()
	o, err := stix.Read(page.Bytes(0), stix.MaxObject(len(page.Bytes(0))))
	if err != nil {
		return Aside{}, fmt.Errorf("a conflict kept aside in collection %d: %w", c, err)
	}
	return Aside{ID: o.ID, Version: o.Version(), Source: a.Source, Raw: page.Bytes(0)}, nil
}
