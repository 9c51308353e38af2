package pebble

import (
	"slices"
	"strings"
	"testing"

	"entente/internal/store"
)

// A run that was read under an older view says nothing of what a newer one has behind that,
// although a later run was kept of it: whoever polls after that misses nothing.
func TestARunEndsWithItsView(t *testing.T) {
	const first, all = 100, 1000
	s := classed(t, first, func(int) string { return "green" })
	old, stamp, err := s.acquireStamped(1)
	if err != nil {
		t.Fatal(err)
	}
	defer old.release()
	for done := first; done < all; done++ {
		p := object(done, 1)
		p.Class = "green"
		if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{p}}); err != nil {
			t.Fatal(err)
		}
	}
	visible, ticks := store.AllClasses(), []store.Tick{}
	page := func(after store.Tick, limit int) []store.Row {
		q := store.PageQuery{Collection: 1, Visible: visible, After: after, Limit: limit, Versions: store.VersionFilter{All: true}}
		p, hot, err := s.hotPage(t.Context(), &q)
		if err != nil || !hot {
			t.Fatal(hot, err)
		}
		defer p.Close()
		return append([]store.Row(nil), p.Rows...)
	}
	newer, _, err := s.acquireStamped(1)
	if err != nil {
		t.Fatal(err)
	}
	defer newer.release()
	r, err := (&runReader{view: newer, stamp: stamp, key: runKey{collection: 1}}).scan(0, 0)
	for r != nil && err == nil {
		for i := range r.rows {
			ticks = append(ticks, r.rows[i].Added)
		}
		r, err = (&runReader{view: newer, stamp: stamp, key: runKey{collection: 1}}).scan(r.hi, 0)
	}
	if err != nil || len(ticks) != all {
		t.Fatal(len(ticks), err)
	}
	page(ticks[600], 300) // a run far behind the old view is kept
	reader := runReader{view: old, stamp: stamp, key: runKey{collection: 1}}
	for at := store.Tick(0); ; { // and the old view is read to its end
		r, ok, err := reader.next(t.Context(), at)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if r == nil || r.hi > old.tick {
			break
		}
		at = r.hi
	}
	if got := page(0, all); len(got) != all {
		t.Errorf("a page has %d of %d", len(got), all)
	}
}

// Who reads on where his last page has ended uses a run once, however many pages it takes;
// only what is read again is brought into memory.
func TestReadingOnIsOneUse(t *testing.T) {
	s := classed(t, 1000, func(int) string { return "green" })
	warm := func() (warm int) {
		for after := store.Tick(0); ; {
			q := store.PageQuery{Collection: 1, Visible: store.AllClasses(), After: after, Limit: 100, Bodies: true, Versions: store.VersionFilter{All: true}}
			p, hot, err := s.hotPage(t.Context(), &q)
			if err != nil || !hot {
				t.Fatal(hot, err)
			}
			after = p.Rows[len(p.Rows)-1].Added
			more := p.More
			p.Close()
			if !more {
				break
			}
		}
		for _, runs := range s.hot.runs {
			for _, r := range runs {
				if r.bodies.Load() != nil {
					warm++
				}
			}
		}
		return warm
	}
	if once := warm(); once != 0 {
		t.Errorf("%d runs are in memory that were read once", once)
	}
	if twice := warm(); twice == 0 {
		t.Error("no run is in memory that was read twice")
	}
}

// Who goes over all of a collection once leaves what others poll in memory, and is given
// the same.
func TestWhatIsReadOnceIsNotKept(t *testing.T) {
	s := classed(t, 1000, func(int) string { return "green" })
	all := func(once bool) (ids []string) {
		q := store.PageQuery{Collection: 1, Visible: store.AllClasses(), Limit: 100, Bodies: true, Once: once}
		for more := true; more; {
			p, err := s.Page(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for i := range p.Rows {
				ids, q.After = append(ids, strings.Clone(p.Rows[i].ID)), p.Rows[i].Added
			}
			more = p.More
			p.Close()
		}
		return ids
	}
	once := all(true)
	if len(s.hot.runs) != 0 {
		t.Errorf("runs of %d orders are kept of what was read once", len(s.hot.runs))
	}
	if often := all(false); !slices.Equal(once, often) || len(once) != 1000 || len(s.hot.runs) == 0 {
		t.Errorf("%d objects once, %d with runs of %d orders kept", len(once), len(often), len(s.hot.runs))
	}
}
