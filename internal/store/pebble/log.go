package pebble

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// LogSize is the number of leaves in the log.
func (r reads) LogSize() int64 {
	v, err := r.acquire()
	if err != nil {
		return 0
	}
	defer v.release()
	return v.leaves
}

// Leaf is the commitment and the opening of leaf n.
func (r reads) Leaf(n int64) (commitment [32]byte, opening []byte, err error) {
	v, err := r.acquire()
	if err != nil {
		return commitment, nil, err
	}
	defer v.release()
	value, closer, err := v.snap.Get(leafKey(nil, n))
	if errors.Is(err, pebble.ErrNotFound) {
		return commitment, nil, fmt.Errorf("log: leaf %d of %d: %w", n, v.leaves, store.ErrNotFound)
	}
	if err != nil {
		return commitment, nil, v.store.readError(err)
	}
	defer closer.Close()
	if len(value) < 32 {
		return commitment, nil, damaged("leaf %d of the log has %d bytes", n, len(value))
	}
	copy(commitment[:], value)
	return commitment, slices.Clone(value[32:]), nil
}

// ReadHashes gives stored tree hashes as x/mod's tlog numbers them.
func (r reads) ReadHashes(indexes []int64) ([][32]byte, error) {
	v, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	out := make([][32]byte, len(indexes))
	for i, index := range indexes {
		value, closer, err := v.snap.Get(hashKey(nil, index))
		if errors.Is(err, pebble.ErrNotFound) {
			return nil, fmt.Errorf("log: tree hash %d: %w", index, store.ErrNotFound)
		}
		if err != nil {
			return nil, v.store.readError(err)
		}
		n := copy(out[i][:], value)
		closer.Close()
		if n != len(out[i]) {
			return nil, damaged("tree hash %d of the log has %d bytes", index, n)
		}
	}
	return out, nil
}
