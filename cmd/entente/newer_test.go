package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// storeless are the verbs that open no store that is there.
var storeless = []string{"stix", "taxii", "config", "man", "version", "demo", "bench", "restore", "completion", "help"}

// TestANewerStoreIsRefusedByEveryVerb: each that opens a store answers 2, says
// what to do, and leaves the store as it is.
func TestANewerStoreIsRefusedByEveryVerb(t *testing.T) {
	l := newLoad(t)
	dir := filepath.Join(l.dir, "store")
	markers, err := filepath.Glob(filepath.Join(dir, "marker.format-version.*"))
	if err != nil || len(markers) != 1 {
		t.Fatalf("markers of the format are %q (%v)", markers, err)
	}
	newer := markers[0][:strings.LastIndexByte(markers[0], '.')] + ".999"
	if err := os.Rename(markers[0], newer); err != nil {
		t.Fatal(err)
	}
	os.Remove(filepath.Join(dir, "CLOSED")) // it says what the marker was
	before := names(t, dir)
	const id = "indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001"
	file := filepath.Join(t.TempDir(), "object.json")
	if err := os.WriteFile(file, []byte(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, args := range []string{
		"init --name Other", "serve --listen 127.0.0.1:0", "search x", "account list", "account add bo", "account show me", "account set bo --use block", "account renew bo", "tearline " + id, "privacy report", "privacy erase " + id, "org list", "org set Water --country US", "agreement list", "policy check",
		"collection list", "collection add x", "collection conflicts default", "new tool --name x", "edit " + id + " --set name=x", "revoke " + id,
		"delete " + id, "sight " + id, "note " + id + " x", "relate " + id + " indicates " + id, "tag add x --type tool", "draft list",
		"import " + file, "export stix", "find 192.0.2.1", "scan x", "seen hits", "watch list", "watch check", "webhook list", "playbook show " + id, "audit verify", "asset list", "device list", "warninglist list", "score", "feedback", "preview " + id, "show " + id, "neighbours " + id,
		"log show", "follower list", "backup -o " + filepath.Join(t.TempDir(), "b"), "upgrade", "upgrade --check", "verify-store",
	} {
		cmd := exec.Command(l.program, append(strings.Fields(args), "--data", l.dir)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != 2 || !strings.Contains(string(out), "use the newer program") && !strings.HasPrefix(args, "init") {
			t.Errorf("entente %s: exit code %d, want 2 and a word on the newer program: %s", args, got, out)
		}
		asked = append(asked, strings.Fields(args)[0])
	}
	for _, cmd := range (&cli{}).root().Commands() {
		if name := cmd.Name(); !slices.Contains(asked, name) && !slices.Contains(storeless, name) {
			t.Errorf("entente %s is not asked here", name)
		}
	}
	if after := names(t, dir); !slices.Equal(before, after) {
		t.Errorf("the store's files were %q, and are %q", before, after)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}
