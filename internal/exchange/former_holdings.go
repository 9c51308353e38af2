package exchange

import (
	"context"
	"errors"
	"maps"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
)

// personalClasses are those of what counts as personal data, by itself or by what it
// refers to. Faces are none: they go with their objects.
func (x *Exchange) personalClasses() *store.Classes {
	set := &store.Classes{}
	for id, text := range x.store.Classes() {
		if c, face, err := handling.ShownClass(text); id > 0 && err == nil && !face && c.Personal {
			set.Add(store.ClassID(id))
		}
	}
	return set
}

// noteFormer notes, once, what is held that came before holdings were written. When
// that came first is not known any more; its date added counts.
func (x *Exchange) noteFormer(ctx context.Context) error {
	const done = "personal-held"
	if _, err := x.store.Get("exchange", done); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	places := map[store.Place]bool{}
	scope := x.everywhere(store.AllClasses())
	for _, k := range personal.Kinds() {
		found, err := x.store.Lookup(ctx, personalKind, k.String(), scope, allPlaces)
		if err != nil {
			return err
		}
		for _, p := range found {
			places[p] = true
		}
	}
	classes := x.personalClasses()
	for c := range scope {
		if err := x.eachRow(ctx, c, classes, func(p store.Place) { places[p] = true }); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(slices.SortedFunc(maps.Keys(places), comparePlaces), 256) {
		if err := x.noteAt(ctx, some); err != nil {
			return err
		}
	}
	return x.Keep(ctx, func(tx store.Tx) error { tx.Set("exchange", done, []byte{1}); return nil })
}

// noteAt notes what the objects at places hold.
func (x *Exchange) noteAt(ctx context.Context, places []store.Place) error {
	rows, released, err := x.opened(x.store.Fetch(ctx, places, nil))
	if err != nil {
		return err
	}
	defer released.Close()
	list := make([]waiting, released.Len())
	for i := range list {
		list[i] = waiting{row: &rows[i], raw: released.Bytes(i)}
	}
	return x.noteHoldings(ctx, list)
}

// eachRow gives where the objects of some classes stand in a collection.
func (x *Exchange) eachRow(ctx context.Context, c store.Collection, classes *store.Classes, each func(store.Place)) error {
	for after := store.Tick(0); ; {
		page, err := x.store.Page(ctx, store.PageQuery{Collection: c, Visible: classes, After: after, Limit: 1000, Versions: store.VersionFilter{All: true}})
		if err != nil {
			return err
		}
		for _, row := range page.Rows {
			after = row.Added
			each(row.Place())
		}
		more := page.More
		page.Close()
		if !more {
			return nil
		}
	}
}
