package handling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// An agreement for certain collections is in each of them as one for all, and in no
// other, nor where none in particular is meant, of any use.
func TestAnAgreementIsForItsCollectionsAlone(t *testing.T) {
	classes := everyClass(t)
	for name, open := range everyPolicy(t) {
		var bound []handling.Agreement
		for _, a := range open {
			a.Collections = []store.Collection{3, 7}
			if err := a.Check(); err != nil {
				t.Fatal(err)
			}
			bound = append(bound, a)
		}
		for _, p := range everyProfile() {
			for i := 0; i < len(classes); i += 23 { // prime to the number of values of each field
				c := classes[i]
				want, none := handling.Decide(c, p, open, noon), handling.Decide(c, p, nil, noon)
				if got := handling.Decide(c, p.Within(7), bound, noon); got != want {
					t.Fatalf("%s, %s in its collection: %+v, want %+v", name, c.Canonical(), got, want)
				}
				for _, in := range []store.Collection{0, 5} {
					if got := handling.Decide(c, p.Within(in), bound, noon); got.Allow != none.Allow || got.Agreement != none.Agreement {
						t.Fatalf("%s, %s in collection %d: %+v, want %+v", name, c.Canonical(), in, got, none)
					}
				}
			}
		}
	}
}

// A gate decides by collection: what pages hold, since when, and what is agreed.
func TestTheClearanceIsOfItsCollection(t *testing.T) {
	classes := []string{"", "tlp:amber", "tlp:green", "tlp:red"}
	gate, policy, _ := movingGate(classes)
	agreement := everyPolicy(t)["strict"][0]
	agreement.TLP, agreement.Collections = handling.Amber, []store.Collection{2}
	began := noon.Add(-time.Minute)
	rows := func() *store.Page {
		return &store.Page{Rows: []store.Row{{Collection: 1, Class: 2}, {Collection: 2, Class: 1}, {Collection: 2, Class: 2}}}
	}
	took := handling.NewPolicy([]handling.Agreement{agreement}, handling.Change{At: began, Is: &agreement})
	policy.Store(took)
	if gate.Clearance(partner, 1).Has(1) || !gate.Clearance(partner, 2).Has(1) || !gate.Decide(parse(t, "tlp:amber"), partner, 2).Allow || gate.Decide(parse(t, "tlp:amber"), partner, 0).Allow {
		t.Error("the clearance is not of the collection")
	}
	if !gate.Clearance(own, 2).Has(1) || gate.Clearance(nobody, 2).Has(2) {
		t.Error("it is another for who needs no agreement, or has none")
	}
	for in, want := range map[store.Collection]int{1: 0, 2: 1} {
		if _, runs := gate.Opened(partner, in); len(runs) != want || want > 0 && runs[0].At != store.Tick(began.UnixMicro()) {
			t.Errorf("opened in %d: %+v", in, runs)
		}
	}
	page, err := gate.Release(partner, rows())
	if err != nil || page.Len() != 3 || page.Agreed(0) != "" || page.Agreed(1) != "strict/1" || page.Agreed(2) != "strict/1" {
		t.Fatalf("released %+v, %v", page, err)
	}
	held := rows()
	policy.Store(handling.NewPolicy(nil, handling.Change{At: began, Is: &agreement}, handling.Change{At: noon, Was: &agreement}))
	if page, err = gate.Release(partner, held); err != nil || page.Len() != 2 {
		t.Fatalf("after the end of it %+v, %v; want what is left", page, err)
	}
	if _, err := gate.Release(partner, &store.Page{Rows: []store.Row{{Collection: 1, Class: 1}}}); err == nil {
		t.Error("what only the other collection released was released as if it had ended")
	}
	general := agreement
	general.Collections = nil
	policy.Store(handling.NewPolicy([]handling.Agreement{general}))
	gate.Clearance(partner, 2)
	policy.Store(took) // a page asked for before, and released after, what was agreed for all is for one
	if page, err := gate.Release(partner, &store.Page{Rows: []store.Row{{Collection: 1, Class: 1}, {Collection: 2, Class: 1}}}); err != nil || page.Len() != 1 {
		t.Errorf("narrowed in between: %+v, %v", page, err)
	}
}

// What becomes of a change is told for each collection that somebody's agreements name.
func TestDifferencesAreToldByCollection(t *testing.T) {
	agreement := everyPolicy(t)["strict"][0]
	agreement.Collections = []store.Collection{2, 4}
	narrow := agreement
	narrow.Collections = []store.Collection{4}
	classes := []handling.Class{parse(t, "tlp:amber"), parse(t, "tlp:green")}
	diff := func(old, new []handling.Agreement, p handling.Profile) (places []store.Collection) {
		for _, d := range handling.Diff(handling.NewPolicy(old), handling.NewPolicy(new), p, classes, noon) {
			places = append(places, d.In)
		}
		return places
	}
	stranger := everyProfile()["stranger"]
	general := agreement
	general.Collections = nil
	for _, c := range []struct {
		old, new []handling.Agreement
		p        handling.Profile
		want     []store.Collection
	}{
		{nil, []handling.Agreement{agreement}, partner, []store.Collection{2, 4}},
		{[]handling.Agreement{agreement}, []handling.Agreement{narrow}, partner, []store.Collection{2}},
		{[]handling.Agreement{agreement}, []handling.Agreement{general}, partner, []store.Collection{0}},
		{nil, []handling.Agreement{agreement}, stranger, nil},
	} {
		if got := diff(c.old, c.new, c.p); !slices.Equal(got, c.want) {
			t.Errorf("changes in %v, want %v", got, c.want)
		}
	}
}

// An agreement whose collections are gone, or hold nothing that it would open, is found.
func TestAgreementsOfNoCollectionAreFound(t *testing.T) {
	agreement := everyPolicy(t)["strict"][0]
	amber, green := parse(t, "tlp:amber"), parse(t, "tlp:green")
	for _, c := range []struct {
		in   []store.Collection
		want string
	}{
		{nil, ""},
		{[]store.Collection{1}, ""},
		{[]store.Collection{2}, "of what is kept in its collections it releases nothing"},
		{[]store.Collection{1, 9}, "it names collection #9, which is no more"},
		{[]store.Collection{9}, "it names collection #9, which is no more"},
	} {
		a := agreement
		a.Collections = c.in
		found := handling.Check(handling.NewPolicy([]handling.Agreement{a}), handling.Premises{Readers: []handling.Profile{partner}, Now: noon,
			Classes: []handling.Class{amber, green}, Within: map[store.Collection][]handling.Class{1: {amber}, 2: {green}}})
		if c.want == "" && len(found) > 0 || c.want != "" && (len(found) != 1 || !strings.HasPrefix(found[0].Says, c.want)) {
			t.Errorf("%v: %+v, want %q", c.in, found, c.want)
		}
	}
	for _, in := range [][]store.Collection{{0}, {2, 1}, {1, 1}, make([]store.Collection, 257)} {
		a := agreement
		a.Collections = in
		if a.Check() == nil {
			t.Errorf("collections %v are taken", in)
		}
	}
}
