package pebble

import (
	"bytes"

	"golang.org/x/mod/sumdb/tlog"
)

// log computes every tree hash again from the leaves.
func (c *check) log() error {
	n := int64(0)
	err := c.walk(kindLeaf, func(key, value []byte) error {
		if at := readNumber(key[1:]); at != n || len(value) < 32 {
			c.say("leaf %d of the log is missing or cut short", n)
			n = at
		}
		hashes, err := tlog.StoredHashesForRecordHash(n, tlog.RecordHash(value[:min(32, len(value))]), tlog.HashReaderFunc(c.storedHashes))
		if err != nil {
			c.say("the tree hashes of leaf %d cannot be computed: %v", n, err)
		}
		first := tlog.StoredHashIndex(0, n)
		for i, h := range hashes {
			stored, err := c.get(hashKey(nil, first+int64(i)))
			if err != nil {
				return err
			}
			if !bytes.Equal(stored, h[:]) {
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

func (c *check) storedHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		value, err := c.get(hashKey(nil, index))
		if err != nil {
			return nil, err
		}
		if len(value) != tlog.HashSize {
			return nil, damaged("tree hash %d is missing", index)
		}
		copy(out[i][:], value)
	}
	return out, nil
}
