package exchange

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"entente/internal/store"
)

// Record is a row that a Publication's Record wrote; ErrNotFound when there is none.
func (x *Exchange) Record(table, key string) ([]byte, error) {
	row, err := x.store.Get(table, key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrNotFound
	}
	return row, err
}

// Rows lists rows of a table whose keys start with prefix, in their order.
func (x *Exchange) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	return x.store.Rows(table, prefix)
}

// Keep reads and writes rows of the node in one transaction, without an object
// being published. The function must be quick; an error from it abandons all.
func (x *Exchange) Keep(ctx context.Context, write func(tx store.Tx) error) error {
	_, err := x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error { return write(tx) }})
	return err
}

// Forget takes away the rows of a table that Publications' Records wrote and
// that are old. It tells how many.
func (x *Exchange) Forget(ctx context.Context, table string, old func(row []byte) bool) (n int, err error) {
	if n, err = store.Forget(ctx, x.store, table, "", old); err != nil {
		err = fmt.Errorf("exchange: old rows of %s: %w", table, err)
	}
	return n, err
}
