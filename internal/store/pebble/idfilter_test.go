package pebble

import (
	"fmt"
	"testing"
	"time"

	"entente/internal/store"
)

// Whatever is here, and whatever is referred to, is known of before, while and after
// it is gathered: what was there before the start, and what was put beside that.
func TestIDsAreKnownOf(t *testing.T) {
	dir := t.TempDir()
	id := func(n int) string { return fmt.Sprintf("malware--00000000-0000-4000-8000-%012d", n) }
	put := func(s *Store, from, to int, want store.State) {
		t.Helper()
		for n := from; n < to; n += 100 {
			b := &store.Batch{}
			for i := n; i < n+100; i++ {
				b.Puts = append(b.Puts, store.Put{Collection: 1, ID: fmt.Sprintf("report--00000000-0000-4000-8000-%012d", i), Version: "2026-01-01T00:00:00Z",
					Spec: "2.1", Source: "A", Digest: [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, Class: "green", Body: []byte("{}"),
					Edges: []store.Ref{{Path: "object_refs[0]", ID: id(i)}}})
			}
			outcomes, err := s.Commit(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range outcomes {
				if o.State != want {
					t.Fatalf("report %d is %v, not %v", n+i, o.State, want)
				}
			}
		}
	}
	known := func(s *Store, to int) {
		t.Helper()
		for i := range to {
			if !s.MayRefer(id(i)) {
				t.Fatalf("nothing is said to refer to %d of %d", i, to)
			}
		}
	}
	s := openPlain(t, dir)
	if s.MayRefer(id(0)) {
		t.Error("something is said to refer to an id in an empty store")
	}
	put(s, 0, 10_000, store.New)
	known(s, 10_000)
	put(s, 0, 1000, store.Same)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openPlain(t, dir)
	defer s.Close()
	known(s, 10_000) // begins the gathering
	put(s, 10_000, 12_000, store.New)
	put(s, 0, 12_000, store.Same)
	known(s, 12_000)
	for end := time.Now().Add(20 * time.Second); !s.referred.whole.Load() || !s.known.whole.Load(); {
		if time.Now().After(end) {
			t.Fatal("what is here is not gathered")
		}
		known(s, 12_000)
	}
	known(s, 12_000)
	put(s, 0, 12_000, store.Same)
	put(s, 12_000, 12_100, store.New)
	put(s, 12_000, 12_100, store.Same)
	wrong := 0
	for i := range 10_000 {
		if s.MayRefer(id(1_000_000 + i)) {
			wrong++
		}
	}
	if wrong > 10 { // of 12,000 in 32 million bits
		t.Errorf("of 10,000 ids that nothing refers to %d are asked for", wrong)
	}
}
