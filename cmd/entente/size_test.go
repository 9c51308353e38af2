package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The size of one object is a setting where objects come in.
func TestLargeObjectsComeInWhenTheLimitIsRaised(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	out, errs := file("out"), file("errs")
	verb := func(want int, args ...string) {
		t.Helper()
		if code := run(append(args, "--data", filepath.Join(dir, "node")), os.Stdin, out, errs); code != want {
			told, _ := os.ReadFile(errs.Name())
			t.Fatalf("entente %s exits %d, want %d: %s", args[0], code, want, told)
		}
	}
	large := filepath.Join(dir, "large.json")
	note := fmt.Sprintf(`{"type":"note","spec_version":"2.1","id":"note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061",`+
		`"created":"2026-03-01T10:00:00.000Z","modified":"2026-03-01T10:00:00.000Z","content":%q,`+
		`"object_refs":["note--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061"]}`, strings.Repeat("long ", 300_000))
	if err := os.WriteFile(large, []byte(note), 0o600); err != nil {
		t.Fatal(err)
	}
	verb(exitDone, "init", "--name", "CERT Example")
	verb(exitNo, "import", large)
	verb(exitUndone, "import", large, "--max-object", "1000000000")
	verb(exitDone, "import", large, "--max-object", "2000000")
	exported := filepath.Join(dir, "exported.jsonl")
	verb(exitDone, "export", "jsonl", "-o", exported)
	if got, err := os.ReadFile(exported); err != nil || strings.TrimSpace(string(got)) != note {
		t.Errorf("the note is exported otherwise than it came in (%d bytes of %d, %v)", len(got), len(note), err)
	}
}
