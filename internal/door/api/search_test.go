package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/practice/search"
)

func TestSearch(t *testing.T) {
	n := open(t)
	n.exchange.Follow(search.NewFollower(n.exchange))
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:r")
	n.operator.bring(t, "feeds", campaign(1)+"\n"+campaign(2)+"\n"+
		strings.Replace(campaign(3), `"name"`, `"object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"],"name"`, 1))
	ask := func(c *caller, q string) (a search.Results) {
		c.do(t, http.MethodGet, "/search?"+q, nil, &a)
		return a
	}
	for until := time.Now().Add(20 * time.Second); ask(n.operator, "q=c1").Unread > 0; runtime.Gosched() {
		if time.Now().After(until) {
			t.Fatal("the index does not catch up")
		}
	}
	var names []string
	for next := ""; ; {
		a := ask(ana, "limit=1&q="+url.QueryEscape("type:campaign")+next)
		for _, h := range a.Hits {
			names = append(names, h.Name)
		}
		if a.Next == "" {
			break
		}
		next = "&next=" + a.Next
	}
	if fmt.Sprint(names) != "[c2 c1]" {
		t.Errorf("ana finds %v, page by page", names)
	}
	if a := ask(n.operator, "q=c3"); len(a.Hits) != 1 || a.Hits[0].TLP != "red" || a.Hits[0].Collection != "feeds" {
		t.Errorf("the operator finds %+v", a)
	}
	if p := ana.refused(t, http.MethodGet, "/search?q=typ:malware", nil, api.Invalid); !strings.Contains(p.Detail, "did you mean type?") {
		t.Errorf("a wrong filter is answered %q", p.Detail)
	}
	ana.refused(t, http.MethodGet, "/search?q=c1&next=x", nil, api.BadCursor)
	ana.refused(t, http.MethodGet, "/search?q=collection:elsewhere", nil, api.NotFound)
	ana.refused(t, http.MethodGet, "/search", nil, api.Invalid)
	n.stranger.refused(t, http.MethodGet, "/search?q=c1", nil, api.Unauthorized)
}
