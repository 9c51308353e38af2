package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/exchange"
	"entente/internal/practice/lookup"
	"entente/internal/trust/account"
	"entente/stix"
)

// publish brings objects in as the operator does.
func (n *node) publish(t testing.TB, collection string, objects ...string) {
	t.Helper()
	p := exchange.Publication{Collection: collection}
	for _, raw := range objects {
		o, err := stix.Read([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, o)
	}
	if _, err := n.exchange.Publish(t.Context(), account.Operator(own), p); err != nil {
		t.Fatal(err)
	}
}

const (
	tlpGreen = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlpAmber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
)

// indicator is one on an address, whose id ends in n.
func indicator(n int, address, marking string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"indicator %d","pattern":"[ipv4-addr:value = '%s']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":[%q]}`, n, n, address, marking)
}

// relation leads from one object to another.
func relation(n int, source, target string) string {
	return fmt.Sprintf(`{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":%q,"target_ref":%q,"object_marking_refs":[%q]}`, n, source, target, tlpGreen)
}

const malwareID = "malware--00000000-0000-4000-8000-000000000001"

// lookupNode is a node that knows an address and what stands behind it.
func lookupNode(t testing.TB) (n *node, ana, bo *caller) {
	n = open(t)
	n.collection(t, "feed")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Brookwater"}, nil)
	ana = n.account(t, client.NewAccount{Name: "ana"}, "feed:r")
	bo = n.account(t, client.NewAccount{Name: "bo", Org: "Brookwater"}, "feed:r")
	n.publish(t, "feed", indicator(1, "198.51.100.7", tlpGreen), indicator(2, "198.51.100.7", tlpAmber),
		fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Fauxlock","is_family":true,"object_marking_refs":[%q]}`, malwareID, tlpGreen),
		relation(1, "indicator--00000000-0000-4000-8000-000000000001", malwareID), relation(2, "indicator--00000000-0000-4000-8000-000000000002", malwareID))
	return n, ana, bo
}

func TestFindTellsEachReaderTheirs(t *testing.T) {
	_, ana, bo := lookupNode(t)
	for caller, want := range map[*caller]int{ana: 2, bo: 1} {
		var got client.List[lookup.Answer]
		caller.do(t, http.MethodGet, "/find?value="+url.QueryEscape("198.51.100[.]7")+"&value=nobody.example", nil, &got)
		if len(got.Items) != 2 || len(got.Items[0].Findings) != want || len(got.Items[1].Findings) != 0 || got.Items[0].Asked != "198.51.100[.]7" {
			t.Errorf("got %+v, want %d findings", got, want)
		}
		about := got.Items[0].Findings[0].About
		if len(about) != 1 || about[0].Name != "Fauxlock" || about[0].Relation != "indicates" {
			t.Errorf("about it: %+v", about)
		}
	}
}

func TestManyValuesAreAListOrLines(t *testing.T) {
	_, ana, _ := lookupNode(t)
	question := api.Question{Values: []string{"nobody.example", "198.51.100.7"}, Limit: 1}
	var got client.List[lookup.Answer]
	ana.do(t, http.MethodPost, "/find", question, &got)
	if len(got.Items) != 2 || len(got.Items[1].Findings) != 1 || !got.Items[1].More {
		t.Errorf("got %+v", got)
	}
	question.Known = true
	_, body := ana.with("Accept", "application/x-ndjson").send(t, http.MethodPost, "/find", question)
	var line lookup.Answer
	if err := json.Unmarshal(body, &line); err != nil || bytes.Count(body, []byte("\n")) != 1 || line.Asked != "198.51.100.7" {
		t.Errorf("%v: %s", err, body)
	}
}

// A small request must not make an answer that takes all memory.
func TestWhatOneAnswerHoldsIsBounded(t *testing.T) {
	_, ana, _ := lookupNode(t)
	question := api.Question{Values: slices.Repeat([]string{"198.51.100.7"}, 401)}
	ana.refused(t, http.MethodPost, "/find", question, api.Invalid)
	ana.refused(t, http.MethodGet, "/find?limit=1000"+strings.Repeat("&value=a", 21), nil, api.Invalid)
	ana.refused(t, http.MethodGet, "/objects/indicator--00000000-0000-4000-8000-000000000001/neighbours?limit=2000&per_object=201", nil, api.Invalid)
	_, body := ana.with("Accept", "application/x-ndjson").send(t, http.MethodPost, "/find", question)
	lines := bytes.Split(bytes.TrimSpace(body), []byte("\n"))
	if len(lines) != 401 || !bytes.Equal(lines[0], lines[400]) || !bytes.Contains(lines[400], []byte(`"findings":[{`)) {
		t.Errorf("%d lines, the last %s", len(lines), lines[len(lines)-1])
	}
}

func TestFindRefusesWhatItCannotLookUp(t *testing.T) {
	_, ana, _ := lookupNode(t)
	ana.refused(t, http.MethodGet, "/find", nil, api.Invalid)
	ana.refused(t, http.MethodGet, "/find?value=a&limit=0", nil, api.Invalid)
	ana.refused(t, http.MethodPost, "/find", api.Question{Values: []string{}}, api.Invalid)
	ana.refused(t, http.MethodPost, "/find", api.Question{Values: make([]string, api.MaxValues+1)}, api.Invalid)
	ana.refused(t, http.MethodPost, "/find", []byte(`{"values":["a"],"vlaues":1}`), api.Invalid)
	var got client.List[lookup.Answer]
	odd := []string{strings.Repeat("word ", 10_000), "\u202e\u2066", "🦠", `"; drop table`, "300.1.2.3", "\x00"}
	ana.do(t, http.MethodPost, "/find", api.Question{Values: odd}, &got)
	for _, a := range got.Items {
		if len(a.Findings) > 0 {
			t.Errorf("%.80q is found: %+v", a.Asked, a)
		}
	}
	if len(got.Items) != len(odd) || got.Items[4].Note == "" {
		t.Errorf("got %d answers; the note on 300.1.2.3 is %q", len(got.Items), got.Items[4].Note)
	}
}

func TestNeighboursOfAnObject(t *testing.T) {
	_, ana, bo := lookupNode(t)
	const path = "/objects/" + malwareID + "/neighbours"
	for caller, want := range map[*caller]int{ana: 3, bo: 2} { // a partner is not told of the amber indicator, nor by what leads to it
		var g lookup.Graph
		caller.do(t, http.MethodGet, path+"?hops=2", nil, &g)
		if len(g.Nodes) != want || len(g.Edges) != want-1 || slices.ContainsFunc(g.Nodes, func(n lookup.Node) bool { return n.Unknown }) {
			t.Errorf("got %+v", g)
		}
	}
	var g lookup.Graph
	ana.do(t, http.MethodGet, path+"?per_object=1", nil, &g)
	if g.Next == "" || !g.More {
		t.Errorf("the first page is %+v", g)
	}
	bo.refused(t, http.MethodGet, path+"?next="+g.Next, nil, api.BadCursor)
	bo.refused(t, http.MethodGet, "/objects/indicator--00000000-0000-4000-8000-000000000002/neighbours", nil, api.NotFound)
	ana.refused(t, http.MethodGet, path+"?hops=5", nil, api.Invalid)
	ana.refused(t, http.MethodGet, path+"?direction=up", nil, api.Invalid)
}

func TestShowAndSourceOfAnObject(t *testing.T) {
	n, ana, bo := lookupNode(t)
	newer := strings.NewReplacer(`"modified":"2026-01-01`, `"modified":"2026-02-01`, "indicator 1", "renamed").Replace(indicator(1, "198.51.100.7", tlpGreen))
	n.publish(t, "feed", newer)
	const path = "/objects/indicator--00000000-0000-4000-8000-000000000001"
	var s lookup.Subject
	bo.do(t, http.MethodGet, path+"/show", nil, &s)
	if s.Name != "renamed" || len(s.History) != 2 || len(s.History[1].Changes) != 1 || s.TLP != "green" || len(s.About) != 1 {
		t.Errorf("shown %+v", s)
	}
	resp, body := bo.send(t, http.MethodGet, path+"/source?version=2026-01-01T00:00:00Z", nil)
	if string(body) != indicator(1, "198.51.100.7", tlpGreen) || resp.Header.Get("ETag") == "" {
		t.Errorf("the source is %s %s", resp.Status, body)
	}
	if _, body = ana.send(t, http.MethodGet, path+"/source", nil); string(body) != newer {
		t.Errorf("the latest source is %s", body)
	}
	for _, below := range []string{"/show", "/source"} {
		bo.refused(t, http.MethodGet, "/objects/indicator--00000000-0000-4000-8000-000000000002"+below, nil, api.NotFound)
		bo.refused(t, http.MethodGet, path+below+"?version=2026-03-01T00:00:00Z", nil, api.NotFound)
	}
}
