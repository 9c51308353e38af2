package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

// What explain says is what happens: for every object and reader.
func TestExplanationsAreWhatHappens(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.collection(t, "other")
	n.bringMarked(t, "feeds")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	n.operator.do(t, http.MethodPost, "/agreements", client.NewAgreement{Name: "with-water", To: []string{"org:Water ISAC"}, TLP: "red",
		Terms: []string{"no-resale"}, LegalGrounds: []string{"nis2-29"}}, nil)
	readers := map[string]*caller{
		"bo":     n.account(t, client.NewAccount{Name: "bo", Org: "Water ISAC", Groups: []string{"water"}}, "feeds:r"),
		"fw":     n.account(t, client.NewAccount{Name: "fw", Org: "Water ISAC", Use: "block"}, "feeds:r"),
		"ana":    n.account(t, client.NewAccount{Name: "ana"}, "feeds:r"),
		"cy":     n.account(t, client.NewAccount{Name: "cy", Role: "curator"}),
		"closed": n.account(t, client.NewAccount{Name: "closed", Org: "Water ISAC"}, "other:r"),
	}
	for name, c := range readers {
		seen := ""
		if name != "closed" {
			seen = c.sees(t, "feeds")
		}
		for i, o := range marked {
			path := "/policy/explain?" + url.Values{"id": {fmt.Sprintf("campaign--00000000-0000-4000-8000-%012d", i)}, "as": {name}}.Encode()
			var found client.List[client.Explanation]
			n.operator.do(t, http.MethodGet, path, nil, &found)
			if len(found.Items) != 1 || found.Items[0].Collection != "feeds" {
				t.Fatalf("%s: %+v", path, found)
			}
			e := found.Items[0]
			if want := strings.Contains(" "+seen+" ", " "+o.name+" "); e.Reads != want {
				t.Errorf("%s reads %s: %v, explained as %v: %+v", name, o.name, want, e.Reads, e)
			}
			if e.Decision.Reason == "" || len(e.Steps) == 0 || e.Reads && e.Decision.Agreement == "" {
				t.Errorf("%s, %s: an answer without its reasons: %+v", name, o.name, e)
			}
			// Of themselves others learn what they see, and nothing of the rest.
			own := "/policy/explain?id=" + fmt.Sprintf("campaign--00000000-0000-4000-8000-%012d", i)
			if e.Reads {
				c.do(t, http.MethodGet, own, nil, &found)
			} else {
				c.refused(t, http.MethodGet, own, nil, api.NotFound)
			}
		}
		if name != "cy" {
			c.refused(t, http.MethodGet, "/policy/explain?id="+ident+"&as=cy", nil, api.Forbidden)
			c.refused(t, http.MethodGet, "/policy/check", nil, api.Forbidden)
			c.refused(t, http.MethodPost, "/policy/diff", client.PolicyDraft{New: []client.NewAgreement{}}, api.Forbidden)
			c.refused(t, http.MethodPost, "/policy/test", client.PolicyCases{Cases: []client.PolicyCase{{As: "bo", Class: "tlp:red"}}}, api.Forbidden)
		}
	}
	n.operator.refused(t, http.MethodGet, "/policy/explain?id="+ident+"&as=bo", nil, api.NotFound)
	n.operator.refused(t, http.MethodGet, "/policy/explain?id="+ident+"&as=nobody", nil, api.NotFound)
}

func TestPolicyDraftsAndCases(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.bringMarked(t, "feeds")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	n.account(t, client.NewAccount{Name: "bo", Org: "Water ISAC"}, "feeds:r")
	draft := client.NewAgreement{Name: "with-water", To: []string{"org:Water ISAC"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}}
	var diff client.PolicyChanges
	n.operator.do(t, http.MethodPost, "/policy/diff", client.PolicyDraft{New: []client.NewAgreement{draft}}, &diff)
	var classes []string
	for _, c := range diff.Changes {
		classes = append(classes, c.Class)
		if c.Account != "bo" || c.Before.Allow || !c.After.Allow {
			t.Errorf("%+v", c)
		}
	}
	slices.Sort(classes)
	definitions := []string{"tlp:amber forbidden:research,law-enforcement,attribution,publication", "tlp:amber to:person:bo@water%20isac"} // unmarked, of what they mark
	if !slices.Equal(classes, append([]string{"tlp:amber"}, definitions...)) || diff.Accounts != 1 || diff.Classes < 10 {
		t.Errorf("%q, %+v", classes, diff)
	}
	n.operator.do(t, http.MethodPost, "/policy/diff", client.PolicyDraft{Old: &[]client.NewAgreement{draft}, New: []client.NewAgreement{draft}}, &diff)
	if len(diff.Changes) != 0 {
		t.Errorf("a draft differs from itself: %+v", diff)
	}
	n.operator.refused(t, http.MethodPost, "/policy/diff", client.PolicyDraft{New: []client.NewAgreement{draft, draft}}, api.Invalid)

	var answers client.PolicyAnswers
	n.operator.do(t, http.MethodPost, "/policy/test", client.PolicyCases{Cases: []client.PolicyCase{
		{As: "bo", Class: "tlp:green"}, {As: "water isac", Class: "tlp:amber"}, {As: own, Class: "pap:red tlp:amber"}}}, &answers)
	if d := answers.Decisions; len(d) != 3 || !d[0].Allow || d[1].Allow || !d[2].Allow {
		t.Errorf("%+v", answers)
	}
	n.operator.refused(t, http.MethodPost, "/policy/test", client.PolicyCases{Cases: []client.PolicyCase{{As: "bo", Class: "green"}}}, api.Invalid)

	var findings client.PolicyFindings
	n.operator.do(t, http.MethodGet, "/policy/check", nil, &findings)
	var about []string
	for _, f := range findings.Findings {
		about = append(about, f.About)
	}
	if got := strings.Join(about, ", "); !strings.Contains(got, "terms:attribute,anonymise") || !strings.Contains(got, "unexplained:"+marking(9)) {
		t.Errorf("found %s", got)
	}
}
