package exchange_test

import (
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// Who brought an object does so however many versions somebody else puts on it.
func TestStrangersVersionsDoNotHideWhoBroughtAnEnd(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(1, t1, red), malware(2, t1, green))
	h.publish(h.operator, relation(2, 1, 2, green))
	h.gives("before", idOf("relationship", 2), 0, 0, 1)
	h.publish(h.bo, many(1, 150, "2026-01-02", green)...)
	h.publish(h.operator, relation(1, 1, 2, green))
	h.gives("under many of a stranger's", r1, 0, 0, 1)
	h.from("Cedar", malware(3, t1, green), malware(3, "2026-01-02T00:00:00Z", amber))
	h.publish(h.bo, many(3, 150, "2026-01-03", green)...)
	h.publish(h.operator, relation(3, 3, 2, green))
	h.gives("whose producer marked a newer one stricter", idOf("relationship", 3), 0, 1, 1)
	h.verify()
}

// What comes along with what refers to it binds that at once as it will later on:
// by the versions of who brought it first.
func TestWhatComesAlongCountsAsItDoesLater(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(1, t1, amber), malware(2, t1, green))
	h.from("Dara", malware(1, "2026-01-02T00:00:00Z", green), relation(1, 1, 2, green))
	h.gives("with somebody else's looser version", r1, 0, 1, 1)
	h.from("Cedar", malware(1, "2026-01-03T00:00:00Z", green), malware(3, t1, amber), malware(3, "2026-01-02T00:00:00Z", green), relation(3, 3, 2, green))
	h.gives("with its producer's looser version", idOf("relationship", 3), 1, 1, 1)
	h.verify()
}

// A version that nobody is shown any more, behind one that the writer of what refers to
// it reads, does not begin to count when somebody else's hidden version comes.
func TestAHiddenVersionStaysWithoutASay(t *testing.T) {
	h := build(t)
	const t4 = "2026-01-04T00:00:00Z"
	h.from("Cedar", malware(2, t1, green), malware(1, t2, green), malware(1, t3, red))
	if _, err := h.x.Recall(t.Context(), h.operator, "c", m1, exchange.Query{Versions: store.VersionFilter{Exact: []string{t3}}}); err != nil {
		t.Fatal(err)
	}
	h.from("Cedar", malware(1, t1, green))
	if got := h.given(h.bo, m1); len(got) != 1 || !strings.Contains(got[0], t1) {
		t.Fatalf("of the end a partner is given %s, want the version of %s alone", got, t1)
	}
	h.publish(h.bo, relation(1, 1, 2, green))
	h.gives("before", r1, 1, 1, 1)
	h.from("Fernwood", malware(1, t4, red))
	h.gives("after a stranger's hidden version", r1, 1, 1, 1)
	h.from("Cedar", malware(1, "2026-01-05T00:00:00Z", red))
	h.gives("after its producer's", r1, 0, 0, 1)
	h.verify()
}

// An object is as strict as the newest version of what it refers to, however many others
// become stricter between the versions of that.
func TestVersionsFarApartCountTogether(t *testing.T) {
	h := build(t)
	h.from("Cedar", malware(2, t1, green), malware(3, t1, green))
	h.from("Cedar", strings.Replace(relation(1, 3, 3, green), `"modified":"`+t1, `"modified":"`+t2, 1))
	var others []string
	for n := range 300 { // more than are weighed in one batch
		others = append(others, relation(10+n, 2, 3, green))
	}
	h.from("Cedar", others...)
	h.from("Cedar", relation(1, 2, 2, green))
	h.publish(h.bo, about(1, r1))
	h.gives("before", idOf("note", 1), 1, 1, 1)
	h.from("Cedar", malware(2, t2, amber), malware(3, t2, red))
	h.gives("after", idOf("note", 1), 0, 0, 1)
}

// addr is an observable, whose id can be guessed.
func addr(marking string) string {
	return `{"type":"ipv4-addr","spec_version":"2.1","id":"` + idOf("ipv4-addr", 1) + `","value":"198.51.100.7","object_marking_refs":["` + marking + `"]}`
}

// What somebody else says of an observable hides nothing that refers to it.
func TestStrangersVariantsBindNobody(t *testing.T) {
	h := build(t)
	to := func(n int) string {
		return strings.Replace(relation(n, 1, 2, green), m2, idOf("ipv4-addr", 1), 1)
	}
	h.publish(h.operator, malware(1, t1, green), addr(green), to(1))
	h.publish(h.bo, addr(red))
	h.gives("after a stranger's", r1, 1, 1, 1)
	h.publish(h.operator, to(2))
	h.gives("a later one", idOf("relationship", 2), 1, 1, 1)
	h.publish(h.operator, strings.Replace(addr(amber), `"value"`, `"x_note":"n","value"`, 1))
	h.gives("after the own member's", r1, 0, 1, 1)
	h.publish(h.operator, to(3))
	h.gives("a later one", idOf("relationship", 3), 0, 1, 1)
}

// Who may only write to another collection hides nothing of this one.
func TestStrangersElsewhereBindNobody(t *testing.T) {
	h := build(t)
	d, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"})
	if err != nil {
		t.Fatal(err)
	}
	h.publish(h.operator, malware(1, t1, green), report(1, green, 1, 2), relation(1, 1, 2, green))
	in := func(by account.Principal, source string, raw ...string) {
		t.Helper()
		p := publication(t, raw...)
		p.Collection, p.Source = "d", source
		if _, err := h.x.Publish(t.Context(), by, p); err != nil {
			t.Fatal(err)
		}
	}
	writer := account.Principal{ID: "eve", Account: "eve", Org: "Fernwood", Role: account.Contributor, Grants: map[string]account.Access{d.ID: account.Write}}
	in(writer, "", malware(2, t1, red), malware(3, t1, red))
	h.gives("after a stranger's", r1, 1, 1, 1)
	h.publish(h.operator, relation(2, 1, 3, green))
	h.gives("a later one", idOf("relationship", 2), 1, 1, 1)
	if body := h.given(h.bo, idOf("report", 1)); len(body) != 1 || !strings.Contains(body[0], m2) {
		t.Errorf("bo is given %s", body)
	}
	// Who brings things here, too, could do the same here.
	h.from("Cedar", malware(5, t1, green))
	in(h.operator, "Cedar", malware(4, t1, amber))
	h.publish(h.operator, relation(3, 1, 4, green))
	h.gives("by who brings things here", idOf("relationship", 3), 0, 1, 1)
}

// A version by somebody else than who brought the object is no looser than what he
// could read of it.
func TestAStrangersVersionLoosensNothing(t *testing.T) {
	h := build(t)
	cedar := handling.Agreement{Name: "with-brookwater", Kind: handling.Bilateral, To: []handling.Name{"org:brookwater"}, TLP: handling.Amber,
		PAP: handling.PAPRed, Purposes: handling.Defence, Grounds: 1}
	if _, err := h.book.Add(t.Context(), h.operator, cedar, 0); err != nil {
		t.Fatal(err)
	}
	h.from("Cedar", malware(1, t1, amber), malware(2, t1, red), malware(3, t1, green))
	h.publish(h.bo, malware(1, "2026-01-02T00:00:00Z", clear), malware(2, "2026-01-02T00:00:00Z", clear), malware(3, "2026-01-02T00:00:00Z", clear))
	stranger := account.Principal{ID: "eve", Account: "eve", Org: "Fernwood", Role: account.Contributor, Grants: h.bo.Grants}
	for n, want := range []int{1: 0, 2: 1, 3: 2} { // of the hidden one he knew nothing
		if got := h.given(stranger, idOf("malware", n)); n > 0 && len(got) != want {
			t.Errorf("a partner is given %d versions of malware %d, want %d: %s", len(got), n, want, got)
		}
	}
	if got := h.given(h.bo, m1); len(got) != 2 {
		t.Errorf("who brought the looser version is given %d", len(got))
	}
	explained, err := h.x.Explain(t.Context(), h.cleo, m1, handling.ProfileOf(stranger), func(string) bool { return true })
	if err != nil || len(explained) != 2 || !strings.Contains(strings.Join(explained[1].Stricter, "; ")+strings.Join(explained[0].Stricter, "; "), "who brought it first marks it TLP:AMBER") {
		t.Errorf("it is explained as %+v, %v", explained, err)
	}
	h.from("Cedar", malware(1, "2026-01-03T00:00:00Z", clear))
	if got := h.given(stranger, m1); len(got) != 1 {
		t.Errorf("after its producer loosened it a partner is given %d versions", len(got))
	}
	h.verify()
}

// Nor does it make a machine's claim anybody else's; its producer may take it back.
func TestAStrangersVersionStaysUnreviewed(t *testing.T) {
	h := build(t)
	const model = `,"extensions":{"extension-definition--954f4e28-02cd-43f0-965b-052076cd1188":{"extension_type":"property-extension","made_by":"model"}}`
	byModel := func(n int) string { return made("malware", n, t1, clear, `,"is_family":false,"name":"m"`+model) }
	h.from("Cedar", byModel(1), byModel(2))
	h.publish(h.bo, malware(1, "2026-01-02T00:00:00Z", clear))
	h.from("Cedar", malware(2, "2026-01-02T00:00:00Z", clear))
	for n, want := range map[int]bool{1: true, 2: false} {
		page, err := h.x.View(h.cleo).Page(t.Context(), "c", exchange.Query{IDs: []string{idOf("malware", n)}, Limit: 1})
		if err != nil || page.Len() != 1 {
			t.Fatalf("malware %d: %v", n, err)
		}
		if page.Version(0) == t1 || page.Class(0).Unreviewed != want {
			t.Errorf("malware %d of %s: unreviewed is %v", n, page.Version(0), page.Class(0).Unreviewed)
		}
		page.Close()
	}
}

// What says that the own member made it is taken from nobody else, unless it is what
// went out.
func TestNobodyElseSpeaksForTheOwnMember(t *testing.T) {
	h := build(t)
	const identity = "identity--00000000-0000-4000-8000-00000000000a"
	by := func(n int, modified, marking, more string) string {
		return object(n, modified, marking, `,"created_by_ref":"`+identity+`"`+more)
	}
	h.identity = identity
	h.close()
	h.open()
	h.publish(h.ana, by(1, t1, green, ""), by(2, t1, red, ""))
	for what, c := range map[string]struct {
		who     account.Principal
		raw     string
		verdict exchange.Verdict
	}{
		"what went out comes back":          {h.bo, by(1, t1, green, ""), exchange.Same},
		"another form of it":                {h.bo, by(1, t1, green, `,"labels":["x"]`), exchange.Refused},
		"a looser version":                  {h.bo, by(1, t2, clear, ""), exchange.Refused},
		"a revocation":                      {h.bo, by(1, "9999-12-31T00:00:00Z", clear, `,"revoked":true`), exchange.Refused},
		"a version of what he cannot see":   {h.bo, by(2, t2, clear, ""), exchange.Refused},
		"what he cannot see, to the letter": {h.bo, by(2, t1, red, ""), exchange.Refused},
		"what is not here":                  {h.bo, by(3, t1, clear, ""), exchange.Refused},
		"the identity":                      {h.bo, `{"type":"identity","spec_version":"2.1","id":"` + identity + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"n"}`, exchange.Refused},
		"an own account":                    {h.ana, by(4, t1, clear, ""), exchange.New},
		"his own":                           {h.bo, object(5, t1, clear, ""), exchange.New},
	} {
		if r := h.publish(c.who, c.raw)[0]; r.Verdict != c.verdict {
			t.Errorf("%s: %s (%s), want %s", what, r.Verdict, r.Reason, c.verdict)
		}
	}
	p := publication(t, by(1, t2, clear, ""), by(2, t1, red, ""))
	p.Source = "Brookwater" // a feed that the own member pulls
	results, err := h.x.Publish(t.Context(), h.operator, p)
	if err != nil || results[0].Verdict != exchange.Refused || results[1].Verdict != exchange.Same {
		t.Errorf("by a feed: %+v, %v", results, err)
	}
}
