package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
)

// Marking definitions of the cases, by their last digit.
func definition(i int, extension, body string) string {
	return fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":"%s","created":"2026-01-01T00:00:00Z","name":"m%d",`+
		`"extensions":{"extension-definition--%s":{"extension_type":"property-extension",%s}}}`, marking(i), i, extension, body)
}

func marking(i int) string {
	return fmt.Sprintf("marking-definition--00000000-0000-4000-8000-%012d", i)
}

// The extensions of the cases, and labels that are not defined elsewhere here.
const (
	ownExtension = "f64497da-bf8d-4941-bc8c-fc538ba3df35"
	iepExtension = "762e2e97-ee51-43e5-a9ea-165fbb862c4a"
	amber        = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	red          = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	papAmber     = "marking-definition--60f8932b-e51e-4458-b265-a2e8be9a80ab"
	policy       = `"encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may",` +
		`"tlp":"green","iep_id":"0224bfdf-ea3a-49c3-96f6-66d908bb1845","iep_version":2.0,"description":"x","start_date":"2022-10-01T00:00:00Z",`
)

// marked are objects with all that is enforced beyond a label, by what each is.
var marked = []struct {
	name string
	refs []string
}{
	{"green", []string{green}},
	{"amber", []string{amber}},
	{"defence", []string{green, marking(1)}},
	{"pap-amber", []string{green, papAmber}},
	{"group", []string{amber, marking(2)}},
	{"red-named", []string{red, marking(3)}},
	{"no-resale", []string{marking(4)}},
	{"contradicts", []string{marking(5), marking(6)}},
	{"embargo", []string{green, marking(7)}},
	{"excluded", []string{green, marking(8)}},
	{"broken", []string{green, marking(9)}},
	{"personal", []string{green, marking(10)}},
}

// bringMarked publishes the objects with their definitions.
func (n *node) bringMarked(t testing.TB, collection string) {
	t.Helper()
	lines := []string{
		definition(1, ownExtension, `"purposes":["defence"]`),
		definition(2, ownExtension, `"release_to":["group:WATER","org:`+own+`"]`),
		definition(3, ownExtension, `"release_to":["person:bo@Water ISAC"]`),
		definition(4, iepExtension, policy+`"provider_attribution":"may","unmodified_resale":"must-not"`),
		definition(5, iepExtension, policy+`"provider_attribution":"must","unmodified_resale":"may"`),
		definition(6, iepExtension, policy+`"provider_attribution":"must-not","unmodified_resale":"may"`),
		definition(7, ownExtension, `"embargo_until":"2999-01-01T00:00:00Z"`),
		definition(8, ownExtension, `"not_to":["org:WATER ISAC"]`),
		definition(9, iepExtension, `"tlp":"white"`),
		definition(10, ownExtension, `"personal_data":true`),
	}
	for i, o := range marked {
		lines = append(lines, fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":%q,"object_marking_refs":["%s"]}`,
			i, o.name, strings.Join(o.refs, `","`)))
	}
	if _, tally := n.operator.bring(t, collection, strings.Join(lines, "\n")); tally.New != len(lines) {
		t.Fatalf("%+v", tally)
	}
}

// sees is the names of the campaigns that the caller reads.
func (c *caller) sees(t testing.TB, collection string) string {
	t.Helper()
	var page client.List[struct {
		Name string `json:"name"`
	}]
	c.do(t, http.MethodGet, "/collections/"+collection+"/objects?type=campaign&limit=1000", nil, &page)
	var names []string
	for _, o := range page.Items {
		names = append(names, o.Name)
	}
	return strings.Join(names, " ")
}

// What partners read beyond a grant's GREEN is what was agreed, while it is
// agreed; what own accounts read does not depend on it.
func TestAgreementsReleaseWhatTheySay(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.bringMarked(t, "feeds")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water ISAC"}, nil)
	bo := n.account(t, client.NewAccount{Name: "bo", Org: "Water ISAC", Groups: []string{"Water"}}, "feeds:r")
	firewall := n.account(t, client.NewAccount{Name: "fw", Org: "Water ISAC", Use: "block"}, "feeds:r")
	press := n.account(t, client.NewAccount{Name: "press", Org: "Water ISAC", Purpose: "publication"}, "feeds:r")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:r")
	want := func(when string, c *caller, names string) {
		t.Helper()
		if got := c.sees(t, "feeds"); got != names {
			t.Errorf("%s:\n got %s\nwant %s", when, got, names)
		}
	}
	const all = "green amber defence pap-amber group no-resale contradicts embargo excluded broken personal"
	want("own account", ana, all)
	want("partner", bo, "green defence pap-amber")
	want("partner that blocks", firewall, "green defence")
	want("partner that publishes", press, "green pap-amber")

	agreement := client.NewAgreement{Name: "with-water", To: []string{"org:WATER isac"}, TLP: "red", Terms: []string{"no-resale"}, LegalGrounds: []string{"nis2-29"}}
	var made client.Agreement
	n.operator.do(t, http.MethodPost, "/agreements", agreement, &made)
	if made.Version != 1 || made.State != "in force" {
		t.Errorf("%+v", made)
	}
	// What was opened comes behind what could be read before.
	want("partner, agreed", bo, "green defence pap-amber amber group red-named no-resale")
	want("partner that blocks, agreed", firewall, "green defence amber no-resale")
	want("partner for whose purpose nothing is agreed", press, "green pap-amber")
	want("own account, agreed", ana, all)

	agreement.LegalGrounds, agreement.TLP, agreement.Replaces = []string{"gdpr-6-public-task"}, "green", 1
	n.operator.do(t, http.MethodPost, "/agreements", agreement, &made)
	want("partner, on a ground for personal data", bo, "green defence pap-amber no-resale personal")

	n.operator.do(t, http.MethodPost, "/agreements/with-water/end", nil, &made)
	want("partner, ended", bo, "green defence pap-amber")

	var history client.List[client.Agreement]
	n.operator.do(t, http.MethodGet, "/agreements/with-water", nil, &history)
	var states []string
	for _, a := range history.Items {
		states = append(states, fmt.Sprint(a.Version, " ", a.TLP, " ", a.State))
	}
	if got := strings.Join(states, ", "); got != "1 red replaced, 2 green replaced, 3 green ended" {
		t.Errorf("history: %s", got)
	}
	bo.refused(t, http.MethodGet, "/agreements", nil, api.Forbidden)
	ana.refused(t, http.MethodGet, "/agreements/with-water", nil, api.Forbidden)
	ana.refused(t, http.MethodPost, "/agreements", agreement, api.Forbidden)
	n.operator.refused(t, http.MethodPost, "/agreements", agreement, api.Exists)
	agreement.Until = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	n.operator.refused(t, http.MethodPost, "/agreements", agreement, api.Invalid)
}

// An agreement for certain collections releases what stands there and nothing elsewhere;
// its recipient is told of those that he may read.
func TestAgreementsAreForTheirCollections(t *testing.T) {
	n := open(t)
	for i, c := range []string{"feed", "box", "vault"} {
		n.collection(t, c)
		n.operator.bring(t, c, fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":%q,"object_marking_refs":[%q]}`, i, c, amber))
	}
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Bay"}, nil)
	bay := n.account(t, client.NewAccount{Name: "bay", Org: "Bay"}, "feed:r", "box:r")
	agreement := client.NewAgreement{Name: "with-bay", To: []string{"org:Bay"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}, Collections: []string{"vault", "feed", "feed"}}
	sees := func(when, feed, box string) {
		t.Helper()
		var found client.List[client.Explanation]
		for c, want := range map[string]string{"feed": feed, "box": box} {
			if got := bay.sees(t, c); got != want {
				t.Errorf("%s: in %s %q is read, want %q", when, c, got, want)
			}
			id := fmt.Sprintf("campaign--00000000-0000-4000-8000-%012d", map[string]int{"feed": 0, "box": 1}[c])
			n.operator.do(t, http.MethodGet, "/policy/explain?as=bay&id="+id, nil, &found)
			if len(found.Items) != 1 || found.Items[0].Reads != (want != "") {
				t.Errorf("%s: in %s it is explained as %+v", when, c, found.Items)
			}
		}
	}
	diff := func(want ...string) {
		t.Helper()
		var out client.PolicyChanges
		n.operator.do(t, http.MethodPost, "/policy/diff", client.PolicyDraft{New: []client.NewAgreement{agreement}}, &out)
		var got []string
		for _, c := range out.Changes {
			got = append(got, c.Collection)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("a draft changes %v, want %v", got, want)
		}
	}
	sees("nothing is agreed", "", "")
	diff("feed", "vault")
	var made client.Agreement
	n.operator.do(t, http.MethodPost, "/agreements", agreement, &made)
	if fmt.Sprint(made.Collections) != "[feed vault]" {
		t.Errorf("made for %v", made.Collections)
	}
	sees("agreed for the feed", "feed", "")
	diff()
	var me client.Me
	bay.do(t, http.MethodGet, "/me", nil, &me)
	if len(me.Agreements) != 1 || fmt.Sprint(me.Agreements[0].Collections) != "[feed]" {
		t.Errorf("its recipient is told of %+v", me.Agreements)
	}
	var answers client.PolicyAnswers
	n.operator.do(t, http.MethodPost, "/policy/test", client.PolicyCases{Cases: []client.PolicyCase{{As: "bay", Class: "tlp:amber"},
		{As: "bay", Class: "tlp:amber", Collection: "feed"}, {As: "bay", Class: "tlp:amber", Collection: "box"}}}, &answers)
	if d := answers.Decisions; d[0].Allow || !d[1].Allow || d[2].Allow {
		t.Errorf("decided as %+v", d)
	}
	agreement.Replaces, agreement.Collections = 1, []string{"feeds"}
	n.operator.refused(t, http.MethodPost, "/agreements", agreement, api.NotFound)
	agreement.Collections = []string{"#1"}
	n.operator.refused(t, http.MethodPost, "/agreements", agreement, api.NotFound)
	agreement.Collections = []string{"vault"}
	n.operator.do(t, http.MethodPost, "/agreements", agreement, nil)
	sees("agreed for another", "", "")
	bay.do(t, http.MethodGet, "/me", nil, &me)
	if len(me.Agreements) != 0 {
		t.Errorf("who may read none of it is told of %+v", me.Agreements)
	}
	n.operator.do(t, http.MethodDelete, "/collections/vault?objects=1", nil, nil)
	n.collection(t, "vault")
	var shown client.List[client.Agreement]
	n.operator.do(t, http.MethodGet, "/agreements", nil, &shown)
	if got := fmt.Sprint(shown.Items[0].Collections); !strings.HasPrefix(got, "[#") {
		t.Errorf("of a collection that is no more %s is shown", got)
	}
	agreement.Collections = shown.Items[0].Collections
	diff()
	var out client.PolicyFindings
	n.operator.do(t, http.MethodGet, "/policy/check", nil, &out)
	if len(out.Findings) != 1 || !strings.Contains(out.Findings[0].Says, "which is no more") {
		t.Errorf("found %+v", out.Findings)
	}
}
