package pebble

import (
	"bytes"
	"sync"

	"entente/internal/store"
)

// lately keeps bodies that were asked for one by one: by their value, their id
// or what they refer to. Each costs a seek and a block of 16 KiB, of which
// twenty hold as much as is kept here in four hundred bodies. What stands under
// a tick never changes and a tick is never given twice, so that a body is right
// for any view that has a membership of it.
type lately struct {
	mu         sync.Mutex
	young, old map[store.Tick][]byte // old ones are let go when the young take half of the budget
	bytes      int                   // of the young
	budget     int
}

// latelyBytes is what they may take; with their places, up to a quarter more.
const latelyBytes = 12 << 20

const (
	largestLately = 32 << 10 // a larger body is read again
	aroundBody    = 64       // bytes that keeping one takes besides
)

func newLately(budget int) *lately {
	return &lately{young: map[store.Tick][]byte{}, budget: budget}
}

// body is the body under a tick, which must not be changed; false when it is
// not kept.
func (l *lately) body(t store.Tick) ([]byte, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	raw, ok := l.young[t]
	if !ok {
		if raw, ok = l.old[t]; ok {
			l.add(t, raw)
		}
	}
	return raw, ok
}

// keep keeps a copy of a body.
func (l *lately) keep(t store.Tick, raw []byte) {
	if len(raw) > largestLately {
		return
	}
	raw = bytes.Clone(raw)
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, twice := l.young[t]; !twice {
		l.add(t, raw)
	}
}

func (l *lately) add(t store.Tick, raw []byte) {
	if l.bytes += len(raw) + aroundBody; l.bytes > l.budget/2 {
		l.old, l.young, l.bytes = l.young, map[store.Tick][]byte{}, len(raw)+aroundBody
	}
	l.young[t] = raw
}
