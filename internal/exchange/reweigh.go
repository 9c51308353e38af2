package exchange

import (
	"cmp"
	"context"
	"slices"

	"entente/internal/store"
)

// wrote is a version that a publication wrote, by whom; without a version, all
// content of his under the id. Where it stands is asked when it is weighed again: it
// may have been moved since.
type wrote struct {
	entity
	version, source string // no source: whoever brought it
	stranger        bool   // it came just now, and somebody else may have brought what it is a version of
}

// stands tells where versions stand, and by whom those are that may be strangers'.
// Tightening is held, so that none of them moves until it is let go.
func (x *Exchange) stands(ctx context.Context, list []wrote) (places []store.Place, strangers map[store.Tick]string, err error) {
	byEntity := map[entity][]wrote{}
	for _, one := range list {
		byEntity[one.entity] = append(byEntity[one.entity], one)
	}
	strangers = map[store.Tick]string{}
	for at, some := range byEntity {
		rows, err := x.store.Versions(ctx, at.collection, at.id, store.AllClasses())
		if err != nil {
			return nil, nil, err
		}
		byVersion := map[string][]wrote{}
		for _, one := range some {
			byVersion[one.version] = append(byVersion[one.version], one)
		}
		for i := range rows {
			row := &rows[i]
			for _, one := range byVersion[row.Version] {
				if one.source != "" && one.source != row.Source || x.isFace(row.Class) {
					continue
				}
				places = append(places, row.Place())
				if one.stranger {
					strangers[row.Added] = row.Source
				}
			}
		}
	}
	return places, strangers, nil
}

// reweighAll weighs what stands at places again, after list has moved, and tells
// what has moved by that. They go in the order in which they stand, and what is
// shown from then on comes behind all of them: how many there are that somebody does
// not see must not change the order of those that he does.
func (x *Exchange) reweighAll(ctx context.Context, places []store.Place, list moves, strangers map[store.Tick]string) (next moves, err error) {
	slices.SortFunc(places, func(a, b store.Place) int { return cmp.Compare(a.Added, b.Added) })
	next = moves{}
	var owed []string
	defer func() {
		if err != nil {
			x.bringFacesLater()
		}
	}()
	for len(places) > 0 {
		n, more, err := x.reweighSome(ctx, places, list, strangers, next)
		if err != nil {
			return nil, err
		}
		owed, places = append(owed, more...), places[n:]
	}
	return next, x.bringFaces(ctx, owed)
}

// reweighSome takes the first n of the places, as many as go in one batch. It gives
// the keys of the faces that are owed from then on.
func (x *Exchange) reweighSome(ctx context.Context, places []store.Place, list moves, strangers map[store.Tick]string, next moves) (n int, owed []string, err error) {
	versions, ids, n, err := x.someVersionsAt(ctx, places)
	if err != nil {
		return 0, nil, err
	}
	t, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return 0, nil, err
	}
	t.moved, t.strangers = list, strangers
	r := remake{x: x}
	for i := range versions {
		v := &versions[i]
		c := x.collections.numbered(v.collection)
		w, err := x.reweigh(c, &v.version, t)
		if err != nil {
			return 0, nil, err
		}
		w.hold()
		if at := (entity{c.Number, v.id}); r.version(c, w.object, &v.version, w.Whole.Canonical(), w.face()) {
			if _, met := next[at]; !met { // else by a batch before: then it had moved
				next[at] = move{former: inCollection(t.found[v.id], c.Number)}
			}
		}
	}
	owed, err = r.write(ctx)
	return n, owed, err
}

// someVersionsAt is versionsAt of the first n places, as many as go in one batch:
// a few at a time, since how long they are is known only when they are read.
func (x *Exchange) someVersionsAt(ctx context.Context, places []store.Place) (list []placed, ids []string, n int, err error) {
	met := map[store.Tick]bool{}
	for size := 0; n < len(places) && n < mostRemade && size < mostRemadeBytes; {
		some := places[n:min(n+16, len(places))]
		more, about, err := x.versionsAt(ctx, some)
		if err != nil {
			return nil, nil, 0, err
		}
		for _, v := range more {
			if !met[v.object.added] { // else an object and its face
				met[v.object.added] = true
				size += len(v.object.raw)
				list = append(list, v)
			}
		}
		ids, n = append(ids, about...), n+len(some)
	}
	return list, ids, n, nil
}

// placed is a version, and where it stands.
type placed struct {
	version
	collection store.Collection
	id         string
}

// versionsAt reads the objects at places with their faces, and gives the ids that
// one has to know of to class them. What is gone is left out.
func (x *Exchange) versionsAt(ctx context.Context, places []store.Place) (list []placed, ids []string, err error) {
	rows, released, err := x.opened(x.store.Fetch(ctx, places, nil))
	if err != nil {
		return nil, nil, err
	}
	defer released.Close()
	for i := range released.Len() {
		v, err := x.versionOf(ctx, &rows[i])
		if err != nil {
			return nil, nil, err
		}
		if v.object == nil || slices.ContainsFunc(list, func(p placed) bool { return p.object.added == v.object.added }) {
			continue // gone, or an object and its face
		}
		ids = append(slices.AppendSeq(ids, counting(&v.read)), v.read.ID)
		list = append(list, placed{v, rows[i].Collection, v.read.ID})
	}
	return list, ids, nil
}
