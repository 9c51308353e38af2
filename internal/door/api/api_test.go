package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/guard"
)

const (
	own   = "CERT Example"
	ownID = "identity--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0000"
)

// node is the API over real parts, on its two listeners.
type node struct {
	public, local *httptest.Server
	exchange      *exchange.Exchange
	accounts      *account.Accounts
	store         *pebble.Store
	server        *api.Server
	operator      *caller // at the local listener
	stranger      *caller // at the public one, without an account
}

// open starts a node with an empty store that ends with the test.
func open(t testing.TB) *node { return openWith(t, api.PublicOptions{}) }

func openWith(t testing.TB, o api.PublicOptions) *node {
	t.Helper()
	ctx := context.Background()
	db, err := pebble.Open(ctx, t.TempDir(), pebble.Options{CacheBytes: 16 << 20, MemTable: 4 << 20})
	if err != nil {
		t.Fatal(err)
	}
	book, err := agreement.Open(db, nil)
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(ctx, db, exchange.Options{Own: own, Agreements: book.Policy})
	if err != nil {
		t.Fatal(err)
	}
	x.Follow()
	n := &node{exchange: x, store: db, accounts: account.New(db, own, nil)}
	s := api.New(api.Node{Exchange: x, Accounts: n.accounts, Agreements: book, Member: author.Member{Name: own, ID: ownID}, Store: db, Logger: slog.New(slog.NewTextHandler(t.Output(), nil))})
	n.server = s
	if o.Guard == nil {
		o.Guard = guard.New(n.accounts, -1)
	}
	n.public = httptest.NewServer(s.Public(o))
	n.local = httptest.NewServer(s.Local(account.Operator(own)))
	n.operator = &caller{url: n.local.URL}
	n.stranger = &caller{url: n.public.URL}
	t.Cleanup(func() {
		n.public.Close()
		n.local.Close()
		s.Close()
		x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

// account opens an account; grants are written as the verb has them, alias:rw.
func (n *node) account(t testing.TB, want client.NewAccount, grants ...string) *caller {
	t.Helper()
	for _, g := range grants {
		alias, access, _ := strings.Cut(g, ":")
		want.Grants = append(want.Grants, client.Grant{Collection: alias, Access: access})
	}
	var made client.Account
	n.operator.do(t, http.MethodPost, "/accounts", want, &made)
	return &caller{url: n.public.URL, header: http.Header{"Authorization": {"Bearer " + made.Token}}}
}

// collection adds a collection.
func (n *node) collection(t testing.TB, alias string) (c client.Collection) {
	t.Helper()
	n.operator.do(t, http.MethodPost, "/collections", client.NewCollection{Alias: alias}, &c)
	return c
}

// caller is somebody who asks the API.
type caller struct {
	url    string
	header http.Header
}

// with gives the caller with one more header.
func (c *caller) with(name, value string) *caller {
	h := c.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	h.Set(name, value)
	return &caller{c.url, h}
}

// send asks; in is sent as JSON unless it is nil, bytes or a reader.
func (c *caller) send(t testing.TB, method, path string, in any) (*http.Response, []byte) {
	t.Helper()
	var body io.Reader
	switch v := in.(type) {
	case nil:
	case io.Reader:
		body = v
	case []byte:
		body = bytes.NewReader(v)
	default:
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, c.url+"/api/v1"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if c.header != nil {
		req.Header = c.header.Clone()
	}
	if body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v after %.500s", method, path, err, b)
	}
	return resp, b
}

// do asks what must be answered, and reads the answer into out unless it is nil.
func (c *caller) do(t testing.TB, method, path string, in, out any) *http.Response {
	t.Helper()
	resp, b := c.send(t, method, path, in)
	if resp.StatusCode >= 300 {
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, b)
		}
	}
	return resp
}

// refused asks what must be refused with a code.
func (c *caller) refused(t testing.TB, method, path string, in any, code api.Code) client.Error {
	t.Helper()
	resp, b := c.send(t, method, path, in)
	var p client.Error
	if err := json.Unmarshal(b, &p); err != nil || p.Code != string(code) {
		t.Errorf("%s %s: %s: %s; want the problem %s", method, path, resp.Status, b, code)
		return p
	}
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s %s: a problem of type %q", method, path, got)
	}
	if p.Status != resp.StatusCode || p.Title == "" || p.Detail == "" || !strings.HasSuffix(p.Type, "#"+p.Code) {
		t.Errorf("%s %s: status %d with the problem %s", method, path, resp.StatusCode, b)
	}
	return p
}
