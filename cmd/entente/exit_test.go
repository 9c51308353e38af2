package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entente/internal/bench"
)

// TestExitCodes holds the contract that scripts rely on: 0 done, 1 the answer
// is no, 2 could not be done.
func TestExitCodes(t *testing.T) {
	l := newLoad(t)
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{"type":"x"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	seen := filepath.Join(t.TempDir(), "seen.json")
	if err := os.WriteFile(seen, []byte(`{"type":"observed-data","first_observed":"2024-05-01T12:00:00Z","objects":{"0":{"type":"url","value":"x"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	sought := filepath.Join(t.TempDir(), "sought.json")
	if err := os.WriteFile(sought, []byte(`{"type":"indicator","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","pattern_type":"stix","pattern":"[domain-name:value = 'evil.example']"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := startServer(l.program, l.dir, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	for _, c := range []struct {
		want int
		args string
	}{
		{0, "collection list"},
		{0, "stix pattern [a:b=1]"},
		{0, "stix match [url:value='x'] SEEN"},
		{0, "scan --set SOUGHT SOUGHT"},
		{1, "scan --set SOUGHT SEEN"},
		{2, "scan --set SOUGHT SOUGHT none.log"},
		{2, "scan --set SEEN SOUGHT"},
		{2, "scan --set none.json SEEN"},
		{2, "scan"},
		{0, "taxii discover URL --token TOKEN"},
		{1, "account add loader"},
		{1, "account remove nobody"},
		{1, "account add bo --grant nothing:r"},
		{1, "collection remove nothing"},
		{1, "import BAD"},
		{1, "import BAD --collection nothing"},
		{1, "export stix --as nobody"},
		{1, "find 192.0.2.77"},
		{2, "find 192.0.2.77 --as nobody"},
		{1, "search nosuchword"},
		{2, "search nosuchword --as nobody"},
		{1, "audit who-saw note--00000000-0000-4000-8000-0000000000ff"},
		{2, "audit who-saw note--00000000-0000-4000-8000-0000000000ff --as nobody"},
		{2, "audit what-saw loader --as loader"},
		{2, "audit denials --as loader"},
		{2, "audit verify --as loader"},
		{1, "privacy report none@mail.example"},
		{2, "privacy report none@mail.example --as loader"},
		{1, "stix validate BAD"},
		{1, "stix pattern [a:b="},
		{1, "stix match [url:value='y'] SEEN"},
		{1, "taxii discover URL --token wrong"},
		{1, "taxii pull URL --token TOKEN --collection nothing"},
		{1, "follower rebuild nothing"},
		{1, "search nothingatall"},
		{2, "search since:foo"},
		{2, "search \""},
		{1, "watch check"},
		{2, "watch check nothing"},
		{2, "neighbours 198.51.100.7 --hops 100000"},
		{2, "neighbours 198.51.100.7 --limit 0"},
		{1, "neighbours 198.51.100.77"},
		{1, "tag add b --type nosuch"},
		{2, "serve --listen 127.0.0.1:0"},
		{2, "init --name Other"},
		{2, "import none.json"},
		{2, "stix validate none.json"},
		{2, "stix match [url:value='x'] SEEN none.json"},
		{2, "stix match [url:value= SEEN"},
		{2, "stix match [url:value='x']"},
		{2, "taxii discover http://127.0.0.1:1/"},
		{2, "nonsense"},
		{2, "account add"},
		{2, "account add bo --expires soon"},
		{2, "collection list --nonsense"},
		{2, "collection list --config none.json"},
	} {
		args := strings.NewReplacer("BAD", bad, "SEEN", seen, "SOUGHT", sought, "URL", s.url, "TOKEN", l.token).Replace(c.args)
		cmd := exec.Command(l.program, append(strings.Fields(args), "--data", l.dir)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != c.want {
			t.Errorf("entente %s: exit code %d, want %d: %s", c.args, got, c.want, out)
		}
	}
}

// TestInterruptedImportIsResumed stops an import while it waits for more input,
// as Ctrl-C does.
func TestInterruptedImportIsResumed(t *testing.T) {
	const n = 3000
	var lines bytes.Buffer
	g := bench.NewGenerator(bench.Mix{Seed: 3})
	for range n {
		lines.Write(g.Next())
		lines.WriteByte('\n')
	}
	l := newLoad(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.program, "import", "-", "--data", l.dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// What is beyond the pipe's buffer has been read when this returns.
	if _, err := io.Copy(stdin, bytes.NewReader(lines.Bytes())); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitUndone || !strings.Contains(stderr.String(), "run it again to go on") {
		t.Errorf("the import ended with %v: %s", err, &stderr)
	}
	file := filepath.Join(t.TempDir(), "all.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := l.entente("import", file); !strings.Contains(out, fmt.Sprintf("%d objects", n)) || !strings.Contains(out, "0 conflicts, 0 refused") {
		t.Errorf("resumed: %s", out)
	}
	l.entente("verify-store")
}

// TestSecondSignalEndsAtOnce: a request that does not end holds a stop up, and
// an operator need not wait for it.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	l := newLoad(t)
	s, err := startServer(l.program, l.dir, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	defer s.kill()
	host := strings.TrimPrefix(s.url, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "POST /taxii2/root/collections/default/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nExpect: 100-continue\r\n"+
		"Content-Type: application/taxii+json;version=2.1\r\nAccept: application/taxii+json;version=2.1\r\nContent-Length: 1000\r\n\r\n", l.token)
	// The invitation to go on says that the request is under way.
	if line, err := bufio.NewReader(c).ReadString('\n'); !strings.Contains(line, "100 Continue") {
		t.Fatalf("the request is answered %q, %v", line, err)
	}
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		other, err := net.Dial("tcp", host)
		if err != nil {
			break // stopping: the listener is gone
		}
		other.Close()
		if time.Now().After(deadline) {
			t.Fatal("the first signal did not stop it")
		}
	}
	start := time.Now()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Wait(); err == nil || time.Since(start) > 15*time.Second {
		t.Errorf("after the second signal it ended with %v after %v; want at once, by the signal", err, time.Since(start))
	}
}
