package api_test

import (
	"net/http"
	"testing"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/practice/lookup"
)

func TestWatchesOfAnAccount(t *testing.T) {
	n, ana, bo := lookupNode(t)
	want := api.NewWatch{Name: "vpn", Values: []string{"198.51.100[.]7", "nobody.example"}}
	for caller, known := range map[*caller]int{ana: 2, bo: 1} {
		var w lookup.Watch
		if resp := caller.do(t, http.MethodPost, "/watches", want, &w); resp.StatusCode != http.StatusCreated || w.Known != known {
			t.Errorf("%s: %+v, want %d known", resp.Status, w, known)
		}
	}
	ana.refused(t, http.MethodPost, "/watches", want, api.Exists)
	n.publish(t, "feed", indicator(3, "198.51.100.7", tlpAmber))
	check := func(c *caller, query string) (out lookup.Check) {
		t.Helper()
		c.do(t, http.MethodPost, "/watches/vpn/check"+query, nil, &out)
		return out
	}
	if c := check(bo, ""); len(c.Changes) != 0 {
		t.Errorf("bo is told what bo may not see: %+v", c)
	}
	check(ana, "?peek=true")
	keyed := ana.with("Idempotency-Key", "k1")
	for _, c := range []lookup.Check{check(keyed, ""), check(keyed, "")} { // the answer may be lost on its way
		if len(c.Changes) != 1 || c.Changes[0].What != lookup.New || c.Changes[0].Finding == nil || c.Changes[0].Value != want.Values[0] {
			t.Errorf("ana is told %+v", c)
		}
	}
	if c := check(ana, ""); len(c.Changes) != 0 {
		t.Errorf("ana is told twice: %+v", c)
	}

	var w lookup.Watch
	ana.do(t, http.MethodGet, "/watches/vpn", nil, &w)
	ana.do(t, http.MethodPost, "/watches", api.NewWatch{Name: "a", Values: []string{"x.example"}}, nil)
	var page client.List[lookup.Watch]
	ana.do(t, http.MethodGet, "/watches?limit=1", nil, &page)
	if w.Known != 3 || len(page.Items) != 1 || page.Items[0].Name != "a" || page.Next == "" {
		t.Errorf("the watch is %+v; the first page %+v", w, page)
	}
	ana.do(t, http.MethodGet, "/watches?next="+page.Next, nil, &page)
	if len(page.Items) != 1 || page.Items[0].Name != "vpn" {
		t.Errorf("the second page is %+v", page)
	}
	n.operator.refused(t, http.MethodGet, "/watches/vpn", nil, api.NotFound)
	n.operator.with("Entente-As", "ana").do(t, http.MethodGet, "/watches/vpn", nil, &w)
	ana.do(t, http.MethodDelete, "/watches/vpn", nil, nil)
	ana.refused(t, http.MethodDelete, "/watches/vpn", nil, api.NotFound)
	ana.refused(t, http.MethodPost, "/watches/vpn/check", nil, api.NotFound)
	bo.do(t, http.MethodGet, "/watches/vpn", nil, &w)
}

func TestWatchesThatAreRefused(t *testing.T) {
	_, ana, _ := lookupNode(t)
	for _, bad := range []api.NewWatch{
		{Name: "a/b", Values: []string{"x.example"}}, {Values: []string{"x.example"}}, {Name: "a"}, {Name: "a", Values: []string{}},
		{Name: "a", Values: []string{" "}}, {Name: "a", Values: make([]string, 101)},
	} {
		ana.refused(t, http.MethodPost, "/watches", bad, api.Invalid)
	}
	ana.refused(t, http.MethodPost, "/watches/a/check?peek=perhaps", nil, api.Invalid)
	ana.refused(t, http.MethodGet, "/watches?next=!", nil, api.BadCursor)
}
