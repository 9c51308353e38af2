package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// then is one line of a model of what was released: to whom, for which purpose, by what,
// on which grounds.
type then struct{ account, purpose, agreement, grounds string }

// years is a node that lives through what may happen between a release and a question.
type years struct {
	*house
	rt    *rapid.T
	model map[string]map[then]bool // by id of the object
}

func (y *years) id(n int) string { return fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n) }

// reads gives a reader all that he may read, and notes by what.
func (y *years) reads(by account.Principal) {
	page, err := y.x.View(by).Page(y.t.Context(), "c", exchange.Query{Limit: 1000, Bodies: true, Versions: store.VersionFilter{All: true}})
	if err != nil {
		y.rt.Fatal(err)
	}
	defer page.Close()
	profile := handling.ProfileOf(by)
	for i := range page.Len() {
		class := page.Class(i)
		d, err := y.x.Decide(y.operator, class, profile, page.Collection(i))
		if err != nil || !d.Allow {
			y.rt.Fatalf("%v, %+v: given what is not allowed", err, d)
		}
		line := then{by.Account, string(by.Purpose), d.Agreement, ""}
		for _, a := range y.book.Policy().Agreements() {
			if a.Name == d.Agreement {
				reader := profile.Reader()
				line.agreement, line.grounds = a.Edition(), a.GroundsFor(&class, &reader, y.now()).String()
			}
		}
		id := string([]byte(page.ID(i)))
		if y.model[id] == nil {
			y.model[id] = map[then]bool{}
		}
		y.model[id][line] = true
	}
}

// now is the node's time.
func (y *years) now() time.Time { return time.Now().Add(time.Duration(y.ahead.Load())) }

// agrees makes an agreement or its next version.
func (y *years) agrees(name string) {
	var version int
	if history, err := y.book.History(name); err == nil {
		version = history[len(history)-1].Version
	}
	grounds, _ := handling.ParseGrounds(rapid.SampledFrom([]string{"gdpr-6-legitimate", "gdpr-6-consent", "gdpr-6-legitimate,nis2-29", "nis2-29"}).Draw(y.rt, "grounds"))
	purposes, _ := handling.ParsePurposes(rapid.SampledFrom([]string{"defence", "research", "defence,research"}).Draw(y.rt, "purposes"))
	a := handling.Agreement{Name: name, Kind: handling.Bilateral, To: []handling.Name{"org:brookwater"}, PAP: handling.PAPRed,
		TLP: rapid.SampledFrom([]handling.Level{handling.Green, handling.Amber}).Draw(y.rt, "tlp"), Purposes: purposes, Grounds: grounds}
	now := y.now()
	a.From = now.Add(rapid.SampledFrom([]time.Duration{-time.Minute, -time.Minute, 30 * time.Minute}).Draw(y.rt, "from"))
	if rapid.Bool().Draw(y.rt, "ends") {
		a.Until = now.Add(90 * time.Minute)
	}
	if here, ok := y.number("c"); ok {
		a.Collections = rapid.SampledFrom([][]store.Collection{nil, nil, {here}, {here + 90}}).Draw(y.rt, "collections")
	}
	for _, t := range []handling.Transfer{{Ground: "gdpr-45-adequacy", To: []string{"US"}, Until: a.From.Add(45 * time.Minute)},
		{Ground: "gdpr-46-safeguards", Basis: "SCC 7", Assessed: time.Unix(0, 0), Until: a.From.Add(100 * time.Minute)}, {Ground: "cbpr", To: []string{"JP"}}} {
		if on, _ := handling.ParseGrounds(t.Ground); rapid.Bool().Draw(y.rt, t.Ground) {
			a.Grounds |= on
			a.Transfers = append(a.Transfers, t)
		}
	}
	if _, err := y.book.Add(y.t.Context(), y.operator, a, version); err != nil {
		y.rt.Fatal(err)
	}
}

func (y *years) step(what string) {
	switch what {
	case "publish":
		day := rapid.IntRange(1, 3).Draw(y.rt, "day")
		y.publish(y.operator, object(rapid.IntRange(1, 3).Draw(y.rt, "n"), fmt.Sprintf("2026-01-%02dT00:00:00Z", day),
			rapid.SampledFrom([]string{green, amber}).Draw(y.rt, "marking"), fmt.Sprintf(`,"abstract":"bob@example.org, day %d"`, day)))
	case "agree":
		y.agrees(rapid.SampledFrom([]string{"a", "b"}).Draw(y.rt, "name"))
	case "end":
		name := rapid.SampledFrom([]string{"a", "b"}).Draw(y.rt, "name")
		if _, err := y.book.End(y.t.Context(), y.operator, name); err != nil && !errors.Is(err, account.ErrNotFound) && !errors.Is(err, account.ErrExists) {
			y.rt.Fatal(err)
		}
	case "purpose":
		y.bo.Purpose = rapid.SampledFrom([]account.Purpose{"defence", "research"}).Draw(y.rt, "purpose")
	case "move":
		y.bo.Home = rapid.SampledFrom([]string{"", "EE"}).Draw(y.rt, "home")
		y.bo.Country = rapid.SampledFrom([]string{"", "US", "JP", "DE"}).Draw(y.rt, "country")
	case "later":
		y.ahead.Add(int64(time.Hour))
	case "recall":
		if _, err := y.x.Recall(y.t.Context(), y.operator, "c", y.id(rapid.IntRange(1, 3).Draw(y.rt, "n")), exchange.Query{}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
			y.rt.Fatal(err)
		}
	case "restart":
		y.close()
		y.open()
		y.x.Follow()
	}
}

// What the report says of a release is what was so when it was released, to whatever
// agreements, accounts and objects come afterwards.
func TestReportTellsByWhatItWasReleasedThen(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		y := &years{house: build(t), rt: rt, model: map[string]map[then]bool{}}
		y.x.Follow()
		y.bo.Purpose, y.ana.Purpose = "defence", "attribution"
		y.agrees("a")
		steps := []string{"publish", "publish", "agree", "agree", "end", "purpose", "move", "later", "recall", "restart", "nothing"}
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			y.step(rapid.SampledFrom(steps).Draw(rt, "step"))
			y.reads(rapid.SampledFrom([]account.Principal{y.bo, y.bo, y.ana}).Draw(rt, "reader"))
		}
		y.followed()
		for n := range 4 {
			got := map[then]bool{}
			for _, one := range y.report(exchange.AskPersonal{Object: y.id(n)}).Released {
				got[then{one.Reader.Account, one.Purpose, one.Agreement, strings.Join(one.Grounds, ",")}] = true
			}
			want := y.model[y.id(n)]
			if want == nil {
				want = map[then]bool{}
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(then{})); diff != "" {
				rt.Fatalf("object %d (-was +told): %s", n, diff)
			}
		}
		y.close()
		y.open()
	})
}

// lines are the releases of a report, for people.
func lines(r exchange.PersonalReport) (list []string) {
	for _, one := range r.Released {
		list = append(list, fmt.Sprintf("%s %d-%d %s %s %s", one.Reader.Account, one.Objects, one.Gone, one.Purpose, one.Agreement, strings.Join(one.Grounds, ",")))
	}
	return list
}

// What is gone is told of the organisation that was given it, of who brought it, of all
// and by its id; the value by which it was found is not kept.
func TestReportTellsOfWhatIsGone(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.agrees("security", "gdpr-6-legitimate")
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`), object(2, t1, green, ``), object(3, t1, green, `,"abstract":"bob@example.org"`))
	h.read(h.bo, exchange.Query{})
	for n := 1; n <= 2; n++ {
		if _, err := h.x.EraseObjects(t.Context(), h.operator, []string{fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n)}); err != nil {
			t.Fatal(err)
		}
	}
	id := "note--00000000-0000-4000-8000-000000000001"
	const one, both = "bo 1-1 defence security/1 gdpr-6-legitimate", "bo 2-1 defence security/1 gdpr-6-legitimate"
	same(t, "all", lines(h.report(exchange.AskPersonal{})), both)
	same(t, "to Brookwater", lines(h.report(exchange.AskPersonal{Org: "brookwater"})), both)
	same(t, "from the own member", lines(h.report(exchange.AskPersonal{Org: own})), both)
	same(t, "of the object", lines(h.report(exchange.AskPersonal{Object: id})), one)
	same(t, "of the value", lines(h.report(exchange.AskPersonal{Value: "bob@example.org"})), strings.Replace(one, "1-1", "1-0", 1))
	h.publish(h.operator, object(1, t1, green, ``)) // other content comes under the same id and version
	h.read(h.ana, exchange.Query{})
	same(t, "of other content", lines(h.report(exchange.AskPersonal{Object: id})), one)
}

// A copy without some parts was released by what allowed that, not by what the whole
// object would take.
func TestReportTellsByWhatACopyWasReleased(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.agrees("security", "gdpr-6-legitimate")
	whole := object(1, t1, green, `,"abstract":"bob@example.org","authors":["x"],"granular_markings":[{"selectors":["authors"],"marking_ref":"`+red+`"}]`)
	h.publish(h.operator, whole)
	h.read(h.bo, exchange.Query{})
	const want = "bo 1-%d defence security/1 gdpr-6-legitimate"
	same(t, "held", lines(h.report(exchange.AskPersonal{})), fmt.Sprintf(want, 0))
	h.publish(h.operator, strings.Replace(strings.Replace(whole, t1, t2, 1), green, amber, 1)) // and the first is as strict by that
	same(t, "re-classed", lines(h.report(exchange.AskPersonal{})), fmt.Sprintf(want, 0))
	if _, err := h.x.Recall(t.Context(), h.operator, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	same(t, "recalled", lines(h.report(exchange.AskPersonal{})), fmt.Sprintf(want, 1))
}

// An agreement that is over by its own time gives way to another that releases the same,
// within one stretch of the audit.
func TestReportTellsApartWhatTimeHasEnded(t *testing.T) {
	h := build(t)
	h.x.Follow()
	now := time.Now()
	for name, until := range map[string]time.Time{"a": now.Add(30 * time.Minute), "b": {}} {
		grounds, err := handling.ParseGrounds(map[string]string{"a": "gdpr-6-consent", "b": "gdpr-6-vital"}[name])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.book.Add(t.Context(), h.operator, handling.Agreement{Name: name, Kind: handling.Invitation, From: now.Add(-time.Hour), Until: until,
			TLP: handling.Amber, Purposes: handling.Defence, Grounds: grounds}, 0); err != nil {
			t.Fatal(err)
		}
	}
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`))
	h.read(h.bo, exchange.Query{})
	h.ahead.Store(int64(time.Hour))
	h.read(h.bo, exchange.Query{})
	same(t, "released", lines(h.report(exchange.AskPersonal{})), "bo 1-0 defence a/1 gdpr-6-consent", "bo 1-0 defence b/1 gdpr-6-vital")
}

// What was given before it was kept on what is told without that.
func TestReportSaysWhatItDoesNotKnow(t *testing.T) {
	h := build(t)
	h.x.Follow()
	out := h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`))
	r := audit.Reading{Collection: 1, By: audit.Reader{ID: "x", Account: "ana", Org: own}, From: out[0].Added, Until: out[0].Added,
		Objects: audit.Runs{{First: out[0].Added, Last: out[0].Added}}}
	if err := h.x.Keep(t.Context(), func(tx store.Tx) error {
		tx.Set("audit-reading", r.Key(), r.Value())
		tx.Delete("exchange", "places-kept")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if report := h.report(exchange.AskPersonal{}); report.KnownSince == nil || !slices.Equal(lines(report), []string{"ana 1-0   "}) {
		t.Errorf("%q since %v; want a release without purpose and agreement", lines(report), report.KnownSince)
	}
	h.close()
	h.open() // it is noted now
	h.x.Follow()
	if report := h.report(exchange.AskPersonal{}); report.KnownSince == nil || report.KnownSince.After(time.Now()) {
		t.Errorf("known since %v; want a moment", report.KnownSince)
	}
	fresh := build(t)
	if report := fresh.report(exchange.AskPersonal{}); report.KnownSince != nil {
		t.Errorf("of a new node known since %v; want always", report.KnownSince)
	}
}
