package pebble

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// What is kept is what was given, within the budget; what is asked for again
// stays longer than what is not.
func TestLately(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := newLately(rapid.IntRange(500, 4000).Draw(rt, "budget"))
		body := func(t store.Tick) []byte { return bytes.Repeat([]byte{byte(t)}, int(t)%97) }
		for range rapid.IntRange(1, 300).Draw(rt, "steps") {
			tick := store.Tick(rapid.IntRange(1, 40).Draw(rt, "tick"))
			if raw, ok := l.body(tick); ok {
				if !bytes.Equal(raw, body(tick)) {
					rt.Fatalf("under %d is %q", tick, raw)
				}
				continue
			}
			given := body(tick)
			l.keep(tick, given)
			clear(given) // it is the caller's again
			if raw, ok := l.body(tick); !ok || !bytes.Equal(raw, body(tick)) {
				rt.Fatalf("under %d is %q, %v, right after it was kept", tick, raw, ok)
			}
			size := 0
			for _, kept := range []map[store.Tick][]byte{l.young, l.old} {
				for _, raw := range kept {
					size += len(raw) + aroundBody
				}
			}
			if size > l.budget+200 {
				rt.Fatalf("%d bytes are kept, of %d", size, l.budget)
			}
		}
	})
	l := newLately(2000)
	l.keep(1, []byte("asked for again"))
	for tick := store.Tick(2); tick < 500; tick++ {
		l.keep(tick, make([]byte, 50))
		if _, ok := l.body(1); !ok {
			t.Fatalf("what is asked for all the time was let go at %d", tick)
		}
	}
	if _, ok := l.body(2); ok {
		t.Error("what nobody asked for again is kept")
	}
	if l.keep(1000, make([]byte, largestLately+1)); len(l.young[1000]) > 0 {
		t.Error("a body that is too large is kept")
	}
}
