package exchange_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// secret is an indicator for the community whose description and one label are red.
const secret = `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Drum","description":"seen at Lock Seven","labels":["open","plant"],"external_references":[{"source_name":"cve","external_id":"CVE-2024-0001"}],"pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["` + green + `"],"granular_markings":[{"marking_ref":"` + red + `","selectors":["description","labels.[1]","external_references.[0]"]}]}`

// read gives the bodies that somebody reads of the collection.
func (h *house) read(by account.Principal, q exchange.Query) (bodies []string) {
	h.t.Helper()
	q.Bodies, q.Limit = true, 1000
	page, err := h.x.View(by).Page(h.t.Context(), "c", q)
	if err != nil {
		h.t.Fatal(err)
	}
	defer page.Close()
	for i := range page.Len() {
		bodies = append(bodies, string(page.Bytes(i)))
	}
	return bodies
}

func TestPartsAreWithheld(t *testing.T) {
	h := build(t)
	h.publish(h.operator, secret)
	for _, q := range []exchange.Query{{}, {Versions: store.VersionFilter{All: true}}, {IDs: []string{"indicator--00000000-0000-4000-8000-000000000001"}},
		{Versions: store.VersionFilter{First: true}}, {Versions: store.VersionFilter{Exact: []string{"2026-01-01T00:00:00Z"}}},
		{IDs: []string{"indicator--00000000-0000-4000-8000-000000000001"}, Versions: store.VersionFilter{Exact: []string{"2026-01-01T00:00:00Z"}}}} {
		if got := h.read(h.cleo, q); len(got) != 1 || got[0] != secret {
			t.Errorf("%+v: the curator reads %q, want all of it once", q, got)
		}
		for _, by := range []account.Principal{h.bo, h.ana} {
			got := h.read(by, q)
			if len(got) != 1 {
				t.Fatalf("%+v: %s reads %d objects, want one", q, by.Account, len(got))
			}
			for _, word := range []string{"Lock Seven", "plant", "CVE-2024", red} {
				if strings.Contains(got[0], word) {
					t.Errorf("%+v: %s reads %s in %s", q, by.Account, word, got[0])
				}
			}
			if !strings.Contains(got[0], `"withheld_parts":3`) || !strings.Contains(got[0], `"labels":["open"]`) {
				t.Errorf("%+v: %s reads %s", q, by.Account, got[0])
			}
		}
	}
	// Nor is it found by what is withheld.
	for value, finds := range map[stix.Value]bool{{Kind: stix.ValueIP, Text: "198.51.100.7"}: true, {Kind: stix.ValueCVE, Text: "CVE-2024-0001"}: false} {
		for by, want := range map[string]bool{"bo": finds, "cleo": true} {
			reader := map[string]account.Principal{"bo": h.bo, "cleo": h.cleo}[by]
			pages, err := h.x.View(reader).Find(t.Context(), []stix.Value{value}, 10)
			if err != nil {
				t.Fatal(err)
			}
			if n := pages[0].Len(); (n == 1) != want {
				t.Errorf("%s finds %d objects by %s", by, n, value.Text)
			}
			pages[0].Close()
		}
	}
}

// A definition that comes late opens an object as if it had been there: the object
// takes the place of its face.
func TestFacesWaitForDefinitions(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, strings.Replace(secret, red, private, 1))
	if got := h.read(h.bo, exchange.Query{}); len(got) != 1 || !strings.Contains(got[0], "withheld_parts") {
		t.Fatalf("bo reads %q, want the face", got)
	}
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"as you like"}}`)
	h.followed()
	for _, by := range []account.Principal{h.bo, h.cleo} {
		got := h.read(by, exchange.Query{Versions: store.VersionFilter{All: true}, Types: []string{"indicator"}})
		if len(got) != 1 || !strings.Contains(got[0], "Lock Seven") {
			t.Errorf("%s reads %q, want all of it once", by.Account, got)
		}
	}
}

// A second time changes nothing; a newer version takes the place of both; what is
// recalled goes with its face.
func TestFacesLiveWithTheirObjects(t *testing.T) {
	h := build(t)
	h.publish(h.operator, secret)
	if got := h.publish(h.operator, secret); got[0].Verdict != exchange.Same {
		t.Errorf("again: %+v", got)
	}
	newer := strings.Replace(strings.Replace(secret, `"modified":"2026-01-01`, `"modified":"2026-02-01`, 1), "Drum", "Drum Two", 1)
	if got := h.publish(h.operator, newer); got[0].Verdict != exchange.New {
		t.Errorf("newer: %+v", got)
	}
	for _, by := range []account.Principal{h.bo, h.cleo} {
		if got := h.read(by, exchange.Query{}); len(got) != 1 || !strings.Contains(got[0], "Drum Two") {
			t.Errorf("%s reads %q, want the newer one", by.Account, got)
		}
		if got := h.read(by, exchange.Query{Versions: store.VersionFilter{All: true}}); len(got) != 2 {
			t.Errorf("%s reads %d versions, want two", by.Account, len(got))
		}
	}
	shown := h.read(h.bo, exchange.Query{})[0]
	if got := h.publish(h.bo, shown); got[0].Verdict != exchange.Same {
		t.Errorf("what bo was shown: %+v, want same", got)
	}
	odd := strings.Replace(secret, "Drum", "Trap", 1)
	if got := h.publish(h.operator, odd); got[0].Verdict != exchange.Conflict {
		t.Errorf("other content: %+v", got)
	}
	if n, err := h.x.Recall(t.Context(), h.operator, "c", "indicator--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil || n != 2 {
		t.Errorf("recalled %d, %v; want two versions", n, err)
	}
	for _, by := range []account.Principal{h.bo, h.cleo} {
		if got := h.read(by, exchange.Query{Versions: store.VersionFilter{All: true}}); len(got) != 0 {
			t.Errorf("%s still reads %q", by.Account, got)
		}
	}
	h.x.Close()
	var problems []string
	if err := h.store.Verify(context.WithoutCancel(t.Context()), func(p string) { problems = append(problems, p) }); err != nil || problems != nil {
		t.Errorf("%q, %v", problems, err)
	}
}

// What is shown of an object whose own marking is explained late is made anew: a
// part that is stricter than the whole by now must go with the others.
func TestLateDefinitionsOpenNoPart(t *testing.T) {
	h := build(t)
	h.x.Follow()
	late := strings.Replace(strings.Replace(secret, `"object_marking_refs":["`+green+`"]`, `"object_marking_refs":["`+private+`"]`, 1),
		`"selectors":["description","labels.[1]","external_references.[0]"]`, `"selectors":["description"]},{"marking_ref":"`+amber+`","selectors":["labels.[1]","external_references.[0]"]`, 1)
	h.publish(h.operator, late)
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"white"}}`)
	h.followed()
	for range 2 {
		got := h.read(h.bo, exchange.Query{Versions: store.VersionFilter{All: true}, Types: []string{"indicator"}})
		if len(got) != 1 || !strings.Contains(got[0], `"withheld_parts":3`) {
			t.Fatalf("bo reads %q, want one copy without three parts", got)
		}
		for _, word := range []string{"Lock Seven", "plant", "CVE-2024"} {
			if strings.Contains(got[0], word) {
				t.Errorf("bo reads %s in %s", word, got[0])
			}
		}
		if got := h.read(h.cleo, exchange.Query{Types: []string{"indicator"}}); len(got) != 1 || got[0] != late {
			t.Errorf("the curator reads %q", got)
		}
		if err := h.x.Rebuild(t.Context(), "markings"); err != nil {
			t.Fatal(err)
		}
		h.followed()
	}
}

// Who is shown a face and takes it back takes the object back; limits count
// objects, not faces; and a guess at what is withheld is answered as any other.
func TestFacesStandForTheirObjects(t *testing.T) {
	h := build(t)
	h.publish(h.operator, secret)
	guess := strings.Replace(secret, "Lock Seven", "Lock Nine", 1)
	right, wrong := h.publish(h.bo, secret)[0], h.publish(h.bo, guess)[0]
	if right.Verdict != exchange.Conflict || right != wrong {
		t.Errorf("a right guess is told %+v, a wrong one %+v; want the same conflict", right, wrong)
	}
	h.limit(exchange.Limits{MaxObjects: 2})
	h.publish(h.operator, strings.Replace(secret, "-000000000001", "-000000000002", 1))
	if n, err := h.x.Retain(t.Context(), time.Now()); err != nil || n != 0 {
		t.Errorf("%d of two objects were recalled, %v; two are allowed", n, err)
	}
	if n, err := h.x.Recall(t.Context(), h.bo, "c", "indicator--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil || n != 1 {
		t.Errorf("bo recalled %d, %v", n, err)
	}
	if got := h.read(h.cleo, exchange.Query{IDs: []string{"indicator--00000000-0000-4000-8000-000000000001"}}); len(got) != 0 {
		t.Errorf("the curator still reads %q", got)
	}
}
