package api_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

func TestStrangersLearnNothing(t *testing.T) {
	n := open(t)
	for _, path := range []string{"/collections", "/openapi.json", "/nothing", ""} {
		n.stranger.refused(t, http.MethodGet, path, nil, api.Unauthorized)
	}
	wrong := n.stranger.with("Authorization", "Bearer ent_a_wrong")
	wrong.refused(t, http.MethodGet, "/me", nil, api.Unauthorized)
	resp, _ := n.stranger.send(t, http.MethodGet, "/me", nil)
	if got := resp.Header.Values("WWW-Authenticate"); len(got) != 2 {
		t.Errorf("a stranger is challenged with %q, want Basic and Bearer", got)
	}
}

// The operator reads as another at the socket alone.
func TestEntenteAsIsForTheSocket(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana", Role: "admin"})
	n.account(t, client.NewAccount{Name: "bo"}, "feeds:r")
	var me client.Me
	n.operator.with("Entente-As", "bo").do(t, http.MethodGet, "/me", nil, &me)
	if me.Account != "bo" || me.Curates || len(me.Collections) != 1 || me.Collections[0].CanWrite {
		t.Errorf("as bo the operator is %+v", me)
	}
	n.operator.do(t, http.MethodGet, "/me", nil, &me)
	if me.Account != "operator" || !me.Administers {
		t.Errorf("the operator is %+v", me)
	}
	n.operator.with("Entente-As", "nobody").refused(t, http.MethodGet, "/me", nil, api.NotFound)
	ana.with("Entente-As", "bo").refused(t, http.MethodGet, "/me", nil, api.Forbidden)
}

func TestRequestsThatDoNotFit(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	for _, c := range []struct {
		method, path string
		in           any
		code         api.Code
		say          string // in the detail
	}{
		{"GET", "/nothing", nil, api.NotFound, "openapi.json"},
		{"PUT", "/collections", nil, api.MethodNotAllowed, "GET POST"},
		{"GET", "/collections?limt=3", nil, api.Invalid, "limt"},
		{"GET", "/collections?limit=0", nil, api.Invalid, "limit"},
		{"GET", "/collections?limit=many", nil, api.Invalid, "limit"},
		{"GET", "/collections?next=!", nil, api.BadCursor, "cursor"},
		{"GET", "/collections?next=" + strings.Repeat("x", 50_000), nil, api.URITooLong, "octets"},
		{"POST", "/collections", nil, api.BadRequest, "body"},
		{"POST", "/collections", []byte("{"), api.BadRequest, "body"},
		{"POST", "/collections", []byte("[]"), api.Invalid, "object"},
		{"POST", "/collections", []byte(`{"alias":"x","colour":"red"}`), api.Invalid, "colour"},
		{"POST", "/collections", []byte(`{"alias":7}`), api.Invalid, "alias"},
		{"POST", "/collections", []byte(`{"alias":"` + strings.Repeat("x", 2<<20) + `"}`), api.TooLarge, "octets"},
		{"POST", "/collections", client.NewCollection{Alias: "No Good"}, api.Invalid, "No Good"},
		{"POST", "/collections", client.NewCollection{Alias: "feeds"}, api.Exists, "feeds"},
		{"POST", "/collections", client.NewCollection{Alias: "other", Marking: "blue"}, api.Invalid, "blue"},
		{"DELETE", "/collections/nothing", nil, api.NotFound, "nothing"},
	} {
		p := n.operator.refused(t, c.method, c.path, c.in, c.code)
		if text := p.Error(); !strings.Contains(text, c.say) {
			t.Errorf("%s %.60s: %q does not say %q", c.method, c.path, text, c.say)
		}
	}
	n.operator.with("Content-Type", "text/plain").refused(t, http.MethodPost, "/collections", []byte("x"), api.UnknownMediaType)
}

// A body that ends early is never taken for the whole.
func TestBrokenBodyIsNotActedOn(t *testing.T) {
	n := open(t)
	conn, err := net.Dial("tcp", n.local.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /api/v1/collections HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"alias\":\"x\"}")
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a body that is cut is answered %s", resp.Status)
	}
	n.operator.refused(t, http.MethodGet, "/collections/x", nil, api.NotFound)
}

func TestScriptsOfOtherOriginsAreOffUnlessSet(t *testing.T) {
	const soc = "https://soc.example"
	ask := func(n *node) (preflight, get *http.Response) {
		c := n.stranger.with("Origin", soc)
		preflight, _ = c.with("Access-Control-Request-Method", "POST").send(t, http.MethodOptions, "/collections", nil)
		get, _ = c.send(t, http.MethodGet, "/collections", nil)
		return preflight, get
	}
	p, g := ask(open(t))
	for _, r := range []*http.Response{p, g} {
		if r.Header.Get("Access-Control-Allow-Origin") != "" || r.StatusCode != http.StatusUnauthorized {
			t.Errorf("unset, another origin is answered %s, allow %q", r.Status, r.Header.Get("Access-Control-Allow-Origin"))
		}
	}
	p, g = ask(openWith(t, api.PublicOptions{Origins: []string{soc}}))
	if p.StatusCode != http.StatusNoContent || p.Header.Get("Access-Control-Allow-Origin") != soc ||
		!strings.Contains(p.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("set, the preflight is answered %s, %v", p.Status, p.Header)
	}
	if g.StatusCode != http.StatusUnauthorized || g.Header.Get("Access-Control-Allow-Origin") != soc {
		t.Errorf("set, the request is answered %s, %v", g.Status, g.Header)
	}
}

// The document is made of what is served, and names no schema that is not there.
func TestDocument(t *testing.T) {
	n := open(t)
	resp, b := n.operator.send(t, http.MethodGet, "/openapi.json", nil)
	if got := resp.Header.Get("Content-Type"); got != "application/openapi+json" {
		t.Errorf("the document is of type %q", got)
	}
	var doc struct {
		OpenAPI    string
		Paths      map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Paths["/api/v1/collections"] == nil || doc.Components.Schemas["Problem"] == nil {
		t.Errorf("the document: %.500s", b)
	}
	for _, ref := range strings.Split(string(b), `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(ref, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("the schema %s is named and not there", name)
		}
	}
	if doc.Components.Schemas["ErrorModel"] != nil {
		t.Error("a schema that no answer has is there")
	}
}
