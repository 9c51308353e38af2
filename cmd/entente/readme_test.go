package main

import (
	"os"
	"strings"
	"testing"
)

// TestReadme holds the README to its word: every command of its session stands
// in the script that is run, in the same order, and the two set-up commands are
// those that are tested.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("testdata/script/readme.txtar")
	if err != nil {
		t.Fatal(err)
	}
	rest := strings.NewReplacer("$node/taxii2/", "http://127.0.0.1:8470/taxii2/", "'", `"`,
		"serve node", "exec entente serve --data node --listen 127.0.0.1:8470 &",
		"--grant feed:r --data node", "--grant feed:r --data node > token").Replace(string(script))
	commands := 0
	for line := range strings.Lines(string(readme)) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ ")
		if !ok {
			continue
		}
		commands++
		_, after, found := strings.Cut(rest, "exec "+command+"\n")
		if !found {
			t.Errorf("the README's command is not run, or not in this place: %s", command)
			continue
		}
		rest = after
	}
	if commands < 8 {
		t.Errorf("the README's session has %d commands; it has lost some", commands)
	}
	for _, set := range []string{"go run ./cmd/entente demo", "go test ./..."} {
		if !strings.Contains(string(readme), set) {
			t.Errorf("the README does not name %q", set)
		}
	}
}
