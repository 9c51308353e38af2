package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

// Objects as producers write them, with space of their own.
const (
	green  = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb" // TLP:GREEN of STIX 2.1 (TLP 2.0)
	ident  = "identity--0c6af0c9-2c6a-4b5d-9e0b-3a3f8e1d5b11"
	spaced = "{ \"type\": \"identity\",\n  \"spec_version\": \"2.1\", \"id\": \"" + ident + "\",\n  \"created\": \"2026-01-01T00:00:00Z\", \"modified\": \"2026-01-01T00:00:00Z\",\n  \"name\": \"Estmark <Water>\" }"
)

// campaign is object i.
func campaign(i int) string {
	return fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"c%d"}`, i, i)
}

// bring sends a body of objects and gives the results and the tally.
func (c *caller) bring(t testing.TB, collection, body string) ([]client.Result, client.Tally) {
	t.Helper()
	resp, b := c.with("Content-Type", "application/x-ndjson").send(t, http.MethodPost, "/collections/"+collection+"/objects", []byte(body))
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/x-ndjson" {
		t.Fatalf("bring: %s: %.500s", resp.Status, b)
	}
	var results []client.Result
	for d := json.NewDecoder(bytes.NewReader(b)); d.More(); {
		var line client.ResultLine
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line.Tally != nil {
			if d.More() {
				t.Error("the tally is not the last line")
			}
			return results, *line.Tally
		}
		results = append(results, *line.Result)
	}
	t.Fatalf("no tally: %.500s", b)
	return nil, client.Tally{}
}

func TestObjectsGoOutAsTheyCame(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	results, tally := ana.bring(t, "feeds", `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[`+spaced+","+campaign(1)+`]}`)
	if len(results) != 2 || results[0].Verdict != "new" || results[0].ID != ident || results[0].Added.IsZero() || tally.New != 2 || tally.Error != nil {
		t.Fatalf("%+v, %+v", results, tally)
	}
	resp, b := ana.send(t, http.MethodGet, "/objects/"+ident, nil)
	if string(b) != spaced {
		t.Errorf("the object came back as %s", b)
	}
	tag := resp.Header.Get("ETag")
	if !strings.HasPrefix(tag, `"`) {
		t.Errorf("its ETag is %s, want a strong one", tag)
	}
	resp, b = ana.with("If-None-Match", tag).send(t, http.MethodGet, "/objects/"+ident, nil)
	if resp.StatusCode != http.StatusNotModified || len(b) != 0 {
		t.Errorf("asked again it is answered %s with %d bytes", resp.Status, len(b))
	}
	_, b = ana.send(t, http.MethodGet, "/collections/feeds/objects", nil)
	if want := `{"items":[` + spaced + "," + campaign(1) + `]}`; string(b) != want {
		t.Errorf("the page is %s, want %s", b, want)
	}
	resp, b = ana.send(t, http.MethodGet, "/objects/"+ident+"?fields=name,id,nothing,id", nil)
	if want := `{"name":"Estmark <Water>","id":"` + ident + `"}`; string(b) != want || resp.Header.Get("ETag") == tag {
		t.Errorf("the view is %s with ETag %s, want %s", b, resp.Header.Get("ETag"), want)
	}
	_, b = ana.with("Accept", "application/x-ndjson").send(t, http.MethodGet, "/collections/feeds/objects?fields=id", nil)
	if want := `{"id":"` + ident + "\"}\n" + `{"id":"campaign--00000000-0000-4000-8000-000000000001"}` + "\n"; string(b) != want {
		t.Errorf("the lines are %s", b)
	}
	_, b = ana.with("Accept", "application/x-ndjson").send(t, http.MethodGet, "/collections/feeds/objects?limit=1", nil)
	if want := strings.ReplaceAll(spaced, "\n", " ") + "\n" + campaign(1) + "\n"; string(b) != want {
		t.Errorf("the lines are %s", b)
	}
}

func TestObjectsAreListedByPagesAndFilters(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	var lines strings.Builder
	for i := range 7 {
		lines.WriteString(campaign(i) + "\n")
	}
	results, _ := ana.bring(t, "feeds", lines.String()+strings.ReplaceAll(spaced, "\n", " "))
	list := func(query string) (ids []string, next string) {
		var page client.List[struct{ ID string }]
		ana.do(t, http.MethodGet, "/collections/feeds/objects"+query, nil, &page)
		for _, o := range page.Items {
			ids = append(ids, o.ID[len(o.ID)-1:])
		}
		return ids, page.Next
	}
	var all []string
	next := ""
	for {
		ids, more := list("?limit=3&type=campaign" + next)
		all = append(all, ids...)
		if more == "" {
			break
		}
		next = "&next=" + more
	}
	if got := strings.Join(all, ""); got != "0123456" {
		t.Errorf("the pages hold %s", got)
	}
	if ids, _ := list("?type=identity,malware"); len(ids) != 1 {
		t.Errorf("by type there are %v", ids)
	}
	if ids, _ := list("?id=" + ident + ",campaign--00000000-0000-4000-8000-000000000004"); len(ids) != 2 {
		t.Errorf("by id there are %v", ids)
	}
	if ids, _ := list("?added_after=" + results[5].Added.Format("2006-01-02T15:04:05.000000Z")); len(ids) != 2 {
		t.Errorf("added later are %v", ids)
	}
	if ids, _ := list("?limit=5&fields=id"); len(ids) != 5 {
		t.Errorf("a view of five has %v", ids)
	}
	ana.refused(t, http.MethodGet, "/collections/feeds/objects?limit=3"+next, nil, api.BadCursor)
	ana.refused(t, http.MethodGet, "/collections/feeds/objects?added_after=noon", nil, api.Invalid)
	ana.refused(t, http.MethodGet, "/collections/feeds/objects?versions=some", nil, api.Invalid)
}

func TestBadObjectsHideNothing(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	big := strings.Replace(campaign(9), "c9", strings.Repeat("x", 2<<20), 1)
	body := strings.Join([]string{campaign(1), `{"type":"campaign"}`, `{"type":broken}`, campaign(2), campaign(1), big, campaign(3)}, "\n")
	results, tally := ana.bring(t, "feeds", body)
	var verdicts []string
	for i, r := range results {
		verdicts = append(verdicts, r.Verdict)
		if r.Index != i {
			t.Errorf("result %d is of object %d", i, r.Index)
		}
		if (r.Verdict == "refused") != (r.Reason != "") {
			t.Errorf("%+v", r)
		}
	}
	if got := strings.Join(verdicts, " "); got != "new refused refused new same refused new" || tally.Objects != 7 || tally.New != 3 || tally.Refused != 3 || tally.Same != 1 {
		t.Errorf("%s; %+v; %+v", got, tally, results)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(strings.Join([]string{campaign(1), campaign(2), campaign(3)}, "\n")))
	z.Close()
	if _, tally := ana.bring(t, "feeds", packed.String()); tally.Same != 3 {
		t.Errorf("packed, and again: %+v", tally)
	}
	if _, tally := ana.bring(t, "feeds", ""); tally.New != 0 {
		t.Errorf("an empty body: %+v", tally)
	}
}

func TestWhoMayBringAndTakeOut(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.collection(t, "secret")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	rita := n.account(t, client.NewAccount{Name: "rita"}, "feeds:r")
	will := n.account(t, client.NewAccount{Name: "will"}, "feeds:w")
	post := func(c *caller, collection string, code api.Code) {
		t.Helper()
		c.with("Content-Type", "application/x-ndjson").refused(t, http.MethodPost, "/collections/"+collection+"/objects", []byte(campaign(1)), code)
	}
	post(rita, "feeds", api.Forbidden)
	post(ana, "secret", api.NotFound)
	will.bring(t, "feeds", campaign(1))
	id := "campaign--00000000-0000-4000-8000-000000000001"
	for _, path := range []string{"/objects/" + id, "/objects/" + id + "/versions"} {
		will.refused(t, http.MethodGet, path, nil, api.NotFound)
		rita.do(t, http.MethodGet, path, nil, nil)
	}
	will.refused(t, http.MethodGet, "/collections/feeds/objects", nil, api.Forbidden)
	will.with("Accept", "application/x-ndjson").refused(t, http.MethodGet, "/collections/feeds/objects", nil, api.Forbidden)
	for _, c := range []*caller{rita, will} {
		c.refused(t, http.MethodDelete, "/collections/feeds/objects/"+id, nil, api.Forbidden)
	}
	ana.do(t, http.MethodDelete, "/collections/feeds/objects/"+id, nil, nil)
	ana.refused(t, http.MethodDelete, "/collections/feeds/objects/"+id, nil, api.NotFound)
	rita.refused(t, http.MethodGet, "/objects/"+id, nil, api.NotFound)
}

// What a partner may not see is not there, in a list, by its id, or as a version.
func TestHandlingDecides(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	hub := n.account(t, client.NewAccount{Name: "hub", Org: "Water ISAC"}, "feeds:r")
	shared := strings.Replace(campaign(2), `"name"`, `"object_marking_refs":["`+green+`"],"name"`, 1)
	newer := strings.Replace(campaign(2), `"modified":"2026-01-01`, `"modified":"2026-02-02`, 1) // unmarked: amber
	ana.bring(t, "feeds", strings.Join([]string{campaign(1), shared}, "\n"))
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Fern"}, nil) // of the producer's own, the older version would go, too
	n.account(t, client.NewAccount{Name: "fern", Org: "Fern"}, "feeds:rw").bring(t, "feeds", newer)
	_, b := hub.send(t, http.MethodGet, "/collections/feeds/objects?versions=all", nil)
	if want := `{"items":[` + shared + `]}`; string(b) != want {
		t.Errorf("the partner's page is %s", b)
	}
	hub.refused(t, http.MethodGet, "/objects/campaign--00000000-0000-4000-8000-000000000001", nil, api.NotFound)
	path := "/objects/campaign--00000000-0000-4000-8000-000000000002"
	if _, b := hub.send(t, http.MethodGet, path, nil); string(b) != shared {
		t.Errorf("the partner's latest is %s", b)
	}
	if _, b := ana.send(t, http.MethodGet, path, nil); string(b) != newer {
		t.Errorf("the own latest is %s", b)
	}
	for c, want := range map[*caller]int{hub: 1, ana: 2} {
		var list client.List[client.Version]
		c.do(t, http.MethodGet, path+"/versions", nil, &list)
		if len(list.Items) != want || list.Items[0].Collection != "feeds" {
			t.Errorf("versions: %+v, want %d", list.Items, want)
		}
	}
}

// Of a parameter that is given again nothing is passed over without a word, unless it may be
// repeated.
func TestAParameterIsGivenOnce(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.collection(t, "others")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw", "others:rw")
	ana.bring(t, "others", campaign(1)+"\n"+spaced)
	for path, want := range map[string]string{
		"/stream?wait=0&collection=feeds&collection=others":                      "query.collection: it is given 2 times; give it once, several values separated by commas",
		"/collections/others/objects?type=campaign&limit=1&type=identity&type=x": "query.type: it is given 3 times; give it once, several values separated by commas",
		"/collections/others/objects?limit=1&limit=2":                            "query.limit: it is given 2 times; give it once",
	} {
		resp, b := ana.send(t, http.MethodGet, path, nil)
		var p client.Error
		if err := json.Unmarshal(b, &p); err != nil || resp.StatusCode != http.StatusUnprocessableEntity || p.Code != "invalid" || p.Detail != want {
			t.Errorf("%s: %s %s, want %s", path, resp.Status, b, want)
		}
	}
	for _, path := range []string{"/stream?wait=0&collection=feeds,others", "/collections/others/objects?type=campaign,identity", "/find?value=a.example&value=b.example"} {
		if resp, b := ana.send(t, http.MethodGet, path, nil); resp.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %s", path, resp.Status, b)
		}
	}
}
