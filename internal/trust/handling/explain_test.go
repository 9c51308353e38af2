package handling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/trust/handling"
)

// A proof comes to what was decided, whatever is asked.
func TestProofsComeToTheDecision(t *testing.T) {
	agreements := everyPolicy(t)["all"]
	classes := everyClass(t)
	for _, p := range everyProfile() {
		for i := 0; i < len(classes); i += 5 {
			proof := handling.Explain(classes[i], p, agreements, noon)
			if d := handling.Decide(classes[i], p, agreements, noon); d != proof.Decision {
				t.Fatalf("%s: decided %+v, proved %+v", classes[i].Canonical(), d, proof.Decision)
			}
			holds := true
			looked := slices.IndexFunc(proof.Steps, func(s handling.Step) bool { return strings.HasPrefix(s.Rule, "agreement ") })
			rules, tried := proof.Steps, []handling.Step(nil)
			if looked >= 0 {
				rules, tried = proof.Steps[:looked], proof.Steps[looked:]
			}
			for _, s := range rules {
				holds = holds && s.Holds
			}
			if holds && p.Reader().Standing != handling.Custody {
				holds = slices.ContainsFunc(tried, func(s handling.Step) bool { return s.Holds })
			}
			if holds != proof.Allow || len(proof.Steps) == 0 {
				t.Fatalf("%+v, %s: allowed is %v, and the steps are\n%+v", p.Reader(), classes[i].Canonical(), proof.Allow, proof.Steps)
			}
		}
	}
}

func TestProofInPlainWords(t *testing.T) {
	c := parse(t, "tlp:amber pap:green to:group:water|org:cert-b forbidden:publication personal")
	var steps []string
	for _, s := range handling.Explain(c, partner, everyPolicy(t)["all"], noon).Steps {
		mark := "no "
		if s.Holds {
			mark = "yes "
		}
		steps = append(steps, mark+s.Rule+": "+s.Detail)
	}
	want := []string{
		"yes the reader is known: bo@cert-b, partner of cert-b, in water; purpose defence, use read",
		"yes its class has a TLP label: TLP:AMBER",
		"yes no marking excludes the reader: ",
		"yes every release list names the reader: released to group:water or org:cert-b",
		"yes TLP:RED is for those named: ",
		"yes the reader's purpose is allowed: asked for defence; allowed for defence,research,law-enforcement,attribution",
		"yes the reader's use keeps within PAP: PAP:GREEN; the reader's use is read",
		"yes every marking is explained: ",
		"yes its markings do not contradict each other: ",
		"yes its embargo is over: ",
		"yes its policy has not ended: ",
		"no agreement clear, built in: TLP:CLEAR to everyone: it stands on no legal ground, and there is personal data",
		"no agreement grant, built in: TLP:GREEN in a collection that is granted: it stands on no legal ground, and there is personal data",
		"no agreement late, version 1, with group:water: it is not in force yet",
		"no agreement open, version 1, with every partner: it does not reach to this PAP label",
		"no agreement over, version 1, with group:water: it has ended",
		"no agreement strict, version 1, with org:cert-b: it stands on no legal ground for personal data",
		"yes agreement wide, version 1, with group:water: it asks its recipients for a person's review of what a machine made before it is used; erasure 30 days after it was received",
		"no agreement away, version 1, with every partner: it does not reach to this PAP label",
		"yes agreement lapsed, version 1, with group:water: it asks its recipients for a person's review of what a machine made before it is used; erasure 30 days after it was received",
	}
	if !slices.Equal(steps, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(steps, "\n"), strings.Join(want, "\n"))
	}
}

func TestCheckFindsWhatCannotApply(t *testing.T) {
	good := everyPolicy(t)["strict"][0]
	change := func(name string, f func(*handling.Agreement)) handling.Agreement {
		a := good
		a.Name = name
		f(&a)
		if err := a.Check(); err != nil {
			t.Fatal(err)
		}
		return a
	}
	policy := handling.NewPolicy([]handling.Agreement{
		good,
		change("is-over", func(a *handling.Agreement) { a.Until = noon.Add(-time.Minute) }),
		change("nobody", func(a *handling.Agreement) { a.To = []handling.Name{"org:cert-x"} }),
		change("one-unknown", func(a *handling.Agreement) { a.To = []handling.Name{"org:cert-b", "org:cert-x"} }),
		change("ours", func(a *handling.Agreement) { a.To = []handling.Name{"org:cert-a"} }),
		change("adds-nothing", func(a *handling.Agreement) { a.TLP = handling.Green }),
		change("to-come", func(a *handling.Agreement) { a.From = noon.Add(time.Hour) }),
	})
	var classes []handling.Class
	for _, text := range []string{"tlp:amber", "tlp:green", "tlp:red", "tlp:green unexplained:" + strange, "tlp:clear terms:attribute,anonymise",
		"tlp:clear opens:2027-01-01T00:00Z closes:2026-12-01T00:00Z", "tlp:clear closes:2026-01-01T00:00Z",
		"tlp:green forbidden:defence,research,law-enforcement,attribution,publication"} {
		classes = append(classes, parse(t, text))
	}
	var got []string
	const known = "marking-definition--eeeeeeee-0000-4000-8000-00000000000e"
	classes = append(classes, parse(t, "tlp:green unexplained:"+known))
	on := handling.Premises{Readers: []handling.Profile{partner, own, handling.Curator}, Classes: classes, Now: noon, Why: func(id string) string {
		if id == known {
			return "it is not understood"
		}
		return ""
	}}
	for _, f := range handling.Check(policy, on) {
		got = append(got, f.About+": "+f.Says)
	}
	want := []string{
		"agreement adds-nothing: of what is kept here it releases nothing to anybody that the built-in agreements do not",
		"agreement is-over: it is over since 2026-11-26T11:59:00Z",
		"agreement nobody: no account is org:cert-x",
		"agreement one-unknown: no account is org:cert-x",
		"agreement ours: its recipients are of the own member, which needs no agreement",
		"tlp:green unexplained:" + strange + ": nothing explains " + strange + "; bring the definition in as the own member",
		"tlp:clear terms:attribute,anonymise: its markings contradict each other: the provider is to be named, and not to be named",
		"tlp:clear opens:2027-01-01T00:00Z closes:2026-12-01T00:00Z: its markings contradict each other: it opens at 2027-01-01T00:00Z and closes at 2026-12-01T00:00Z",
		"tlp:clear closes:2026-01-01T00:00Z: the policy it is marked with has ended at 2026-01-01T00:00Z",
		"tlp:green forbidden:defence,research,law-enforcement,attribution,publication: its markings together allow no purpose",
		"tlp:green unexplained:" + known + ": " + known + ": it is not understood",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Lists that let nobody through are found, and those that may be meant so are not;
// organisations that nobody here knows are told of.
func TestCheckFindsAudiencesOfNobody(t *testing.T) {
	const excluded, both = "all of these are excluded", "nobody is in both"
	for class, want := range map[string]string{
		"tlp:green to:org:a":                                      "",
		"tlp:green not:org:a":                                     "",
		"tlp:green to:":                                           "",
		"tlp:red":                                                 "",
		"tlp:green to:org:a not:org:a":                            excluded,
		"tlp:green to:org:a|org:b not:org:a":                      "",
		"tlp:green to:group:g not:group:g":                        excluded,
		"tlp:green to:group:g not:org:a":                          "",
		"tlp:green to:person:p@a not:org:a":                       excluded,
		"tlp:green to:org:a not:person:p@a":                       "",
		"tlp:green to:org:a,org:b":                                both,
		"tlp:green to:org:a,group:g":                              "",
		"tlp:green to:org:a,person:p@a":                           "",
		"tlp:green to:org:b,person:p@a":                           both,
		"tlp:green to:group:g,person:p@a":                         "",
		"tlp:red to:person:p@a,person:q@a":                        both,
		"tlp:green to:org:a|org:b,org:b|org:a%20c not:person:p@b": "",
	} {
		c, err := handling.ReadClass(class)
		if err != nil {
			t.Fatal(err)
		}
		found := handling.Check(handling.NewPolicy(nil), handling.Premises{Classes: []handling.Class{c}, Now: noon, Orgs: map[string]bool{"a": true, "b": true, "a c": true}})
		switch {
		case want == "" && len(found) > 0, want != "" && (len(found) != 1 || found[0].Warning || !strings.Contains(found[0].Says, want)):
			t.Errorf("%s: %v; want %q", class, found, want)
		}
	}
	c := parse(t, "tlp:green to:org:a|person:p@x not:group:g|org:y")
	found := handling.Check(handling.NewPolicy(nil), handling.Premises{Classes: []handling.Class{c}, Now: noon, Orgs: map[string]bool{"a": true}})
	if len(found) != 1 || !found[0].Warning || !strings.Contains(found[0].Says, "name person:p@x, org:y, of") {
		t.Error(found)
	}
}

func TestDiffTellsWhoGainsAndLoses(t *testing.T) {
	sets := everyPolicy(t)
	classes := []handling.Class{parse(t, "tlp:green"), parse(t, "tlp:amber"), parse(t, "tlp:amber personal"), parse(t, "tlp:amber+strict pap:amber")}
	var got []string
	for _, c := range handling.Diff(handling.NewPolicy(sets["open"]), handling.NewPolicy(sets["strict"]), partner, classes, noon) {
		got = append(got, c.Class.Canonical()+": "+c.Before.Agreement+" > "+c.After.Agreement)
	}
	if s := strings.Join(got, ", "); s != "tlp:amber personal: open > , tlp:amber+strict pap:amber:  > strict" {
		t.Error(s)
	}
}
