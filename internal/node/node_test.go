package node_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"entente/internal/node"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// house is a served node.
type house struct {
	*node.Node
	t     *testing.T
	url   string
	stop  context.CancelFunc
	ended chan error // what Serve returned
}

// newNode makes a node that is not yet served.
func newNode(t *testing.T) (dir string, made node.Created) {
	dir = filepath.Join(t.TempDir(), "data")
	made, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Example"})
	if err != nil {
		t.Fatal(err)
	}
	return dir, made
}

// serve serves the node in dir until the test ends or stop is called.
func serve(t *testing.T, dir string, o node.ServeOptions) *house {
	return serveLogged(t, dir, nil, o)
}

func serveLogged(t *testing.T, dir string, log *slog.Logger, o node.ServeOptions) *house {
	t.Helper()
	n, err := node.Open(t.Context(), dir, node.Options{Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Node: n, t: t, ended: make(chan error, 1)}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	ready := make(chan string, 1)
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	o.Ready = func(url string) { ready <- url }
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.ended <- n.Serve(ctx, o)
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	select {
	case h.url = <-ready:
	case err := <-h.ended:
		t.Fatalf("serve: %v", err)
	case <-time.After(patience):
		t.Fatal("the node is not ready")
	}
	return h
}

// get gives the status and the body of an answer.
func (h *house) get(path string) (int, string) {
	h.t.Helper()
	resp, err := http.Get(h.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Error(err)
	}
	return resp.StatusCode, string(b)
}

// dial opens a connection that the test ends.
func (h *house) dial() net.Conn {
	h.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.url, "http://"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		h.t.Fatal(err)
	}
	return c
}

func TestDataDirectoryIsItsOwnersAlone(t *testing.T) {
	dir, _ := newNode(t)
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		open := info.Mode().Perm() & 0o077
		if path == dir && open != 0 || strings.HasSuffix(path, ".key") && open != 0 || strings.HasSuffix(path, "key.pem") && open != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestUnfinishedInitIsFinished(t *testing.T) {
	whole, _ := newNode(t)
	dir := filepath.Join(t.TempDir(), "data")
	for _, part := range []string{"keys", "tls"} { // as if the power had gone before the store
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(whole, part))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := node.Open(t.Context(), dir, node.Options{}); !errors.Is(err, node.ErrNoNode) {
		t.Errorf("open before the end of init: %v, want ErrNoNode", err)
	}
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Example"}); err != nil {
		t.Errorf("init again: %v", err)
	}
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "Other"}); !errors.Is(err, node.ErrExists) {
		t.Errorf("init of a node: %v, want ErrExists", err)
	}
}

func TestOneProcessHasADirectory(t *testing.T) {
	dir, _ := newNode(t)
	serve(t, dir, node.ServeOptions{})
	if _, err := node.Open(t.Context(), dir, node.Options{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second opening: %v, want ErrLocked", err)
	}
}

// A stop takes readiness away first, then lets what is under way end, and
// Serve returns without an error.
func TestStopLetsRequestsEnd(t *testing.T) {
	dir, made := newNode(t)
	h := serve(t, dir, node.ServeOptions{Limits: node.Limits{Notice: time.Second}})
	_, token, err := h.Accounts.Add(t.Context(), h.Operator(), account.Application{Name: "feed",
		Grants: map[string]account.Access{made.Collection.ID: account.Write | account.Read}})
	if err != nil {
		t.Fatal(err)
	}
	body := `{"objects":[{"type":"domain-name","spec_version":"2.1","id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com"}]}`
	c := h.dial()
	fmt.Fprintf(c, "POST /taxii2/root/collections/%s/objects/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/taxii+json;version=2.1\r\nAccept: application/taxii+json;version=2.1\r\nContent-Length: %d\r\n\r\n%s",
		made.Collection.ID, token, len(body), body[:20])
	if code, text := h.get("/readyz"); code != http.StatusOK {
		t.Errorf("readiness before the stop: %d %s", code, text)
	}
	h.stop()
	for deadline := time.Now().Add(patience); ; {
		code, text := h.get("/readyz")
		if code == http.StatusServiceUnavailable && strings.Contains(text, "stopping") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("readiness during the stop: %d %s", code, text)
		}
	}
	io.WriteString(c, body[20:])
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("the request under way: %v", err)
	}
	if resp.StatusCode != http.StatusAccepted {
		t.Errorf("the request under way was answered %s", resp.Status)
	}
	resp.Body.Close()
	c.Close()
	select {
	case err := <-h.ended:
		if err != nil {
			t.Errorf("serve ended with %v", err)
		}
	case <-time.After(patience):
		t.Fatal("serve did not end")
	}
	if code, _ := h.get("/healthz"); code != 0 {
		t.Errorf("after the stop health is answered with %d", code)
	}
}

func TestSlowClientsLoseTheirConnections(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Limits: node.Limits{Header: 100 * time.Millisecond, Grace: 100 * time.Millisecond, Pace: 1 << 30}})
	for why, text := range map[string]string{
		"a header that does not end": "GET /healthz HTTP/1.1\r\nHost: x\r\n",
		"no request at all":          "",
		"a body that does not come":  "POST /setup/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nname=",
	} {
		c := h.dial()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, c); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%s: the connection is still open", why)
		}
	}
	if code, _ := h.get("/healthz"); code != http.StatusOK {
		t.Errorf("health is answered with %d", code)
	}
}

func TestHugeHeaderIsRefused(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	c := h.dial()
	go func() {
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n")
		for range 1000 {
			if _, err := fmt.Fprintf(c, "X-Y: %s\r\n", strings.Repeat("y", 1000)); err != nil {
				return
			}
		}
	}()
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err == nil && resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 1 MB is answered with %s", resp.Status)
	}
}

func TestIdleConnectionsDoNotKeepOthersOut(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Limits: node.Limits{Connections: 200}})
	for range 1000 {
		c := h.dial()
		fmt.Fprintf(c, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	client := http.Client{Timeout: patience}
	resp, err := client.Get(h.url + "/healthz")
	if err != nil {
		t.Fatalf("with 1,000 idle connections, and 200 allowed: %v", err)
	}
	resp.Body.Close()
}

func TestBeyondLoopbackThereIsTLS(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{Listen: "0.0.0.0:0"})
	_, port, ok := strings.Cut(strings.TrimPrefix(h.url, "https://"), "]:")
	if !ok {
		_, port, ok = strings.Cut(strings.TrimPrefix(h.url, "https://"), ":")
	}
	if !ok || !strings.HasPrefix(h.url, "https://") {
		t.Fatalf("the node is at %s, want https", h.url)
	}
	pem, err := os.ReadFile(filepath.Join(dir, "tls", "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	resp, err := client.Get("https://127.0.0.1:" + port + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp, err := http.Get("http://127.0.0.1:" + port + "/healthz"); err == nil {
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			t.Error("plain HTTP is answered beyond loopback")
		}
	}
}

func TestTransportsThatAreRefused(t *testing.T) {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for why, o := range map[string]node.ServeOptions{
		"a certificate without a key":     {TLSCert: "cert.pem"},
		"a certificate and a proxy":       {TLSCert: "cert.pem", TLSKey: "key.pem", BehindProxy: true},
		"a certificate that is not there": {TLSCert: "cert.pem", TLSKey: "key.pem"},
		"an address that is none":         {Listen: "nowhere"},
	} {
		if err := n.Serve(t.Context(), o); err == nil {
			t.Errorf("%s: served", why)
		}
	}
}

func TestLongPathsHaveAnAdminSocketToo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 40), "data")
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Example"}); err != nil {
		t.Fatal(err)
	}
	serve(t, dir, node.ServeOptions{})
	if got := collections(t, dir); got != "default" {
		t.Errorf("collections through the admin socket are %q, want default", got)
	}
}
