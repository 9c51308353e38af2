package exchange

import (
	"context"
	"iter"
	"slices"
	"strings"

	"entente/internal/store"
)

// Moved tells whether objects of some types may have come, changed or gone for the reader
// since a point of this view, or the view has become another one; and the point to ask from
// the next time. Of the zero point everything has. What it reads leaves with nobody.
func (v *View) Moved(ctx context.Context, since Point, types ...string) (to Point, moved bool, err error) {
	to = v.Point()
	if !v.still(since, to) {
		return to, true, nil
	}
	for _, err := range v.turns(ctx, since, to, types) {
		return to, err == nil, err
	}
	return to, false, nil
}

// still tells whether who reads, and what could be read, are what they were at a point.
func (v *View) still(since, now Point) bool {
	return since.classes <= now.classes && since.at <= now.at && v.could(since.classes) == since.could
}

// turn is what became of one object, as far as the reader may see that.
type turn struct {
	id    string      // for as long as the turn is looked at
	place store.Place // where it stands since
	came  bool        // it stands there, for the reader
	went  bool        // something can be read no more
}

// turns gives what became of objects of some types between two points of the view.
func (v *View) turns(ctx context.Context, since, to Point, types []string) iter.Seq2[turn, error] {
	return func(yield func(turn, error) bool) {
		scope := v.scope()
		for at, more := since.at, true; more; {
			changes, err := v.x.store.Changes(ctx, at, 1000)
			if err != nil {
				yield(turn{}, err)
				return
			}
			for i := range changes.List {
				c := &changes.List[i]
				if at = c.Row.Added; at > to.at {
					changes.Close()
					return
				}
				if kind, _, _ := strings.Cut(c.Row.ID, "--"); !slices.Contains(types, kind) {
					continue
				}
				visible := scope[c.Row.Collection].Has(c.Row.Class)
				t := turn{id: c.Row.ID, place: c.Row.Place(), came: visible && c.Kind != store.ChangeRemoved,
					went: c.Kind != store.ChangeAdded && (visible || v.stoodFor(scope, c))}
				if (t.came || t.went) && !yield(t, nil) {
					changes.Close()
					return
				}
			}
			more = changes.More
			changes.Close()
		}
	}
}

// stoodFor tells whether the reader could see what was re-classed before; true where
// nothing tells any more.
func (v *View) stoodFor(scope store.Scope, c *store.Change) bool {
	if c.Kind != store.ChangeReclassed {
		return false
	}
	before, err := store.GetJSON[formerPlace](v.x.store, placeTable, placeKey(c.Row.Collection, c.Was))
	return err != nil || scope[c.Row.Collection].Has(before.Class)
}
