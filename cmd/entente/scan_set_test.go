package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"entente/internal/node"
	"entente/internal/practice/detect"
)

// What was compiled before an erasure is not kept after it.
func TestASetIsNotKeptBeyondAnErasure(t *testing.T) {
	s := &scan{cli: &cli{data: t.TempDir()}, set: detect.NewSet(time.Now()), point: "p"}
	shelf, err := s.newShelf()
	if err != nil {
		t.Fatal(err)
	}
	defer shelf.Close()
	if err := s.keepSet(shelf); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(s.data, node.ScanDir)
	if err := os.RemoveAll(dir); err != nil { // as an erasure does
		t.Fatal(err)
	}
	next, err := s.newShelf()
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if err := s.keepSet(shelf); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("keeping it says %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is kept (%v)", left, err)
	}
	if err := s.keepSet(next); err != nil {
		t.Error(err)
	}
}
