package pebble

import (
	"os"
	"strings"
	"testing"
)

// A directory that can be read and not written is refused at once, with a
// word for whoever has to mend it.
func TestADirectoryThatCannotBeWrittenIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if f, err := os.Create(dir + "/probe"); err == nil {
		f.Close()
		os.Remove(dir + "/probe")
		t.Skip("this user writes to any directory (root), so there is nothing to see")
	}
	if s, err := Open(t.Context(), dir, Options{}); err == nil {
		s.Close()
		t.Fatal("a store in a directory that cannot be written was opened")
	} else if !strings.Contains(err.Error(), "writable") {
		t.Errorf("refused with %v", err)
	}
}
