package exchange

import (
	"context"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Find gives the objects that carry each value, page i for values[i], in all
// collections that the reader may read: of each object the latest version that
// the reader sees, if that still carries it. More tells that there are others
// beyond limit. Close all pages.
func (v *View) Find(ctx context.Context, values []stix.Value, limit int) ([]*Page, error) {
	scope := v.scope()
	asked := make([]store.Value, len(values))
	for i, value := range values {
		asked[i] = store.Value{Kind: uint8(value.Kind), Text: value.Text}
	}
	// Older versions carry values, too, and are passed over.
	const versions = 4
	found, err := v.x.store.Lookups(ctx, asked, scope, versions*limit+1)
	if err != nil {
		return nil, err
	}
	pages := make([]*Page, 0, len(values))
	for _, places := range found {
		page, err := v.found(ctx, places, scope, limit)
		if err != nil {
			for _, p := range pages {
				p.Close()
			}
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// found gives the objects at the places of one value.
func (v *View) found(ctx context.Context, places []store.Place, scope store.Scope, limit int) (*Page, error) {
	if len(places) == 0 {
		return &Page{Page: handling.Nothing()}, nil
	}
	places, err := v.latest(ctx, places, scope)
	if err != nil {
		return nil, err
	}
	more := len(places) > limit
	if more {
		places = places[:limit]
	}
	return v.fetch(ctx, places, more)
}

// Objects gives the latest version of each object that the reader sees in any
// collection. What is not there, or not for the reader, is left out.
func (v *View) Objects(ctx context.Context, ids []string) ([]*Page, error) {
	var pages []*Page
	for _, c := range v.Collections() {
		if !c.CanRead {
			continue
		}
		page, err := v.Page(ctx, c.ID, Query{IDs: ids, Limit: len(ids), Bodies: true})
		if err != nil {
			for _, p := range pages {
				p.Close()
			}
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// scope is what the reader may see of each collection.
func (v *View) scope() store.Scope {
	scope := store.Scope{}
	for _, c := range v.Collections() {
		if c.CanRead {
			scope[c.Number] = v.x.gate.Clearance(v.profile)
		}
	}
	return scope
}

// latest keeps the places of latest versions, the newest added first.
func (v *View) latest(ctx context.Context, places []store.Place, scope store.Scope) ([]store.Place, error) {
	page, err := v.x.store.Fetch(ctx, places)
	if err != nil {
		return nil, err
	}
	defer page.Close()
	kept := places[:0:0]
	for i := len(page.Rows) - 1; i >= 0; i-- {
		row := &page.Rows[i]
		versions, err := v.x.store.Versions(ctx, row.Collection, row.ID, scope[row.Collection])
		if err != nil {
			return nil, err
		}
		newer := func(o store.Row) bool { return stix.CompareVersions(o.Version, row.Version) > 0 }
		if !slices.ContainsFunc(versions, newer) {
			kept = append(kept, store.Place{Collection: row.Collection, Class: row.Class, Added: row.Added})
		}
	}
	return kept, nil
}

func (v *View) fetch(ctx context.Context, places []store.Place, more bool) (*Page, error) {
	page, err := v.x.store.Fetch(ctx, places)
	if err != nil {
		return nil, err
	}
	page.More = more
	released, err := v.x.gate.Release(v.profile, page)
	if err != nil {
		return nil, err
	}
	return &Page{Page: released}, nil
}
