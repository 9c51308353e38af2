package exchange

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"entente/internal/format/months"
	"entente/internal/store"
)

// What is to be erased at a time stands in backups apart, in one part for each month, so
// that it goes from all of them with the key of its month (docs/decisions/0015).

// How far ahead every month has a part of its own, and what is later one for its year;
// what is later than the last stays with the rest, as what has no end.
const (
	monthsApart = 10 * 12
	lastApart   = 100 * 12
)

// partOf is the month by whose end what is due at a time may be gone from backups; false
// when it is too far ahead. None is before first.
func partOf(due time.Time, first months.Month) (months.Month, bool) {
	m := max(months.Of(due), first)
	if m > first+lastApart {
		return 0, false
	}
	if m > first+monthsApart {
		m = months.Month(m.Year()*12 + 11)
	}
	return m, true
}

// KeepApart takes out of a backup's copy what is to be erased at a time, in the order of
// the months in which it is, none before first. to is asked once for each month, and
// gives what takes how to put its objects back. What was removed before and is still on
// the disk goes from the copy for good.
func (x *Exchange) KeepApart(ctx context.Context, in store.Copy, first months.Month, to func(m months.Month, objects int) (io.Writer, error)) error {
	c, err := x.of(in)
	if err != nil {
		return err
	}
	due, err := c.dueByMonth(first)
	if err != nil {
		return err
	}
	moved, err := c.movedLately(ctx)
	if err != nil {
		return err
	}
	left, err := c.stillOnDisk(moved)
	if err != nil {
		return err
	}
	if len(left.keys) > 0 {
		if err := in.Erase(ctx, left.gone); err != nil {
			return err
		}
	}
	var groups []store.Apart
	for _, m := range slices.Sorted(maps.Keys(due)) {
		g, err := c.apart(ctx, due[m], moved)
		if err != nil {
			return fmt.Errorf("what is to be erased in %s: %w", m, err)
		}
		if len(g.Removes) == 0 {
			continue
		}
		if g.To, err = to(m, len(g.Removes)); err != nil {
			return err
		}
		groups = append(groups, g)
	}
	if len(groups) == 0 {
		return nil
	}
	return in.TakeApart(ctx, groups)
}

// copied is an exchange that reads a backup's copy.
type copied struct{ *Exchange }

// of is the exchange on a copy: its gate knows all classes that the copy has. Of its
// collections are also those whose objects are still being taken away.
func (x *Exchange) of(in store.Copy) (*copied, error) {
	c := &copied{&Exchange{store: in, gate: x.gate, opts: x.opts}}
	var list []Collection
	for row, err := range store.RowsJSON[Collection](in, collectionTable, "") {
		if err != nil {
			return nil, fmt.Errorf("exchange: read the collections: %w", err)
		}
		list = append(list, row.Value)
	}
	c.collections.replace(list)
	return c, nil
}

// dueByMonth gives the addresses of the holdings that are to be erased, by month.
func (c *copied) dueByMonth(first months.Month) (map[months.Month][]string, error) {
	limits := map[store.Collection]*Limits{}
	for _, one := range c.collections.all() {
		limits[one.Number] = &one.Limits
	}
	due := map[months.Month][]string{}
	for row, err := range store.RowsJSON[holding](c.store, holdingTable, "") {
		if err != nil {
			return nil, err
		}
		in, err := c.collectionAt(row.Key)
		if err != nil {
			return nil, err
		}
		l := limits[in.Number]
		if l == nil {
			continue // the collection is gone
		}
		if at := row.Value.until(l); !at.IsZero() {
			if m, ok := partOf(at, first); ok {
				due[m] = append(due[m], row.Key)
			}
		}
	}
	return due, nil
}

// movedLately gives where objects stood before their class changed, by their ids, as far
// as the follower that keeps that has not come to it in the copy.
func (c *copied) movedLately(ctx context.Context) (map[string][]store.Tick, error) {
	after, err := c.followed(explainerName)
	if err != nil {
		return nil, err
	}
	moved := map[string][]store.Tick{}
	for more := true; more; {
		changes, err := c.store.Changes(ctx, after, 1000)
		if err != nil {
			return nil, err
		}
		for i := range changes.List {
			change := &changes.List[i]
			after = change.Row.Added
			if change.Was != 0 {
				id := strings.Clone(change.Row.ID)
				moved[id] = append(moved[id], change.Was)
			}
		}
		more = changes.More
		changes.Close()
	}
	return moved, nil
}

// apart is the removal of the objects at addresses from a copy: as a recall, without
// being an act.
func (c *copied) apart(ctx context.Context, addresses []string, moved map[string][]store.Tick) (g store.Apart, err error) {
	for _, at := range addresses {
		row, stands, err := c.rowOf(ctx, at)
		if err != nil {
			return g, err
		}
		if !stands {
			continue
		}
		g.Removes = append(g.Removes, store.Remove{Collection: row.Collection, Added: row.Added, Aside: store.AllClasses()})
		if g.Words, err = c.stoodAt(append(g.Words, moved[row.ID]...), row.ID); err != nil {
			return g, err
		}
	}
	slices.SortFunc(g.Removes, func(a, b store.Remove) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added))
	})
	g.Then = func(tx store.Tx, some []store.Remove, outcomes []store.Outcome) error {
		for i := 0; i < len(some); {
			n := i
			for n < len(some) && some[n].Collection == some[i].Collection {
				n++
			}
			in := c.collections.numbered(some[i].Collection)
			if err := forgetHoldings(tx, in.Number, outcomes[i:n], nil); err != nil { // it is not on the disk of the copy
				return err
			}
			if err := uncount(tx, in, outcomes[i:n]); err != nil {
				return err
			}
			i = n
		}
		return nil
	}
	return g, nil
}
