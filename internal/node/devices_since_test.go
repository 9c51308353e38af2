package node_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// since fetches what has changed since a version.
func (l lister) since(token, tag string) *httptest.ResponseRecorder {
	l.t.Helper()
	w := l.fetch("/export/v1/" + token + "?since=" + strings.Trim(tag, `"`))
	if w.Code != http.StatusOK {
		l.t.Fatalf("since %s: %d %s", tag, w.Code, w.Body)
	}
	return w
}

// Who applies the changes since a version that he has to it has the list as it is,
// whichever version that is.
func TestChangesSinceAVersion(t *testing.T) {
	l := newLister(t)
	token := l.device(`,"format":"plain","kinds":["domain"]`)
	versions := map[string][]string{} // by tag
	indicated, own := map[string]bool{}, map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		name := fmt.Sprintf("n%d.example", random.IntN(6))
		switch {
		case !indicated[name]:
			l.indicate(name, "")
			indicated[name] = true
		case own[name]: // and so back in the list
			l.post("", "/assets/remove", `{"value":"`+name+`"}`)
			own[name] = false
		default:
			l.post("", "/assets", `{"assets":[{"value":"`+name+`"}]}`)
			own[name] = true
		}
		whole := l.fetch("/export/v1/" + token)
		now := strings.Fields(whole.Body.String())
		slices.Sort(now)
		for _, tag := range slices.Sorted(maps.Keys(versions)) {
			w := l.since(token, tag)
			if w.Header().Get("ETag") != whole.Header().Get("ETag") {
				t.Fatalf("the changes lead to %s, the list is %s", w.Header().Get("ETag"), whole.Header().Get("ETag"))
			}
			if w.Header().Get("Entente-Answer") == "whole" {
				if w.Body.String() != whole.Body.String() {
					t.Fatalf("the whole list is another: %q, %q", w.Body, whole.Body)
				}
				continue
			}
			has := map[string]bool{}
			for _, v := range versions[tag] {
				has[v] = true
			}
			for line := range strings.Lines(w.Body.String()) {
				value := strings.TrimSuffix(line[1:], "\n")
				if line[0] == '+' == has[value] {
					t.Fatalf("%q, and he has %v", line, has)
				}
				has[value] = line[0] == '+'
			}
			maps.DeleteFunc(has, func(_ string, is bool) bool { return !is })
			if got := slices.Sorted(maps.Keys(has)); !slices.Equal(got, now) {
				t.Fatalf("changes %q of %v make %v, want %v", w.Body, versions[tag], got, now)
			}
		}
		versions[whole.Header().Get("ETag")] = now
	}
}

func TestChangesAreToldOrTheWholeList(t *testing.T) {
	for format, want := range map[string]string{
		"csv":    "change,value,kind,ref,confidence,valid_from,valid_until,tlp,score\nadded,b.example,domain,",
		"ndjson": `{"change":"added","value":"b.example","kind":"domain","ref":"`,
		"hosts":  "",
	} {
		t.Run(format, func(t *testing.T) {
			l := newLister(t)
			l.indicate("a.example", "")
			token := l.device(`,"format":"` + format + `"`)
			first := l.since(token, "0123456789abcdef")
			if first.Header().Get("Entente-Answer") != "whole" || !strings.Contains(first.Body.String(), "a.example") {
				t.Errorf("of an unknown version: %v %s", first.Header(), first.Body)
			}
			l.indicate("b.example", "")
			w := l.since(token, first.Header().Get("ETag"))
			told, body := w.Header().Get("Entente-Answer"), w.Body.String()
			if want == "" {
				if told != "whole" || !strings.Contains(body, "b.example") || !strings.Contains(body, "a.example") {
					t.Errorf("%s: %s", told, body)
				}
				return
			}
			if told != "changes" || !strings.HasPrefix(body, want) || strings.Contains(body, "a.example") {
				t.Errorf("%s: %s", told, body)
			}
			if w := l.since(token, w.Header().Get("ETag")); w.Header().Get("Entente-Answer") != "changes" || strings.Contains(w.Body.String(), ".example") {
				t.Errorf("since now: %s", w.Body)
			}
		})
	}
}
