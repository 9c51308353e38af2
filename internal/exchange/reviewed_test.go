package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

const machine = `,"extensions":{"extension-definition--954f4e28-02cd-43f0-965b-052076cd1188":{"extension_type":"property-extension","made_by":"model"%s}}`

// unreviewed is what a model made, and reviewed the same after a person has looked at it.
var (
	unreviewed = fmt.Sprintf(machine, "")
	reviewed   = fmt.Sprintf(machine, `,"review_level":"human-reviewed","reviewed_by_refs":["identity--00000000-0000-4000-8000-000000000001"]`)
)

// asks sets whether the collection releases only what is reviewed.
func (h *house) asks(only bool) {
	h.t.Helper()
	if _, err := h.x.SetLimits(h.t.Context(), h.operator, "c", func(l *exchange.Limits) { l.ReviewedOnly = only }); err != nil {
		h.t.Fatal(err)
	}
}

// ways counts what a reader is given, by whatever way.
func (h *house) ways(by account.Principal) (got [5]int) {
	h.t.Helper()
	view := h.x.View(by)
	all := store.VersionFilter{All: true}
	id := "note--00000000-0000-4000-8000-000000000001"
	take := func(way int, page *exchange.Page, err error) {
		if err != nil && !errors.Is(err, exchange.ErrNotFound) {
			h.t.Fatal(err)
		}
		if err == nil {
			got[way] = page.Len()
			page.Close()
		}
	}
	page, err := view.Page(h.t.Context(), "c", exchange.Query{Limit: 100, Bodies: true, Versions: all})
	take(0, page, err)
	page, err = view.Page(h.t.Context(), "c", exchange.Query{Limit: 100, Versions: all, IDs: []string{id}})
	take(1, page, err)
	page, err = view.Versions(h.t.Context(), "c", id)
	take(2, page, err)
	pages, err := view.Find(h.t.Context(), []stix.Value{{Kind: stix.ValueCVE, Text: "CVE-2026-1000"}}, 10)
	if err != nil {
		h.t.Fatal(err)
	}
	take(3, pages[0], nil)
	pages, err = view.Objects(h.t.Context(), []string{id})
	if err != nil {
		h.t.Fatal(err)
	}
	take(4, pages[0], nil)
	return got
}

// A collection may release to no partner what a machine made and nobody has reviewed, by
// whatever agreement. It counts at once for all that is there, and for partners alone.
func TestACollectionReleasesNothingUnreviewed(t *testing.T) {
	h := build(t)
	h.agrees("security", "gdpr-6-legitimate")
	h.publish(h.operator, object(1, t1, green, unreviewed+`,"external_references":[{"source_name":"cve","external_id":"CVE-2026-1000"}]`))
	all := h.ways(h.ana)
	if slices.Contains(all[:], 0) || h.ways(h.bo) != all {
		t.Fatalf("%v is seen by ana, %v by bo; want the same, and something each way", all, h.ways(h.bo))
	}
	h.asks(true)
	for _, restarted := range []bool{false, true} {
		if got := h.ways(h.bo); got != [5]int{} {
			t.Errorf("restarted %v: bo sees %v; want nothing", restarted, got)
		}
		if h.ways(h.ana) != all || h.ways(h.cleo) != all {
			t.Errorf("restarted %v: ana sees %v, cleo %v; want %v", restarted, h.ways(h.ana), h.ways(h.cleo), all)
		}
		if !restarted {
			h.close()
			h.open()
		}
	}
	// What comes in is held back, too; what a person has looked at is not.
	h.publish(h.operator, object(2, t1, clear, unreviewed), object(3, t1, clear, reviewed), object(4, t1, amber, unreviewed))
	if got := h.read(h.bo, exchange.Query{}); len(got) != 1 {
		t.Errorf("bo is given %q; want the third alone", got)
	}
	h.asks(false)
	if got := h.read(h.bo, exchange.Query{}); len(got) != 4 {
		t.Errorf("bo is given %d; want all", len(got))
	}
}

// A writer who may not read it learns nothing of it: not by writing the same, not by
// recalling it, not by what is said of expectations.
func TestWhatIsUnreviewedIsNotThereForWriters(t *testing.T) {
	h := build(t)
	h.asks(true)
	h.publish(h.operator, object(1, t2, green, unreviewed))
	for _, raw := range []string{object(1, t2, green, unreviewed), object(1, t2, green, `,"abstract":"other"`), object(1, t1, green, "")} {
		if r := h.publish(h.bo, raw); r[0].Verdict != exchange.New {
			t.Errorf("%s: %s; want new", raw, r[0].Verdict)
		}
	}
	h.publish(h.operator, object(2, t2, green, unreviewed))
	if _, err := h.x.Recall(t.Context(), h.bo, "c", "note--00000000-0000-4000-8000-000000000002", exchange.Query{}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("recalled: %v; want that there is nothing", err)
	}
	p := publication(t, object(2, "2026-01-03T00:00:00Z", green, ""))
	p.Expect = []exchange.Expect{{ID: "note--00000000-0000-4000-8000-000000000002", Version: ""}}
	if _, err := h.x.Publish(t.Context(), h.bo, p); err != nil {
		t.Errorf("expecting none: %v", err)
	}
}

// Who asks why is told; so is who asks before it is published.
func TestReviewIsExplained(t *testing.T) {
	h := build(t)
	h.asks(true)
	h.publish(h.operator, object(1, t1, green, unreviewed))
	const reason = "its collection releases nothing that a machine made and no person has reviewed"
	list, err := h.x.Explain(t.Context(), h.operator, "note--00000000-0000-4000-8000-000000000001", handling.ProfileOf(h.bo), func(string) bool { return true })
	if err != nil || list[0].Proof.Allow || list[0].Proof.Reason != reason {
		t.Errorf("%+v, %v; want %q", list, err, reason)
	}
	if last := list[0].Proof.Steps[len(list[0].Proof.Steps)-1]; last.Holds || last.Detail == "" {
		t.Errorf("the last step is %+v", last)
	}
	o, err := stix.Read([]byte(object(2, t1, green, unreviewed)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.x.Foresee(t.Context(), h.operator, "c", &o, []account.Principal{h.bo, h.ana})
	if err != nil || f.Each[0].Allow || f.Each[0].Reason != reason || !f.Each[1].Allow {
		t.Errorf("%+v, %v; want it for ana alone", f.Each, err)
	}
}

// What is left out of a page on demand was not given.
func TestWhatIsLeftOutWasNotGiven(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, unreviewed), object(2, t1, green, reviewed))
	if got := h.read(h.bo, exchange.Query{Reviewed: true}); len(got) != 1 {
		t.Fatalf("given %q; want the second alone", got)
	}
	for n := 1; n <= 2; n++ {
		sights, _, err := h.x.WhoSaw(context.Background(), h.operator, fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n))
		if err != nil || len(sights) != n-1 {
			t.Errorf("object %d: %+v, %v", n, sights, err)
		}
	}
}
