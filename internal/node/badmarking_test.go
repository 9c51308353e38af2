package node_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/trust/handling"
)

// marked is an indicator that is TLP:GREEN as a whole, with granular markings.
func marked(n int, more, marks string) string {
	return fmt.Sprintf(indicatorOf, indicatorID(n), january, "seen.example", handling.Green.Definition(), more+`,"granular_markings":[`+marks+`]`)
}

func redAt(selectors ...string) string {
	return `{"marking_ref":"` + handling.Red.Definition() + `","selectors":["` + strings.Join(selectors, `","`) + `"]}`
}

// What a marking is on must be told from what it is not on; where it cannot, all of the
// object is withheld.
func TestSelectorsThatDoNotSelect(t *testing.T) {
	w := shared(t)
	const refs = `,"description":"in confidence","external_references":[{"source_name":"one"},{"source_name":"two"}]`
	for n, c := range []struct {
		why, marks string
		shown      bool
	}{
		{"a property that is not there", redAt("labels"), false},
		{"an element that is not there", redAt("external_references.[2]"), false},
		{"an element of what is no list", redAt("description.[0]"), false},
		{"no path at all", redAt("..", ""), false},
		{"a part that must be there", redAt("pattern"), false},
		{"what an object is known by", redAt("id"), false},
		{"overlapping", redAt("external_references.[0]", "external_references", "external_references.[0].source_name") + "," + redAt("external_references", "description"), true},
		{"the same twice", redAt("description", "description") + "," + redAt("description"), true},
	} {
		w.publish(marked(n, refs, c.marks))
		status, body := w.get("brook", "/api/v1/objects/"+indicatorID(n))
		if shown := status == http.StatusOK; shown != c.shown {
			t.Errorf("%s: %d %s", c.why, status, body)
		}
		if strings.Contains(body, "confidence") && strings.Contains(c.marks, "description") {
			t.Errorf("%s: %s", c.why, body)
		}
	}
}

// A hundred thousand markings, on as many keys, cost no more than their number.
func TestManyGranularMarkings(t *testing.T) {
	w := shared(t)
	const many = 100_000
	var languages, keys, selectors []string
	for i := range many {
		selectors = append(selectors, fmt.Sprintf("x_notes.k%d", i))
		languages = append(languages, `{"lang":"en","selectors":["`+selectors[i]+`"]}`)
		keys = append(keys, fmt.Sprintf(`"k%d":"v"`, i))
	}
	notes := `,"description":"in confidence","x_notes":{` + strings.Join(keys, ",") + `}`
	for n, c := range []struct{ why, marks, shown, withheld string }{
		{"languages", strings.Join(languages, ",") + "," + redAt("description", "x_notes.k77"), "k99999", `"k77"`},
		{"all keys", redAt("description") + "," + redAt(selectors...), "seen.example", "x_notes"},
		{"all keys but one", redAt(selectors[1:]...) + "," + redAt("description"), "k0", "k99999"},
	} {
		began := time.Now()
		w.publish(marked(n, notes, c.marks))
		status, body := w.get("brook", "/api/v1/objects/"+indicatorID(n))
		if status != http.StatusOK || strings.Contains(body, "confidence") || !strings.Contains(body, c.shown) || strings.Contains(body, c.withheld) {
			t.Errorf("%s: %d, %d bytes", c.why, status, len(body))
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s: it took %v", c.why, took)
		}
	}
}

// A definition that is marked with itself explains nothing by that, and ends.
func TestAMarkingOfItself(t *testing.T) {
	w := shared(t)
	ids := []string{"marking-definition--77777777-7777-4777-8777-777777777771", "marking-definition--77777777-7777-4777-8777-777777777772"}
	for i, id := range ids { // each of the other, and of itself
		w.publish(fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","definition_type":"statement","definition":{"statement":"x"},"object_marking_refs":[%q,%q]}`, id, id, ids[1-i]))
		w.publish(fmt.Sprintf(indicatorOf, indicatorID(i), january, "seen.example", id, ""))
	}
	for i := range ids {
		if status, body := w.get("ash", "/api/v1/objects/"+indicatorID(i)); status != http.StatusOK && status != http.StatusNotFound {
			t.Errorf("%d %s", status, body)
		}
	}
}

// Terms that nobody can keep release nothing, and agreements that make no sense are
// refused with the reason.
func TestTermsThatContradict(t *testing.T) {
	w := shared(t)
	iep := func(id, attribution string) string {
		return `{"type":"marking-definition","spec_version":"2.1","id":"` + id + `","created":"2026-01-01T00:00:00Z","name":"terms","extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{"extension_type":"property-extension","iep_id":"01234567-0123-4123-8123-012345678901","iep_version":2.0,"name":"terms","start_date":"2020-01-01T00:00:00Z","tlp":"green","encrypt_in_transit":"may","permitted_actions":"externally-visible-direct-actions","affected_party_notifications":"may","unmodified_resale":"may","provider_attribution":"` + attribution + `"}}}`
	}
	ids := []string{"marking-definition--77777777-7777-4777-8777-777777777773", "marking-definition--77777777-7777-4777-8777-777777777774"}
	w.publish(iep(ids[0], "must"), iep(ids[1], "must-not"))
	for i, terms := range [][]string{{"attribute"}, {"anonymise"}} {
		w.asOperator("POST", "/api/v1/agreements", client.NewAgreement{Name: terms[0], To: []string{"org:brook org"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}, Terms: terms})
		w.publish(fmt.Sprintf(indicatorOf, indicatorID(i), january, "seen.example", ids[i], ""))
		if status, body := w.get("brook", "/api/v1/objects/"+indicatorID(i)); status != http.StatusOK {
			t.Errorf("not released on the terms that were agreed to: %d %s", status, body)
		}
	}
	w.publish(strings.Replace(fmt.Sprintf(indicatorOf, indicatorID(2), january, "seen.example", ids[0], ""), `"]`, `","`+ids[1]+`"]`, 1))
	if status, body := w.get("brook", "/api/v1/objects/"+indicatorID(2)); status != http.StatusNotFound {
		t.Errorf("released on terms that contradict: %d %s", status, body)
	}
	for why, a := range map[string]client.NewAgreement{
		"an end before its start": {Name: "x", To: []string{"org:brook org"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}, From: time.Now().Add(time.Hour), Until: time.Now()},
		"a purpose there is not":  {Name: "x", To: []string{"org:brook org"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}, Purposes: []string{"fun"}},
		"a ground there is not":   {Name: "x", To: []string{"org:brook org"}, TLP: "amber", LegalGrounds: []string{"because"}},
	} {
		rec := w.do(ask{local: true, method: "POST", path: "/api/v1/agreements", body: encoded(t, a), header: map[string]string{"Content-Type": "application/json"}})
		if rec.Code < 400 || rec.Code >= 500 || !strings.Contains(rec.Body.String(), `"detail"`) {
			t.Errorf("%s: %d %s", why, rec.Code, rec.Body)
		}
	}
}

// A definition that comes after what is marked with it lets it go by itself, at a date
// that a poller is not past.
func TestWhatWaitsForItsDefinition(t *testing.T) {
	w := shared(t)
	const id = "marking-definition--77777777-7777-4777-8777-777777777775"
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(1), january, "early.example", id, ""))
	w.publish(fmt.Sprintf(indicatorOf, indicatorID(2), january, "seen.example", handling.Green.Definition(), ""))
	_, manifest := w.get("brook", taxiiRoot+"collections/feed/manifest/")
	if strings.Contains(manifest, indicatorID(1)) || !strings.Contains(manifest, indicatorID(2)) {
		t.Fatal(manifest)
	}
	w.publish(`{"type":"marking-definition","spec_version":"2.1","id":"` + id + `","created":"2026-01-01T00:00:00Z","definition_type":"tlp","name":"TLP:GREEN of theirs","definition":{"tlp":"green"}}`)
	at := manifest[strings.LastIndex(manifest, `"date_added":"`)+len(`"date_added":"`):]
	at = at[:strings.IndexByte(at, '"')]
	for found := false; !found; { // its follower is not asked to be quicker than anything
		_, body := w.get("brook", taxiiRoot+"collections/feed/objects/?added_after="+at)
		found = strings.Contains(body, "early.example")
	}
}

// Names of members are what they are in any script.
func TestMembersOfAllScripts(t *testing.T) {
	w := shared(t)
	names := []string{"Ελληνικό CERT", "Služba za vodovod", "水道局", "מרכז הסייבר", "Straße GmbH"}
	for i, name := range names {
		w.asOperator("POST", "/api/v1/orgs", client.NewOrg{Name: name})
		account := fmt.Sprintf("member-%d", i)
		var made client.Account
		decoded(t, w.asOperator("POST", "/api/v1/accounts", client.NewAccount{Name: account, Org: name, Grants: []client.Grant{{Collection: "feed", Access: "r"}}}), &made)
		w.tokens[account] = made.Token
		id := fmt.Sprintf("marking-definition--77777777-7777-4777-8777-77777777778%d", i)
		asked := name
		if i == len(names)-1 {
			asked = "STRASSE gmbh" // folded as Unicode has it
		}
		w.publish(`{"type":"marking-definition","spec_version":"2.1","id":"`+id+`","created":"2026-01-01T00:00:00Z","name":"for one","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","release_to":["org:`+asked+`"]}}}`,
			strings.Replace(fmt.Sprintf(indicatorOf, indicatorID(i), january, "seen.example", handling.Green.Definition(), ""), `"]`, `","`+id+`"]`, 1))
	}
	for i := range names {
		var sees []int
		for n := range names {
			if status, _ := w.get(fmt.Sprintf("member-%d", i), "/api/v1/objects/"+indicatorID(n)); status == http.StatusOK {
				sees = append(sees, n)
			}
		}
		if !slices.Equal(sees, []int{i}) {
			t.Errorf("%s reads %v, want what is released to it", names[i], sees)
		}
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func decoded(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}
