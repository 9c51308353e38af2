package main

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const scanSet = `{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","created":"2026-03-01T10:00:00Z","modified":"2026-03-01T10:00:00Z","pattern":"[domain-name:value = 'pay.drum.example']","pattern_type":"stix","valid_from":"2026-03-01T10:00:00Z"}`

func inFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func piped(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

// A scan that waits for more of a pipe ends when it is asked to.
func TestScanEndsWhileItWaits(t *testing.T) {
	set := inFile(t, "set.jsonl", scanSet)
	in, log := piped(t)
	told, out := piped(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c := &cli{stdin: in, stdout: out, stderr: os.Stderr, env: os.LookupEnv, environ: os.Environ}
	root := c.root()
	root.SetArgs([]string{"scan", "--set", set, "-"})
	ended := make(chan error, 1)
	go func() { ended <- root.ExecuteContext(ctx) }()
	if _, err := log.WriteString("x pay.drum.example\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(told).ReadString('\n'); err != nil || !strings.HasPrefix(line, "standard input:1:3: pay.drum.example: ") {
		t.Fatalf("%q, %v", line, err)
	}
	stop()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits on")
	}
}

// Where hits cannot be written, no more inputs are gone over.
func TestScanEndsWhenTheDiskIsFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer full.Close()
	set, log := inFile(t, "set.jsonl", scanSet), inFile(t, "a.log", strings.Repeat("pay.drum.example\n", 10_000))
	for _, more := range [][]string{nil, {"--json"}} {
		said, stderr := piped(t)
		if code := run(append(more, "scan", "--set", set, log, filepath.Join(t.TempDir(), "missing.log")), os.Stdin, full, stderr); code != exitUndone {
			t.Errorf("%q: exit code %d", more, code)
		}
		stderr.Close()
		var b strings.Builder
		if _, err := bufio.NewReader(said).WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "missing.log") || !strings.Contains(b.String(), "no space") {
			t.Errorf("%q: %s", more, &b)
		}
	}
}
