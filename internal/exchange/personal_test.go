package exchange_test

import (
	"context"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// agrees makes an agreement with Brookwater on a legal ground.
func (h *house) agrees(name, ground string) {
	h.t.Helper()
	grounds, err := handling.ParseGrounds(ground)
	if err != nil {
		h.t.Fatal(err)
	}
	_, err = h.book.Add(h.t.Context(), h.operator, handling.Agreement{Name: name, Kind: handling.Bilateral, To: []handling.Name{"org:brookwater"},
		TLP: handling.Amber, Purposes: handling.Defence, Grounds: grounds}, 0)
	if err != nil {
		h.t.Fatal(err)
	}
}

// What holds personal data needs a ground for it, whatever its label.
func TestPersonalDataNeedsAGround(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, `,"abstract":"seen by bob@example.org"`), object(2, t1, green, `,"abstract":"seen by nobody"`))
	reads := func(by account.Principal, want string) {
		t.Helper()
		var got []string
		for _, body := range h.read(by, exchange.Query{}) {
			got = append(got, body[strings.Index(body, "seen by ")+8:][:3])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s reads of %q; want %q", by.Account, got, want)
		}
	}
	reads(h.ana, "bob nob")
	reads(h.bo, "nob")
	h.agrees("sharing", "nis2-29") // a ground for sharing, not for data about people
	reads(h.bo, "nob")
	h.agrees("security", "gdpr-6-legitimate")
	reads(h.bo, "nob bob") // opened to bo later than the other was added
}

// A collection may say that what is found in it is known, and flows.
func TestPersonalDataMayBeNotedAlone(t *testing.T) {
	h := build(t)
	h.limit(exchange.Limits{NotePersonal: true})
	h.publish(h.operator, object(1, t1, green, `,"abstract":"seen by bob@example.org"`))
	if got := h.read(h.bo, exchange.Query{}); len(got) != 1 {
		t.Errorf("bo reads %q; want it", got)
	}
}

// Where personal data stands in parts that are withheld anyhow, the rest flows.
func TestPersonalDataInParts(t *testing.T) {
	h := build(t)
	h.publish(h.operator, strings.Replace(secret, "seen at Lock Seven", "seen by bob@example.org", 1))
	h.publish(h.operator, strings.Replace(strings.Replace(secret, "Drum", "Drum of bob@example.org", 1), "000000000001", "000000000002", 1))
	got := h.read(h.bo, exchange.Query{})
	if len(got) != 1 || strings.Contains(got[0], "bob@") || !strings.Contains(got[0], "withheld_parts") {
		t.Errorf("bo reads %q; want what is left of the first", got)
	}
}

// Who previews is told the same.
func TestPersonalDataIsForeseen(t *testing.T) {
	h := build(t)
	o, err := stix.Read([]byte(object(1, t1, green, `,"abstract":"seen by bob@example.org"`)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := h.x.Foresee(t.Context(), h.operator, "c", &o, []account.Principal{h.ana, h.bo})
	if err != nil {
		t.Fatal(err)
	}
	if !f.Class.Personal || !f.Each[0].Allow || f.Each[1].Allow {
		t.Errorf("%+v; want it withheld from bo", f)
	}
}

// A definition that comes late does not make what was found be forgotten.
func TestLateDefinitionsOpenNoPersonalData(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, strings.Replace(object(1, t1, green, `,"abstract":"bob@example.org"`), green, green+`","`+private, 1))
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"as you like"}}`)
	h.followed()
	if got := h.read(h.bo, exchange.Query{Types: []string{"note"}}); len(got) != 0 {
		t.Errorf("bo reads %q", got)
	}
}

// Collections share the body of one content, and what it is found by: that must not
// depend on what was known of its markings when it came.
func TestWhatIsFoundDependsOnTheContentAlone(t *testing.T) {
	h := build(t)
	d, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"})
	if err != nil {
		t.Fatal(err)
	}
	const address = `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-5000-8000-000000000003","value":"198.51.100.7","object_marking_refs":["` + private + `"]}`
	h.publish(h.operator, address)
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00.000Z","extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","personal_data":true}}}`)
	p := publication(t, address)
	p.Collection = d.ID
	if _, err := h.x.Publish(t.Context(), h.operator, p); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"c", "d"} {
		if _, err := h.x.Recall(t.Context(), h.operator, c, "ipv4-addr--00000000-0000-5000-8000-000000000003", exchange.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	h.x.Close()
	var problems []string
	if err := h.store.Verify(context.WithoutCancel(t.Context()), func(p string) { problems = append(problems, p) }); err != nil || problems != nil {
		t.Errorf("%q, %v", problems, err)
	}
}
