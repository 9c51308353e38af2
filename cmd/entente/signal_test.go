//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// told is what a server writes, for a test that waits for a word of it.
type told struct {
	mu sync.Mutex
	b  bytes.Buffer
	on chan struct{} // a line has come
}

func newTold() *told { return &told{on: make(chan struct{}, 1000)} }

func (w *told) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.on <- struct{}{}:
	default:
	}
	return w.b.Write(p)
}

func (w *told) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.String()
}

// waitFor waits until the server has written a word.
func (w *told) waitFor(t *testing.T, word string) {
	t.Helper()
	end := time.After(20 * time.Second)
	for !strings.Contains(w.String(), word) {
		select {
		case <-w.on:
		case <-end:
			t.Fatalf("the server has not said %q, but: %s", word, w)
		}
	}
}

// A server under systemd says when it is ready and when it stops, and takes at a
// SIGHUP what it can.
func TestServerUnderSystemd(t *testing.T) {
	program, err := exec.LookPath("entente")
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "e") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	manager, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(dir, "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer manager.Close()
	if out, err := exec.Command(program, "init", "--data", filepath.Join(dir, "node"), "--name", "CERT Example").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	settings := filepath.Join(dir, "settings.json")
	configure := func(s map[string]any) {
		b, err := json.Marshal(s)
		if err == nil {
			err = os.WriteFile(settings, b, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	configure(map[string]any{"data": filepath.Join(dir, "node"), "listen": "127.0.0.1:0", "log-level": "info"})
	server := exec.Command(program, "serve", "--config", settings, "--log-format", "json")
	server.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(dir, "notify"))
	log := newTold()
	server.Stderr = log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Process.Kill()
	hear(t, manager, "READY=1")

	configure(map[string]any{"data": filepath.Join(dir, "node"), "listen": "127.0.0.1:0", "log-level": "debug", "rate": 5})
	send(t, server, syscall.SIGHUP)
	log.waitFor(t, "took the settings anew")
	for _, want := range []string{`"the level of the log has changed","level":"debug"`, `"a setting has changed; restart to use it","setting":"rate"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("a reload does not say %s: %s", want, log)
		}
	}
	if err := os.WriteFile(settings, []byte(`{"rate": "much"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	send(t, server, syscall.SIGHUP)
	log.waitFor(t, "the settings cannot be taken anew, the old ones stay")

	send(t, server, syscall.SIGTERM)
	hear(t, manager, "STOPPING=1")
	if err := server.Wait(); err != nil {
		t.Errorf("it ends with %v: %s", err, log)
	}
}

func send(t *testing.T, cmd *exec.Cmd, s os.Signal) {
	t.Helper()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// hear waits for a word to the service manager.
func hear(t *testing.T, manager *net.UnixConn, want string) {
	t.Helper()
	if err := manager.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 256)
	n, err := manager.Read(b)
	if got := string(b[:n]); err != nil || got != want {
		t.Fatal(fmt.Errorf("the service manager hears %q, want %q; %w", got, want, err))
	}
}
