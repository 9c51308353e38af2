package pebble

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

var _ store.Tx = (*transaction)(nil)

// Tick is newer than all ticks given to the batch's parts, and the same at
// each call.
func (t *transaction) Tick() store.Tick {
	if t.tick == 0 {
		t.tick = t.next()
	}
	return t.tick
}

// Get reads a member row, also one written in this batch.
func (t *transaction) Get(table, key string) ([]byte, error) {
	k := rowKey(nil, table, key)
	for _, written := range []map[string]rowState{t.rows, t.stage.rows} {
		if value, ok := written[string(k)]; ok {
			if value == nil {
				return nil, store.ErrNotFound
			}
			return slices.Clone(value), nil
		}
	}
	value, err := t.get(k)
	if err == nil && value == nil {
		err = store.ErrNotFound
	}
	return value, t.stage.store.readError(err)
}

// Set writes a member row.
func (t *transaction) Set(table, key string, value []byte) {
	k := rowKey(nil, table, key)
	t.rows[string(k)] = append(make([]byte, 0, len(value)), value...)
	t.batch.Set(k, value, nil)
}

// Delete takes a member row away.
func (t *transaction) Delete(table, key string) {
	k := rowKey(nil, table, key)
	t.rows[string(k)] = nil
	t.batch.Delete(k, nil)
}

// Rows lists member rows as the transaction sees them.
func (t *transaction) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		start := rowKey(nil, table, prefix)
		written := make(map[string]rowState)
		for _, layer := range []map[string]rowState{t.stage.rows, t.rows} {
			for k, v := range layer {
				if strings.HasPrefix(k, string(start)) {
					written[k] = v
				}
			}
		}
		own := slices.Sorted(maps.Keys(written))
		cut := len(start) - len(prefix)
		// flush gives written rows before a key; the last flush gives all.
		flush := func(before string, last bool) bool {
			for len(own) > 0 && (last || own[0] < before) {
				k := own[0]
				own = own[1:]
				if v := written[k]; v != nil && !yield(store.Keyed{Key: k[cut:], Value: slices.Clone(v)}, nil) {
					return false
				}
			}
			return true
		}
		for row, err := range rowsIn(t.stage.store.db, start, cut) {
			if err != nil {
				yield(store.Keyed{}, t.stage.store.readError(err))
				return
			}
			full := string(start[:cut]) + row.Key
			if !flush(full, false) {
				return
			}
			if _, changed := written[full]; !changed && !yield(row, nil) {
				return
			}
		}
		flush("", true)
	}
}

// AppendLeaf adds a leaf and the tree hashes that it completes.
func (t *transaction) AppendLeaf(commitment [32]byte, opening []byte) int64 {
	n := t.leaves
	hashes, err := tlog.StoredHashesForRecordHash(n, tlog.RecordHash(commitment[:]), tlog.HashReaderFunc(t.readHashes))
	if err != nil {
		t.failed = err
		return n
	}
	first := tlog.StoredHashIndex(0, n)
	for i, h := range hashes {
		index := first + int64(i)
		t.hashes[index] = h
		t.batch.Set(hashKey(nil, index), h[:], nil)
	}
	t.batch.Set(leafKey(nil, n), append(commitment[:], opening...), nil)
	t.leaves++
	return n
}

func (t *transaction) readHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if h, ok := t.hashes[index]; ok {
			out[i] = h
			continue
		}
		if h, ok := t.stage.hashes[index]; ok {
			out[i] = h
			continue
		}
		value, err := t.get(hashKey(nil, index))
		if err != nil {
			return nil, err
		}
		if len(value) != tlog.HashSize {
			return nil, damaged("tree hash %d of the log is missing", index)
		}
		copy(out[i][:], value)
	}
	return out, nil
}
