package pebble

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// Who has little to do leaves compactions to others, until so many files lie there that
// writes would have to wait for them.
func TestBriefStoresDoNotPileUpFiles(t *testing.T) {
	fs, begun := vfs.NewMem(), 0
	for n := range 3 * mostSublevels {
		s, err := Open(t.Context(), "store", Options{FS: fs, Brief: true})
		if err != nil {
			t.Fatal(err)
		}
		if s.compactions.begun {
			begun++
		} else if begun == 0 && n > mostSublevels {
			t.Errorf("%d files above the sorted levels, and no compaction may run", n)
		}
		if n < mostSublevels-1 && s.compactions.begun {
			t.Errorf("compactions run when a store is opened for the %dth time", n+1)
		}
		if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(n, 1)}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if begun == 0 {
		t.Error("compactions never begin")
	}
}

// Where much is written, or something is to be erased, compactions are needed.
func TestBriefStoresCompactWhenTheyMust(t *testing.T) {
	for why, act := range map[string]func(*Store) error{
		"flush": func(s *Store) error { s.compactions.flushed(); return nil },
		"erase": func(s *Store) error { return s.compactAll(t.Context()) },
	} {
		s, err := Open(t.Context(), "store", Options{FS: vfs.NewMem(), Brief: true})
		if err != nil {
			t.Fatal(err)
		}
		if s.compactions.begun {
			t.Errorf("%s: compactions run before", why)
		}
		if err := act(s); err != nil || !s.compactions.begun {
			t.Errorf("%s: compactions run: %v, %v", why, s.compactions.begun, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
