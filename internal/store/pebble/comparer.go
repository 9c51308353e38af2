package pebble

import (
	"github.com/cockroachdb/pebble/v2"
)

// comparer orders keys by their bytes and tells Pebble which part of a key a
// Bloom filter should know: the id of an index row or an edge, the text of a
// value, the term of a posting, and the whole of any other key. So a new id costs no read of the
// disk, and neither does a value that nobody ever reported.
//
// The parts are prefix-free (none begins another), which Pebble relies on.
func comparer() *pebble.Comparer {
	c := *pebble.DefaultComparer
	c.Name = "entente.store.1"
	c.Split = splitKey
	return &c
}

func splitKey(key []byte) int {
	if len(key) == 0 {
		return 0
	}
	switch key[0] {
	case kindID, kindEdge:
		return 1 + idLen(key[1:])
	case kindValue:
		return valueLen(key)
	case kindPosting:
		return termLen(key)
	}
	return len(key)
}
