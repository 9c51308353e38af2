package api

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/guard"
)

const walkID = "campaign--00000000-0000-4000-8000-000000000001"

// walker asks every operation of the document.
type walker struct {
	*testing.T
	server        *Server
	local, public *httptest.Server
	there         map[string]string // values of path parameters that are there
}

func newWalker(t *testing.T) *walker {
	s, ctx := callTo(t, account.Operator("own"))
	by := account.Operator("own")
	w := &walker{T: t, server: s, local: httptest.NewServer(s.Local(by)),
		public: httptest.NewServer(s.Public(PublicOptions{Guard: guard.New(s.Accounts, -1)}))}
	t.Cleanup(func() { w.local.Close(); w.public.Close() })
	if _, err := s.Exchange.AddCollection(ctx, by, exchange.Collection{Alias: "feeds"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Accounts.Add(ctx, by, account.Application{Name: "ana"}); err != nil {
		t.Fatal(err)
	}
	if err := setRow(ctx, s.Store, jobTable, "1", &wire.Job{ID: "1", Kind: "verify", State: "done", By: "ana"}); err != nil {
		t.Fatal(err)
	}
	object := `{"type":"campaign","spec_version":"2.1","id":"` + walkID + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"x"}`
	w.ask(w.local, http.MethodPost, Root+"collections/feeds/objects", object)
	w.ask(w.local, http.MethodPost, Root+"watches", `{"name":"vpn","values":["192.0.2.1"]}`)
	w.ask(w.local, http.MethodPost, Root+"agreements", `{"name":"with-b","to":["org:B"],"tlp":"amber","legal_grounds":["nis2-29"]}`)
	w.there = map[string]string{"agreement": "with-b", "watch": "vpn", "collection": "feeds", "account": "ana", "id": walkID, "job": "1"}
	return w
}

func (w *walker) ask(at *httptest.Server, method, path, body string) (*http.Response, []byte) {
	w.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.Context(), method, at.URL+path, in)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Fatal(err)
	}
	return resp, b
}

// at fills a path's parameters in.
func at(path string, values map[string]string, other string) string {
	for {
		before, rest, ok := strings.Cut(path, "{")
		if !ok {
			return path
		}
		name, after, _ := strings.Cut(rest, "}")
		value := values[name]
		if value == "" {
			value = other
		}
		path = before + value + after
	}
}

// Every operation answers as the document says: status, media type and schema,
// a problem's code among those it names; and strangers only that they are.
func TestEveryOperationAnswersAsDeclared(t *testing.T) {
	w := newWalker(t)
	doc := w.server.api.OpenAPI()
	well := 0
	for _, path := range sorted(doc.Paths) {
		for method, op := range operationsOf(doc.Paths[path]) {
			if resp, b := w.ask(w.public, method, at(path, w.there, "x"), ""); resp.StatusCode != http.StatusUnauthorized || !bytes.Contains(b, []byte(`"unauthorized"`)) {
				t.Errorf("%s %s: a stranger is answered %s: %s", method, path, resp.Status, b)
			}
			bodies := []string{""}
			if op.RequestBody != nil {
				bodies = append(bodies, "{}", "nonsense", `{"unknown":1}`, `{"values":["192.0.2.1"]}`, `[]`)
			}
			for _, body := range bodies {
				w.check(method, at(path, nil, "nothing"), op, body)
				if method != http.MethodDelete {
					if w.check(method, at(path, w.there, "nothing"), op, body) {
						well++
					}
				}
			}
		}
	}
	if well < 8 {
		t.Errorf("only %d operations were done; the walk has lost its way", well)
	}
}

// check asks once and holds the answer against the operation; it tells whether
// the operation was done.
func (w *walker) check(method, path string, op *huma.Operation, body string) (done bool) {
	w.Helper()
	if op.OperationID == "streamObjects" {
		path += "?wait=0" // it has an end then
	}
	resp, b := w.ask(w.local, method, path, body)
	declared := op.Responses[strconv.Itoa(resp.StatusCode)]
	if declared == nil {
		w.Errorf("%s %s with %q: %s, which is not declared: %.300s", method, path, body, resp.Status, b)
		return false
	}
	if len(b) == 0 {
		return resp.StatusCode < 300
	}
	mediaType, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	media := declared.Content[mediaType]
	if media == nil {
		w.Errorf("%s %s with %q: %s of type %q, which is not declared", method, path, body, resp.Status, mediaType)
		return false
	}
	if mediaType == ndjson {
		for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
			var line any
			if err := d.Decode(&line); err != nil {
				w.Errorf("%s %s: a line: %v", method, path, err)
				break
			}
		}
		return true
	}
	if mediaType == eventStream {
		return bytes.HasSuffix(b, []byte("\n\n"))
	}
	var value any
	if err := json.Unmarshal(b, &value); err != nil {
		w.Errorf("%s %s: %v: %.300s", method, path, err, b)
		return false
	}
	var found huma.ValidateResult
	huma.Validate(w.server.api.OpenAPI().Components.Schemas, media.Schema, huma.NewPathBuffer([]byte("body"), 0), huma.ModeReadFromServer, value, &found)
	if len(found.Errors) > 0 {
		w.Errorf("%s %s: the answer is not as declared: %v: %.500s", method, path, found.Errors, b)
	}
	if mediaType == problemType[0] {
		var p wire.Error
		_ = json.Unmarshal(b, &p)
		if list, _ := declared.Extensions["x-codes"].([]Code); !slices.Contains(list, Code(p.Code)) {
			w.Errorf("%s %s with %q: the code %s is not declared: %s", method, path, body, p.Code, b)
		}
	}
	return resp.StatusCode < 300
}

// Every code that an operation declares, or an error becomes, is explained.
func TestEveryCodeIsExplained(t *testing.T) {
	s, _ := callTo(t, account.Principal{})
	known := map[Code]bool{}
	for _, m := range codes {
		if known[m.Code] || m.title == "" || m.what == "" || m.status < 400 {
			t.Errorf("the code %s is explained twice or not well: %+v", m.Code, m)
		}
		known[m.Code] = true
	}
	for _, f := range faults {
		if !known[f.code] {
			t.Errorf("%v becomes %s, which nothing explains", f.err, f.code)
		}
	}
	for path, item := range s.api.OpenAPI().Paths {
		for method, op := range operationsOf(item) {
			for status, r := range op.Responses {
				list, _ := r.Extensions["x-codes"].([]Code)
				for _, c := range list {
					if strconv.Itoa(explain(c).status) != status || !known[c] {
						t.Errorf("%s %s declares %s under %s", method, path, c, status)
					}
				}
			}
			if len(op.Tags) == 0 || op.Summary == "" {
				t.Errorf("%s %s has no tag or no summary", method, path)
			}
		}
	}
}
