package handling_test

import (
	"sync/atomic"
	"testing"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// A collection that asks for a person's review takes from partners what is unreviewed,
// and nothing else, and from nobody else anything.
func TestReviewTakesTheUnreviewedFromPartners(t *testing.T) {
	partner := handling.Reader{Standing: handling.Partner, Org: "cert-b", Person: "bo@cert-b", Purpose: handling.Defence}
	agreements := everyPolicy(t)["all"]
	for _, r := range []handling.Reader{partner, {Standing: handling.Own, Org: "cert-a", Person: "ana@cert-a", Purpose: handling.Defence}, {Standing: handling.Custody, Purpose: handling.Defence}} {
		strict := r
		strict.Reviewed = true
		for _, c := range everyClass(t) {
			open, asked := handling.Decide(c, r.Profile(), agreements, noon), handling.Decide(c, strict.Profile(), agreements, noon)
			if r.Standing == handling.Partner && c.Unreviewed {
				if asked.Allow {
					t.Fatalf("%s is released unreviewed", c.Canonical())
				}
				continue
			}
			if open != asked {
				t.Fatalf("%s to %v: %+v, and where review is asked for %+v", c.Canonical(), r.Standing, open, asked)
			}
		}
	}
}

// What a collection asks for counts when a page is released, whenever it was asked for;
// one that a collection has just let go of is left out without a fault.
func TestAskingForReviewCountsAtOnce(t *testing.T) {
	classes := []string{"", "tlp:clear", "tlp:clear unreviewed"}
	var asks atomic.Bool
	gate := gateOver(func() []string { return classes })
	gate.Ask(func(c store.Collection) bool { return c == 2 && asks.Load() })
	partner := handling.Reader{Standing: handling.Partner, Org: "cert-b", Purpose: handling.Defence}.Profile()
	for _, on := range []bool{false, true, false} {
		asks.Store(on)
		if !gate.Clearance(partner, 1).Has(2) || gate.Clearance(partner, 2).Has(2) == on || gate.Decide(parse(t, classes[2]), partner, 2).Allow == on {
			t.Errorf("asked for %v: the clearance does not follow", on)
		}
		page := &store.Page{Rows: []store.Row{{Collection: 1, Class: 2}, {Collection: 2, Class: 1}, {Collection: 2, Class: 2}, {Collection: 1, Class: 1}}}
		released, err := gate.Release(partner, page)
		if err != nil {
			t.Fatal(err)
		}
		want := 4
		if on {
			want = 3
		}
		if released.Len() != want {
			t.Errorf("asked for %v: %d are released; want %d", on, released.Len(), want)
		}
		if _, err := gate.Release(handling.Curator, &store.Page{Rows: []store.Row{{Collection: 2, Class: 2}}}); err != nil {
			t.Error(err)
		}
	}
}
