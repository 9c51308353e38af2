package node_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// device opens one and gives its token.
func (l lister) device(more string) string {
	l.t.Helper()
	var made struct{ Token, Path string }
	if err := json.Unmarshal([]byte(l.post("", "/devices", `{"name":"edge","collections":["default"]`+more+`}`)), &made); err != nil {
		l.t.Fatal(err)
	}
	if made.Path != "/export/v1/"+made.Token || len(made.Token) < 30 {
		l.t.Errorf("path %q of token %q", made.Path, made.Token)
	}
	return made.Token
}

func (l lister) fetch(path string, header ...string) *httptest.ResponseRecorder {
	h := map[string]string{}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	return l.do(ask{method: http.MethodGet, path: path, header: h})
}

// fetched is the body of a list; the test ends where there is none.
func (l lister) fetched(token string) string {
	l.t.Helper()
	w := l.fetch("/export/v1/" + token)
	if w.Code != http.StatusOK {
		l.t.Fatalf("fetch: %d %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestADeviceFetchesItsList(t *testing.T) {
	l := newLister(t)
	l.indicate("evil.example", "")
	token := l.device(`,"format":"hosts"`)
	first := l.fetch("/export/v1/" + token)
	if first.Code != http.StatusOK || !strings.Contains(first.Body.String(), "0.0.0.0 evil.example # ") {
		t.Fatalf("%d %s", first.Code, first.Body)
	}
	tag := first.Header().Get("ETag")
	for _, c := range []struct {
		why, path string
		header    []string
		code      int
	}{
		{"a bearer", "/export/v1", []string{"Authorization", "Bearer " + token}, 200},
		{"an ending", "/export/v1/" + token + ".txt", nil, 200},
		{"what it has", "/export/v1/" + token, []string{"If-None-Match", tag}, 304},
		{"something else", "/export/v1/" + token, []string{"If-None-Match", `"x"`}, 200},
		{"no token", "/export/v1", nil, 401},
		{"a wrong token", "/export/v1/" + token[:len(token)-1] + "_", nil, 404},
		{"a wrong bearer", "/export/v1", []string{"Authorization", "Bearer x"}, 401},
		{"TAXII", "/taxii2/", []string{"Authorization", "Bearer " + token}, 401},
		{"the API", "/api/v1/me", []string{"Authorization", "Bearer " + token}, 401},
	} {
		w := l.fetch(c.path, c.header...)
		if w.Code != c.code {
			t.Errorf("%s: %d, want %d: %s", c.why, w.Code, c.code, w.Body)
		}
		if w.Code == 200 && w.Body.String() != first.Body.String() {
			t.Errorf("%s: %s", c.why, w.Body)
		}
	}
	l.indicate("bad.example", "")
	second := l.fetch("/export/v1/"+token, "If-None-Match", tag)
	if second.Code != http.StatusOK || !strings.Contains(second.Body.String(), "bad.example") || second.Header().Get("ETag") == tag {
		t.Errorf("after a new indicator: %d %s", second.Code, second.Body)
	}
	// What is one's own goes from the list without any object having changed.
	l.post("", "/assets", `{"assets":[{"value":"bad.example"}]}`)
	if got := l.fetched(token); strings.Contains(got, "bad.example") {
		t.Errorf("with an asset: %s", got)
	}
	if w := l.do(ask{local: true, method: http.MethodDelete, path: "/api/v1/devices/edge"}); w.Code != http.StatusNoContent {
		t.Errorf("remove: %d %s", w.Code, w.Body)
	}
	if w := l.fetch("/export/v1/" + token); w.Code != 404 {
		t.Errorf("after its removal: %d", w.Code)
	}
}

// A MISP fetches a feed file by file.
func TestAFeedByAddress(t *testing.T) {
	l := newLister(t)
	l.indicate("evil.example", "")
	token := l.device(`,"format":"misp-feed"`)
	w := l.fetch("/export/v1/" + token + "/manifest.json")
	var manifest map[string]struct{ Info string }
	if err := json.Unmarshal(w.Body.Bytes(), &manifest); err != nil || len(manifest) != 1 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %v: %s", w.Code, err, w.Header(), w.Body)
	}
	for id := range manifest {
		w := l.fetch("/export/v1/" + token + "/" + id + ".json")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"value":"evil.example"`) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		if w := l.fetch("/export/v1/"+token+"/hashes.csv", "If-None-Match", w.Header().Get("ETag")); w.Code != http.StatusNotModified {
			t.Errorf("what it has: %d %s", w.Code, w.Body)
		}
	}
	for _, path := range []string{token + "/../manifest.json", token + "/other.json", token[1:] + "/manifest.json"} {
		if w := l.fetch("/export/v1/" + path); w.Code == http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestAnOrdinaryTokenIsNoDevices(t *testing.T) {
	l := newLister(t)
	var made struct{ Token string }
	if err := json.Unmarshal([]byte(l.post("", "/accounts", `{"name":"bo","grants":[{"collection":"default","access":"r"}],"use":"block"}`)), &made); err != nil {
		t.Fatal(err)
	}
	if w := l.fetch("/export/v1/" + made.Token); w.Code != 404 {
		t.Errorf("in the path: %d", w.Code)
	}
	if w := l.fetch("/export/v1", "Authorization", "Bearer "+made.Token); w.Code != 401 {
		t.Errorf("as a bearer: %d", w.Code)
	}
}

// A device's list is decided on as all that leaves: what is marked for others, or so that
// it must not be blocked, is not in it, and what is withdrawn goes at once.
func TestADeviceGetsWhatItsAccountMay(t *testing.T) {
	l := newLister(t)
	l.post("", "/orgs", `{"name":"Fern"}`)
	l.indicate("green.example", "")
	l.post("", "/author", `{"type":"indicator","for":"red.example","tlp":"red"}`)
	token := l.device(`,"format":"rpz","org":"Fern"`)
	if got := l.fetched(token); strings.Contains(got, "red.example") || !strings.Contains(got, "green.example") {
		t.Errorf("a partner's list: %s", got)
	}
	// A partner's list does not tell what is the own member's.
	l.post("", "/assets", `{"assets":[{"value":"green.example"}]}`)
	if got := l.fetched(token); !strings.Contains(got, "green.example") {
		t.Errorf("a partner's list tells of assets: %s", got)
	}
	if w := l.do(ask{local: true, method: http.MethodPatch, path: "/api/v1/accounts/edge", body: `{"grants":[{"collection":"default","access":"-"}]}`,
		header: map[string]string{"Content-Type": "application/json"}}); w.Code != 200 {
		t.Fatalf("take the grant away: %d %s", w.Code, w.Body)
	}
	if got := l.fetched(token); strings.Contains(got, "green.example") {
		t.Errorf("without a grant: %s", got)
	}
}

func TestTooMuchNewIsHeldBack(t *testing.T) {
	l := newLister(t)
	l.indicate("a.example", "")
	l.indicate("b.example", "")
	token := l.device(`,"format":"plain","kinds":["domain"],"max_change":2`)
	if got := l.fetched(token); got != "a.example\nb.example\n" {
		t.Fatalf("first: %q", got)
	}
	for i := range 3 {
		l.indicate(fmt.Sprintf("new%d.example", i), "")
	}
	if got := l.fetched(token); got != "a.example\nb.example\n" {
		t.Errorf("three new ones: %q", got)
	}
	// What is gone goes, also while something is held back.
	l.post("", "/assets", `{"assets":[{"value":"a.example"}]}`)
	if got := l.fetched(token); got != "b.example\n" {
		t.Errorf("one is gone: %q", got)
	}
	if w := l.do(ask{local: true, method: http.MethodGet, path: "/api/v1/devices"}); !strings.Contains(w.Body.String(), `"held":3`) {
		t.Errorf("listed: %s", w.Body)
	}
	l.post("", "/devices/edge/release", "")
	if got := l.fetched(token); got != "b.example\nnew0.example\nnew1.example\nnew2.example\n" {
		t.Errorf("released: %q", got)
	}
	l.indicate("new3.example", "")
	if got := l.fetched(token); !strings.Contains(got, "new3.example") {
		t.Errorf("one more: %q", got)
	}
	if w := l.do(ask{local: true, method: http.MethodPost, path: "/api/v1/devices/edge/release"}); w.Code != 422 {
		t.Errorf("nothing to release: %d %s", w.Code, w.Body)
	}
}

func TestAWarninglistAndWhoInsists(t *testing.T) {
	l := newLister(t)
	l.indicate("cdn.example", "")
	token := l.device(`,"format":"plain","kinds":["domain"]`)
	if got := l.fetched(token); got != "cdn.example\n" {
		t.Fatalf("first: %q", got)
	}
	l.post("", "/warninglists", `{"name":"Popular","type":"hostname","list":["cdn.example"]}`)
	if got := l.fetched(token); got != "" {
		t.Errorf("on a warninglist: %q", got)
	}
	l.post("", "/insisted", `{"value":"cdn[.]example","reason":"serves the loader"}`)
	if got := l.fetched(token); got != "cdn.example\n" {
		t.Errorf("insisted on: %q", got)
	}
	l.post("", "/insisted/remove", `{"value":"cdn.example"}`)
	if got := l.fetched(token); got != "" {
		t.Errorf("insisted on no more: %q", got)
	}
}

// What a member tells to be a false positive is gone when a device fetches its list next,
// with the reason told to who looks; the member's next word puts it
// back.
func TestAFalsePositiveLeavesADevicesList(t *testing.T) {
	l := newLister(t)
	l.indicate("cdn.example", "")
	l.indicate("evil.example", "")
	token := l.device(`,"format":"plain","kinds":["domain"]`)
	if got := l.fetched(token); got != "cdn.example\nevil.example\n" {
		t.Fatalf("first: %q", got)
	}
	var said struct{ ID string }
	if err := json.Unmarshal([]byte(l.post("", "/opinions", `{"on":"cdn.example","opinion":"strongly-disagree","explanation":"our update server"}`)), &said); err != nil {
		t.Fatal(err)
	}
	if got := l.fetched(token); got != "evil.example\n" {
		t.Errorf("told to be one: %q", got)
	}
	if _, told := l.list("form=plain&kind=domain"); !strings.Contains(told, "a false positive, says ") || !strings.Contains(told, ": our update server") {
		t.Errorf("what is told of it: %s", told)
	}
	l.post("", "/insisted", `{"value":"cdn.example","reason":"taken over since"}`)
	if got := l.fetched(token); got != "evil.example\ncdn.example\n" { // last, since it is doubted
		t.Errorf("insisted on: %q", got)
	}
	l.post("", "/insisted/remove", `{"value":"cdn.example"}`)
	// The member's next word is the next version of the same opinion.
	if again := l.post("", "/opinions", `{"on":"cdn.example","opinion":"agree"}`); !strings.Contains(again, said.ID) || strings.Contains(again, "update server") {
		t.Errorf("another word: %s", again)
	}
	if got := l.fetched(token); got != "cdn.example\nevil.example\n" {
		t.Errorf("agreed to: %q", got)
	}
	l.post("", "/objects/"+said.ID+"/revoke", "")
	if again := l.post("", "/opinions", `{"on":"cdn.example","opinion":"disagree"}`); strings.Contains(again, said.ID) {
		t.Errorf("what was taken back came again: %s", again)
	}
	if got := l.fetched(token); got != "evil.example\n" {
		t.Errorf("told again: %q", got)
	}
}
