package pebble

import (
	"bytes"

	"entente/internal/recent"
	"entente/internal/store"
)

// lately keeps bodies that were asked for one by one: by their value, their id
// or what they refer to. Each costs a seek and a block of 16 KiB, of which
// twenty hold as much as is kept here in four hundred bodies. What stands under
// a tick never changes and a tick is never given twice, so that a body is right
// for any view that has a membership of it.
type lately struct {
	*recent.Cache[store.Tick, []byte]
}

// latelyBytes is what they may take; with their places, up to a quarter more.
const latelyBytes = 12 << 20

const (
	largestLately = 32 << 10 // a larger body is read again
	aroundBody    = 64       // bytes that keeping one takes besides
)

func newLately(budget int) lately { return lately{recent.New[store.Tick, []byte](budget, aroundBody)} }

// keep keeps a copy of a body.
func (l lately) keep(t store.Tick, raw []byte) {
	if len(raw) <= largestLately {
		l.Keep(t, bytes.Clone(raw), len(raw))
	}
}
