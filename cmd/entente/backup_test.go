package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/format/backup"
)

// station is a node and the program that works on it.
type station struct {
	t       *testing.T
	program string
	folder  string
}

func newStation(t *testing.T) *station {
	t.Helper()
	program, err := exec.LookPath("entente")
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t, program, t.TempDir()}
	s.run("init", "--data", "node", "--name", "CERT Estmark")
	return s
}

func (s *station) command(args ...string) *exec.Cmd {
	cmd := exec.Command(s.program, args...)
	cmd.Dir = s.folder
	return cmd
}

// run runs a verb that must succeed, and gives what it printed.
func (s *station) run(args ...string) []byte {
	s.t.Helper()
	var errs strings.Builder
	cmd := s.command(args...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("entente %v: %v: %s", args, err, errs.String())
	}
	return out
}

// indicators writes a file of n objects that follow from their numbers.
func (s *station) indicators(name string, from, n int) string {
	var lines bytes.Buffer
	for i := from; i < from+n; i++ {
		fmt.Fprintf(&lines, `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012x","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"%d","pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`+"\n", i, i)
	}
	if err := os.WriteFile(filepath.Join(s.folder, name), lines.Bytes(), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// A backup that is made while an import runs is whole, and holds the objects up
// to one of them, in the order in which they came.
func TestABackupBesideAnImportHoldsAPrefix(t *testing.T) {
	s := newStation(t)
	server, err := startServer(s.program, filepath.Join(s.folder, "node"), os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer server.kill()
	imported := s.command("import", s.indicators("many.jsonl", 0, 20_000), "--data", "node")
	if err := imported.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		s.run("backup", "-o", fmt.Sprintf("%d.tar", i), "--data", "node")
	}
	if err := imported.Wait(); err != nil {
		t.Fatal(err)
	}
	all := s.run("export", "jsonl", "--data", "node")
	for i := range 3 {
		file, dir := fmt.Sprintf("%d.tar", i), fmt.Sprintf("node%d", i)
		s.run("backup", "verify", file)
		s.run("restore", file, "--data", dir)
		s.run("verify-store", "--data", dir)
		if part := s.run("export", "jsonl", "--data", dir); !bytes.HasPrefix(all, part) {
			t.Errorf("backup %d holds %d bytes of objects that are not how the node's begin", i, len(part))
		}
	}
}

// A backup and a restore are killed where they wait for the other end of a
// pipe. Nothing half is believed, and the next try works.
func TestKilledBackupsAndRestores(t *testing.T) {
	s := newStation(t)
	s.run("import", s.indicators("some.jsonl", 0, 3_000), "--data", "node") // more than a pipe holds
	before := s.run("export", "jsonl", "--data", "node")

	making := s.command("backup", "-o", "-", "--data", "node")
	out, err := making.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := making.Start(); err != nil {
		t.Fatal(err)
	}
	half := make([]byte, 2000)
	if _, err := out.Read(half); err != nil {
		t.Fatal(err)
	}
	if err := making.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = making.Wait() // it was killed
	if left, _ := filepath.Glob(filepath.Join(s.folder, "node/store/backup-*")); len(left) == 0 {
		t.Error("the killed backup left no folder, so it was not under way")
	}
	s.run("backup", "-o", "whole.tar", "--data", "node")
	if left, _ := filepath.Glob(filepath.Join(s.folder, "node/store/backup-*")); len(left) > 0 {
		t.Errorf("the killed backup left %v", left)
	}

	whole, err := os.ReadFile(filepath.Join(s.folder, "whole.tar"))
	if err != nil {
		t.Fatal(err)
	}
	restoring := s.command("restore", "-", "--data", "restored")
	in, err := restoring.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := restoring.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write(whole[:len(whole)*9/10]); err != nil {
		t.Fatal(err)
	}
	if err := restoring.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = restoring.Wait() // it was killed
	if err := s.command("verify-store", "--data", "restored").Run(); err == nil {
		t.Error("half a restored node is believed")
	}
	s.run("restore", "whole.tar", "--data", "restored")
	s.run("verify-store", "--data", "restored")
	if after := s.run("export", "jsonl", "--data", "restored"); !bytes.Equal(before, after) {
		t.Error("the restored node holds something else")
	}
}

// A full disk where the backup goes is said in words.
func TestABackupToAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no /dev/full:", err)
	}
	s := newStation(t)
	var errs strings.Builder
	cmd := s.command("backup", "-o", "/dev/full", "--data", "node")
	cmd.Stderr = &errs
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() != exitUndone || !strings.Contains(errs.String(), "no space is left where it is written") {
		t.Errorf("a full disk: %v: %s", err, errs.String())
	}
	s.run("backup", "-o", "fits.tar", "--data", "node")
}

// TestBackupsOfOneSecondStandBesideEachOther: in a folder nothing is ever replaced.
func TestBackupsOfOneSecondStandBesideEachOther(t *testing.T) {
	dir := t.TempDir()
	var m backup.Manifest
	m.Created = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for i, want := range []string{"entente-20260501T120000Z.tar", "entente-20260501T120000Z_2.tar", "entente-20260501T120000Z_3.tar"} {
		out, err := createOutput(filepath.Join(dir, "backup"))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(out, i)
		path, err := out.commitIn(dir, func(n int) string { return backupName(m, n, false) })
		out.discard()
		if err != nil || filepath.Base(path) != want {
			t.Fatalf("backup %d is %s, want %s: %v", i, path, want, err)
		}
	}
	all, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(all) != 3 {
		t.Errorf("the folder has %q %v", all, err)
	}
	for i, path := range all {
		if got, err := os.ReadFile(path); err != nil || string(got) != fmt.Sprint(i) {
			t.Errorf("%s holds %q %v", path, got, err)
		}
	}
	if !slices.IsSorted(all) {
		t.Error("names do not sort by time")
	}
}
