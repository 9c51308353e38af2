package pebble

import (
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A backup gives way from a commit on until nothing has been written for a while,
// in proportion to its work, and never for long at once.
func TestABackupGivesWayToWrites(t *testing.T) {
	s, err := Open(t.Context(), "paced", Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m := newMaker(5)
	if _, err := s.Commit(t.Context(), m.batch(10)); err != nil {
		t.Fatal(err)
	}
	p := s.newPace()
	now := p.resumed
	due := func(what string, after, want time.Duration) {
		t.Helper()
		now = now.Add(after)
		if got := p.due(now); got != want {
			t.Errorf("%s it gives way for %v, want %v", what, got, want)
		}
		p.resumed = now
	}
	due("while nobody writes", 5*time.Millisecond, 0)
	if _, err := s.Commit(t.Context(), m.batch(10)); err != nil {
		t.Fatal(err)
	}
	due("after a commit", 5*time.Millisecond, 15*time.Millisecond)
	due("a while later", 2*time.Millisecond, 6*time.Millisecond)
	due("behind who takes it slowly", 150*time.Millisecond, 60*time.Millisecond)
	due("long after the commit", stillWritten, 0)
	if _, err := s.Commit(t.Context(), m.batch(10)); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	p.resumed = began.Add(-10 * time.Millisecond)
	p.giveWay()
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("after 10 ms of work it gave way for %v only", took)
	}
}
