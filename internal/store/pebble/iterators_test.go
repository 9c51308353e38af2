package pebble

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// Iterators are kept for the next who asks, end when nobody does, with the view
// at the latest, and a view that is used again has new ones.
func TestIdleIterators(t *testing.T) {
	s, err := Open(t.Context(), "kept", Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(3)
	put := m.batch(100)
	put.Puts[7].Values = []store.Value{{Kind: 1, Text: "known"}}
	if _, err := s.Commit(t.Context(), put); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Flush(); err != nil { // so that there are files to hold open
		t.Fatal(err)
	}
	scope := store.Scope{put.Puts[7].Collection: store.AllClasses()}
	look := func() {
		places, err := s.Lookup(t.Context(), 1, "known", scope, 10)
		if err != nil || len(places) != 1 {
			t.Errorf("found %v, %v; want one place", places, err)
			return
		}
		page, err := s.Fetch(t.Context(), places, scope)
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != put.Puts[7].ID {
			t.Errorf("fetched %v, %v", page, err)
			return
		}
		page.Close()
	}
	idle := func(v *view) (kinds []byte) {
		v.its.mu.Lock()
		defer v.its.mu.Unlock()
		for kind, its := range v.its.idle {
			if len(its) > mostIdle {
				t.Errorf("%d iterators of kind %c are idle; at most %d may be", len(its), kind, mostIdle)
			}
			if len(its) > 0 {
				kinds = append(kinds, kind)
			}
		}
		slices.Sort(kinds)
		return kinds
	}
	first := s.view.Load()
	for _, want := range []string{string([]byte{kindMember, kindValue}), ""} {
		var all sync.WaitGroup
		for range 4 * mostIdle {
			all.Go(func() {
				for range 20 {
					look()
				}
			})
		}
		all.Wait()
		// The body is kept for itself when it is asked for again, and the membership
		// and what has the value by the view.
		if got := strings.TrimLeft(string(idle(first)), string(kindBody)); got != want {
			t.Errorf("idle are %q; want %q", got, want)
		}
		if want != "" && s.db.Metrics().TableIters == 0 {
			t.Error("no file is held open, so that nothing is seen of what follows")
		}
		first.endIdle() // as the timer does
		if got := idle(first); len(got) > 0 || s.db.Metrics().TableIters > 0 {
			t.Errorf("%q are still idle, %d files are open", got, s.db.Metrics().TableIters)
		}
	}
	// Filters are not asked for ids that a reader chooses, whether one or many.
	var ids []string
	for i := range put.Puts {
		ids = append(ids, put.Puts[i].ID)
	}
	for _, q := range []store.PageQuery{{IDs: ids[:1], Named: true}, {IDs: ids[:1]}, {IDs: ids}, {IDs: ids, Named: true}} {
		first.endIdle()
		q.Collection, q.Visible, q.Limit, q.Versions.All = put.Puts[0].Collection, store.AllClasses(), 1000, true
		if _, err := s.Page(t.Context(), q); err != nil {
			t.Fatal(err)
		}
		filtered := q.Named && len(q.IDs) > 1
		if got := idle(first); slices.Contains(got, kindID|byFilter) != filtered || slices.Contains(got, kindID) == filtered {
			t.Errorf("%d ids, named %v, were looked up by %q", len(q.IDs), q.Named, got)
		}
	}
	look()
	if _, err := s.Commit(t.Context(), m.batch(1)); err != nil {
		t.Fatal(err)
	}
	look() // by the new view
	first.endIdle()
	if err := s.Close(); err != nil { // says so when an iterator is left
		t.Fatal(err)
	}
}
