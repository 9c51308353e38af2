//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// follower is a scan that follows, as a process.
type follower struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, err *told
}

func follow(t *testing.T, dir string, args ...string) *follower {
	t.Helper()
	program, err := exec.LookPath("entente")
	if err != nil {
		t.Fatal(err)
	}
	f := &follower{t, exec.Command(program, append([]string{"scan", "-f"}, args...)...), newTold(), newTold()}
	f.cmd.Dir, f.cmd.Stdout, f.cmd.Stderr = dir, f.out, f.err
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.cmd.Process.Kill() })
	return f
}

// interrupted ends the scan and gives its exit code.
func (f *follower) interrupted() int {
	f.t.Helper()
	if err := f.cmd.Process.Signal(os.Interrupt); err != nil {
		f.t.Fatal(err)
	}
	err := f.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return 0
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A scan that follows finds what comes, also after the log was rotated and cut, tells
// each line once, and ends with a summary when it is interrupted.
func TestScanFollows(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "logs", "a.log")
	if err := errors.Join(os.Mkdir(filepath.Dir(log), 0o700), os.WriteFile(filepath.Join(dir, "set.jsonl"), []byte(scanSet), 0o600)); err != nil {
		t.Fatal(err)
	}
	appendTo(t, log, "first pay.drum.example\n")
	f := follow(t, dir, "--set", "set.jsonl", "logs", "later.log")
	f.out.waitFor(t, "logs/a.log:1:7: ")
	f.err.waitFor(t, "later.log")
	appendTo(t, log, "second pay.drum.")
	appendTo(t, filepath.Join(dir, "later.log"), "pay.drum.example\n")
	f.out.waitFor(t, "later.log:1:1: ")
	appendTo(t, log, "example\nx\n")
	f.out.waitFor(t, "logs/a.log:2:8: ")
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	appendTo(t, log+".1", "to the old one, pay.drum.example\n")
	appendTo(t, log, "anew pay.drum.example\n")
	f.out.waitFor(t, "logs/a.log:1:6: ")
	f.out.waitFor(t, ":4:17: ") // under its old name or its new one
	if err := os.Truncate(log, 0); err != nil {
		t.Fatal(err)
	}
	appendTo(t, log, "pay.drum.example\n")
	f.out.waitFor(t, "logs/a.log:1:1: ")
	appendTo(t, log, "no line feed, pay.drum.example")
	if code := f.interrupted(); code != 0 {
		t.Errorf("exit code %d: %s", code, f.err)
	}
	if n := strings.Count(f.out.String(), "\n"); n < 6 || n > 7 { // what came with the interrupt may be seen or not
		t.Errorf("%d hits:\n%s", n, f.out)
	}
	if !strings.Contains(f.err.String(), " hits of 1 indicator in ") {
		t.Errorf("it ends with %s", f.err)
	}
}

// Indicators that come and go at a node that serves come and go in a scan that follows;
// what was seen is told at the end.
func TestScanFollowsTheNode(t *testing.T) {
	program, err := exec.LookPath("entente")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "e") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	entente := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v: %s", args, err, out)
		}
		return string(out)
	}
	if err := os.WriteFile(filepath.Join(dir, "set.jsonl"), []byte(scanSet), 0o600); err != nil {
		t.Fatal(err)
	}
	entente("init", "--name", "CERT Estmark")
	entente("import", "set.jsonl")
	s, err := startServer(program, filepath.Join(dir, "entente-data"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	log, rounds := filepath.Join(dir, "a.log"), 0
	f := follow(t, dir, "--sight", "a.log")
	seen := func() int { return strings.Count(f.out.String(), ": new.example: ") }
	// round writes one more line of what comes and goes, and waits until it was read.
	round := func() {
		t.Helper()
		if rounds++; rounds > 200 {
			t.Fatalf("it does not hear of what comes and goes: %s", f.err)
		}
		appendTo(t, log, fmt.Sprintf("2026-11-20T11:00:00Z new.example\n2026-11-20T12:00:00Z pay.drum.example %d\n", rounds))
		f.out.waitFor(t, fmt.Sprintf("a.log:%d:22: pay.drum.example", 2*rounds))
	}
	round()
	if seen() > 0 {
		t.Error("what is not there is found")
	}
	entente("new", "indicator", "--for", "new.example", "--key", "n")
	for seen() == 0 {
		round()
	}
	entente("revoke", "new.example")
	for before := 0; before != seen(); {
		before = seen()
		round()
	}
	if code := f.interrupted(); code != 0 {
		t.Errorf("exit code %d: %s", code, f.err)
	}
	if !strings.Contains(f.err.String(), "2 sightings written, 0 known already") {
		t.Errorf("it ends with %s", f.err)
	}
}
