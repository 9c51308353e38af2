package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	media = "application/taxii+json;version=2.1"
	root  = "/taxii2/root/"
)

// client sends what it is told and adds nothing: no redirects, no packing.
var client = &http.Client{
	Timeout:       time.Minute,
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// call is a request. The zero call is a GET of "" that accepts TAXII.
type call struct {
	method string
	path   string
	query  string // as on the wire
	as     Account
	header http.Header // replaces what would be sent; nil values leave out
	body   []byte
	length int64 // Content-Length claimed; 0: the body's own; -1: chunked
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request, and sends it again when the server says that the account
// sends too many.
func (s *suite) do(t *testing.T, c call) answer {
	t.Helper()
	for {
		a := s.once(t, c)
		if a.status != http.StatusTooManyRequests {
			return a
		}
		after, err := strconv.Atoi(a.header.Get("Retry-After"))
		if err != nil || after < 1 || after > 60 {
			t.Fatalf("429 with Retry-After %q", a.header.Get("Retry-After"))
		}
		select {
		case <-time.After(time.Duration(after) * time.Second):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

func (s *suite) once(t *testing.T, c call) answer {
	t.Helper()
	target := s.URL + c.path
	if c.query != "" {
		target += "?" + c.query
	}
	var body io.Reader
	if c.body != nil {
		body = bytes.NewReader(c.body)
		if c.length == -1 {
			body = struct{ io.Reader }{body}
		}
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", media)
	if c.body != nil {
		r.Header.Set("Content-Type", media)
	}
	if c.as.Name != "" {
		r.Header.Set("Authorization", basic(c.as))
	}
	for name, values := range c.header {
		if values == nil {
			r.Header.Del(name)
			continue
		}
		r.Header[name] = values
	}
	resp, err := client.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", c.method, target, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: read the answer: %v", c.method, target, err)
	}
	return answer{resp.StatusCode, resp.Header, b}
}

func basic(a Account) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(a.Name+":"+a.Token))
}

// get is a GET as Ana.
func (s *suite) get(t *testing.T, path, query string) answer {
	t.Helper()
	return s.do(t, call{path: path, query: query, as: s.Ana})
}

// objectsOf is the path of a collection's objects, or of one of them.
func objectsOf(c Collection, id ...string) string {
	return root + "collections/" + c.ID + "/objects/" + strings.Join(append(id, ""), "/")
}

func manifestOf(c Collection) string { return root + "collections/" + c.ID + "/manifest/" }

// where writes a query out of names and values.
func where(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(pairs[i]) + "=" + url.QueryEscape(pairs[i+1]))
	}
	return b.String()
}

// is asserts a status code, and that the answer says that it is TAXII.
func (a answer) is(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d, want %d: %.300s", a.status, status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != media {
		t.Errorf("Content-Type %q, want %q", got, media)
	}
	return a
}

// refuses asserts an error with an error message (section 3.6.1).
func (a answer) refuses(t *testing.T, status int) {
	t.Helper()
	a.is(t, status)
	var message struct {
		Title      string  `json:"title"`
		HTTPStatus *string `json:"http_status"`
	}
	if err := json.Unmarshal(a.body, &message); err != nil || message.Title == "" {
		t.Errorf("the body is no error message with a title: %.300s", a.body)
	}
	if message.HTTPStatus != nil && *message.HTTPStatus != itoa(status) {
		t.Errorf("http_status is %q, the status %d", *message.HTTPStatus, status)
	}
}

// page is the common shape of envelopes, manifests and versions.
type page struct {
	More     bool              `json:"more"`
	Next     string            `json:"next"`
	Objects  []json.RawMessage `json:"objects"`
	Versions []string          `json:"versions"`
}

// page asserts a good answer and reads it. Whatever page it is, more comes with
// next, and the dates added come with objects only.
func (a answer) page(t *testing.T) page {
	t.Helper()
	a.is(t, http.StatusOK)
	var p page
	if err := json.Unmarshal(a.body, &p); err != nil {
		t.Fatalf("the answer is not JSON: %v: %.300s", err, a.body)
	}
	if p.More != (p.Next != "") {
		t.Errorf("more is %v and next %q; they come together", p.More, p.Next)
	}
	n := len(p.Objects) + len(p.Versions)
	for _, name := range []string{"X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"} {
		value := a.header.Get(name)
		if n == 0 && value != "" {
			t.Errorf("%s is %q beside an empty page", name, value)
		}
		if n > 0 && !stampRule.MatchString(value) {
			t.Errorf("%s is %q; want a timestamp with six digits of fraction", name, value)
		}
	}
	if n == 0 && string(a.body) != "{}" {
		t.Errorf("an empty page is %q, want {}", a.body)
	}
	return p
}

// ids are those of a page's objects.
func (p page) ids(t *testing.T) []string {
	t.Helper()
	out := []string{}
	for _, raw := range p.Objects {
		var o struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o.ID)
	}
	return out
}

// versions are the modified, else created times of a page's objects, or the
// versions of its records.
func (p page) versions(t *testing.T) []string {
	t.Helper()
	out := []string{}
	for _, raw := range p.Objects {
		var o struct{ Modified, Created, Version string }
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		switch {
		case o.Version != "":
			out = append(out, o.Version)
		case o.Modified != "":
			out = append(out, o.Modified)
		default:
			out = append(out, o.Created)
		}
	}
	return out
}

// receipt is a status resource (section 4.3.1).
type receipt struct {
	ID               string
	Status           string
	RequestTimestamp string `json:"request_timestamp"`
	TotalCount       *int   `json:"total_count"`
	SuccessCount     *int   `json:"success_count"`
	FailureCount     *int   `json:"failure_count"`
	PendingCount     *int   `json:"pending_count"`
	Successes        []receiptDetail
	Failures         []receiptDetail
	Pendings         []receiptDetail
}

type receiptDetail struct{ ID, Version, Message string }

// receipt asserts a status resource whose counts are those of its lists.
func (a answer) receipt(t *testing.T, status int) receipt {
	t.Helper()
	a.is(t, status)
	var r receipt
	if err := json.Unmarshal(a.body, &r); err != nil {
		t.Fatalf("the answer is no status resource: %v: %.300s", err, a.body)
	}
	if r.TotalCount == nil || r.SuccessCount == nil || r.FailureCount == nil || r.PendingCount == nil {
		t.Fatalf("a count is missing: %.300s", a.body)
	}
	if *r.SuccessCount != len(r.Successes) || *r.FailureCount != len(r.Failures) || *r.PendingCount != len(r.Pendings) {
		t.Errorf("counts are not those of the lists: %.500s", a.body)
	}
	if *r.TotalCount != *r.SuccessCount+*r.FailureCount+*r.PendingCount {
		t.Errorf("total_count is not the sum of the others: %.500s", a.body)
	}
	if r.Status != "complete" && r.Status != "pending" {
		t.Errorf("status is %q", r.Status)
	}
	for _, d := range append(append(append([]receiptDetail{}, r.Successes...), r.Failures...), r.Pendings...) {
		if d.ID == "" || d.Version == "" {
			t.Errorf("a status-details record lacks id or version: %+v", d)
		}
	}
	return r
}

// add posts objects as Ana and asserts that all were taken.
func (s *suite) add(t *testing.T, c Collection, objects ...string) receipt {
	t.Helper()
	r := s.do(t, call{method: http.MethodPost, path: objectsOf(c), as: s.Ana, body: envelope(objects...)}).receipt(t, http.StatusAccepted)
	if *r.SuccessCount != len(objects) || r.Status != "complete" {
		t.Fatalf("%d objects were posted; the status is %+v", len(objects), r)
	}
	return r
}

func envelope(objects ...string) []byte {
	return []byte(`{"objects":[` + strings.Join(objects, ",") + `]}`)
}
