package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// What of a kept set is damaged ends the scan that needs it, and is compiled again for the next.
func TestADamagedSetEndsTheScan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "node")
	log := inFile(t, "log", "x pay.drum.example\n")
	var out, told string
	verb := func(args ...string) int {
		files := [2]*os.File{}
		for i := range files {
			f, err := os.CreateTemp(t.TempDir(), "")
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			files[i] = f
		}
		code := run(append(args, "--data", dir), os.Stdin, files[0], files[1])
		for i, into := range []*string{&out, &told} {
			b, err := os.ReadFile(files[i].Name())
			if err != nil {
				t.Fatal(err)
			}
			*into = string(b)
		}
		return code
	}
	for _, args := range [][]string{{"init", "--name", "Brookwater"}, {"import", inFile(t, "set.jsonl", scanSet)}, {"scan", log}} {
		if code := verb(args...); code != 0 {
			t.Fatalf("%s: %d, %s", args, code, told)
		}
	}
	kept := filepath.Join(dir, node.ScanDir, "operator.set")
	b, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("pay.drum.example"))
	if at < 0 {
		t.Fatal("the value does not stand in the file")
	}
	b[at] ^= 1
	if err := os.WriteFile(kept, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if code := verb("scan", log); code != 2 || out != "" || !strings.Contains(told, "damaged") {
		t.Errorf("damaged: %d, %s%s", code, out, told)
	}
	if code := verb("scan", log); code != 0 || !strings.Contains(out, "pay.drum.example") {
		t.Errorf("afterwards: %d, %s%s", code, out, told)
	}
}
