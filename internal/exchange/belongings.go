package exchange

import (
	"context"
	"fmt"
	"slices"

	"entente/internal/store"
)

// forgetBelongings takes away what belongs to objects that were erased, unless one of
// them stands in another collection, or in another version.
func (x *Exchange) forgetBelongings(ctx context.Context, ids []string) error {
	if len(x.opts.Belong) == 0 {
		return nil
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		for _, table := range x.opts.Belong {
			if err := x.forgetBelonging(ctx, table, id); err != nil {
				return fmt.Errorf("what belongs to %s, which is erased, stays in %s until it is off the disk: %w", id, table, err)
			}
		}
	}
	return nil
}

func (x *Exchange) forgetBelonging(ctx context.Context, table, id string) error {
	for _, err := range x.store.Rows(table, id+"\x00") { // few objects have any
		if err != nil {
			return err
		}
		for _, c := range x.collections.all() {
			if rows, err := x.objectRows(ctx, c, id); err != nil || len(rows) > 0 {
				return err
			}
		}
		_, err := store.Forget(ctx, x.store, table, id+"\x00", nil)
		return err
	}
	return nil
}
