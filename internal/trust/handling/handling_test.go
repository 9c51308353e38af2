package handling_test

import (
	"fmt"
	"slices"
	"testing"

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

var known = definitions{copyright: {Statement: true}}

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
		{"a marking on a part counts for the whole", []string{tlp1White}, []string{tlp2Red}, handling.Amber, "tlp:red"},
		{"a statement limits nothing", []string{copyright}, nil, handling.Green, "tlp:green"},
		{"a strange marking stays in the class", []string{tlp2Green, strange}, nil, handling.Amber, "tlp:green unexplained:" + strange},
		{"a strange marking on a part too", nil, []string{strange}, handling.Clear, "tlp:clear unexplained:" + strange},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			class, err := handling.Classify(&stix.Envelope{MarkingRefs: c.whole, GranularMarkingRefs: c.parts}, c.unmarked, known)
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
func TestDecideOverTheWholeLattice(t *testing.T) {
	mayRead := map[handling.Profile][]handling.Level{
		handling.Nobody:  {},
		handling.Partner: {handling.Clear, handling.Green},
		handling.Own:     {handling.Clear, handling.Green, handling.Amber, handling.AmberStrict},
		handling.Curator: {handling.Clear, handling.Green, handling.Amber, handling.AmberStrict, handling.Red},
	}
	for profile, levels := range mayRead {
		for l := handling.Clear; l <= handling.Red; l++ {
			for _, unexplained := range [][]string{nil, {strange}} {
				want := slices.Contains(levels, l) && (profile != handling.Partner || unexplained == nil)
				d := handling.Decide(handling.Class{TLP: l, Unexplained: unexplained}, profile)
				if d.Allow != want {
					t.Errorf("profile %d, %s, unexplained %v: allow = %v (%s)", profile, l, unexplained, d.Allow, d.Reason)
				}
				if d.Reason == "" {
					t.Errorf("profile %d, %s: a decision without a reason", profile, l)
				}
			}
		}
	}
}

// Raising a marking never turns no into yes.
func TestStricterNeverOpens(t *testing.T) {
	for p := handling.Nobody; p <= handling.Curator; p++ {
		for l := handling.Clear; l < handling.Red; l++ {
			loose := handling.Decide(handling.Class{TLP: l}, p).Allow
			strict := handling.Decide(handling.Class{TLP: l + 1}, p).Allow
			marked := handling.Decide(handling.Class{TLP: l, Unexplained: []string{strange}}, p).Allow
			if !loose && (strict || marked) {
				t.Errorf("profile %d may not read %s but something stricter", p, l)
			}
		}
	}
}

func TestProfileOf(t *testing.T) {
	cases := []struct {
		p    account.Principal
		want handling.Profile
	}{
		{account.Principal{}, handling.Nobody},
		{account.Principal{Account: "a", Org: "own", Own: true, Role: account.Contributor}, handling.Own},
		{account.Principal{Account: "a", Org: "own", Own: true, Role: account.Curator}, handling.Curator},
		{account.Principal{Account: "a", Org: "other", Role: account.Contributor}, handling.Partner},
		{account.Principal{Account: "a", Org: "other", Role: account.Curator}, handling.Partner},
		{account.Operator("own"), handling.Curator},
	}
	for _, c := range cases {
		if got := handling.ProfileOf(c.p); got != c.want {
			t.Errorf("ProfileOf(%+v) = %d, want %d", c.p, got, c.want)
		}
	}
}

func TestGateReleasesWhatMayBeRead(t *testing.T) {
	classes := []string{"", "tlp:clear", "tlp:red"}
	gate := handling.NewGate(func() []string { return classes })
	page := func(ids ...store.ClassID) *store.Page {
		p := &store.Page{}
		for _, id := range ids {
			p.Rows = append(p.Rows, store.Row{Class: id, Body: sealed.Seal([]byte("x"))})
		}
		return p
	}
	released, err := gate.Release(handling.Partner, page(1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if released.Len() != 2 || string(released.Bytes(1)) != "x" {
		t.Fatalf("released %d objects, last %q", released.Len(), released.Bytes(1))
	}
	if _, err := gate.Release(handling.Partner, page(1, 2)); err == nil {
		t.Fatal("a page with a RED object was released to a partner")
	}
	if _, err := gate.Release(handling.Own, page(3)); err == nil {
		t.Fatal("a page with a class that nobody interned was released")
	}
}

// A class that appears later is decided when it does; one that is not
// understood is denied to all but curators.
func TestClearanceGrowsWithTheClasses(t *testing.T) {
	classes := []string{"", "tlp:green"}
	gate := handling.NewGate(func() []string { return classes })
	if !gate.Clearance(handling.Partner).Has(1) {
		t.Fatal("a partner may not read green")
	}
	classes = append(classes, "tlp:clear", "tlp:amber", "something else", "tlp:clear unexplained:"+strange)
	got := fmt.Sprint()
	for id := range len(classes) {
		for _, p := range []handling.Profile{handling.Partner, handling.Own, handling.Curator} {
			if gate.Clearance(p).Has(store.ClassID(id)) {
				got += fmt.Sprintf("%d:%d ", p, id)
			}
		}
	}
	const want = "3:0 1:1 2:1 3:1 1:2 2:2 3:2 2:3 3:3 3:4 2:5 3:5 "
	if got != want {
		t.Fatalf("who reads what (profile:class)\n got %s\nwant %s", got, want)
	}
}

func TestReadMarking(t *testing.T) {
	cases := []struct {
		name, raw string
		want      handling.Marking
	}{
		{"statement", `{"type":"marking-definition","definition_type":"statement","definition":{"statement":"(c) ACME"}}`, handling.Marking{Statement: true}},
		{"TLP 1 under its id", `{"id":"` + tlp1White + `","definition_type":"tlp","definition":{"tlp":"red"}}`, handling.Marking{TLP: handling.Clear}},
		{"TLP of another id", `{"definition_type":"tlp","definition":{"tlp":"amber"}}`, handling.Marking{TLP: handling.Amber}},
		{"TLP 2 extension", `{"extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"extension_type":"property-extension","tlp_2_0":"amber+strict"}}}`, handling.Marking{TLP: handling.AmberStrict}},
		{"an extension that is not understood", `{"definition_type":"statement","definition":{"statement":"x"},"extensions":{"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a":{}}}`, handling.Marking{}},
		{"nothing", `{"type":"marking-definition"}`, handling.Marking{}},
	}
	for _, c := range cases {
		got, err := handling.ReadMarking([]byte(c.raw))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
	for _, raw := range []string{`{`, `{"definition_type":"tlp","definition":{"tlp":"chartreuse"}}`} {
		if _, err := handling.ReadMarking([]byte(raw)); err == nil {
			t.Errorf("ReadMarking(%s) has no error", raw)
		}
	}
}
