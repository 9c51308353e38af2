package pebble

import (
	"fmt"
	"testing"

	"entente/internal/store"
)

// What a view has kept of a value is decided on for each who asks, as what it reads.
func TestWhatIsKeptOfAValueIsDecidedOnEachTime(t *testing.T) {
	for _, rows := range []int{1, fewRows - 1, fewRows, fewRows + 1, 3 * fewRows} {
		s, err := Open(t.Context(), t.TempDir(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		m := newMaker(3)
		for i := range rows {
			b := m.batch(1)
			b.Puts[0].Class = []string{"red", "green", "amber"}[i%3]
			b.Puts[0].Values = []store.Value{{Kind: 1, Text: "evil.example"}}
			b.Puts[0].Edges = []store.Ref{{ID: "malware--00000000-0000-4000-8000-000000000001", Path: "source_ref"}}
			if _, err := s.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		if err := keptAgainstRead(t, s, m.batch(1).Puts[0].Collection); err != nil {
			t.Errorf("of %d rows: %v", rows, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// keptAgainstRead asks for one value and one target, which the view keeps, and for them
// among many, which it reads.
func keptAgainstRead(t *testing.T, s *Store, c store.Collection) error {
	t.Helper()
	values := make([]store.Value, fewAsked+1)
	targets := make([]store.Target, fewAsked+1)
	for i := range values {
		values[i] = store.Value{Kind: 1, Text: fmt.Sprintf("absent-%d.example", i)}
		targets[i] = store.Target{ID: fmt.Sprintf("malware--00000000-0000-4000-8000-1%011d", i)}
	}
	values[7].Text, targets[7].ID = "evil.example", "malware--00000000-0000-4000-8000-000000000001"
	classes := s.Classes()
	for seen := range 1 << len(classes) {
		set := &store.Classes{}
		for id := range classes {
			if seen&(1<<id) != 0 {
				set.Add(store.ClassID(id))
			}
		}
		for _, limit := range []int{1, 5, 1000} {
			scope := store.Scope{c: set}
			for _, at := range []int{7, 9} {
				kept, err := s.Lookups(t.Context(), values[at:at+1], scope, limit)
				if err != nil {
					return err
				}
				read, err := s.Lookups(t.Context(), values, scope, limit)
				if err != nil {
					return err
				}
				if a, b := fmt.Sprint(kept[0]), fmt.Sprint(read[at]); a != b {
					return fmt.Errorf("value of classes %b, at most %d: kept %s, read %s", seen, limit, a, b)
				}
				edges, err := s.Edges(t.Context(), targets[at:at+1], scope, limit)
				if err != nil {
					return err
				}
				all, err := s.Edges(t.Context(), targets, scope, limit)
				if err != nil {
					return err
				}
				if a, b := fmt.Sprint(edges[0]), fmt.Sprint(all[at]); a != b {
					return fmt.Errorf("target of classes %b, at most %d: kept %s, read %s", seen, limit, a, b)
				}
			}
		}
	}
	return nil
}
