package taxii_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"entente/taxii"
)

// recorded is a server that answers everything with one body and keeps what it
// was asked.
func recorded(t *testing.T, body string, opts ...taxii.Option) (*taxii.Client, func() *http.Request) {
	t.Helper()
	var last *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/" && r.Method == "GET" {
			reply(w, 200, taxii.APIRoot{Title: "Root", Versions: []string{taxii.MediaTAXII}})
			return
		}
		last = r
		content, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(content)))
		w.Header().Set("Content-Type", taxii.MediaTAXII)
		w.Header().Set(taxii.HeaderDateAddedFirst, "2024-05-01T12:00:00.000001Z")
		w.Header().Set(taxii.HeaderDateAddedLast, "2024-05-01T12:00:00.000002Z")
		io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	client, err := taxii.New(server.URL+"/api", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return client, func() *http.Request { return last }
}

func TestEndpoints(t *testing.T) {
	const id = "indicator--00000000-0000-4000-8000-000000000001"
	const object = `{"id": "x<&>", "n" :1.0}`
	query := taxii.Query{Filter: taxii.Filter{Versions: []string{"all"}}, AddedAfter: "2024-01-01T00:00:00.000000Z", Limit: 5, Next: "a b&c"}
	const asQuery = "?added_after=2024-01-01T00%3A00%3A00.000000Z&limit=5&match%5Bversion%5D=all&next=a+b%26c"
	for _, c := range []struct {
		want string
		body string
		call func(*taxii.Client) (got any, err error)
		gets string // as JSON
	}{
		{"GET /api/collections/", `{"collections":[{"id":"c1","title":"One","can_read":true,"can_write":false}]}`,
			func(c *taxii.Client) (any, error) { return c.Collections(t.Context()) }, `[{"id":"c1","title":"One","can_read":true,"can_write":false}]`},
		{"GET /api/collections/c1/", `{"id":"c1","title":"One","can_read":true,"can_write":true,"alias":"one"}`,
			func(c *taxii.Client) (any, error) { return c.Collection(t.Context(), "c1") }, `{"id":"c1","title":"One","alias":"one","can_read":true,"can_write":true}`},
		{"GET /api/collections/%2e%2e%2Fx/", `{}`, func(c *taxii.Client) (any, error) { return c.Collection(t.Context(), "%2e%2e/x") }, ``},
		{"GET /api/collections/a%2F..%2Fb%3Fc/", `{}`, func(c *taxii.Client) (any, error) { return c.Collection(t.Context(), "a/../b?c") }, ``},
		{"GET /api/collections/c1/manifest/" + asQuery, `{"more":true,"objects":[{"id":"i","date_added":"d","version":"v","media_type":"m"}]}`,
			func(c *taxii.Client) (any, error) { return c.Manifest(t.Context(), "c1", query) }, `{"more":true,"objects":[{"id":"i","date_added":"d","version":"v","media_type":"m"}]}`},
		{"GET /api/collections/c1/objects/" + asQuery, `{"more":true,"next":"n","objects":[` + object + `]}`,
			func(c *taxii.Client) (any, error) {
				p, err := c.Objects(t.Context(), "c1", query)
				if len(p.Objects) != 1 || string(p.Objects[0]) != object || p.First >= p.Last || p.Next != "n" || !p.More {
					t.Errorf("page %+v", p)
				}
				return nil, err
			}, `null`},
		{"GET /api/collections/c1/objects/" + id + "/", `{"objects":[` + object + `]}`,
			func(c *taxii.Client) (any, error) {
				p, err := c.Object(t.Context(), "c1", id, taxii.Query{})
				if len(p.Objects) != 1 || string(p.Objects[0]) != object {
					t.Errorf("page %+v", p)
				}
				return nil, err
			}, `null`},
		{"GET /api/collections/c1/objects/" + id + "/versions/", `{"versions":["a","b"]}`,
			func(c *taxii.Client) (any, error) { return c.Versions(t.Context(), "c1", id, taxii.Query{}) }, `{"versions":["a","b"]}`},
		{"DELETE /api/collections/c1/objects/" + id + "/?match%5Bversion%5D=all", ``,
			func(c *taxii.Client) (any, error) {
				return nil, c.Delete(t.Context(), "c1", id, taxii.Filter{Versions: []string{"all"}})
			}, `null`},
		{"GET /api/status/s1/", `{"id":"s1","status":"complete","total_count":1,"success_count":1,"failure_count":0,"pending_count":0}`,
			func(c *taxii.Client) (any, error) { return c.Status(t.Context(), "s1") },
			`{"id":"s1","status":"complete","total_count":1,"success_count":1,"failure_count":0,"pending_count":0}`},
	} {
		t.Run(c.want, func(t *testing.T) {
			client, last := recorded(t, c.body, taxii.WithBearerToken("ent_a_secret"), taxii.WithUserAgent("probe/1"))
			got, err := c.call(client)
			if err != nil {
				t.Fatal(err)
			}
			r := last()
			path, q, found := strings.Cut(c.want, "?")
			if found {
				q = "?" + q
			}
			wantMethod, wantPath, _ := strings.Cut(path, " ")
			asked := strings.TrimSuffix(r.RequestURI, "?"+r.URL.RawQuery)
			if r.Method != wantMethod || (c.gets != "" && asked != wantPath) || (q != "" && "?"+r.URL.RawQuery != q) {
				t.Errorf("asked %s %s, want %s", r.Method, r.RequestURI, c.want)
			}
			if strings.Count(asked, "/") != strings.Count(wantPath, "/") {
				t.Errorf("asked %s: an id reached out of its place", r.RequestURI)
			}
			if r.Header.Get("Authorization") != "Bearer ent_a_secret" || r.Header.Get("Accept") != taxii.MediaTAXII || r.Header.Get("User-Agent") != "probe/1" {
				t.Errorf("header %v", r.Header)
			}
			if c.gets == "" {
				return
			}
			if text, _ := json.Marshal(got); string(text) != c.gets {
				t.Errorf("got %s\nwant %s", text, c.gets)
			}
		})
	}
}

func TestAddSendsObjectsAsTheyAre(t *testing.T) {
	client, last := recorded(t, `{"id":"s1","status":"complete","total_count":2,"success_count":2,"failure_count":0,"pending_count":0}`,
		taxii.WithBasicAuth("ana", "secret"))
	status, err := client.Add(t.Context(), "c1", json.RawMessage(`{"a" : "<&>"}`), json.RawMessage("{\n}"))
	if err != nil || status.SuccessCount != 2 {
		t.Fatalf("%+v, %v", status, err)
	}
	body, _ := io.ReadAll(last().Body)
	if want := `{"objects":[{"a" : "<&>"},` + "{\n}]}"; string(body) != want {
		t.Errorf("sent %s, want %s", body, want)
	}
	if user, password, ok := last().BasicAuth(); !ok || user != "ana" || password != "secret" {
		t.Errorf("user %q, password %q", user, password)
	}
	if got := last().Header.Get("Content-Type"); got != taxii.MediaTAXII {
		t.Errorf("Content-Type %q", got)
	}
}

func TestDotsAreNoIDs(t *testing.T) {
	client, last := recorded(t, `{}`)
	for _, id := range []string{"", ".", ".."} {
		if _, err := client.Collection(t.Context(), id); err == nil || last() != nil {
			t.Errorf("%q: %v, asked: %v", id, err, last() != nil)
		}
	}
}

func TestRootIsFoundFromDiscovery(t *testing.T) {
	f := newForeign(t)
	for _, address := range []string{f.URL, f.URL + "/", f.URL + "/taxii2", f.URL + "/taxii2/", f.URL + "/api", f.URL + "/api/"} {
		client, err := taxii.New(address)
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseIdleConnections()
		root, url, err := client.Root(t.Context())
		if err != nil || root.Title != "Root" || url != f.URL+"/api/" {
			t.Errorf("%s: root %+v at %s, %v", address, root, url, err)
		}
	}
	client, err := taxii.New(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	roots, err := client.Roots(t.Context())
	if err != nil || strings.Join(roots, " ") != f.URL+"/other/ "+f.URL+"/api/" {
		t.Errorf("roots %q, %v", roots, err)
	}
}

func TestRootOnAnotherHostIsNotFollowed(t *testing.T) {
	other := newForeign(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, taxii.Discovery{Title: "T", Default: other.URL + "/api/", APIRoots: []string{other.URL + "/api/", "/mine"}})
	}))
	t.Cleanup(server.Close)
	client, err := taxii.New(server.URL, taxii.WithBasicAuth("ana", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	_, err = client.Collections(t.Context())
	if refused, ok := errors.AsType[*taxii.OtherHostError](err); !ok || refused.Root != other.URL+"/api/" {
		t.Errorf("%v, want a refusal", err)
	}
	roots, err := client.Roots(t.Context())
	if _, ok := errors.AsType[*taxii.OtherHostError](err); !ok || len(roots) != 1 || roots[0] != server.URL+"/mine/" {
		t.Errorf("roots %q, %v", roots, err)
	}
	if len(other.log()) > 0 {
		t.Errorf("the other host was asked %q", other.log())
	}
}

func TestAddressesThatCannotBeUsed(t *testing.T) {
	for _, address := range []string{"", "taxii.example", "127.0.0.1:8470", "ftp://taxii.example/", "http://", "http://a b/", "://"} {
		if _, err := taxii.New(address); err == nil || !strings.Contains(err.Error(), "address of the TAXII server") {
			t.Errorf("New(%q): %v", address, err)
		}
	}
	if _, err := taxii.New("127.0.0.1:8470"); err == nil || !strings.Contains(err.Error(), "write it as https://") {
		t.Errorf("%v does not say how an address is written", err)
	}
	for _, address := range []string{"mailto:ana:secret@example.com", "http://ana:secret@a b/"} {
		if _, err := taxii.New(address); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v tells the password", err)
		}
	}
}
