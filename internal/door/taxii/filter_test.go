package taxii

import (
	"net/http"
	"net/url"
	"testing"
)

// FuzzFilter: no query panics, and what is accepted is in bounds.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"", "limit=5&match[type]=a,b", "match%5Bversion%5D=first,2016-01-01T00:00:00Z", "added_after=2016-01-01T00:00:00.123456789Z&next=x", "%", "limit=0"} {
		f.Add(s)
	}
	s := &Server{opts: Options{}.withDefaults()}
	f.Fuzz(func(t *testing.T, query string) {
		r := &request{Request: &http.Request{URL: &url.URL{RawQuery: query}}}
		q, err := s.filter(r, paging|byID|byType|bySpec|byVersion)
		if err == nil && (q.Limit < 1 || q.Limit > 1000 || q.After < 0) {
			t.Fatalf("%q is read as %+v", query, q)
		}
	})
}
