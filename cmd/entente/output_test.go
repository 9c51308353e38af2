package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// What is copied into a long file goes to the disk while it comes: nothing passes by what
// has it written.
func TestALongFileFlows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long")
	o, err := createOutput(path)
	if err != nil {
		t.Fatal(err)
	}
	defer o.discard()
	f := newFlowing(o)
	f.syncing <- struct{}{} // as if a sync were under way, so that all that is written counts
	content := bytes.Repeat([]byte("entente\n"), 40<<10)
	if n, err := io.Copy(f, io.NopCloser(bytes.NewReader(content))); err != nil || int(n) != len(content) {
		t.Fatal(n, err)
	}
	if f.since != len(content) {
		t.Errorf("%d bytes of %d were counted for a sync", f.since, len(content))
	}
	if err := o.commit(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
