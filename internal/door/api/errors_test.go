package api

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// The link of each problem leads to a page that holds its anchor once.
func TestEachCodeHasItsPlaceOnThePage(t *testing.T) {
	for _, m := range codes {
		link, err := url.Parse(problemf(m.Code, "x").(*problem).Type)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		ErrorsPage().ServeHTTP(w, httptest.NewRequest("GET", link.Path, nil))
		if n := strings.Count(w.Body.String(), `<h2 id="`+link.Fragment+`">`); w.Code != 200 || n != 1 || link.Fragment != string(m.Code) {
			t.Errorf("%s: %d, and the anchor %q stands there %d times", m.Code, w.Code, link.Fragment, n)
		}
	}
}
