package pebble

import (
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// iterators are those of a view that nobody uses just now, by kind of key. To
// make one and to have it open its files and blocks costs several times what a
// look-up then asks of it, and one question asks five kinds one after another.
type iterators struct {
	mu     sync.Mutex
	idle   map[byte][]*pebble.Iterator
	ending *time.Timer // set while any is idle
}

const (
	mostIdle = 4 // of one kind; more are not asked for at once on few cores
	// idleFor is how long they are kept. What they read from cannot go, memory
	// tables and files that compactions have replaced, and the newest view may
	// stay the newest for days.
	idleFor = time.Second
)

// byFilter with a kind of key is the iterators over it that ask the filters of
// the lowest level, too. Those are right for what mostly is not there; without
// them a block of that level is unpacked for each key that is not in it, also of
// what stands in an upper level.
//
// They make what is absent faster than what is hidden. So an id that a reader
// chooses is looked for without: the time must not tell that it is here.
const byFilter = 0x80

// iterator gives one over all keys of a kind, which stands anywhere. Give it
// back before the view is released.
func (v *view) iterator(kind byte) (*pebble.Iterator, error) {
	v.its.mu.Lock()
	if idle := v.its.idle[kind]; len(idle) > 0 {
		it := idle[len(idle)-1]
		v.its.idle[kind] = idle[:len(idle)-1]
		v.its.mu.Unlock()
		return it, nil
	}
	v.its.mu.Unlock()
	return v.snap.NewIter(&pebble.IterOptions{
		LowerBound: []byte{kind &^ byFilter}, UpperBound: []byte{kind&^byFilter + 1},
		UseL6Filters: kind == kindValue || kind == kindEdge || kind&byFilter != 0,
	})
}

// giveBack keeps an iterator for the next who asks, unless it has failed.
func (v *view) giveBack(kind byte, it *pebble.Iterator) {
	if it == nil {
		return
	}
	if it.Error() != nil || !v.its.keep(kind, it, v.endIdle) {
		it.Close()
	}
}

func (i *iterators) keep(kind byte, it *pebble.Iterator, end func()) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.idle[kind]) >= mostIdle {
		return false
	}
	if i.idle == nil {
		i.idle = make(map[byte][]*pebble.Iterator)
	}
	i.idle[kind] = append(i.idle[kind], it)
	if i.ending == nil {
		i.ending = time.AfterFunc(idleFor, end)
	}
	return true
}

// endIdle closes what has been idle, unless the view has gone, and that with it.
func (v *view) endIdle() {
	if v.hold() {
		v.its.close()
		v.release()
	}
}

// close closes what is idle.
func (i *iterators) close() {
	i.mu.Lock()
	idle := i.idle
	if i.idle = nil; i.ending != nil {
		i.ending.Stop()
		i.ending = nil
	}
	i.mu.Unlock()
	for _, its := range idle {
		for _, it := range its {
			it.Close()
		}
	}
}
