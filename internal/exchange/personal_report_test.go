package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/trust/account"
)

// report asks about a person, an organisation or all.
func (h *house) report(ask exchange.AskPersonal) exchange.PersonalReport {
	h.t.Helper()
	ask.Limit = 100
	ask.Agreement = h.book.Edition
	r, err := h.x.PersonalReport(h.t.Context(), h.operator, ask)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// held is what a report lists, as "ID-DIGIT from SOURCE: KINDS".
func held(r exchange.PersonalReport) (list []string) {
	for _, one := range r.Held {
		list = append(list, one.Object[len(one.Object)-1:]+" from "+one.Source+": "+strings.Join(one.Kinds, ","))
	}
	return list
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q; want %q", what, got, want)
	}
}

func TestReportTellsWhatIsHeld(t *testing.T) {
	h := build(t)
	h.publish(h.operator,
		object(1, t1, green, `,"abstract":"seen by bob@example.org and ana@mail.example"`),
		object(2, t1, green, `,"abstract":"tel: 030 901820, bob@example.org"`),
		object(3, t1, green, ``))
	h.publish(h.bo, object(4, t1, green, `,"abstract":"from BOB@example.org"`))
	same(t, "all", held(h.report(exchange.AskPersonal{})), "1 from "+own+": email", "2 from "+own+": email,phone", "4 from Brookwater: email")
	same(t, "of Brookwater", held(h.report(exchange.AskPersonal{Org: "brookwater"})), "4 from Brookwater: email")
	bob := h.report(exchange.AskPersonal{Value: "Bob@Example.org"})
	same(t, "of Bob", held(bob), "1 from "+own+": email", "2 from "+own+": email,phone", "4 from Brookwater: email")
	if bob.Counts["email"] != 3 || bob.Counts["phone"] != 1 || bob.Total != 3 {
		t.Errorf("counted %v of %d", bob.Counts, bob.Total)
	}
	same(t, "of a number", held(h.report(exchange.AskPersonal{Value: "nobody@example.org"})))
	if _, err := h.x.Recall(t.Context(), h.operator, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	same(t, "after a recall", held(h.report(exchange.AskPersonal{Value: "ana@mail.example"})))
}

// What is marked counts, also where nothing was found, and what was kept aside.
func TestReportTellsWhatIsMarkedAndKeptAside(t *testing.T) {
	h := build(t)
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","personal_data":true}}}`)
	h.publish(h.operator, object(1, t1, private, ``), object(2, t1, green, ``))
	h.publish(h.bo, object(2, t1, green, `,"abstract":"bob@example.org"`)) // other content under a version that is there
	const address = `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-5000-8000-00000000000%s","value":"198.51.100.7"%s}`
	h.publish(h.operator, fmt.Sprintf(address, "3", `,"object_marking_refs":["`+private+`"]`), fmt.Sprintf(address, "4", ""))
	same(t, "all", held(h.report(exchange.AskPersonal{})), "1 from "+own+": stated", "3 from "+own+": address", "2 from Brookwater: email")
	same(t, "of an address", held(h.report(exchange.AskPersonal{Value: "198.51.100.7"})), "3 from "+own+": address")
	if r := h.report(exchange.AskPersonal{Value: "bob@example.org"}); len(r.Held) != 1 || !r.Held[0].Aside {
		t.Errorf("%+v; want what was kept aside", r.Held)
	}
}

func TestReportTellsWhoWasGivenIt(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, object(1, t1, green, `,"abstract":"bob@example.org"`), object(2, t1, green, ``))
	h.read(h.bo, exchange.Query{}) // of the second alone
	if r := h.report(exchange.AskPersonal{}); len(r.Released) != 0 {
		t.Errorf("released %+v; want nothing", r.Released)
	}
	h.agrees("security", "gdpr-6-legitimate")
	h.read(h.bo, exchange.Query{})
	h.read(h.ana, exchange.Query{})
	for _, ask := range []exchange.AskPersonal{{}, {Value: "bob@example.org"}, {Org: own}} {
		var got []string
		for _, one := range h.report(ask).Released {
			got = append(got, one.Reader.Account+" "+one.Agreement+" "+strings.Join(one.Grounds, ","))
			if one.Objects != 1 || !one.Content || (one.Object != "") != (ask.Value != "") {
				t.Errorf("%+v: %+v", ask, one)
			}
		}
		same(t, "released", got, "bo security/1 gdpr-6-legitimate", "ana own ")
	}
	// Of Brookwater: nothing is its own, and one thing was given to it.
	r := h.report(exchange.AskPersonal{Org: "Brookwater"})
	if len(r.Held) != 0 || len(r.Released) != 1 || r.Released[0].Reader.Account != "bo" {
		t.Errorf("%+v", r)
	}
	// What was agreed then is told, also when it has ended.
	if _, err := h.book.End(t.Context(), h.operator, "security"); err != nil {
		t.Fatal(err)
	}
	if r := h.report(exchange.AskPersonal{Org: "Brookwater"}); r.Released[0].Agreement != "security/1" {
		t.Errorf("after its end: %+v", r.Released)
	}
}

func TestReportIsForAuditors(t *testing.T) {
	h := build(t)
	for _, by := range []account.Principal{h.bo, h.ana, h.cleo} {
		if _, err := h.x.PersonalReport(t.Context(), by, exchange.AskPersonal{}); !errors.Is(err, exchange.ErrForbidden) {
			t.Errorf("%s: %v", by.Account, err)
		}
	}
}
