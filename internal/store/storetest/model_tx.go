package storetest

import (
	"bytes"
	"iter"

	"entente/internal/store"
)

// modelTx is what a batch's Then gets when the model plays it.
type modelTx struct {
	m    *model
	tick store.Tick
}

var _ store.Tx = (*modelTx)(nil)

func (tx *modelTx) Tick() store.Tick { return tx.tick }

func (tx *modelTx) Get(table, key string) ([]byte, error) {
	v, found := tx.m.get(table, key)
	if !found {
		return nil, store.ErrNotFound
	}
	return v, nil
}

func (tx *modelTx) Set(table, key string, value []byte) {
	tx.m.member[member{table, key}] = bytes.Clone(value)
}

func (tx *modelTx) Delete(table, key string) {
	delete(tx.m.member, member{table, key})
}

func (tx *modelTx) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		for _, k := range tx.m.keyed(table, prefix) {
			if !yield(k, nil) {
				return
			}
		}
	}
}

func (tx *modelTx) AppendLeaf(commitment [32]byte, opening []byte) int64 {
	tx.m.leaves = append(tx.m.leaves, leaf{commitment, bytes.Clone(opening)})
	return int64(len(tx.m.leaves) - 1)
}
