package exchange

import (
	"context"
	"fmt"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// View is what one principal may read. It keeps no decision: every
// call decides afresh, so that a revoked grant or a re-classed object counts
// at once.
type View struct {
	x       *Exchange
	reader  account.Principal
	profile handling.Profile

	recorded *given // while an answer is made that may be given again; see Again
}

// View gives a principal's view.
func (x *Exchange) View(p account.Principal) *View {
	return &View{x: x, reader: p, profile: handling.ProfileOf(p)}
}

// Query asks for a page of a collection. Empty lists mean any; the zero
// VersionFilter means latest, as TAXII 2.1 section 3.4.1 has it.
type Query struct {
	After    store.Tick // date added must be later
	Next     string     // cursor of an earlier page of the same query; overrides After
	Limit    int
	MaxBytes int // stop before the bodies exceed this, but give at least one; 0 means no bound
	IDs      []string
	Types    []string
	Specs    []string
	Versions store.VersionFilter
	Bodies   bool // false: a manifest, only ids, versions and dates
	Once     bool // who asks goes over all of it and hardly comes again: nothing is kept of it for the next
	Reviewed bool // without what a machine made and no person has reviewed; a page may have fewer objects for that

	named bool // the ids stand in what the reader sees
	news  bool // the reader was told of the ids, and asks for none of them by name
}

// Page is a released page and the cursor to go on from it; Next is empty on
// the last one. Close it when its bytes are written.
type Page struct {
	*handling.Page
	Next string

	dates []store.Tick // for this reader, where they are not those of adding
}

// Date of object i for the reader: when it was added, or opened to him later.
func (p *Page) Date(i int) store.Tick {
	if p.dates != nil {
		return p.dates[i]
	}
	return p.Added(i)
}

// onlyReviewed leaves what is a person's, or reviewed by one.
func (p *Page) onlyReviewed() {
	var dates []store.Tick
	p.Keep(func(i int) bool {
		keep := !p.Class(i).Unreviewed
		if keep && p.dates != nil {
			dates = append(dates, p.dates[i])
		}
		return keep
	})
	p.dates = dates
}

// Collections lists what exists for the reader, by alias.
func (v *View) Collections() []Access {
	var out []Access
	for _, c := range v.x.collections.all() {
		a := Access{Collection: c, CanRead: v.reader.MayRead(c.ID), CanWrite: v.reader.MayWrite(c.ID)}
		if a.CanRead || a.CanWrite {
			out = append(out, a)
		}
	}
	return out
}

// Readable lists what the reader may read, by alias.
func (v *View) Readable() []Access {
	return slices.DeleteFunc(v.Collections(), func(c Access) bool { return !c.CanRead })
}

// ReadableOf lists what is named, each once, by id or alias; all that the reader may read
// when nothing is. Errors: ErrNotFound, ErrForbidden, as of a page.
func (v *View) ReadableOf(named []string) ([]Access, error) {
	if len(named) == 0 {
		return v.Readable(), nil
	}
	var list []Access
	for _, name := range named {
		c, err := v.readable(name)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(list, func(o Access) bool { return o.ID == c.ID }) {
			list = append(list, c)
		}
	}
	return list, nil
}

// Alias is that of a collection by its number, as on a page.
func (v *View) Alias(c store.Collection) string { return v.x.collections.name(c) }

// Collection finds one by id or alias; ErrNotFound when it does not exist for
// the reader.
func (v *View) Collection(idOrAlias string) (Access, error) {
	return v.x.access(v.reader, idOrAlias)
}

// Page gives what the reader may see of a collection, in order of date added.
// Errors: ErrNotFound, ErrForbidden (a collection that is only written to),
// ErrBadCursor.
func (v *View) Page(ctx context.Context, collection string, q Query) (*Page, error) {
	c, err := v.readable(collection)
	if err != nil {
		return nil, err
	}
	page, err := v.unaccounted(ctx, c, q)
	if err != nil {
		return nil, err
	}
	if page.Len() == 0 && q.whole() {
		v.askedInVain(c.Collection, q.IDs[0])
	}
	if q.Reviewed {
		page.onlyReviewed()
	}
	if page.Page, err = v.give(ctx, page.Page, q.Bodies); err != nil {
		return nil, err
	}
	return page, nil
}

// unaccounted is Page for what does not leave: nothing of it may reach anybody.
func (v *View) unaccounted(ctx context.Context, c Access, q Query) (*Page, error) {
	from, err := at(q.After), error(nil)
	if q.Next != "" {
		if from, err = v.x.resume(v.reader, c.ID, &q); err != nil {
			return nil, err
		}
	}
	released, dates, to, err := v.page(ctx, from, store.PageQuery{
		Collection: c.Number,
		Limit:      max(q.Limit, 1),
		MaxBytes:   q.MaxBytes,
		IDs:        q.IDs,
		Named:      q.named,
		Types:      q.Types,
		Specs:      q.Specs,
		Versions:   q.Versions,
		Bodies:     q.Bodies,
		Once:       q.Once,
	})
	if err != nil {
		return nil, err
	}
	out := &Page{Page: released, dates: dates}
	if released.More() && released.Len() > 0 {
		out.Next = v.x.cursor(v.reader, c.ID, &q, to)
	}
	return out, nil
}

// Versions gives the versions of one object that the reader may see, oldest
// first, without bodies. ErrNotFound when there is none.
func (v *View) Versions(ctx context.Context, collection, id string) (*Page, error) {
	c, err := v.readable(collection)
	if err != nil {
		return nil, err
	}
	rows, err := v.x.store.Versions(ctx, c.Number, id, v.x.gate.Clearance(v.profile, c.Number))
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		v.askedInVain(c.Collection, id)
		return nil, fmt.Errorf("object %q: %w", id, ErrNotFound)
	}
	released, err := v.x.gate.Release(v.profile, &store.Page{Rows: rows})
	if err != nil {
		return nil, err
	}
	if released.Len() == 0 {
		return nil, fmt.Errorf("object %q: %w", id, ErrNotFound)
	}
	if released, err = v.give(ctx, released, false); err != nil {
		return nil, err
	}
	return &Page{Page: released, dates: v.dates(released)}, nil
}

// Contents gives what stands at places, in their order, with its bytes. What is
// gone, or not for the reader, is left out. Close the page.
func (v *View) Contents(ctx context.Context, places []store.Place) (*Page, error) {
	scope := v.scope()
	allowed := slices.DeleteFunc(slices.Clone(places), func(p store.Place) bool { return !scope[p.Collection].Has(p.Class) })
	page, err := v.x.store.Fetch(ctx, allowed, nil)
	if err != nil {
		return nil, err
	}
	return v.release(ctx, page)
}

// Admits tells whether the reader may read objects of a class in a collection, which
// need not be there any more.
func (v *View) Admits(collection string, class handling.Class) bool {
	c, _ := v.x.collections.find(collection)
	return v.reader.MayRead(collection) && v.x.gate.Decide(class, v.profile, c.Number).Allow
}

func (v *View) readable(collection string) (Access, error) {
	c, err := v.x.access(v.reader, collection)
	if err != nil {
		return c, err
	}
	if !c.CanRead {
		return c, fmt.Errorf("read collection %q: %w", c.Alias, ErrForbidden)
	}
	return c, nil
}
