package pebble

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// varied is a store that has a row of every kind.
func varied(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), "db", Options{FS: vfs.NewMem(), CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	commit := func(b *store.Batch) []store.Outcome {
		out, err := s.Commit(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	var puts []store.Put
	for i := range 4 {
		p := object(i, 300)
		p.Edges = []store.Ref{{Path: "x_ref", ID: object(9, 0).ID}}
		newer := p
		newer.Version, newer.Class, newer.Digest[31] = "2025-01-01T00:00:00Z", "red", 'n'
		elsewhere := p
		elsewhere.Collection = 2
		puts = append(puts, p, newer, elsewhere)
	}
	out := commit(&store.Batch{Puts: puts, Then: func(tx store.Tx, _ []store.Outcome) error {
		for i := range 5 {
			tx.AppendLeaf([32]byte{byte(i)}, []byte("opening"))
		}
		tx.Set("table", "key", []byte("value"))
		return nil
	}})
	conflict := puts[0]
	conflict.Digest[31] = 'c'
	commit(&store.Batch{Puts: []store.Put{conflict}, Removes: []store.Remove{{Collection: 1, Added: out[3].Added}},
		Reclasses: []store.Reclass{{Collection: 1, Added: out[6].Added, Class: "white"}}})
	return s
}

func problems(t *testing.T, s *Store) (list []string) {
	t.Helper()
	if err := s.Verify(t.Context(), func(p string) { list = append(list, p) }); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestVerifyFindsEachRowThatIsMissingOrTooMany takes the rows of a store away
// one by one, and puts each beside its place.
func TestVerifyFindsEachRowThatIsMissingOrTooMany(t *testing.T) {
	s := varied(t)
	if list := problems(t, s); len(list) > 0 {
		t.Fatalf("a sound store has problems: %q", list)
	}
	rows := make(map[string][]byte)
	if err := each(s.db, nil, func(key, value []byte) error {
		rows[string(key)] = append([]byte{}, value...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	// What stands alone: member rows, conflicts, the format, and the tombstone
	// of what is gone.
	alone := func(key string, value []byte) bool {
		if st, ok := readStep(value); ok && key[0] == kindStep && st.kind == store.ChangeRemoved {
			return true
		}
		return strings.ContainsAny(key[:1], "rx!")
	}
	tried := make(map[byte]bool)
	for key, value := range rows {
		if alone(key, value) {
			continue
		}
		tried[key[0]] = true
		change(t, s, func(b *pebble.Batch) { b.Delete([]byte(key), nil) })
		if len(problems(t, s)) == 0 {
			t.Errorf("nobody misses %s", keyText([]byte(key)))
		}
		change(t, s, func(b *pebble.Batch) { b.Set([]byte(key), value, nil) })
		if key[0] == kindStep {
			continue // told twice is told
		}
		stray := []byte(key)
		stray[len(stray)-1] ^= 0x55
		if _, taken := rows[string(stray)]; taken {
			continue
		}
		change(t, s, func(b *pebble.Batch) { b.Set(stray, value, nil) })
		if len(problems(t, s)) == 0 {
			t.Errorf("nobody wonders about %s", keyText(stray))
		}
		change(t, s, func(b *pebble.Batch) { b.Delete(stray, nil) })
	}
	for _, kind := range []byte("bmkivesnclh") {
		if !tried[kind] {
			t.Errorf("no row of kind %c was tried", kind)
		}
	}
	if list := problems(t, s); len(list) > 0 {
		t.Errorf("the store was not put in order again: %q", list)
	}
}

// change writes below the committer and shows it to readers.
func change(t *testing.T, s *Store, f func(*pebble.Batch)) {
	t.Helper()
	b := s.db.NewBatch()
	f(b)
	if err := b.Commit(pebble.Sync); err != nil {
		t.Fatal(err)
	}
	s.view.Swap(s.newView()).release()
}

func TestVerifyNamesTheObject(t *testing.T) {
	s := varied(t)
	key := append32(append([]byte{kindByClass}, 0, 0, 0, 1), store.ClassID(1))
	if err := each(s.db, key, func(k, _ []byte) error {
		change(t, s, func(b *pebble.Batch) { b.Delete(k, nil) })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	list := fmt.Sprint(problems(t, s))
	if !strings.Contains(list, "the order by class lacks "+object(0, 0).ID) {
		t.Errorf("the problems are %s", list)
	}
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	s := varied(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Verify(ctx, func(string) {}); err != context.Canceled {
		t.Errorf("Verify answers %v", err)
	}
}
