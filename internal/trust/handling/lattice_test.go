package handling_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/trust/handling"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func parse(t testing.TB, text string) handling.Class {
	t.Helper()
	c, err := handling.ParseClass(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// fields are, for each part of a class but its label, the values that the
// lattice is tried with: nothing first.
var fields = [][]string{
	{"", "pap:amber", "pap:red"},
	{"", "terms:no-resale", "terms:attribute,anonymise"},
	{"", "to:org:cert-b", "to:person:bo@cert-b", "to:group:water", "to:", "not:org:cert-b", "not:group:water"},
	{"", "forbidden:defence", "forbidden:research"},
	{"", "unfit:gdpr-6-public-task", "unfit:gdpr-45-adequacy"},
	{"", "personal"},
	{"", "unreviewed"},
	{"", "opens:2026-11-27T00:00Z", "closes:2026-11-26T00:00Z"},
	{"", "unexplained:" + strange},
}

// everyClass gives all combinations, each in its one form.
func everyClass(t testing.TB) []handling.Class {
	texts := []string{"tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:red"}
	for _, values := range fields {
		var next []string
		for _, text := range texts {
			for _, v := range values {
				next = append(next, strings.TrimSpace(text+" "+v))
			}
		}
		texts = next
	}
	classes := make([]handling.Class, 0, len(texts))
	for _, text := range texts {
		c, err := handling.ParseClass(text)
		if err != nil && strings.HasPrefix(text, "tlp:red") {
			continue // RED names no organisations and groups
		}
		if err != nil {
			t.Fatal(err)
		}
		if c.Canonical() != text {
			t.Fatalf("%s is written as %s", text, c.Canonical())
		}
		classes = append(classes, c)
	}
	return classes
}

func everyProfile() map[string]handling.Profile {
	b := partner.Reader()
	return map[string]handling.Profile{
		"nobody":            nobody,
		"curator":           handling.Curator,
		"own":               own,
		"own, named":        handling.Reader{Standing: handling.Own, Org: "cert-a", Person: "bo@cert-b", Purpose: handling.Defence}.Profile(),
		"partner":           partner,
		"partner, research": handling.Reader{Standing: handling.Partner, Org: b.Org, Person: "cy@cert-b", Purpose: handling.Research}.Profile(),
		"partner, blocking": handling.Reader{Standing: handling.Partner, Org: b.Org, Person: b.Person, Groups: b.Groups, Purpose: b.Purpose, Use: handling.UseBlock}.Profile(),
		"stranger":          handling.Reader{Standing: handling.Partner, Org: "cert-c", Person: "di@cert-c", Purpose: handling.Defence}.Profile(),
		"partner, abroad":   handling.Reader{Standing: handling.Partner, Org: b.Org, Person: b.Person, Groups: b.Groups, Purpose: b.Purpose, Abroad: "US"}.Profile(),
		"partner, nowhere":  handling.Reader{Standing: handling.Partner, Org: b.Org, Person: b.Person, Groups: b.Groups, Purpose: b.Purpose, Abroad: handling.Nowhere}.Profile(),
		"without purpose":   handling.Reader{Standing: handling.Partner, Org: b.Org, Person: b.Person}.Profile(),
	}
}

func grounds(t testing.TB, s string) handling.Grounds {
	g, err := handling.ParseGrounds(s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// everyPolicy gives sets of agreements, each over all of its names' lists.
func everyPolicy(t testing.TB) map[string][]handling.Agreement {
	strict := handling.Agreement{Name: "strict", Version: 1, Kind: handling.Bilateral, To: []handling.Name{"org:cert-b"}, TLP: handling.AmberStrict, PAP: handling.PAPAmber,
		Purposes: handling.Defence, Grounds: grounds(t, "nis2-29"), Review: true, From: noon.Add(-time.Hour)}
	wide := handling.Agreement{Name: "wide", Version: 1, Kind: handling.Group, To: []handling.Name{"group:water"}, TLP: handling.Red, PAP: handling.PAPRed,
		Terms: handling.NoResale | handling.Attribute, Purposes: handling.Defence | handling.Research, Grounds: grounds(t, "nis2-29,gdpr-6-public-task"), From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}
	wide.Duties = handling.Duties{ReviewBeforeUse: true, RetentionDays: 30}
	open := handling.Agreement{Name: "open", Version: 1, Kind: handling.Invitation, TLP: handling.Amber, Purposes: handling.Defence | handling.Research,
		Terms: handling.Anonymise, Grounds: grounds(t, "gdpr-6-legitimate"), From: noon}
	late, over := wide, wide
	late.Name, late.From, late.Until = "late", noon.Add(time.Minute), time.Time{}
	over.Name, over.Until = "over", noon
	// To the US for an hour more; to anywhere until now.
	away, lapsed := open, wide
	away.Name, away.Grounds = "away", grounds(t, "gdpr-6-legitimate,gdpr-45-adequacy")
	away.Transfers = []handling.Transfer{{Ground: "gdpr-45-adequacy", To: []string{"US"}, Until: noon.Add(time.Hour)}}
	lapsed.Name, lapsed.Grounds, lapsed.Until = "lapsed", grounds(t, "gdpr-6-public-task,gdpr-46-safeguards"), time.Time{}
	lapsed.Transfers = []handling.Transfer{{Ground: "gdpr-46-safeguards", Basis: "SCC 7", Assessed: noon.Add(-time.Hour), Until: noon}}
	sets := map[string][]handling.Agreement{
		"none": nil, "strict": {strict}, "wide": {wide}, "open": {open}, "not in force": {late, over}, "transfers": {away, lapsed},
		"all": {late, open, over, strict, wide, away, lapsed},
	}
	for _, list := range sets {
		for _, a := range list {
			if err := a.Check(); err != nil {
				t.Fatal(a.Name, err)
			}
		}
	}
	return sets
}

// Every class, reader and set of agreements: each yes names an agreement, which
// is looked at here in plain words; what nothing explains is for nobody else.
func TestEveryReleaseNamesItsAgreement(t *testing.T) {
	classes, profiles, policies := everyClass(t), everyProfile(), everyPolicy(t)
	n, allowed := 0, 0
	for _, agreements := range policies {
		for name, p := range profiles {
			r := p.Reader()
			for _, c := range classes {
				n++
				d := handling.Decide(c, p, agreements, noon)
				if d.Reason == "" || d.Allow != (d.Agreement != "") {
					t.Fatalf("%s, %s: a decision without its grounds: %+v", name, c.Canonical(), d)
				}
				if !d.Allow {
					continue
				}
				allowed++
				ok := false
				switch d.Agreement {
				case handling.ByOwn:
					ok = r.Standing == handling.Custody || r.Standing == handling.Own
				case handling.ByClear, handling.ByGrant:
					ok = c.TLP == handling.Clear || c.TLP == handling.Green && d.Agreement == handling.ByGrant
					ok = ok && c.Terms == 0 && c.Unfit == 0 && !c.Personal
				default:
					i := slices.IndexFunc(agreements, func(a handling.Agreement) bool { return a.Name == d.Agreement })
					a := agreements[i]
					ok = c.TLP <= a.TLP && c.PAP <= a.PAP && c.Terms&^a.Terms == 0 && a.Purposes&r.Purpose != 0 && !a.From.After(noon) &&
						(a.Until.IsZero() || a.Until.After(noon)) && !(a.Review && c.Unreviewed) && !(a.ReviewBeforeUse && c.Unreviewed && r.Use == handling.UseBlock) && a.Grounds&^c.Unfit != 0
					ok = ok && (!c.Personal || r.Abroad == "" || slices.ContainsFunc(a.Transfers, func(t2 handling.Transfer) bool {
						return (len(t2.To) == 0 || slices.Contains(t2.To, r.Abroad)) && (t2.Until.IsZero() || t2.Until.After(noon)) && grounds(t, t2.Ground)&c.Unfit == 0
					}))
				}
				if r.Standing == handling.Partner {
					ok = ok && c.Unexplained == nil && (c.Opens == 0 || !c.Opens.Time().After(noon)) && (c.Closes == 0 || c.Closes.Time().After(noon))
				}
				if r.Standing != handling.Custody {
					ok = ok && c.Forbidden&r.Purpose == 0 && (c.TLP != handling.Red || strings.Contains(c.Canonical(), "to:person:"+r.Person))
				}
				if !ok {
					t.Fatalf("%s reads %s by %q", name, c.Canonical(), d.Agreement)
				}
			}
		}
	}
	if n < 1_000_000 || allowed == 0 {
		t.Fatalf("%d combinations, %d of them allowed; the lattice has shrunk", n, allowed)
	}
	t.Logf("%d combinations, %d allowed", n, allowed)
}

// Whatever is added to a class, no never becomes yes: for each class and each
// limit that it can be joined with.
func TestStricterNeverOpens(t *testing.T) {
	classes, profiles := everyClass(t), everyProfile()
	agreements := everyPolicy(t)["all"]
	var limits []handling.Class
	for _, values := range append([][]string{{"", "tlp:green", "tlp:amber", "tlp:red"}}, fields...) {
		for _, v := range values[1:] {
			if !strings.HasPrefix(v, "tlp:") {
				v = "tlp:clear " + v
			}
			limits = append(limits, parse(t, v))
		}
	}
	limits = append(limits, parse(t, "tlp:red to:person:bo@cert-b"))
	n := 0
	for _, c := range classes {
		for _, l := range limits {
			joined := handling.Join(c, l)
			for _, p := range profiles {
				if n++; !handling.Decide(joined, p, agreements, noon).Allow {
					continue
				}
				for _, part := range [...]handling.Class{c, l} {
					if !handling.Decide(part, p, agreements, noon).Allow {
						t.Fatalf("%+v may not read %s, but joined with a limit %s", p.Reader(), part.Canonical(), joined.Canonical())
					}
				}
			}
		}
	}
	if n < 1_000_000 {
		t.Fatalf("%d combinations; the lattice has shrunk", n)
	}
	t.Logf("%d combinations", n)
}

// someClass draws classes with many names, more than the exhaustive tests have.
func someClass(rt *rapid.T, label string) handling.Class {
	name := rapid.SampledFrom([]string{"org:cert-b", "org:cert c, ltd", "group:water", "group:b|c", "person:bo@cert-b", "person:cy@cert-b"})
	lists := rapid.SliceOfN(rapid.SliceOfNDistinct(name, 0, 3, rapid.ID[string]), 0, 3).Draw(rt, label+" lists")
	c := handling.Class{TLP: handling.Level(rapid.IntRange(1, 5).Draw(rt, label+" tlp")), PAP: handling.PAP(rapid.IntRange(0, 3).Draw(rt, label+" pap"))}
	c.Terms = handling.Terms(rapid.IntRange(0, 255).Draw(rt, label+" terms"))
	c.Forbidden = handling.Purposes(rapid.IntRange(0, 31).Draw(rt, label+" purposes"))
	c.Opens = handling.Minute(rapid.IntRange(-3, 3).Draw(rt, label+" opens"))
	c.Closes = handling.Minute(rapid.IntRange(-3, 3).Draw(rt, label+" closes"))
	c.Unfit = handling.Grounds(rapid.IntRange(0, 1<<14-1).Draw(rt, label+" grounds"))
	if rapid.Bool().Draw(rt, label+" any ground") {
		c.Unfit = 0
	}
	c.Personal = rapid.Bool().Draw(rt, label+" personal")
	c.Unexplained = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{strange, copyright, tlp2Red}), 0, 2, rapid.ID[string]).Draw(rt, label+" unexplained")
	c = handling.Join(c, handling.Class{TLP: handling.Clear})
	for _, list := range lists {
		var names []handling.Name
		for _, n := range list {
			names = append(names, handling.Name(n))
		}
		slices.Sort(names)
		c = handling.Join(c, handling.Class{TLP: handling.Clear, Audience: handling.Audience{To: [][]handling.Name{names}, Not: names[:len(names)/2]}})
	}
	return c
}

// The laws of a join, and that text and meaning are one.
func TestJoinIsALattice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b, c := someClass(rt, "a"), someClass(rt, "b"), someClass(rt, "c")
		join := handling.Join
		for _, law := range []struct {
			name        string
			left, right handling.Class
		}{
			{"idempotent", join(a, a), a},
			{"commutative", join(a, b), join(b, a)},
			{"associative", join(a, join(b, c)), join(join(a, b), c)},
			{"above both", join(join(a, b), a), join(a, b)},
		} {
			if law.left.Canonical() != law.right.Canonical() {
				rt.Fatalf("not %s:\n%s\n%s", law.name, law.left.Canonical(), law.right.Canonical())
			}
		}
		back, err := handling.ParseClass(a.Canonical())
		if err != nil || back.Canonical() != a.Canonical() || handling.Differ(back, a) {
			rt.Fatalf("%s is read as %s, %v", a.Canonical(), back.Canonical(), err)
		}
	})
}

// What a decision says of time is true: up to then the answer holds, then it
// is the other one.
func TestDecisionsSayHowLongTheyHold(t *testing.T) {
	agreements := everyPolicy(t)["all"]
	rapid.Check(t, func(rt *rapid.T) {
		c := someClass(rt, "class")
		c.Opens += handling.MinuteFrom(noon)
		if c.Closes != 0 {
			c.Closes += handling.MinuteFrom(noon)
		}
		now := noon.Add(time.Duration(rapid.IntRange(-300, 300).Draw(rt, "seconds")) * time.Second)
		for name, p := range everyProfile() {
			d := handling.Decide(c, p, agreements, now)
			change := d.Opens
			if d.Allow {
				change = d.Ends
			}
			for _, later := range []time.Duration{time.Second, time.Minute, 3 * time.Minute, time.Hour, 48 * time.Hour} {
				at := now.Add(later)
				if !change.IsZero() && !at.Before(change) {
					at = change
				}
				want := d.Allow != (at.Equal(change) && !change.IsZero())
				if got := handling.Decide(c, p, agreements, at).Allow; got != want {
					rt.Fatalf("%s, %s at %s: %+v; at %s it is %v", name, c.Canonical(), now, d, at, got)
				}
			}
		}
	})
}

func FuzzParseClass(f *testing.F) {
	for _, text := range []string{"tlp:green", "tlp:amber+strict unexplained:a,b", "tlp:red to:person:a@b|person:c@d", "tlp:clear to: not:org:x%20y",
		"tlp:clear pap:red terms:erase forbidden:defence unfit:cbpr personal unreviewed opens:2026-11-26T10:00Z closes:2027-11-26T10:00Z"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := handling.ParseClass(text)
		if err != nil {
			return
		}
		if c.Canonical() != text {
			t.Fatalf("%q is written as %q", text, c.Canonical())
		}
		twice := handling.Join(c, c)
		if again := handling.Join(twice, c); again.Canonical() != twice.Canonical() {
			t.Fatalf("%q joined with itself is %q, then %q", text, twice.Canonical(), again.Canonical())
		}
		if _, err := handling.ParseClass(twice.Canonical()); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzReadAgreement(f *testing.F) {
	f.Add([]byte(`{"name":"a","version":1,"kind":"bilateral","to":["org:B","person:c@d"],"tlp":"amber","pap":"red","terms":["erase"],"purposes":["defence"],"grounds":["nis2-29"],"collections":[1,3],"from":"2026-11-26T00:00:00Z","until":"2027-11-26T00:00:00Z"}`))
	f.Add([]byte(`{"name":"a","version":1,"kind":"invitation","tlp":"green","pap":"clear","purposes":["defence"],"grounds":["gdpr-45-adequacy"],"transfers":[{"ground":"gdpr-45-adequacy","to":["US"],"until":"2027-11-26T00:00:00Z"}],"from":"2026-11-26T00:00:00Z"}`))
	f.Add([]byte(`{"name":"a","version":1,"kind":"invitation","tlp":"green","pap":"clear","purposes":["defence"],"grounds":["nis2-29"],"review":true,"review_before_use":true,"retention_days":30,"from":"2026-11-26T00:00:00Z","note":"x"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := handling.ReadAgreement(raw)
		if err != nil {
			return
		}
		if err := a.Check(); err != nil {
			t.Fatalf("read, but %v", err)
		}
		for _, p := range everyProfile() {
			d := handling.Decide(handling.Class{TLP: handling.Amber, Unexplained: []string{strange}}, p, []handling.Agreement{a}, noon)
			if d.Allow && p.Reader().Standing == handling.Partner {
				t.Fatal("an agreement released what nothing explains")
			}
		}
	})
}
