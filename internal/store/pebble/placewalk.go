package pebble

import (
	"cmp"
	"context"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/recent"
	"entente/internal/store"
)

// edges reads the references to one target. Mostly there are few, and they are
// read as they stand, which costs no seek more.
func (w *placeWalk) edges(ctx context.Context, prefix []byte, from store.Place, scope store.Scope, limit int, found *[]store.Edge,
	add func(store.Place, []byte) (bool, error)) error {
	if from != (store.Place{}) {
		return w.ordered(ctx, prefix, from, scope, add)
	}
	if err := w.each(ctx, prefix, scope, add); err != nil {
		return err
	}
	if len(*found) >= limit {
		*found = (*found)[:0]
		return w.ordered(ctx, prefix, from, scope, add)
	}
	slices.SortStableFunc(*found, func(a, b store.Edge) int { return w.compare(a.Place, b.Place) })
	return nil
}

// placeWalk walks index rows that end in a place.
type placeWalk struct {
	view    *view
	kind    byte
	it      *pebble.Iterator              // nil until something is sought
	kept    *recent.Cache[string, []byte] // rows by prefix; nil when none are kept
	key     []byte
	classes []string
}

// walkPlaces gives a walk over the index rows of a kind, for so many questions.
func (r reads) walkPlaces(ctx context.Context, kind byte, asked int, walk func(*placeWalk) error) error {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return err
	}
	defer v.release()
	w := &placeWalk{view: v, kind: kind, classes: v.classes}
	defer w.close()
	if asked <= fewAsked {
		w.kept = v.rows.places.kept(fewBytes, aroundFew)
	}
	return v.store.readError(walk(w))
}

// seek makes the iterator that the walk needs once something is sought.
func (w *placeWalk) seek() (err error) {
	if w.it == nil {
		w.it, err = w.view.iterator(w.kind)
	}
	return err
}

func (w *placeWalk) close() { w.view.giveBack(w.kind, w.it) }

// each gives the rows of one value or one target that the scope allows, as they
// stand, until f has enough. What is not allowed costs a seek for each run of
// classes between two visible ones, not for each row.
func (w *placeWalk) each(ctx context.Context, prefix []byte, scope store.Scope, f func(store.Place, []byte) (more bool, err error)) error {
	if rows, ok, err := w.few(ctx, prefix); err != nil || ok {
		if err != nil {
			return err
		}
		return eachOf(rows, scope, f)
	}
	if err := w.seek(); err != nil {
		return err
	}
	w.key = append(w.key[:0], prefix...)
	for ok := w.it.SeekPrefixGE(w.key); ok; {
		at, err := w.at(ctx, prefix)
		if err != nil {
			return err
		}
		if !scope[at.Collection].Has(at.Class) {
			next, any := nextVisible(scope, at)
			if !any {
				break
			}
			w.key = appendPlace(append(w.key[:0], prefix...), next)
			ok = w.it.SeekPrefixGE(w.key)
			continue
		}
		value, err := w.it.ValueAndErr()
		if err != nil {
			return err
		}
		if more, err := f(at, value); err != nil || !more {
			return err
		}
		ok = w.it.Next()
	}
	return w.it.Error()
}

// nextVisible is the first place behind one that the scope allows.
func nextVisible(scope store.Scope, at store.Place) (store.Place, bool) {
	if class, ok := scope[at.Collection].Next(at.Class); ok {
		return store.Place{Collection: at.Collection, Class: class}, true
	}
	next, any := store.Place{}, false
	for c, set := range scope {
		if c <= at.Collection || any && c >= next.Collection {
			continue
		}
		if set.Has(0) {
			next, any = store.Place{Collection: c}, true
		} else if class, ok := set.Next(0); ok {
			next, any = store.Place{Collection: c, Class: class}, true
		}
	}
	return next, any
}

// compare is the order in which readers are given places. Classes go by their
// texts: their numbers tell which came first, also of what a reader may not see.
func (w *placeWalk) compare(a, b store.Place) int {
	if a.Collection != b.Collection || a.Class == b.Class {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added))
	}
	return cmp.Compare(w.classes[a.Class], w.classes[b.Class])
}

// ordered gives the rows of one value or one target from a place on that the
// scope allows, in compare's order, until f has enough. It costs two seeks for
// each class that any of them has.
func (w *placeWalk) ordered(ctx context.Context, prefix []byte, from store.Place, scope store.Scope, f func(store.Place, []byte) (more bool, err error)) error {
	if err := w.seek(); err != nil {
		return err
	}
	var groups []store.Place
	w.key = append(w.key[:0], prefix...)
	for ok := w.it.SeekPrefixGE(w.key); ok; ok = w.it.SeekPrefixGE(w.key) {
		at, err := w.at(ctx, prefix)
		if err != nil {
			return err
		}
		if scope[at.Collection].Has(at.Class) {
			groups = append(groups, store.Place{Collection: at.Collection, Class: at.Class})
		}
		next, any := nextVisible(scope, at)
		if !any {
			break
		}
		w.key = appendPlace(append(w.key[:0], prefix...), next)
	}
	if err := w.it.Error(); err != nil {
		return err
	}
	slices.SortFunc(groups, w.compare)
	for _, g := range groups {
		if g.Collection == from.Collection && g.Class == from.Class {
			g.Added = from.Added
		} else if from != (store.Place{}) && w.compare(g, from) < 0 {
			continue
		}
		if more, err := w.group(ctx, prefix, g, f); err != nil || !more {
			return err
		}
	}
	return nil
}

// group gives the rows of one collection and class from a place on.
func (w *placeWalk) group(ctx context.Context, prefix []byte, from store.Place, f func(store.Place, []byte) (more bool, err error)) (more bool, err error) {
	w.key = appendPlace(append(w.key[:0], prefix...), from)
	for ok := w.it.SeekPrefixGE(w.key); ok; ok = w.it.Next() {
		at, err := w.at(ctx, prefix)
		if err != nil {
			return false, err
		}
		if at.Collection != from.Collection || at.Class != from.Class {
			return true, nil
		}
		value, err := w.it.ValueAndErr()
		if err != nil {
			return false, err
		}
		if more, err := f(at, value); err != nil || !more {
			return false, err
		}
	}
	return true, w.it.Error()
}

// at is the place of the row that the walk stands at.
func (w *placeWalk) at(ctx context.Context, prefix []byte) (store.Place, error) {
	if err := ctx.Err(); err != nil {
		return store.Place{}, err
	}
	rest := w.it.Key()[len(prefix):]
	if len(rest) != placeLen {
		return store.Place{}, damaged("an index row has no place: %s", keyText(w.it.Key()))
	}
	return readPlace(rest), nil
}
