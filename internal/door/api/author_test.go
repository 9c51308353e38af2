package api_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"entente/client"
	"entente/internal/door/api"
	"entente/internal/practice/author"
)

// desk is a node with an analyst of the own member who reads and writes.
func desk(t *testing.T) (n *node, ana *caller) {
	t.Helper()
	n = open(t)
	n.collection(t, "default")
	return n, n.account(t, client.NewAccount{Name: "ana"}, "default:rw")
}

// indicator writes one.
func (c *caller) indicator(t *testing.T, value string) author.Written {
	t.Helper()
	var w author.Written
	resp := c.do(t, http.MethodPost, "/author", author.NewObject{Type: "indicator", For: value, Set: []string{"description=x"}}, &w)
	got, _ := c.send(t, http.MethodGet, "/objects/"+w.ID, nil)
	if tag := resp.Header.Get("ETag"); tag == "" || tag != got.Header.Get("ETag") {
		t.Errorf("what was written has the ETag %s, what is there %s", tag, got.Header.Get("ETag"))
	}
	return w
}

// Who writes says how it was made, and nobody takes that back: a review is added.
func TestHowAnObjectWasMadeStaysSaid(t *testing.T) {
	_, ana := desk(t)
	var w author.Written
	ana.do(t, http.MethodPost, "/author", []byte(`{"type":"malware","set":["name=Drum"],"made_by":"model","model":"oracle 3.1"}`), &w)
	at := "/objects/" + w.ID
	patch := ana.with("Content-Type", "application/merge-patch+json")
	patch.refused(t, http.MethodPatch, at, []byte(`{"extensions":null}`), api.Invalid)
	patch.refused(t, http.MethodPatch, at, []byte(`{"extensions":{"extension\u002ddefinition--954f4e28-02cd-43f0-965b-052076cd1188":{"made_by":"person"}}}`), api.Invalid)
	ana.refused(t, http.MethodPost, at+"/edit", []byte(`{"object":{"type":"malware","name":"Drum","is_family":false}}`), api.Invalid)
	ana.refused(t, http.MethodPost, at+"/edit", []byte(`{"made_by":"person"}`), api.Invalid)
	ana.do(t, http.MethodPost, at+"/edit", []byte(`{"reviewed_by":["me"]}`), &w)
	if text := string(w.Object); !strings.Contains(text, `"made_by":"model","model":"oracle 3.1","review_level":"human-reviewed","reviewed_by_refs":["identity--`) {
		t.Errorf("reviewed it is %s", text)
	}
}

func TestWritingAndTakingBack(t *testing.T) {
	_, ana := desk(t)
	first := ana.indicator(t, "198.51.100.7")
	resp, _ := ana.send(t, http.MethodPost, "/author", author.NewObject{Type: "indicator", For: "198.51.100.7"})
	if first.Verdict != author.Done || resp.StatusCode != http.StatusOK {
		t.Errorf("first %s, then %s", first.Verdict, resp.Status)
	}

	var second author.Written
	got, _ := ana.send(t, http.MethodGet, "/objects/"+first.ID, nil)
	patch := ana.with("If-Match", got.Header.Get("ETag")).with("Content-Type", "application/merge-patch+json")
	patch.do(t, http.MethodPatch, "/objects/"+first.ID, []byte(`{"name":"Control server","description":null}`), &second)
	if text := string(second.Object); !strings.Contains(text, `"name":"Control server"`) || strings.Contains(text, "description") {
		t.Errorf("patched it is %s", text)
	}
	p := patch.refused(t, http.MethodPatch, "/objects/"+first.ID, []byte(`{"name":"Other"}`), api.Stale)
	for _, side := range []string{`name became "Control server"`, `you would make name "Other"`, second.Version} {
		if !strings.Contains(p.Detail, side) {
			t.Errorf("the stale edit is not told %q: %s", side, p.Detail)
		}
	}
	ana.with("If-Match", `"else"`).with("Content-Type", "application/merge-patch+json").refused(t, http.MethodPatch, "/objects/"+first.ID, []byte(`{}`), api.Stale)
	ana.with("If-Match", `"`+first.Version+`"`).refused(t, http.MethodPost, "/objects/"+first.ID+"/revoke", nil, api.Stale)
	ana.refused(t, http.MethodPost, "/objects/"+first.ID+"/edit", author.Edit{Set: []string{"confidence=high"}}, api.Invalid)

	var gone author.Written
	ana.do(t, http.MethodPost, "/objects/"+first.ID+"/revoke", nil, &gone)
	if !strings.Contains(string(gone.Object), `"revoked":true`) {
		t.Errorf("taken back it is %s", gone.Object)
	}
	ana.refused(t, http.MethodPost, "/author", author.NewObject{Type: "indicator", For: "198.51.100.7"}, api.Exists)
	var removed author.Removed
	ana.do(t, http.MethodDelete, "/objects/"+first.ID, nil, &removed)
	if removed.Versions["default"] != 3 {
		t.Errorf("removed %+v", removed)
	}
	ana.refused(t, http.MethodDelete, "/objects/"+first.ID, nil, api.NotFound)
}

func TestAnInvalidObjectIsToldFaultByFault(t *testing.T) {
	_, ana := desk(t)
	p := ana.refused(t, http.MethodPost, "/author", author.NewObject{Type: "malware", Set: []string{"is_family=perhaps"}}, api.Invalid)
	if len(p.Errors) != 1 || p.Errors[0].Location != "object.is_family" {
		t.Errorf("the problem is %+v", p)
	}
}

func TestSightingsNotesRelationshipsAndTags(t *testing.T) {
	_, ana := desk(t)
	first := ana.indicator(t, "198.51.100.7")
	var malware, sighting, note, edge author.Written
	ana.do(t, http.MethodPost, "/author", author.NewObject{Type: "malware", Set: []string{"name=Drum"}}, &malware)
	ana.do(t, http.MethodPost, "/sightings", author.Sighting{Of: first.ID, Count: 2}, &sighting)
	ana.do(t, http.MethodPost, "/notes", author.Remark{On: []string{first.ID}, Text: "Seen at night."}, &note)
	ana.do(t, http.MethodPost, "/relationships", author.Relation{Source: first.ID, Type: "indicates", Target: malware.ID}, &edge)
	if sighting.Type != "sighting" || note.Type != "note" || edge.Name != `indicator "198.51.100.7" indicates malware "Drum"` {
		t.Errorf("%+v %+v %+v", sighting, note, edge)
	}
	ana.refused(t, http.MethodPost, "/relationships", author.Relation{Source: malware.ID, Type: "indicates", Target: first.ID}, api.Invalid)
	ana.refused(t, http.MethodPost, "/sightings", author.Sighting{Of: "203.0.113.9"}, api.NotFound)

	var seen author.Tagged
	ana.do(t, http.MethodPost, "/tags", author.Tagging{Add: []string{"night"}, Types: []string{"indicator", "malware"}}, &seen)
	if seen.Changing != 2 || seen.Applied {
		t.Errorf("the preview is %+v", seen)
	}
	ana.do(t, http.MethodPost, "/tags", author.Tagging{Add: []string{"night"}, Types: []string{"indicator", "malware"}, Apply: true}, &seen)
	if seen.Changing != 2 || !seen.Applied {
		t.Errorf("applied it is %+v", seen)
	}
}

func TestDraftsOfAnAccount(t *testing.T) {
	n, ana := desk(t)
	bo := n.account(t, client.NewAccount{Name: "bo"}, "default:rw")
	var d author.Draft
	ana.do(t, http.MethodPost, "/drafts", author.NewObject{Type: "tool"}, &d)
	if d.ID != "1" || len(d.Problems) != 1 {
		t.Errorf("the draft is %+v", d)
	}
	bo.refused(t, http.MethodGet, "/drafts/1", nil, api.NotFound)
	ana.refused(t, http.MethodPost, "/drafts/1/publish", nil, api.Invalid)
	base := d.Changed.Format("2006-01-02T15:04:05.999999Z07:00")
	ana.do(t, http.MethodPost, "/drafts/1/edit", author.Edit{Base: base, Set: []string{"name=nmap"}}, &d)
	ana.refused(t, http.MethodPost, "/drafts/1/edit", author.Edit{Base: base, Set: []string{"name=other"}}, api.Stale)
	var w author.Written
	ana.do(t, http.MethodPost, "/drafts/1/publish", nil, &w)
	if w.Name != "nmap" {
		t.Errorf("published is %+v", w)
	}
	var list client.List[author.Draft]
	ana.do(t, http.MethodGet, "/drafts", nil, &list)
	if len(list.Items) != 0 {
		t.Errorf("the drafts are %+v", list.Items)
	}
	ana.do(t, http.MethodPost, "/drafts", author.NewObject{Type: "tool"}, nil)
	ana.do(t, http.MethodDelete, "/drafts/2", nil, nil) // no number comes twice
	ana.refused(t, http.MethodDelete, "/drafts/2", nil, api.NotFound)
}

// Partners, and accounts without a grant to write, are told that it is not theirs.
func TestWhoMayWrite(t *testing.T) {
	n, ana := desk(t)
	first := ana.indicator(t, "198.51.100.7")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Brookwater"}, nil)
	partner := n.account(t, client.NewAccount{Name: "brook", Org: "Brookwater"}, "default:rw")
	reader := n.account(t, client.NewAccount{Name: "cy"}, "default:r")
	stranger := n.account(t, client.NewAccount{Name: "di"})
	object := author.NewObject{Type: "tool", Set: []string{"name=x"}}
	partner.refused(t, http.MethodPost, "/author", object, api.Forbidden)
	reader.refused(t, http.MethodPost, "/author", object, api.Forbidden)
	stranger.refused(t, http.MethodPost, "/author", object, api.NotFound)
	edit := author.Edit{Set: []string{"name=x"}}
	reader.refused(t, http.MethodPost, "/objects/"+first.ID+"/edit", edit, api.Forbidden)
	stranger.refused(t, http.MethodPost, "/objects/"+first.ID+"/edit", edit, api.NotFound)
	// An amber indicator is not there for the partner, who may yet write.
	partner.refused(t, http.MethodDelete, "/objects/"+first.ID, nil, api.NotFound)
	stranger.refused(t, http.MethodDelete, "/objects/"+first.ID, nil, api.NotFound)
	reader.refused(t, http.MethodDelete, "/objects/"+first.ID, nil, api.Forbidden)
}

func TestOfTwoScriptsOneWins(t *testing.T) {
	_, ana := desk(t)
	w := ana.indicator(t, "198.51.100.7")
	patch := ana.with("If-Match", `"`+w.Version+`"`).with("Content-Type", "application/merge-patch+json")
	var status sync.Map
	var both sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		both.Go(func() {
			resp, _ := patch.send(t, http.MethodPatch, "/objects/"+w.ID, []byte(`{"name":"`+name+`"}`))
			status.Store(resp.StatusCode, name)
		})
	}
	both.Wait()
	_, won := status.Load(http.StatusOK)
	_, told := status.Load(http.StatusPreconditionFailed)
	if !won || !told {
		t.Errorf("won %t, told %t", won, told)
	}
}
