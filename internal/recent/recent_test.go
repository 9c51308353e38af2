package recent

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// What is kept is what was given, within the budget; what is asked for again
// stays longer than what is not.
func TestRecent(t *testing.T) {
	const around = 64
	rapid.Check(t, func(rt *rapid.T) {
		c := New[int, []byte](rapid.IntRange(500, 4000).Draw(rt, "budget"), around)
		body := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n%97) }
		for range rapid.IntRange(1, 300).Draw(rt, "steps") {
			key := rapid.IntRange(1, 40).Draw(rt, "key")
			if raw, ok := c.Get(key); ok {
				if !bytes.Equal(raw, body(key)) {
					rt.Fatalf("under %d is %q", key, raw)
				}
				continue
			}
			c.Keep(key, body(key), len(body(key)))
			if raw, ok := c.Get(key); !ok || !bytes.Equal(raw, body(key)) {
				rt.Fatalf("under %d is %q, %v, right after it was kept", key, raw, ok)
			}
			size := 0
			for _, all := range []map[int]kept[[]byte]{c.young, c.old} {
				for _, k := range all {
					size += len(k.value) + around
				}
			}
			if size > c.budget+200 {
				rt.Fatalf("%d bytes are kept, of %d", size, c.budget)
			}
		}
	})
	c := New[int, []byte](2000, around)
	c.Keep(1, []byte("asked for again"), 15)
	for key := 2; key < 500; key++ {
		c.Keep(key, make([]byte, 50), 50)
		if _, ok := c.Get(1); !ok {
			t.Fatalf("what is asked for all the time was let go at %d", key)
		}
	}
	if _, ok := c.Get(2); ok {
		t.Error("what nobody asked for again is kept")
	}
}
