package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Most member rows are JSON. These read and write them, in a store or in a
// transaction, and say of a row that cannot be read which it is.

// Decoded is a member row with its value read.
type Decoded[T any] struct {
	Key   string
	Value T
}

// GetJSON reads a row; ErrNotFound when there is none.
func GetJSON[T any](from interface {
	Get(table, key string) ([]byte, error)
}, table, key string) (v T, err error) {
	row, err := from.Get(table, key)
	if err != nil {
		return v, err
	}
	return v, decode(table, Keyed{key, row}, &v)
}

// RowsJSON lists the rows of a table whose keys start with prefix, in the order
// of the keys. It ends with the first error.
func RowsJSON[T any](from interface {
	Rows(table, prefix string) iter.Seq2[Keyed, error]
}, table, prefix string) iter.Seq2[Decoded[T], error] {
	return func(yield func(Decoded[T], error) bool) {
		for row, err := range from.Rows(table, prefix) {
			d := Decoded[T]{Key: row.Key}
			if err == nil {
				err = decode(table, row, &d.Value)
			}
			if !yield(d, err) || err != nil {
				return
			}
		}
	}
}

func decode(table string, row Keyed, v any) error {
	if err := json.Unmarshal(row.Value, v); err != nil {
		return fmt.Errorf("read row %q of table %s: %w", row.Key, table, err)
	}
	return nil
}

// SetJSON writes a row.
func SetJSON(tx Tx, table, key string, v any) error {
	row, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write row %q of table %s: %w", key, table, err)
	}
	tx.Set(table, key, row)
	return nil
}

// forgetAtOnce is how many rows one transaction of Forget takes away.
const forgetAtOnce = 1000

// Forget takes away the rows of a table whose keys start with prefix and of which
// old, when it is set, says so: a batch at a time, since they may be many. It
// tells how many.
func Forget(ctx context.Context, from interface {
	Rows(table, prefix string) iter.Seq2[Keyed, error]
	Commit(ctx context.Context, b *Batch) ([]Outcome, error)
}, table, prefix string, old func(row []byte) bool) (n int, err error) {
	var keys []string
	forget := func() error {
		if len(keys) == 0 {
			return nil
		}
		_, err := from.Commit(ctx, &Batch{Then: func(tx Tx, _ []Outcome) error {
			for _, key := range keys {
				tx.Delete(table, key)
			}
			return nil
		}})
		if err == nil {
			n, keys = n+len(keys), keys[:0]
		}
		return err
	}
	for row, err := range from.Rows(table, prefix) {
		if err != nil {
			return n, err
		}
		if old != nil && !old(row.Value) {
			continue
		}
		if keys = append(keys, row.Key); len(keys) == forgetAtOnce {
			if err := forget(); err != nil {
				return n, err
			}
		}
	}
	return n, forget()
}
