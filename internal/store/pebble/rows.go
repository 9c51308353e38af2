package pebble

import (
	"encoding/binary"
	"errors"
	"iter"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Get reads a member row.
func (r reads) Get(table, key string) ([]byte, error) {
	v, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	value, closer, err := v.snap.Get(rowKey(nil, table, key))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, v.store.readError(err)
	}
	value = append(make([]byte, 0, len(value)), value...)
	return value, v.store.readError(closer.Close())
}

// Rows lists member rows of a table by key, all as of one instant.
func (r reads) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		v, err := r.acquire()
		if err != nil {
			yield(store.Keyed{}, err)
			return
		}
		defer v.release()
		start := rowKey(nil, table, prefix)
		for row, err := range rowsIn(v.snap, start, len(start)-len(prefix)) {
			if !yield(row, v.store.readError(err)) {
				return
			}
		}
	}
}

// rowsIn lists the rows whose key begins with start, less the first cut bytes
// of their keys.
func rowsIn(from pebble.Reader, start []byte, cut int) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		it, err := from.NewIter(&pebble.IterOptions{LowerBound: start, UpperBound: after(start)})
		if err != nil {
			yield(store.Keyed{}, err)
			return
		}
		defer it.Close()
		for ok := it.First(); ok; ok = it.Next() {
			value, err := it.ValueAndErr()
			if err != nil {
				yield(store.Keyed{}, err)
				return
			}
			if !yield(store.Keyed{Key: string(it.Key()[cut:]), Value: slices.Clone(value)}, nil) {
				return
			}
		}
		if err := it.Error(); err != nil {
			yield(store.Keyed{}, err)
		}
	}
}

func readNumber(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }
