package pebble

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// A store of an older format is refused until it is upgraded; an upgrade that
// is cut short begins again where it was; a newer format is refused.
func TestAnOlderFormatIsUpgradedStepByStep(t *testing.T) {
	fs := vfs.NewMem()
	open := func(list []migration, upgrade Upgrade) (*Store, error) {
		return Open(t.Context(), "db", Options{FS: fs, migrations: list, Upgrade: upgrade})
	}
	s, err := open(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Commit(t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Set("t", "old", []byte("value"))
		return nil
	}})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}

	// Two list: each copies the row under another name; the second fails once.
	cut := errors.New("cut short")
	copyTo := func(from, to string, fail *error) migration {
		return func(_ context.Context, db *pebble.DB, progress func(done, total int64)) error {
			value, closer, err := db.Get(rowKey(nil, "t", from))
			if err != nil {
				return err
			}
			defer closer.Close()
			progress(1, 1)
			return errors.Join(db.Set(rowKey(nil, "t", to), value, pebble.Sync), *fail)
		}
	}
	var never error
	list := []migration{copyTo("old", "newer", &never), copyTo("newer", "newest", &cut)}
	if _, err := open(list, nil); !errors.Is(err, store.ErrTooOld) {
		t.Fatalf("an older store answers %v, want ErrTooOld", err)
	}
	var told []string
	tell := func(from, to int, done, total int64) { told = append(told, fmt.Sprint(from, to, done, total)) }
	if _, err := open(list, tell); !errors.Is(err, cut) {
		t.Fatalf("an upgrade that fails answers %v", err)
	}
	cut = nil
	if s, err = open(list, tell); err != nil {
		t.Fatal(err)
	}
	if want := "[1 2 0 0 1 2 1 1 2 3 0 0 2 3 1 1 2 3 0 0 2 3 1 1]"; fmt.Sprint(told) != want {
		t.Errorf("progress told %v, want %v", told, want)
	}
	if value, err := s.Get("t", "newest"); string(value) != "value" {
		t.Errorf("after the upgrade: %q, %v", value, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = open(list, nil); err != nil {
		t.Fatalf("an upgraded store answers %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, upgrade := range []Upgrade{nil, tell} {
		if _, err := open(list[:1], upgrade); !errors.Is(err, store.ErrTooNew) {
			t.Errorf("a newer store answers %v, want ErrTooNew", err)
		}
	}
}
