package exchange

import (
	"context"
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
	c, err := x.access(by, collection)
	if err != nil {
		return 0, err
	}
	if !c.CanWrite {
		return 0, fmt.Errorf("delete from collection %q: %w", c.Alias, ErrForbidden)
	}
	q.IDs, q.Bodies, q.Limit = []string{id}, false, MaxBatch
	if q.latestByDefault() {
		q.Versions.All = true
	}
	if !c.CanRead {
		return 0, fmt.Errorf("object %q: %w", id, ErrNotFound)
	}
	seen := x.gate.Clearance(handling.ProfileOf(by))
	page, err := x.store.Page(ctx, store.PageQuery{
		Collection: c.Number,
		Visible:    seen,
		Limit:      q.Limit,
		IDs:        q.IDs,
		Specs:      q.Specs,
		Versions:   q.Versions,
	})
	if err != nil {
		return 0, err
	}
	b := &store.Batch{}
	for i := range page.Rows {
		b.Removes = append(b.Removes, store.Remove{Collection: c.Number, Added: page.Rows[i].Added, Aside: seen})
	}
	page.Close()
	removed := 0
	b.Then = func(tx store.Tx, outcomes []store.Outcome) (err error) {
		removed, err = x.recalled(tx, by, c.Collection, outcomes, true)
		return err
	}
	if len(b.Removes) > 0 {
		if _, err := x.commit(ctx, b); err != nil {
			return 0, err
		}
	}
	if removed == 0 {
		return 0, fmt.Errorf("object %q: %w", id, ErrNotFound)
	}
	return removed, nil
}
