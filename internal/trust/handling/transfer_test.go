package handling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// from is a partner's account in a country, of a member in another.
func from(home, country string) handling.Profile {
	return handling.ProfileOf(account.Principal{Account: "bo", Org: "CERT-B", Home: home, Country: country})
}

// released is an agreement with cert-b on a ground for personal data, with transfers.
func released(t testing.TB, transfers ...handling.Transfer) handling.Agreement {
	t.Helper()
	a := handling.Agreement{Name: "with-b", Version: 1, Kind: handling.Bilateral, To: []handling.Name{"org:cert-b"}, TLP: handling.Amber, PAP: handling.PAPRed,
		Purposes: handling.Defence, Grounds: grounds(t, "gdpr-6-legitimate"), From: noon.Add(-time.Hour), Transfers: transfers}
	for _, tr := range transfers {
		a.Grounds |= grounds(t, tr.Ground)
	}
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	return a
}

var (
	adequate = handling.Transfer{Ground: "gdpr-45-adequacy", To: []string{"JP", "US"}, Until: noon.Add(time.Minute)}
	clauses  = handling.Transfer{Ground: "gdpr-46-safeguards", Basis: "SCC 7", Assessed: noon.Add(-time.Hour)}
	lapsed   = handling.Transfer{Ground: "gdpr-49-derogation", Basis: "claim 12", Until: noon}
)

// Personal data leaves the EEA on a ground for the transfer alone; all else goes as it
// went, and so does everything of a member that has not said that it is there.
func TestPersonalDataLeavesTheEEAOnAGround(t *testing.T) {
	const us = "US, which is outside of the EEA"
	const personal, other = "tlp:amber personal", "tlp:amber"
	for _, c := range []struct {
		home, country, class string
		transfers            []handling.Transfer
		lacks                string // nothing: it is released
	}{
		{"", "", personal, nil, ""},
		{"", "US", personal, nil, ""},
		{"US", "", personal, nil, ""},
		{"US", "CN", personal, nil, ""},
		{"EE", "DE", personal, nil, ""},
		{"EE", "NO", personal, nil, ""},
		{"EE", "US", other, nil, ""},
		{"EE", "", other, nil, ""},
		{"EE", "US", personal, nil, "it names no ground for a transfer to " + us},
		{"NO", "GB", personal, nil, "it names no ground for a transfer to GB, which is outside of the EEA"},
		{"EE", "", personal, nil, "it names no ground for a transfer to a country that is not known, which counts as outside of the EEA"},
		{"EE", "US", personal, []handling.Transfer{adequate}, ""},
		{"EE", "CN", personal, []handling.Transfer{adequate}, "it names no ground for a transfer to CN, which is outside of the EEA"},
		{"EE", "", personal, []handling.Transfer{adequate}, "it names no ground for a transfer to a country that is not known, which counts as outside of the EEA"},
		{"EE", "", personal, []handling.Transfer{clauses}, ""},
		{"EE", "US", personal, []handling.Transfer{lapsed}, "its ground for a transfer to " + us + ", has ended"},
		{"EE", "US", personal, []handling.Transfer{lapsed, clauses}, ""},
		{"EE", "US", personal + " unfit:gdpr-46-safeguards", []handling.Transfer{lapsed, clauses}, "its ground for a transfer to " + us + ", is none of those that the markings ask for"},
		{"EE", "US", "tlp:amber unfit:gdpr-46-safeguards", []handling.Transfer{clauses}, ""},
		{"EE", "US", personal, []handling.Transfer{{Ground: "cbpr"}}, ""},
	} {
		class, err := handling.ReadClass(c.class)
		if err != nil {
			t.Fatal(err)
		}
		a := released(t, c.transfers...)
		proof := handling.Explain(class, from(c.home, c.country), []handling.Agreement{a}, noon)
		last := proof.Steps[len(proof.Steps)-1]
		if proof.Allow != (c.lacks == "") || last.Detail != c.lacks {
			t.Errorf("from %q to %q, %s: allowed is %v, and %q; want %q", c.home, c.country, c.class, proof.Allow, last.Detail, c.lacks)
		}
		if c.lacks != "" && proof.Reason != "agreement with-b would release it, but "+c.lacks {
			t.Errorf("from %q to %q: the reason is %q", c.home, c.country, proof.Reason)
		}
	}
	// A ground that is named without what it takes is none of a transfer.
	bare := released(t)
	bare.Grounds |= grounds(t, "gdpr-45-adequacy")
	if d := handling.Decide(parse(t, "tlp:amber personal"), from("EE", "US"), []handling.Agreement{bare}, noon); d.Allow {
		t.Error("an adequacy decision without a country and an end lets personal data leave")
	}
}

// When a transfer's ground ends, the clearance does; a reader in the EEA keeps its own,
// and what a new ground opens is read as of when it was agreed.
func TestTheEndOfATransferMovesTheClearance(t *testing.T) {
	gate, policy, seconds := movingGate([]string{"", "tlp:amber", "tlp:amber personal"})
	sees := func(p handling.Profile, id store.ClassID) bool { return gate.Clearance(p, 1).Has(id) }
	abroad, near := from("EE", "US"), from("EE", "DE")
	a := released(t, adequate)
	policy.Store(handling.NewPolicy([]handling.Agreement{a}))
	d := gate.Decide(parse(t, "tlp:amber personal"), abroad, 1)
	if !sees(abroad, 2) || !d.Ends.Equal(adequate.Until) {
		t.Errorf("with a ground that holds: %+v", d)
	}
	seconds.Store(60)
	if sees(abroad, 2) || !sees(abroad, 1) || !sees(near, 2) {
		t.Errorf("after the ground's end: abroad %v, near %v", sees(abroad, 2), sees(near, 2))
	}
	again := released(t, clauses)
	again.Version = 2
	at := noon.Add(90 * time.Second)
	seconds.Store(120)
	policy.Store(handling.NewPolicy([]handling.Agreement{again}, handling.Change{At: noon.Add(-time.Hour), Is: &a}, handling.Change{At: at, Was: &a, Is: &again}))
	_, runs := gate.Opened(abroad, 1)
	found := slices.ContainsFunc(runs, func(r handling.Run) bool { return r.At == store.Tick(at.UnixMicro()) && r.Classes.Has(2) })
	if !sees(abroad, 2) || !found {
		t.Errorf("with another ground: %v, opened %+v", sees(abroad, 2), runs)
	}
}

func TestTransfersThatMakeNoSense(t *testing.T) {
	good := released(t, adequate, clauses)
	for want, change := range map[string]func(*handling.Agreement){
		"stands on one of":    func(a *handling.Agreement) { a.Transfers[0].Ground = "gdpr-6-legitimate" },
		"not on \"no such\"":  func(a *handling.Agreement) { a.Transfers[0].Ground = "no such" },
		"none of its legal":   func(a *handling.Agreement) { a.Grounds = grounds(t, "gdpr-6-legitimate") },
		"to which countries":  func(a *handling.Agreement) { a.Transfers[0].To = nil },
		"until when":          func(a *handling.Agreement) { a.Transfers[0].Until = time.Time{} },
		"not after":           func(a *handling.Agreement) { a.Transfers[0].Until = a.From },
		"two capital letters": func(a *handling.Agreement) { a.Transfers[0].To = []string{"us"} },
		"the document's id":   func(a *handling.Agreement) { a.Transfers[1].Basis = " " },
		"one line":            func(a *handling.Agreement) { a.Transfers[1].Basis = "a\nb" },
		"was assessed":        func(a *handling.Agreement) { a.Transfers[1].Assessed = time.Time{} },
		"the treaty or the case": func(a *handling.Agreement) {
			a.Transfers[1] = handling.Transfer{Ground: "gdpr-48-treaty"}
			a.Grounds |= grounds(t, "gdpr-48-treaty")
		},
		"at most": func(a *handling.Agreement) { a.Transfers = slices.Repeat(a.Transfers, 33) },
	} {
		a := good
		a.Transfers = slices.Clone(good.Transfers)
		change(&a)
		if err := a.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestCheckFindsTransfersThatDoNothing(t *testing.T) {
	check := func(a handling.Agreement, readers ...handling.Profile) string {
		var all []string
		for _, f := range handling.Check(handling.NewPolicy([]handling.Agreement{a}), handling.Premises{Readers: readers, Now: noon}) {
			text := f.Says
			if f.Warning {
				text = "warning: " + text
			}
			all = append(all, text)
		}
		return strings.Join(all, "\n")
	}
	us := from("EE", "US")
	for _, c := range []struct {
		agreement handling.Agreement
		reader    handling.Profile
		want      string
	}{
		{released(t, adequate), us, ""},
		{released(t), from("EE", "DE"), ""},
		{released(t), from("", "US"), ""},
		{released(t), us, "warning: it names no ground for a transfer to US, which is outside of the EEA; its recipients there are given no personal data by it"},
		{released(t, lapsed, clauses), us, "its transfer on gdpr-49-derogation is over since 2026-11-26T12:00:00Z"},
		{released(t, lapsed), us, "its transfer on gdpr-49-derogation is over since 2026-11-26T12:00:00Z\nwarning: its ground for a transfer to US, which is outside of the EEA, has ended; its recipients there are given no personal data by it"},
		{released(t, adequate), from("EE", "DE"), "its transfer on gdpr-45-adequacy leads to no recipient: none is in JP, US and outside of the EEA, or the own member has not said that it is inside"},
		{released(t, handling.Transfer{Ground: "cbpr"}), us, "warning: its transfer stands on cbpr, which the GDPR does not name as a ground; a certificate that it does name is stated as gdpr-46-safeguards"},
	} {
		if got := check(c.agreement, c.reader); got != c.want {
			t.Errorf("%+v:\n%s\nwant\n%s", c.reader.Reader(), got, c.want)
		}
	}
}

// What a report says of grounds are those that led to the reader.
func TestGroundsForAReader(t *testing.T) {
	a := released(t, adequate, lapsed)
	for country, want := range map[string]string{"US": "gdpr-6-legitimate,gdpr-45-adequacy", "CN": "gdpr-6-legitimate", "DE": "gdpr-6-legitimate,gdpr-45-adequacy"} {
		r := from("EE", country).Reader()
		if got := a.GroundsFor(&handling.Class{TLP: handling.Amber}, &r, noon).String(); got != want {
			t.Errorf("%s: %s, want %s", country, got, want)
		}
	}
}
