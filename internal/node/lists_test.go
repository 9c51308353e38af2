package node_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"entente/internal/node"
)

// lister asks a node's operator for lists.
type lister struct{ *world }

func newLister(t *testing.T) lister {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	public, done := n.Public(node.ServeOptions{})
	t.Cleanup(func() { done(t.Context()) })
	return lister{&world{t: t, n: n, public: public, local: n.Admin(), tokens: map[string]string{}}}
}

// post has the operator, or an account, do something in the API.
func (l lister) post(as, path, body string) string {
	l.t.Helper()
	w := l.do(ask{as: as, local: true, method: http.MethodPost, path: "/api/v1" + path, body: body, header: map[string]string{"Content-Type": "application/json"}})
	if w.Code >= 300 {
		l.t.Fatalf("POST %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// publish writes an indicator for a value, in default.
func (l lister) indicate(value, more string) {
	l.t.Helper()
	l.post("", "/author", `{"type":"indicator","for":"`+value+`","tlp":"green"`+more+`}`)
}

// list gives the lines of a list that hold no comment, and what is told beside it.
func (l lister) list(query string) (lines []string, told string) {
	l.t.Helper()
	w := l.do(ask{local: true, method: http.MethodGet, path: "/export?" + query})
	if w.Code != http.StatusOK {
		l.t.Fatalf("export %s: %d %s", query, w.Code, w.Body)
	}
	for line := range strings.Lines(w.Body.String()) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines, w.Header().Get("Entente-List")
}

func TestListsSpareAssets(t *testing.T) {
	l := newLister(t)
	for _, v := range []string{"www.own.example", "203.0.113.0/24", "evil.example", "198.51.100.7"} {
		l.indicate(v, "")
	}
	query := "form=plain&kind=domain"
	if got, _ := l.list(query); !slices.Equal(got, []string{"evil.example", "www.own.example"}) {
		t.Errorf("before: %q", got)
	}
	l.post("", "/assets", `{"assets":[{"value":"own.example"},{"value":"203.0.113.9"}]}`)
	got, told := l.list(query)
	if !slices.Equal(got, []string{"evil.example"}) || !strings.Contains(told, "your own: domain own.example") {
		t.Errorf("with assets: %q, %s", got, told)
	}
	if got, told := l.list("form=plain&kind=ip"); !slices.Equal(got, []string{"198.51.100.7"}) || !strings.Contains(told, "your own: prefix 203.0.113.9") {
		t.Errorf("addresses: %q, %s", got, told)
	}
	if got, _ := l.list("form=csv"); len(got) != 5 {
		t.Errorf("what only watches holds %q", got)
	}
}

func TestListsSpareWhatIsOnWarninglists(t *testing.T) {
	l := newLister(t)
	for _, v := range []string{"cdn.example", "www.ours.example", "evil.example"} {
		l.indicate(v, "")
	}
	l.post("", "/warninglists", `{"name":"Top sites","version":1,"type":"string","matching_attributes":["domain"],"list":["cdn.example"]}`)
	l.post("", "/warninglists/values", `{"name":"ours","values":["ours.example"]}`)
	got, told := l.list("form=plain&kind=domain")
	if !slices.Equal(got, []string{"evil.example"}) || !strings.Contains(told, "on the warninglist Top sites") || !strings.Contains(told, "on the warninglist ours (ours.example)") {
		t.Errorf("the own member's list holds %q, %s", got, told)
	}

	// Partners' lists go by what is public, and tell nothing of the member's own list.
	l.post("", "/orgs", `{"name":"Brookwater"}`)
	l.post("", "/accounts", `{"name":"brook","org":"Brookwater","use":"block","grants":[{"collection":"default","access":"r"}]}`)
	got, told = l.list("form=plain&kind=domain&as=brook")
	if !slices.Equal(got, []string{"evil.example", "www.ours.example"}) || strings.Contains(told, "ours") {
		t.Errorf("a partner's list holds %q, %s", got, told)
	}
	l.post("", "/warninglists/remove", `{"name":"top SITES"}`)
	if got, _ := l.list("form=plain&kind=domain"); !slices.Equal(got, []string{"cdn.example", "evil.example"}) {
		t.Errorf("when it is removed, the list holds %q", got)
	}
}
