package node_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"entente/internal/node"
	"entente/internal/trust/account"
)

// ownClient gives a client that trusts the certificate made at init, and where
// the node is on loopback.
func (h *house) ownClient(dir string) (*http.Client, string) {
	h.t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, "tls", "cert.pem"))
	if err != nil {
		h.t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Timeout: patience, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	h.t.Cleanup(client.CloseIdleConnections)
	return client, "https://127.0.0.1" + h.url[strings.LastIndexByte(h.url, ':'):]
}

// admin gives a client of the admin socket.
func (h *house) admin(dir string) *http.Client {
	client := &http.Client{Timeout: patience, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, "admin.sock"))
		}}}
	h.t.Cleanup(client.CloseIdleConnections)
	return client
}

// account makes an account that reads the default collection, and gives its token.
func (h *house) account(name string) string {
	h.t.Helper()
	c, err := h.Exchange.View(h.Operator()).Collection(node.DefaultCollection)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.Accounts.AddOrg(h.t.Context(), h.Operator(), "Partner", ""); err != nil {
		h.t.Fatal(err)
	}
	_, token, err := h.Accounts.Add(h.t.Context(), h.Operator(), account.Application{Name: name, Org: "Partner",
		Grants: map[string]account.Access{c.ID: account.Read}})
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// writer makes an account of the own member that reads and writes the default
// collection, and gives its token and the collection's id.
func (h *house) writer(name string) (token, collection string) {
	h.t.Helper()
	c, err := h.Exchange.View(h.Operator()).Collection(node.DefaultCollection)
	if err != nil {
		h.t.Fatal(err)
	}
	_, token, err = h.Accounts.Add(h.t.Context(), h.Operator(), account.Application{Name: name, Org: h.Member.Name,
		Grants: map[string]account.Access{c.ID: account.Read | account.Write}})
	if err != nil {
		h.t.Fatal(err)
	}
	return token, c.ID
}

// ask sends a request with a token and gives the answer, read.
func (h *house) ask(client *http.Client, url, token string, headers ...string) (*http.Response, string) {
	h.t.Helper()
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodGet, url, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp, string(body)
}

// sharedLog is a log that a server writes and a test reads.
type sharedLog struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *sharedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *sharedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestRequestsHaveIdsAndLines(t *testing.T) {
	dir, made := newNode(t)
	log := &sharedLog{}
	h := serveLogged(t, dir, slog.New(slog.NewJSONHandler(log, nil)), node.ServeOptions{LogRequests: true})
	token := h.account("reader")
	resp, _ := h.ask(http.DefaultClient, h.url+"/taxii2/root/?match[id]=hidden-value", token, "X-Request-Id", "case-7.1")
	if got := resp.Header.Get("X-Request-Id"); got != "case-7.1" {
		t.Errorf("a sane id comes back as %q", got)
	}
	ids := map[string]bool{}
	for _, bad := range []string{"", "two words", strings.Repeat("x", 65), "a\"b", "é"} {
		resp, _ := h.ask(http.DefaultClient, h.url+"/healthz", token, "X-Request-Id", bad)
		id := resp.Header.Get("X-Request-Id")
		if id == bad || len(id) < 16 || ids[id] {
			t.Errorf("id %q is answered with %q; want a new one", bad, id)
		}
		ids[id] = true
	}
	h.ask(http.DefaultClient, h.url+"/setup/"+made.SetupCode, token)
	h.ask(http.DefaultClient, h.url+"/export/v1/"+token, token)
	h.ask(http.DefaultClient, h.url+"/taxii2/root/collections/", "ent_a_wrongwrongwrong")
	h.stop() // after which all lines are there
	<-h.ended
	var line struct {
		RequestID                          string `json:"request_id"`
		Method, Path, Route, Account, From string
		Status                             int
	}
	first, _, _ := strings.Cut(log.String(), "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil {
		t.Fatalf("%v: %s", err, first)
	}
	if line.RequestID != "case-7.1" || line.Method != "GET" || line.Path != "/taxii2/root/" || line.Route != "/taxii2/root/" ||
		line.Account != "reader" || line.From != "127.0.0.1" || line.Status != http.StatusNotAcceptable && line.Status != http.StatusOK {
		t.Errorf("the line of the request is %s", first)
	}
	for _, secret := range []string{token, "ent_a_wrong", made.SetupCode, "hidden-value", "Bearer"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestRequestsAreQuietUnlessAsked(t *testing.T) {
	dir, _ := newNode(t)
	log := &sharedLog{}
	h := serveLogged(t, dir, slog.New(slog.NewTextHandler(log, nil)), node.ServeOptions{})
	h.get("/healthz")
	h.stop()
	<-h.ended
	if strings.Contains(log.String(), "msg=request") {
		t.Errorf("requests are logged: %s", log)
	}
}

// The profiles of Go are on the admin socket, and nowhere else.
func TestProfilesAreForTheOperator(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	client := h.admin(dir)
	for _, path := range []string{"heap", "goroutine?debug=1", "profile?seconds=1", "trace?seconds=0.1", "allocs", "mutex"} {
		resp, body := h.ask(client, "http://entente/debug/pprof/"+path, "")
		if resp.StatusCode != http.StatusOK || len(body) == 0 {
			t.Errorf("%s: %s, %d bytes", path, resp.Status, len(body))
		}
		if code, _ := h.get("/debug/pprof/" + path); code == http.StatusOK {
			t.Errorf("%s is answered on the public listener", path)
		}
	}
}

// A refusal of the API names the request that the log has.
func TestARefusalNamesItsRequest(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	for _, path := range []string{"/api/v1/collections", "/api/v1/nothing"} {
		resp, body := h.ask(http.DefaultClient, h.url+path, "", "X-Request-Id", "case-8")
		if !strings.Contains(body, `"request":"case-8"`) || resp.Header.Get("X-Request-Id") != "case-8" {
			t.Errorf("%s is answered %s: %s", path, resp.Status, body)
		}
	}
}
