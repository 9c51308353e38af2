package node_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/node"
)

// collections asks the server on a directory, through its socket.
func collections(t *testing.T, dir string) string {
	t.Helper()
	c, err := admin.Connect(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var all client.List[client.Collection]
	if err := c.Do(t.Context(), http.MethodGet, "/api/v1/collections", nil, &all); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range all.Items {
		names = append(names, k.Alias)
	}
	return strings.Join(names, " ")
}

func TestAdminSocketIsItsOwnersAlone(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	path := filepath.Join(dir, "admin.sock")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the admin socket has mode %v", info.Mode())
	}
	for _, path := range []string{"/followers", "/log", "/api/v1/collections"} {
		if code, _ := h.get(path); code == http.StatusOK {
			t.Errorf("%s is answered on the public listener without an account", path)
		}
	}
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the admin socket is there after the stop")
	}
}

// A server that was killed leaves its socket behind.
func TestStaleSocketIsNoServer(t *testing.T) {
	dir, _ := newNode(t)
	l, err := admin.Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "admin.sock"), filepath.Join(dir, "kept")); err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens on it any more
	if err := os.Rename(filepath.Join(dir, "kept"), filepath.Join(dir, "admin.sock")); err != nil {
		t.Fatal(err)
	}
	if c, err := admin.Connect(t.Context(), dir); err == nil {
		c.Close()
		t.Error("a dead server's socket answers")
	}
	serve(t, dir, node.ServeOptions{})
	if got := collections(t, dir); got != "default" {
		t.Errorf("collections are %q, want default", got)
	}
}

// The same request has the same answer through the socket and in process.
func TestVerbsAreAnsweredAlikeInProcess(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	socket, err := admin.Connect(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	inside := admin.InProcess(h.Admin())
	defer inside.Close()
	for _, ask := range []struct{ method, path string }{
		{"GET", "/api/v1/collections"}, {"GET", "/api/v1/orgs"}, {"GET", "/api/v1/accounts"}, {"GET", "/nothing"},
		{"DELETE", "/api/v1/accounts/nobody"}, {"POST", "/api/v1/accounts/nobody/revoke"}, {"DELETE", "/api/v1/collections/nothing"},
		{"GET", "/api/v1/nothing"}, {"PUT", "/api/v1/me"}, {"GET", "/followers"},
		{"POST", "/followers/nobody/rebuild"},
	} {
		var a, b any
		errA := socket.Do(t.Context(), ask.method, ask.path, nil, &a)
		errB := inside.Do(t.Context(), ask.method, ask.path, nil, &b)
		if toText(a, errA) != toText(b, errB) {
			t.Errorf("%s %s: %s through the socket, %s in process", ask.method, ask.path, toText(a, errA), toText(b, errB))
		}
	}
}

func toText(v any, err error) string { return fmt.Sprint(v, err) }
