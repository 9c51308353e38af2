package pebble

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// classed is a store with n objects; classOf names the class of each.
func classed(t *testing.T, n int, classOf func(i int) string) *Store {
	t.Helper()
	s, err := Open(t.Context(), "db", Options{FS: vfs.NewMem(), CacheBytes: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for done := 0; done < n; {
		b := new(store.Batch)
		for ; len(b.Puts) < 1000 && done < n; done++ {
			p := object(done, 1)
			p.Class = classOf(done)
			b.Puts = append(b.Puts, p)
		}
		if _, err := s.Commit(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// walked pages through a collection and tells which ways were taken.
func walked(t *testing.T, s *Store, visible *store.Classes, limit int) (rows, scans, seeks int) {
	t.Helper()
	q := store.PageQuery{Collection: 1, Visible: visible, Limit: limit, Versions: store.VersionFilter{All: true}}
	for {
		v, err := s.acquire()
		if err != nil {
			t.Fatal(err)
		}
		p := newPager(v, &q)
		if err := p.collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		if p.sparse {
			seeks++
		} else {
			scans++
		}
		page, err := p.finish()
		v.release()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			if row.Added <= q.After || !visible.Has(row.Class) {
				t.Fatalf("%s of class %d came at %d after %d", row.ID, row.Class, row.Added, q.After)
			}
			q.After = row.Added
		}
		rows += len(page.Rows)
		more := page.More
		page.Close()
		if !more {
			return rows, scans, seeks
		}
	}
}

func TestPageTakesTheCheaperWay(t *testing.T) {
	const n = 12000
	s := classed(t, n, func(i int) string { return fmt.Sprint("class ", i*7919%300) })
	half, one := new(store.Classes), new(store.Classes)
	for c := store.ClassID(1); c <= 300; c++ {
		if c%2 == 0 {
			half.Add(c)
		}
	}
	one.Add(17)
	if rows, scans, seeks := walked(t, s, half, 100); rows != n/2 || seeks > scans/10 {
		t.Errorf("half of the classes: %d rows, %d pages by scan, %d by seeks", rows, scans, seeks)
	}
	if rows, scans, seeks := walked(t, s, one, 10); rows != n/300 || scans > 1 {
		t.Errorf("one class of 300: %d rows, %d pages by scan, %d by seeks", rows, scans, seeks)
	}
	if rows, _, seeks := walked(t, s, store.AllClasses(), 100); rows != n || seeks > 0 {
		t.Errorf("all classes: %d rows, %d pages by seeks", rows, seeks)
	}
}

// Where what is visible all lies at the end, the counts promise more than a
// scan finds.
func TestScanThatFindsNothingTurnsToSeeks(t *testing.T) {
	const n = 20000
	s := classed(t, n, func(i int) string {
		if i < n/2 {
			return "hidden"
		}
		return fmt.Sprint("class ", i%200)
	})
	visible := new(store.Classes)
	for c := store.ClassID(2); c <= 201; c++ {
		visible.Add(c)
	}
	q := store.PageQuery{Collection: 1, Visible: visible, Limit: 5, Versions: store.VersionFilter{All: true}}
	v, err := s.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer v.release()
	p := newPager(v, &q)
	if err := p.collect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !p.sparse || len(p.buf.hits) != 5 {
		t.Errorf("it scanned on over %d hidden entries", n/2)
	}
	if rows, _, _ := walked(t, s, visible, 100); rows != n/2 {
		t.Errorf("%d rows, want %d", rows, n/2)
	}
}

// An old snapshot still gives what has since left a class for good.
func TestSeeksKnowClassesThatAreEmptyByNow(t *testing.T) {
	const n = 3000
	s := classed(t, n, func(i int) string { return fmt.Sprint("class ", i%300) })
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	one := new(store.Classes)
	one.Add(5)
	q := store.PageQuery{Collection: 1, Visible: one, Limit: 100}
	page, err := s.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	b := new(store.Batch)
	for _, row := range page.Rows {
		b.Removes = append(b.Removes, store.Remove{Collection: 1, Added: row.Added})
	}
	page.Close()
	if _, err := s.Commit(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	page, err = snap.Page(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if len(page.Rows) != n/300 {
		t.Errorf("the snapshot has %d rows, want %d", len(page.Rows), n/300)
	}
}
