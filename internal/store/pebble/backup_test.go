package pebble_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
)

// layer is a sink that lays what it is given into another directory.
func layer(l *pebble.Layer) store.Sink {
	return func(p store.Part) error {
		r, err := p.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		return l.Add(p.Name, r)
	}
}

// backUp takes a backup of a store that may be failing. An error is told to
// the ledger; what is given as whole holds all that was acknowledged.
func backUp(t *testing.T, s *pebble.Store, l *ledger) {
	t.Helper()
	fs := vfs.NewMem()
	acknowledged := slices.Clone(l.acknowledged)
	laid, err := pebble.Lay(fs, "data")
	if err != nil {
		t.Fatal(err)
	}
	at, err := s.Backup(context.Background(), layer(laid))
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("backup: %w", err))
		return
	}
	if err := laid.Close(); err != nil {
		t.Fatal(err)
	}
	restored, err := openOn(fs)
	if err != nil {
		t.Errorf("a backup that was given as whole cannot be opened: %v", err)
		return
	}
	defer restored.Close()
	judge(t, restored, acknowledged)
	if restored.Now() != at.Tick || restored.LogSize() != at.LogSize {
		t.Errorf("the backup says tick %d and %d leaves; it holds %d and %d", at.Tick, at.LogSize, restored.Now(), restored.LogSize())
	}
}

// foldersOf lists what backups have in the store's folder.
func foldersOf(t *testing.T, fs vfs.FS) []string {
	t.Helper()
	names, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasPrefix(n, "backup-") })
}

func TestABackupLeavesNothingBehind(t *testing.T) {
	fs := vfs.NewMem()
	s, err := openOn(fs)
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	if err := l.write(s, 0); err != nil {
		t.Fatal(err)
	}
	backUp(t, s, l)
	stop := errors.New("stop")
	if _, err := s.Backup(t.Context(), func(store.Part) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a sink that stops is answered with %v", err)
	}
	if left := foldersOf(t, fs); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	// What a killed process was reading from goes at the next start.
	if err := fs.MkdirAll("data/backup-7", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = openOn(fs); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if left := foldersOf(t, fs); len(left) > 0 {
		t.Errorf("left behind by a process that was killed, and by the next: %v", left)
	}
}

// A store that is closed ends the backups that are under way.
func TestClosingEndsABackup(t *testing.T) {
	s, err := openOn(vfs.NewMem())
	if err != nil {
		t.Fatal(err)
	}
	if err := newLedger().write(s, 0); err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	_, err = s.Backup(t.Context(), func(store.Part) error {
		if s.Health() == nil {
			go func() { closed <- s.Close() }()
		}
		for s.Health() == nil { // until closing has begun
		}
		return nil
	})
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("a backup of a store that is closed under it answers %v, want ErrClosed", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// The disk fills while a backup is made: the backup is refused in words, and
// the store neither stops nor forgets.
func TestADiskThatFillsDuringABackup(t *testing.T) {
	v := &volume{FS: vfs.NewMem(), total: 64 << 20, silent: true}
	v.free.Store(64 << 20)
	s := openVolume(t, v)
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	l := newLedger()
	next := 0
	for ; next < 200; next++ {
		if err := l.write(s, next); err != nil {
			t.Fatal(err)
		}
	}
	v.free.Store(300)
	_, err := s.Backup(t.Context(), func(p store.Part) error {
		r, err := p.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(io.Discard, r)
		return err
	})
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("a backup on a full disk answers %v, want ErrFull", err)
	}
	v.free.Store(64 << 20)
	resume(t, s, l, next)
	judge(t, s, l.acknowledged)
	backUp(t, s, l)
	if errs := slices.DeleteFunc(l.errs, func(err error) bool { return errors.Is(err, store.ErrFull) }); len(errs) > 0 {
		t.Error(errs)
	}
}

// A part whose name leads out of the folder is refused, as is a folder in use.
func TestWhatIsNoPartIsNotLaid(t *testing.T) {
	fs := vfs.NewMem()
	l, err := pebble.Lay(fs, "data")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "..", "../x", "a/b", "LOCK", ".hidden", "a\\b", strings.Repeat("a", 300)} {
		if err := l.Add(name, strings.NewReader("x")); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("a part named %q answers %v, want ErrDamaged", name, err)
		}
	}
	for _, want := range []bool{true, false} {
		if err := l.Add("000001.sst", strings.NewReader("x")); (err == nil) != want {
			t.Errorf("the part was laid: %v, want %v", err, want)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := pebble.Lay(fs, "data"); err == nil {
		t.Error("a backup is laid into a folder in use")
	}
}
