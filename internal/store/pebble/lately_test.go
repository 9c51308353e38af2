package pebble

import (
	"bytes"
	"testing"
)

// A body that is kept is a copy of the caller's; one that is too large is not kept.
func TestLately(t *testing.T) {
	l := newLately(latelyBytes)
	given := []byte("a body")
	l.keep(1, given)
	clear(given) // it is the caller's again
	if raw, ok := l.Get(1); !ok || !bytes.Equal(raw, []byte("a body")) {
		t.Errorf("kept is %q, %v", raw, ok)
	}
	l.keep(1000, make([]byte, largestLately+1))
	if _, ok := l.Get(1000); ok {
		t.Error("a body that is too large is kept")
	}
}
