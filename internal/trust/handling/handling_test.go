package handling_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/sealed"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

const (
	tlp1White = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	tlp2Green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	tlp2Red   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	strange   = "marking-definition--11111111-1111-4111-8111-111111111111"
	copyright = "marking-definition--22222222-2222-4222-8222-222222222222"
)

type definitions map[string]handling.Marking

func (d definitions) Marking(id string) handling.Marking { return d[id] }

var known = definitions{copyright: handling.Stated()}

// Profiles of the tests.
var (
	partner = handling.Reader{Standing: handling.Partner, Org: "cert-b", Person: "bo@cert-b", Groups: "water\n", Purpose: handling.Defence}.Profile()
	own     = handling.Reader{Standing: handling.Own, Org: "cert-a", Person: "ana@cert-a", Purpose: handling.Defence}.Profile()
	nobody  = handling.Profile{}
)

func decide(c handling.Class, p handling.Profile) handling.Decision {
	return handling.Decide(c, p, nil, time.Time{})
}

func gateOver(classes func() []string) *handling.Gate { return handling.NewGate(classes, nil, nil) }

func TestClassOfMarkings(t *testing.T) {
	cases := []struct {
		name     string
		whole    []string
		parts    []string
		unmarked handling.Level
		want     string
	}{
		{"unmarked takes the collection's", nil, nil, handling.Amber, "tlp:amber"},
		{"a label counts", []string{tlp2Green}, nil, handling.Amber, "tlp:green"},
		{"TLP 1 white is clear", []string{tlp1White}, nil, handling.Amber, "tlp:clear"},
		{"the strictest of several counts", []string{tlp2Green, tlp2Red, tlp1White}, nil, handling.Amber, "tlp:red"},
		{"the rest of an object with a marked part is unmarked", nil, []string{tlp2Green}, handling.Amber, "tlp:amber"},
		{"a marking on a part counts for the whole", []string{tlp1White}, []string{tlp2Red}, handling.Amber, "tlp:red"},
		{"a statement limits nothing", []string{copyright}, nil, handling.Green, "tlp:green"},
		{"a strange marking stays in the class", []string{tlp2Green, strange}, nil, handling.Amber, "tlp:green unexplained:" + strange},
		{"a strange marking on a part too", nil, []string{strange}, handling.Clear, "tlp:clear unexplained:" + strange},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			class, err := handling.Classify(&stix.Object{Envelope: stix.Envelope{MarkingRefs: c.whole, GranularMarkingRefs: c.parts}}, c.unmarked, known)
			if err != nil {
				t.Fatal(err)
			}
			if got := class.Canonical(); got != c.want {
				t.Errorf("class %q, want %q", got, c.want)
			}
			back, err := handling.ParseClass(class.Canonical())
			if err != nil || back.Canonical() != class.Canonical() {
				t.Errorf("ParseClass(%q) = %+v, %v", class.Canonical(), back, err)
			}
		})
	}
}

// The whole lattice of this floor: every class and profile, with what follows
// from TLP 2.0 written out as the expectation.
// A reason says which condition it is that nothing agreed meets.
func TestReasonsNameTheCondition(t *testing.T) {
	for class, reason := range map[string]string{
		"tlp:green personal":                                           "it holds personal data, and no agreement",
		"tlp:green grounds:nis2-29":                                    "its markings ask for certain legal grounds",
		"tlp:clear terms:no-resale":                                    "its markings ask for terms",
		"tlp:green terms:no-resale personal":                           "several conditions",
		"tlp:amber personal":                                           "beyond TLP:GREEN nothing is agreed",
		"purposes:research,law-enforcement tlp:clear":                  "its markings do not allow the reader's purpose",
		"tlp:green forbidden:research purposes:defence,research":       "TLP:GREEN is for the community",
		"tlp:clear grounds:gdpr-6-consent unfit:nis2-29 to:org:cert-b": "its markings ask for certain legal grounds",
	} {
		c, err := handling.ReadClass(class)
		if err != nil {
			t.Fatal(err)
		}
		if d := decide(c, partner); !strings.Contains(d.Reason, reason) {
			t.Errorf("%s: %s; want %s", class, d.Reason, reason)
		}
	}
}

func TestDecideOverTheWholeLattice(t *testing.T) {
	mayRead := map[handling.Profile][]handling.Level{
		nobody:           {},
		partner:          {handling.Clear, handling.Green},
		own:              {handling.Clear, handling.Green, handling.Amber, handling.AmberStrict},
		handling.Curator: {handling.Clear, handling.Green, handling.Amber, handling.AmberStrict, handling.Red},
	}
	for profile, levels := range mayRead {
		for l := handling.Clear; l <= handling.Red; l++ {
			for _, unexplained := range [][]string{nil, {strange}} {
				want := slices.Contains(levels, l) && (profile != partner || unexplained == nil)
				d := decide(handling.Class{TLP: l, Unexplained: unexplained}, profile)
				if d.Allow != want {
					t.Errorf("profile %+v, %s, unexplained %v: allow = %v (%s)", profile.Reader(), l, unexplained, d.Allow, d.Reason)
				}
				if d.Reason == "" {
					t.Errorf("profile %+v, %s: a decision without a reason", profile.Reader(), l)
				}
			}
		}
	}
}

func TestProfileOf(t *testing.T) {
	reader := func(standing handling.Standing, org, person string) handling.Reader {
		return handling.Reader{Standing: standing, Org: org, Person: person, Purpose: handling.Defence}
	}
	cases := []struct {
		p    account.Principal
		want handling.Reader
	}{
		{account.Principal{}, handling.Reader{}},
		{account.Principal{Account: "Ana", Org: "CERT-A", Own: true, Role: account.Contributor}, reader(handling.Own, "cert-a", "ana@cert-a")},
		{account.Principal{Account: "a", Org: "own", Own: true, Role: account.Curator}, handling.Curator.Reader()},
		{account.Principal{Account: "a", Org: "R\u00fcst", Role: account.Contributor}, reader(handling.Partner, "r\u00fcst", "a@r\u00fcst")},
		{account.Principal{Account: "a", Org: "Ru\u0308st", Role: account.Contributor}, reader(handling.Partner, "r\u00fcst", "a@r\u00fcst")},
		{account.Principal{Account: "a", Org: "other", Role: account.Curator}, reader(handling.Partner, "other", "a@other")},
		{account.Operator("own"), handling.Curator.Reader()},
		{account.Principal{Account: "fw", Org: "b", Groups: []string{"Water", "energy", "water"}, Purpose: "research", Use: "block"},
			handling.Reader{Standing: handling.Partner, Org: "b", Person: "fw@b", Groups: "energy\nwater\n", Purpose: handling.Research, Use: handling.UseBlock}},
		{account.Principal{Account: "x", Org: "b", Purpose: "fun"}, handling.Reader{Standing: handling.Partner, Org: "b", Person: "x@b"}},
	}
	for _, c := range cases {
		if got := handling.ProfileOf(c.p); got.Reader() != c.want {
			t.Errorf("ProfileOf(%+v) = %+v, want %+v", c.p, got.Reader(), c.want)
		}
	}
}

func TestGateReleasesWhatMayBeRead(t *testing.T) {
	classes := []string{"", "tlp:clear", "tlp:red"}
	gate := gateOver(func() []string { return classes })
	page := func(ids ...store.ClassID) *store.Page {
		p := &store.Page{}
		for _, id := range ids {
			p.Rows = append(p.Rows, store.Row{Class: id, Body: sealed.Seal([]byte("x"))})
		}
		return p
	}
	released, err := gate.Release(partner, page(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if released.Len() != 2 || string(released.Bytes(1)) != "x" {
		t.Fatalf("released %d objects, last %q", released.Len(), released.Bytes(1))
	}
	if _, err := gate.Release(partner, page(1, 2)); err == nil {
		t.Fatal("a page with a RED object was released to a partner")
	}
	if _, err := gate.Release(own, page(3)); err == nil {
		t.Fatal("a page with a class that nobody interned was released")
	}
}

// A class that appears later is decided when it does; one that is not
// understood is denied to all but curators.
func TestClearanceGrowsWithTheClasses(t *testing.T) {
	classes := []string{"", "tlp:green"}
	gate := gateOver(func() []string { return classes })
	if !gate.Clearance(partner, 1).Has(1) {
		t.Fatal("a partner may not read green")
	}
	classes = append(classes, "tlp:clear", "tlp:amber", "something else", "tlp:clear unexplained:"+strange)
	got := fmt.Sprint()
	for id := range len(classes) {
		for i, p := range []handling.Profile{partner, own, handling.Curator} {
			if gate.Clearance(p, 1).Has(store.ClassID(id)) {
				got += fmt.Sprintf("%d:%d ", i+1, id)
			}
		}
	}
	const want = "3:0 1:1 2:1 3:1 1:2 2:2 3:2 2:3 3:3 3:4 2:5 3:5 "
	if got != want {
		t.Fatalf("who reads what (profile:class)\n got %s\nwant %s", got, want)
	}
}
