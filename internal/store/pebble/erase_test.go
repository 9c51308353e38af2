package pebble

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// mark is what must go: no other text of the tests has it.
const mark = "QxMarkerZv7Kw2Pf9Tj"

// plainly has nothing compressed, so that files can be searched for a text, and nothing
// compacted by itself.
func plainly(o *pebble.Options) {
	o.L0CompactionThreshold, o.L0StopWritesThreshold = 1000, 2000
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
}

func openPlain(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir, Options{tune: plainly, MemTable: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// holding lists the files below a folder that hold a text.
func holding(t *testing.T, dir, text string) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			return nil // it has just gone
		}
		if bytes.Contains(content, []byte(text)) {
			files = append(files, filepath.Base(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func markedPut(n int, text string) store.Put {
	body := fmt.Appendf(nil, `{"type":"note","id":"note--%08d-0000-4000-8000-000000000000","content":%q}`, n, text)
	return store.Put{Collection: 1, ID: fmt.Sprintf("note--%08d-0000-4000-8000-000000000000", n), Version: "2026-01-01T00:00:00Z", Spec: "2.1",
		Source: "CERT Estmark", Class: "tlp:green", Digest: sha256.Sum256(body), Body: body,
		Values: []store.Value{{Kind: 5, Text: text + "@mail.example"}}, Edges: []store.Ref{{Path: "x_ref", ID: "identity--" + text}}}
}

func commit(t *testing.T, s *Store, b *store.Batch) []store.Outcome {
	t.Helper()
	outcomes, err := s.Commit(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// fill brings n ordinary objects, in batches, and one that holds the mark, aside and in
// the index of words, too. It gives the date of the marked one.
func fill(t *testing.T, s *Store, n int) store.Tick {
	t.Helper()
	for i := 0; i < n; i += 100 {
		b := &store.Batch{}
		for j := i; j < i+100; j++ {
			b.Puts = append(b.Puts, markedPut(j, fmt.Sprintf("plain%d %s", j, strings.Repeat("x", 500))))
		}
		commit(t, s, b)
	}
	at := commit(t, s, &store.Batch{Puts: []store.Put{markedPut(n+1, mark)}})[0].Added
	other := markedPut(n+1, mark+" otherwise")
	if got := commit(t, s, &store.Batch{Puts: []store.Put{other}})[0].State; got != store.Conflict {
		t.Fatalf("other content is %v; want a conflict", got)
	}
	for term, added := range map[string][]store.Tick{"shared": {5, at}, strings.ToLower(mark): {at}, mark: {at}} {
		commit(t, s, &store.Batch{Postings: []store.Posting{{Run: 1, Field: 1, Term: term, Collection: 1, Class: 1, Added: added}}})
	}
	return at
}

func remove(t *testing.T, s *Store, at store.Tick) {
	t.Helper()
	if got := commit(t, s, &store.Batch{Removes: []store.Remove{{Collection: 1, Added: at, Aside: store.AllClasses()}}})[0].State; got != store.Removed {
		t.Fatalf("the removal is %v", got)
	}
}

// posted gives the ticks of a term.
func posted(t *testing.T, s *Store, field uint8, term string) (ticks []store.Tick) {
	t.Helper()
	p, err := s.Postings(store.Scope{1: store.AllClasses()})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Term(t.Context(), 1, field, term, func(p *store.Posting) bool { ticks = append(ticks, p.Added...); return true }); err != nil {
		t.Fatal(err)
	}
	return ticks
}

// After an erasure no file of the store has anything of what was removed.
func TestWhatIsErasedIsOffTheDisk(t *testing.T) {
	for _, n := range []int{3000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dir := t.TempDir()
			s := openPlain(t, dir)
			defer s.Close()
			at := fill(t, s, n)
			if err := s.db.Compact(t.Context(), []byte{0}, []byte{255}, false); err != nil { // far below the tombstones to come
				t.Fatal(err)
			}
			remove(t, s, at)
			if err := s.db.Flush(); err != nil {
				t.Fatal(err)
			}
			if files := holding(t, dir, mark); len(files) == 0 {
				t.Fatal("no file holds what was removed: the test proves nothing")
			}
			if err := s.Erase(t.Context(), []store.Tick{at}); err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{mark, strings.ToLower(mark)} {
				if files := holding(t, dir, text); len(files) > 0 {
					t.Errorf("%s is still in %q", text, files)
				}
			}
			if got := posted(t, s, 1, "shared"); len(got) != 1 || got[0] != 5 {
				t.Errorf("the word of another object is posted at %v; want 5", got)
			}
			if got := posted(t, s, 1, mark); len(got) != 0 {
				t.Errorf("the word of the erased object is posted at %v", got)
			}
			if err := s.Verify(t.Context(), func(p string) { t.Error(p) }); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A reader who began before is waited for, and an erasure that was cut goes on.
func TestErasureWaitsForReaders(t *testing.T) {
	dir := t.TempDir()
	s := openPlain(t, dir)
	at := fill(t, s, 100)
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	remove(t, s, at)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.Erase(ctx, []store.Tick{at}); err == nil || !strings.Contains(err.Error(), "reads that began before") {
		t.Errorf("beside a reader: %v", err)
	}
	if err := snap.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openPlain(t, dir)
	defer s.Close()
	if err := s.Erase(t.Context(), []store.Tick{at}); err != nil {
		t.Fatal(err)
	}
	if err := s.Erase(t.Context(), []store.Tick{at}); err != nil {
		t.Fatalf("again: %v", err)
	}
	if got := posted(t, s, 1, mark); len(got) != 0 {
		t.Errorf("posted at %v", got)
	}
}
