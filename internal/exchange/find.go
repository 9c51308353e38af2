package exchange

import (
	"cmp"
	"context"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// mostPlaces is how many memberships that carry one value are considered;
// which of them are the newest is decided among so many.
const mostPlaces = 1000

// Find gives the objects that carry each value, page i for values[i], in all
// collections that the reader may read: of each object the latest version that
// the reader sees, if that still carries it, the newest added first. More tells
// that there are others beyond limit. Close all pages.
func (v *View) Find(ctx context.Context, values []stix.Value, limit int) ([]*Page, error) {
	scope := v.scope()
	asked := make([]store.Value, len(values))
	for i, value := range values {
		asked[i] = kept(value)
	}
	found, err := v.x.store.Lookups(ctx, asked, scope, mostPlaces)
	if err != nil {
		return nil, err
	}
	pages := make([]*Page, len(values))
	for i, places := range found {
		if pages[i], err = v.newest(ctx, places, scope, limit); err != nil {
			closeAll(pages[:i])
			return nil, err
		}
	}
	return pages, nil
}

// newest gives the latest versions at the places, the newest added first.
func (v *View) newest(ctx context.Context, places []store.Place, scope store.Scope, limit int) (*Page, error) {
	if len(places) == 0 {
		return nothing, nil
	}
	more := len(places) == mostPlaces
	slices.SortFunc(places, func(a, b store.Place) int { return cmp.Compare(b.Added, a.Added) })
	return v.fetch(ctx, places, scope, limit, more)
}

// fetch gives the latest versions at the places, at most limit; more is what
// is known of others already.
func (v *View) fetch(ctx context.Context, places []store.Place, scope store.Scope, limit int, more bool) (*Page, error) {
	// Most often the first few hold the latest versions, and nothing else is read.
	some := places[:min(len(places), 2*limit+1)]
	page, err := v.x.store.Fetch(ctx, some, scope)
	if err == nil && len(page.Rows) <= limit && len(some) < len(places) {
		page.Close()
		page, err = v.x.store.Fetch(ctx, places, scope)
	}
	if err != nil {
		return nil, err
	}
	if page.More = more || len(page.Rows) > limit; len(page.Rows) > limit {
		page.Rows = page.Rows[:limit]
	}
	return v.release(ctx, page)
}

// release opens the rows of a look-up, and accounts for them.
func (v *View) release(ctx context.Context, page *store.Page) (*Page, error) {
	released, err := v.x.gate.Release(v.profile, page)
	if err != nil {
		return nil, err
	}
	if released, err = v.give(ctx, released, true); err != nil {
		return nil, err
	}
	return &Page{Page: released}, nil
}

// Within gives the objects that carry an address or a prefix inside the given
// one, but not itself, prefixes first and the widest of them, in order of the
// addresses: of each object the latest version that the reader sees. Texts are
// the values by which they were found, one for each object of the page. More
// tells that there are others beyond limit. A text that is no prefix, or one
// wider than /16 of IPv4 and /32 of IPv6, holds nothing: what is looked through
// grows with what there is inside. Close the page.
func (v *View) Within(ctx context.Context, prefix string, limit int) (page *Page, texts []string, err error) {
	p, ok := stix.PrefixOf(prefix)
	widest := 16
	if p.Addr().Is6() {
		widest = 32
	}
	if !ok || p.IsSingleIP() || p.Bits() < widest {
		return nothing, nil, nil
	}
	scope := v.scope()
	var places []store.Place
	named := map[store.Place]string{}
	most := 4*limit + 1 // older versions are passed over
	for bits := p.Bits() + 1; bits <= p.Addr().BitLen() && len(places) < most; bits++ {
		carriers, err := v.x.store.Within(ctx, store.Range{Kind: uint8(stix.ValueIP), From: prefixKey(p.Addr(), bits), To: prefixKey(lastOf(p), bits)},
			scope, most-len(places))
		if err != nil {
			return nil, nil, err
		}
		// The numbers of classes, by which those of one text stand, tell which came first.
		slices.SortFunc(carriers, func(a, b store.Carrier) int {
			return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Added, b.Added))
		})
		for _, c := range carriers {
			if _, twice := named[c.Place]; !twice {
				named[c.Place] = readPrefix(c.Text)
				places = append(places, c.Place)
			}
		}
	}
	page, err = v.fetch(ctx, places, scope, limit, len(places) >= most)
	if err != nil {
		return nil, nil, err
	}
	for i := range page.Len() {
		texts = append(texts, named[page.Place(i)])
	}
	return page, texts, nil
}

// Objects gives the latest version of each object that the reader sees, one
// page for each collection. What is not there, or not for the reader, is left
// out. Ask for what objects name, not for many ids of the reader's own choice:
// the time for those may tell which are here. Close all pages.
func (v *View) Objects(ctx context.Context, ids []string) ([]*Page, error) {
	var pages []*Page
	if len(ids) == 0 {
		return nil, nil
	}
	for _, c := range v.Readable() {
		page, err := v.Page(ctx, c.ID, Query{IDs: ids, named: true, Limit: mostVersions(ids), Bodies: true})
		if err != nil {
			closeAll(pages)
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// mostVersions leaves room for variants of what has no version.
func mostVersions(ids []string) int { return 16 * len(ids) }

func closeAll(pages []*Page) {
	for _, p := range pages {
		p.Close()
	}
}

// scope is what the reader may see of each collection.
func (v *View) scope() store.Scope {
	scope := store.Scope{}
	for _, c := range v.x.collections.all() {
		if v.reader.MayRead(c.ID) {
			scope[c.Number] = v.x.gate.Clearance(v.profile, c.Number)
		}
	}
	return scope
}

// nothing is the page of what most questions find.
var nothing = &Page{Page: handling.Nothing()}
