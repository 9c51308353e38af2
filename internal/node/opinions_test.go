package node_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// member opens an account of a partner that writes to default, and has it bring its
// identity.
func (l lister) member(n int, org string) {
	l.t.Helper()
	l.post("", "/orgs", fmt.Sprintf(`{"name":%q}`, org))
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(l.post("", "/accounts", fmt.Sprintf(`{"name":%q,"org":%q,"grants":[{"collection":"default","access":"rw"}]}`, strings.ToLower(org), org))), &made); err != nil {
		l.t.Fatal(err)
	}
	l.tokens[strings.ToLower(org)] = made.Token
	l.bring(org, fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":%q}`, idOf("identity", n), org))
}

// bring has a partner post an object by TAXII.
func (l lister) bring(org, object string) {
	l.t.Helper()
	a := post(strings.ToLower(org), "default", object)
	a.header["Accept"] = a.header["Content-Type"]
	if w := l.do(a); w.Code != http.StatusAccepted || strings.Contains(w.Body.String(), `"failures":[`) {
		l.t.Fatalf("%s: %d %s", org, w.Code, w.Body)
	}
}

func wrong(n, author int, on string) string {
	return fmt.Sprintf(`{"type":"opinion","spec_version":"2.1","id":%q,"created":"2026-02-01T00:00:00.000Z","modified":"2026-02-01T00:00:00.000Z","created_by_ref":%q,"opinion":"disagree","explanation":"a CDN","object_refs":[%q]}`,
		idOf("opinion", n), idOf("identity", author), on)
}

// Partners take an indicator off the member's lists together, and none of them alone,
// also not in the names of others; the member, and who made it, read who says so and why.
func TestPartnersTellOfAFalsePositiveTogether(t *testing.T) {
	l := newLister(t)
	for n, org := range []string{"Fern", "Mallow", "Heron"} {
		l.member(n+1, org)
	}
	made := fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","created_by_ref":%q,"pattern_type":"stix","pattern":"[domain-name:value = 'cdn.example']","valid_from":"2026-01-01T00:00:00Z"}`, idOf("indicator", 1), idOf("identity", 1))
	l.bring("Fern", made)
	token := l.device(`,"format":"plain","kinds":["domain"]`)
	want := func(what, list string) {
		t.Helper()
		if got := l.fetched(token); got != list {
			t.Errorf("%s: the list is %q, want %q", what, got, list)
		}
	}
	want("first", "cdn.example\n")
	l.bring("Mallow", wrong(1, 2, idOf("indicator", 1)))
	l.bring("Mallow", wrong(2, 3, idOf("indicator", 1))) // in Heron's name
	l.bring("Mallow", wrong(3, 1, idOf("indicator", 1))) // in that of who made it
	want("one partner in the name of three", "cdn.example\n")
	l.bring("Heron", wrong(4, 3, idOf("indicator", 1)))
	want("two partners", "")
	if _, told := l.list("form=plain&kind=domain"); !strings.Contains(told, "a false positive, say Heron and Mallow: a CDN") {
		t.Errorf("what is told of it: %s", told)
	}
	if w := l.do(ask{local: true, method: http.MethodGet, path: "/api/v1/feedback?id=" + idOf("indicator", 1)}); !strings.Contains(w.Body.String(), `"by":"Heron"`) {
		t.Errorf("the member reads %s", w.Body)
	}
	l.post("", "/insisted", `{"value":"cdn.example","reason":"seen with the loader"}`)
	want("insisted on", "cdn.example\n")
}
