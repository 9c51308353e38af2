package lookup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
	"entente/internal/trust/account"
	"entente/stix"
)

// statement is a note of an organisation on what is its own.
func statement(n, author int, kind, value, marking, more string) string {
	return fmt.Sprintf(`{"type":"note","spec_version":"2.1","id":"note--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","created_by_ref":"identity--00000000-0000-4000-8000-%012d","content":"x","object_refs":["identity--00000000-0000-4000-8000-%012d"],"object_marking_refs":[%q],"extensions":{%q:{"extension_type":"property-extension","kind":%q,"value":%q}}%s}`,
		n, author, author, marking, stix.AssetExtension, kind, value, more)
}

func organisation(n int, name string) string {
	return fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":%q,"object_marking_refs":[%q]}`, n, name, green)
}

// Whose a value is is told by the narrowest statement of each organisation that holds it,
// of those that the reader may see, to accounts of the own member.
func TestWhoseAValueIs(t *testing.T) {
	p := newWorld(t).place(t)
	bring := func(source string, objects ...string) {
		for _, raw := range objects {
			o, err := stix.Read([]byte(raw))
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.x.Publish(t.Context(), p.operator, exchange.Publication{Collection: p.alias, Source: source, Objects: []stix.Object{o}})
			if err != nil || r[0].Verdict == exchange.Refused {
				t.Fatal(r, err)
			}
		}
	}
	bring("Brookwater", organisation(1, "Brookwater"), statement(1, 1, "prefix", "198.51.0.0/16", green, ""), statement(2, 1, "prefix", "198.51.100.0/24", green, ""),
		statement(3, 1, "mail", "brook.example", green, ""), statement(4, 1, "asn", "64500", red, ""), statement(5, 1, "name", "Drum", green, `,"revoked":true`))
	bring("Mallow", organisation(2, "Mallow"), statement(6, 2, "prefix", "198.51.100.7", green, ""), statement(7, 1, "prefix", "203.0.113.0/24", green, ""))
	ana := account.Principal{Account: "ana", Org: ours, Own: true, Grants: p.partner.Grants}
	for _, c := range []struct{ asked, want string }{
		{"198.51.100.7", "Mallow 198.51.100.7, Brookwater 198.51.100.0/24"},
		{"http://198.51.100.7/x", "Mallow 198.51.100.7"},
		{"198.51.2.0/24", "Brookwater 198.51.0.0/16"},
		{"198.0.0.0/8", ""}, // what lies inside is not whose it is
		{"kai@mail.brook.example", "Brookwater brook.example"},
		{"203.0.113.9", ""}, // told by somebody else
		{"drum", ""},        // taken back
		{"AS64500", ""},     // not for the reader
	} {
		for _, reader := range []account.Principal{ana, p.partner} {
			answers, err := lookup.NewFinder(p.x.View(reader), 0, noon).Find(t.Context(), c.asked)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range answers[0].Told {
				got = append(got, o.Org+" "+o.Value)
			}
			want := c.want
			if !reader.Own {
				want = ""
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%s asks for %s: of %q, want %q", reader.Account, c.asked, got, want)
			}
		}
	}
	answers, err := lookup.NewFinder(p.x.View(p.operator), 0, noon).Find(t.Context(), "AS64500")
	if err != nil || !slices.Equal(answers[0].Told, []lookup.Owner{{Org: "Brookwater", Kind: "asn", Value: "64500", ID: "note--00000000-0000-4000-8000-000000000004"}}) {
		t.Errorf("%v, %v", answers[0].Told, err)
	}
}
