package exchange

import (
	"context"
	"errors"
	"fmt"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// Recall takes versions of one object out of a collection and leaves a
// tombstone for each; what was kept aside under those versions goes with them.
// Only what the principal may read and see is touched. The zero
// filter means every version. It tells how many were taken; none is
// ErrNotFound.
func (x *Exchange) Recall(ctx context.Context, by account.Principal, collection, id string, q Query) (int, error) {
	removed, err := x.RecallAll(ctx, by, []string{collection}, id, q, nil)
	if err != nil {
		return 0, err
	}
	return removed[0], nil
}

// RecallAll is Recall from several collections, each named once, in one atomic
// batch with a leaf for each, as PublishAll is for Publish. It tells how many were
// taken from each; that any has none abandons everything. Then, when set, runs inside
// its transaction and may write the rows that belong to it; an error from it abandons
// everything and comes back.
func (x *Exchange) RecallAll(ctx context.Context, by account.Principal, collections []string, id string, q Query, then func(tx store.Tx) error) ([]int, error) {
	q.IDs, q.Bodies, q.Limit = []string{id}, false, MaxBatch
	if q.latestByDefault() {
		q.Versions.All = true
	}
	for range mostLooks {
		removed, err := x.recallOnce(ctx, by, collections, q, then)
		if !errors.Is(err, errMoved) {
			return removed, err
		}
	}
	return nil, fmt.Errorf("object %q: %w", id, errMoved)
}

// recallOnce recalls all versions that it finds, or none: errMoved when one of them was
// given another class or taken away meanwhile.
func (x *Exchange) recallOnce(ctx context.Context, by account.Principal, collections []string, q Query, then func(tx store.Tx) error) ([]int, error) {
	from := make([]Access, len(collections))
	taken := make([]int, len(collections)) // of the batch's removes
	b := &store.Batch{}
	for i, collection := range collections {
		c, err := x.access(by, collection)
		if err != nil {
			return nil, err
		}
		removes, err := x.recalls(ctx, by, c, q)
		if err != nil {
			return nil, err
		}
		from[i], taken[i] = c, len(removes)
		b.Removes = append(b.Removes, removes...)
	}
	removed := make([]int, len(from))
	b.Then = func(tx store.Tx, outcomes []store.Outcome) (err error) {
		removes := b.Removes
		for i, c := range from {
			if removed[i], err = x.recalled(tx, by, c.Collection, removes[:taken[i]], outcomes[:taken[i]], true); err != nil {
				return err
			}
			if removed[i] < taken[i] {
				return errMoved
			}
			removes, outcomes = removes[taken[i]:], outcomes[taken[i]:]
		}
		if then == nil {
			return nil
		}
		return then(tx)
	}
	_, err := x.commit(ctx, b)
	return removed, err
}

// recalls are the removes of what a principal may see in one collection.
func (x *Exchange) recalls(ctx context.Context, by account.Principal, c Access, q Query) ([]store.Remove, error) {
	if !c.CanWrite {
		return nil, fmt.Errorf("delete from collection %q: %w", c.Alias, ErrForbidden)
	}
	none := fmt.Errorf("object %q: %w", q.IDs[0], ErrNotFound)
	if !c.CanRead {
		return nil, none
	}
	seen := x.gate.Clearance(handling.ProfileOf(by), c.Number)
	page, err := x.store.Page(ctx, store.PageQuery{
		Collection: c.Number,
		Visible:    seen,
		Limit:      q.Limit,
		IDs:        q.IDs,
		Specs:      q.Specs,
		Versions:   q.Versions,
	})
	if err != nil {
		return nil, err
	}
	defer page.Close()
	var removes []store.Remove
	known := map[store.Tick]bool{}
	for i := range page.Rows {
		at := page.Rows[i].Added
		if x.isFace(page.Rows[i].Class) { // whoever is shown less than all takes all away
			if at, err = x.behind(ctx, &page.Rows[i]); err != nil {
				return nil, err
			}
		}
		if !known[at] {
			known[at] = true
			removes = append(removes, store.Remove{Collection: c.Number, Added: at, Aside: seen})
		}
	}
	if removes == nil {
		return nil, none
	}
	return removes, nil
}
