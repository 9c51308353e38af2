package device_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/stix"
)

const (
	member = "CERT Example"
	green  = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
)

// orgs are organisations by the number of their identity.
var orgs = []string{member, "Brook", "Fern", "Mallow", "Heron"}

func identityOf(n int) string { return fmt.Sprintf("identity--00000000-0000-4000-8000-%012d", n) }

// coalition is a bench on which organisations have identities, which each has brought
// itself, and an indicator for evil.example that Brook made.
func coalition(t *testing.T) *bench {
	b := newBench(t, device.Parts{})
	for n, org := range orgs {
		b.bring(org, "a", fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":%q}`, identityOf(n), org))
	}
	b.bring("Brook", "a", b.written(1, "domain=evil.example", fmt.Sprintf(`,"created_by_ref":%q,"object_marking_refs":[%q]`, identityOf(1), green)))
	return b
}

// opinion writes the n-th opinion, of an organisation by its number, on indicators.
func opinion(n, author, minute int, word, more string, on ...int) string {
	refs := make([]string, len(on))
	for i, k := range on {
		refs[i] = fmt.Sprintf(`"indicator--00000000-0000-4000-8000-%012d"`, k)
	}
	return fmt.Sprintf(`{"type":"opinion","spec_version":"2.1","id":"opinion--00000000-0000-4000-8000-%012d","created":"2026-02-01T00:00:00Z","modified":"2026-02-01T00:%02d:00Z","created_by_ref":%q,"object_marking_refs":[%q],"opinion":%q,"object_refs":[%s]%s}`,
		n, minute, identityOf(author), green, word, strings.Join(refs, ","), more)
}

// says is why something is left out; empty when all is there.
func (b *bench) says() string {
	b.t.Helper()
	values, left := b.choose(b.by, "rpz", device.Wish{})
	if len(left) == 0 && slices.Equal(values, []string{"evil.example"}) {
		return ""
	}
	for why, n := range left {
		if n == 1 && len(values) == 0 && len(left) == 1 {
			return why
		}
	}
	return fmt.Sprintf("%q, left out %v", values, left)
}

func TestFalsePositivesAreLeftOut(t *testing.T) {
	type said struct{ source, raw string }
	by := func(author int, word, more string) said {
		return said{orgs[author], opinion(author+1, author, 1, word, more, 1)}
	}
	for _, c := range []struct {
		what string
		said []said
		why  string
	}{
		{"nothing", nil, ""},
		{"the own member", []said{by(0, "disagree", `,"explanation":"our\nscanner"`)}, "a false positive, says CERT Example: our scanner"},
		{"who made it", []said{by(1, "strongly-disagree", "")}, "a false positive, says Brook, who made it"},
		{"one other", []said{by(2, "strongly-disagree", "")}, ""},
		{"two others", []said{by(3, "disagree", ""), by(2, "strongly-disagree", `,"explanation":"a CDN"`)}, "a false positive, say Fern and Mallow: a CDN"},
		{"one other as two", []said{by(2, "disagree", ""), {"Fern", opinion(9, 2, 2, "disagree", "", 1)}}, ""},
		{"one other in the name of all", []said{{"Fern", opinion(8, 1, 1, "disagree", "", 1)}, {"Fern", opinion(9, 3, 1, "disagree", "", 1)}, by(2, "disagree", "")}, ""},
		{"what the own member has from others", []said{{member, opinion(7, 2, 1, "disagree", "", 1)}, {member, opinion(8, 3, 1, "disagree", "", 1)}}, ""},
		{"as many who agree", []said{by(2, "disagree", ""), by(3, "disagree", ""), by(4, "agree", ""), {"Brook", opinion(9, 1, 1, "strongly-agree", "", 1)}}, "a false positive, say Fern and Mallow"},
		{"the own member insists", []said{by(1, "disagree", ""), by(2, "disagree", ""), by(3, "disagree", ""), by(0, "agree", "")}, ""},
		{"neutral ones", []said{by(0, "neutral", ""), by(1, "neutral", ""), by(2, "neutral", ""), by(3, "neutral", "")}, ""},
		{"one who takes it back", []said{by(2, "disagree", ""), by(3, "disagree", ""), {"Fern", opinion(3, 2, 2, "disagree", `,"revoked":true`, 1)}}, ""},
		{"one who has changed his mind", []said{by(2, "disagree", ""), by(3, "disagree", ""), {"Fern", opinion(9, 2, 2, "agree", "", 1)}}, ""},
		{"one whose word another revokes", []said{by(2, "disagree", ""), by(3, "disagree", ""), {"Heron", opinion(3, 2, 2, "disagree", `,"revoked":true`, 1)}}, "a false positive, say Fern and Mallow"},
		{"on others", []said{{member, opinion(1, 0, 1, "disagree", "", 2, 3)}}, ""},
		{"on others, too", []said{{member, opinion(1, 0, 1, "disagree", "", 2, 1, 1)}}, "a false positive, says CERT Example"},
	} {
		b := coalition(t)
		for _, s := range c.said {
			b.bring(s.source, "a", s.raw)
		}
		if got := b.says(); got != c.why {
			t.Errorf("%s: left out for %q, want %q", c.what, got, c.why)
		}
	}
}

func TestTheRuleIsTheNodes(t *testing.T) {
	b := coalition(t)
	for _, n := range []int{2, 3} {
		b.bring(orgs[n], "b", opinion(n, n, 1, "disagree", "", 1))
	}
	const two = "a false positive, say Fern and Mallow"
	for _, c := range []struct {
		others int
		why    string
	}{{2, two}, {3, ""}, {1, two}, {0, ""}, {2, two}} {
		if err := b.SetRule(t.Context(), b.by, device.Rule{Others: c.others}); err != nil {
			t.Fatal(err)
		}
		if got := b.says(); got != c.why {
			t.Errorf("with %d others: %q, want %q", c.others, got, c.why)
		}
	}
	for _, n := range []int{-1, device.MostOthers + 1} {
		if err := b.SetRule(t.Context(), b.by, device.Rule{Others: n}); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("%d others: %v", n, err)
		}
	}
	curator := account.Principal{ID: "x", Account: "bo", Org: member, Own: true, Role: account.Curator}
	if err := b.SetRule(t.Context(), curator, device.UsualRule); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a curator changes the rule: %v", err)
	}
	// What somebody insists on stays, for that value; what only watches leaves it out, too.
	if got, _ := b.choose(b.by, "csv", device.Wish{}); len(got) != 0 {
		t.Errorf("csv: %q", got)
	}
	b.bring("Brook", "b", b.written(1, "domain=evil.example,domain=fine.example", fmt.Sprintf(`,"created_by_ref":%q`, identityOf(1))))
	insisted := stix.Value{Kind: stix.ValueDomain, Text: "evil.example"}
	if err := b.Insist(t.Context(), b.by, insisted, "it was taken over"); err != nil {
		t.Fatal(err)
	}
	if got, left := b.choose(b.by, "rpz", device.Wish{}); !slices.Equal(got, []string{"evil.example"}) || left[two] != 1 {
		t.Errorf("insisted on: %q, left out %v", got, left)
	}
}

// What a reader may not see leaves nothing out of his lists, and what depends on who
// brought what, nothing out of a partner's.
func TestOpinionsCountForWhoMayReadThem(t *testing.T) {
	b := coalition(t)
	b.bring(member, "b", opinion(1, 0, 1, "disagree", "", 1))
	a, _ := b.View(b.by).Collection("a")
	both, _ := b.View(b.by).Collection("b")
	own := account.Principal{ID: "x", Account: "edge", Org: member, Own: true, Role: account.Device, Grants: map[string]account.Access{a.ID: account.Read}}
	if got, left := b.choose(own, "rpz", device.Wish{}); len(got) != 1 || len(left) != 0 {
		t.Errorf("without a grant: %q, %v", got, left)
	}
	own.Grants[both.ID] = account.Read
	if got, left := b.choose(own, "rpz", device.Wish{Collections: []string{"a"}}); len(got) != 0 || len(left) != 1 {
		t.Errorf("with one: %q, %v", got, left)
	}
	partner := own
	partner.Org, partner.Own = "Fern", false
	if got, left := b.choose(partner, "rpz", device.Wish{}); len(got) != 1 || len(left) != 0 {
		t.Errorf("a partner: %q, %v", got, left)
	}
}

// Rules in other languages are left out as values are.
func TestRulesThatAreFalsePositives(t *testing.T) {
	b := coalition(t)
	b.next = "yara"
	b.indicator("a", 5, "rule a { condition: true }", "")
	b.indicator("b", 6, "rule b { condition: true }", "")
	b.bring(member, "a", opinion(1, 0, 1, "disagree", `,"explanation":"hits all"`, 5))
	rules, err := b.Carry(t.Context(), b.by, "yara", nil, false)
	if err != nil {
		t.Fatal(err)
	}
	defer rules.Close()
	want := device.Left{Reason: "a false positive, says CERT Example: hits all", Count: 1, Example: "indicator--00000000-0000-4000-8000-000000000005"}
	if rules.Len != 1 || len(rules.Left) != 1 || rules.Left[0] != want {
		t.Errorf("%d rules, left out %v", rules.Len, rules.Left)
	}
}

// No one organisation beside the own member and the producer takes an indicator from
// lists, whatever it brings in whose name; and the more say so, the more it is left out.
func TestNoStrangerAloneDecides(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		b := coalition(t)
		stranger := rapid.SampledFrom(orgs[2:]).Draw(rt, "stranger")
		for i := range rapid.IntRange(1, 6).Draw(rt, "n") {
			word := rapid.SampledFrom([]string{"disagree", "strongly-disagree", "agree"}).Draw(rt, "word")
			author := rapid.IntRange(1, 4).Draw(rt, "author")
			more := rapid.SampledFrom([]string{"", `,"revoked":true`}).Draw(rt, "more")
			b.bring(stranger, rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "in"), opinion(rapid.IntRange(1, 3).Draw(rt, "id"), author, i, word, more, 1))
		}
		if why := b.says(); why != "" {
			rt.Fatalf("%s alone: left out for %q", stranger, why)
		}
	})
}
