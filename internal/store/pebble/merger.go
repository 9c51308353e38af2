package pebble

import (
	"io"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// listMerger puts what was posted to one list behind each other, the oldest
// first: what Pebble's own merger does, whose name stands in the files of stores
// and must stay. That one makes a slice for each value it meets, of which a
// search meets ten thousand; here they are used again.
func listMerger() *pebble.Merger {
	return &pebble.Merger{
		Name: pebble.DefaultMerger.Name,
		Merge: func(_, value []byte) (pebble.ValueMerger, error) {
			l := lists.Get().(*list)
			l.parts, l.ends, l.newer = append(l.parts[:0], value...), l.ends[:0], l.newer[:0]
			return l, nil
		},
	}
}

var lists = sync.Pool{New: func() any { return new(list) }}

// list is one that is put together.
type list struct {
	parts []byte // the first value, then what is older, each behind what is newer
	ends  []int  // of all parts but the last
	newer []byte // what is newer than the first
	whole []byte
}

func (l *list) MergeNewer(value []byte) error {
	l.newer = append(l.newer, value...)
	return nil
}

func (l *list) MergeOlder(value []byte) error {
	l.ends = append(l.ends, len(l.parts))
	l.parts = append(l.parts, value...)
	return nil
}

// Finish gives the list, until it is closed.
func (l *list) Finish(bool) ([]byte, io.Closer, error) {
	if len(l.ends)+len(l.newer) == 0 {
		return l.parts, l, nil
	}
	l.whole = l.whole[:0]
	end := len(l.parts)
	for i := len(l.ends) - 1; i >= 0; i-- {
		l.whole = append(l.whole, l.parts[l.ends[i]:end]...)
		end = l.ends[i]
	}
	l.whole = append(append(l.whole, l.parts[:end]...), l.newer...)
	return l.whole, l, nil
}

// largestList is what a list may have taken to be used again.
const largestList = 256 << 10

// Close ends the use of what Finish gave.
func (l *list) Close() error {
	if cap(l.parts)+cap(l.newer)+cap(l.whole) <= largestList {
		lists.Put(l)
	}
	return nil
}
