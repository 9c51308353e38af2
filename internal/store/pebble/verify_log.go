package pebble

import (
	"bytes"
	"errors"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"
)

// log computes every tree hash again from the leaves.
func (c *check) log() error {
	n := int64(0)
	stored := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return hashesOf(c.view.snap, indexes) })
	err := c.walk(kindLeaf, func(key, value []byte) error {
		if at := readNumber(key[1:]); at != n || len(value) < 32 {
			c.say("leaf %d of the log is missing or cut short", n)
			n = at
		}
		hashes, err := tlog.StoredHashesForRecordHash(n, tlog.RecordHash(value[:min(32, len(value))]), stored)
		if err != nil {
			c.say("the tree hashes of leaf %d cannot be computed: %v", n, err)
		}
		first := tlog.StoredHashIndex(0, n)
		for i, h := range hashes {
			have, err := c.get(hashKey(nil, first+int64(i)))
			if err != nil {
				return err
			}
			if !bytes.Equal(have, h[:]) {
				c.say("tree hash %d of the log is not that of its leaves", first+int64(i))
			}
		}
		n++
		return nil
	})
	if err != nil {
		return err
	}
	if n != c.view.leaves {
		c.say("the log has %d leaves, %d are known", n, c.view.leaves)
	}
	hashes := int64(0)
	if err := c.walk(kindHash, func(_, _ []byte) error { hashes++; return nil }); err != nil {
		return err
	}
	if want := tlog.StoredHashCount(n); hashes != want {
		c.say("the log has %d tree hashes, %d leaves make %d", hashes, n, want)
	}
	return nil
}

// hashesOf reads stored tree hashes.
func hashesOf(r pebble.Reader, indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		value, closer, err := r.Get(hashKey(nil, index))
		if errors.Is(err, pebble.ErrNotFound) {
			return nil, damaged("tree hash %d is missing", index)
		}
		if err != nil {
			return nil, err
		}
		n := copy(out[i][:], value)
		if closer.Close(); n != tlog.HashSize {
			return nil, damaged("tree hash %d has %d bytes", index, n)
		}
	}
	return out, nil
}
