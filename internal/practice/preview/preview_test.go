package preview_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/preview"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

const own = "CERT Estmark"

// open gives a previewer of a node with partners, each in an organisation and an
// agreement of its own.
func open(tb testing.TB, partners int) *preview.Previewer {
	tb.Helper()
	st, err := pebble.Open(tb.Context(), tb.TempDir(), pebble.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	grounds, err := handling.ParseGrounds("nis2-29")
	if err != nil {
		tb.Fatal(err)
	}
	purposes, err := handling.ParsePurposes("defence")
	if err != nil {
		tb.Fatal(err)
	}
	var agreements []handling.Agreement
	for i := range partners {
		agreements = append(agreements, handling.Agreement{Name: fmt.Sprintf("a%d", i), Version: 1, Kind: handling.Bilateral, TLP: handling.Amber,
			To: []handling.Name{handling.Name(fmt.Sprintf("org:partner %d", i))}, Grounds: grounds, Purposes: purposes, From: time.Unix(0, 0)})
	}
	policy := handling.NewPolicy(agreements)
	x, err := exchange.Open(tb.Context(), st, exchange.Options{Own: own, Agreements: func() *handling.Policy { return policy }})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		x.Close()
		if err := st.Close(); err != nil {
			tb.Error(err)
		}
	})
	c, err := x.AddCollection(tb.Context(), account.Operator(own), exchange.Collection{Alias: "c"})
	if err != nil {
		tb.Fatal(err)
	}
	var readers listed
	for i := range partners {
		readers = append(readers, account.Principal{ID: fmt.Sprint(i), Account: fmt.Sprintf("p%d", i), Org: fmt.Sprintf("Partner %d", i), Role: account.Contributor,
			Grants: map[string]account.Access{c.ID: account.Read}})
	}
	return &preview.Previewer{Exchange: x, Accounts: readers}
}

// listed are readers that are as a test says.
type listed []account.Principal

func (l listed) Active() ([]account.Principal, error) { return slices.Clone(l), nil }

const note = `{"type":"note","spec_version":"2.1","id":"note--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","content":"n","object_refs":["note--21111111-1111-4111-8111-111111111111"],"object_marking_refs":["marking-definition--%s"]}`

const (
	amber  = "55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	strict = "939a9414-2ddd-4d32-a0cd-375ea402b003"
)

func TestPreviewTellsWhoAndWhy(t *testing.T) {
	p := open(t, 3)
	for marking, gets := range map[string]bool{amber: true, strict: false} {
		got, err := p.Of(t.Context(), account.Operator(own), "c", fmt.Appendf(nil, note, marking), "")
		if err != nil || len(got.Readers) != 3 {
			t.Fatalf("%+v, %v; want three readers", got, err)
		}
		for i, r := range got.Readers {
			if r.Gets != gets || r.Why == "" || (r.Agreement == fmt.Sprintf("a%d", i)) != gets {
				t.Errorf("%s: %+v", marking, r)
			}
		}
	}
	partner := account.Principal{Account: "p0", Org: "Partner 0", Grants: map[string]account.Access{}}
	if _, err := p.Of(t.Context(), partner, "c", fmt.Appendf(nil, note, amber), ""); err == nil {
		t.Error("a partner was told who else reads")
	}
}

func BenchmarkPreviewForThousand(b *testing.B) {
	p := open(b, 1000)
	raw := fmt.Appendf(nil, note, amber)
	for b.Loop() {
		if _, err := p.Of(b.Context(), account.Operator(own), "c", raw, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// What is withheld with its part is warned of where it stands in another.
func TestPreviewWarnsOfWhatAPartIsToldBy(t *testing.T) {
	p := open(t, 1)
	const raw = `{"type":"tool","spec_version":"2.1","id":"tool--11111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"x",` +
		`"description":"comes in by CVE-2024-3400","external_references":[{"source_name":"cve","external_id":"CVE-2024-3400"}],"object_marking_refs":["marking-definition--` + amber +
		`"],"granular_markings":[{"selectors":[%q],"marking_ref":"marking-definition--` + strict + `"}]}`
	for selector, warns := range map[string]bool{"external_references": true, "description": false} {
		got, err := p.Of(t.Context(), account.Operator(own), "c", fmt.Appendf(nil, raw, selector), "")
		if err != nil || len(got.Readers) != 1 || got.Readers[0].Lacks != 1 {
			t.Fatalf("%+v, %v; want a copy without one part", got, err)
		}
		warned := slices.ContainsFunc(got.Warnings, func(w preview.Warning) bool { return w.Code == preview.Told && w.Path == "description" })
		if warned != warns {
			t.Errorf("%s is withheld: warnings %+v", selector, got.Warnings)
		}
	}
}

// Who gets an object is to be told what its marking asks for.
func TestPreviewWarnsOfADefinitionThatIsNotShown(t *testing.T) {
	p := open(t, 1)
	const define = `{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--%d1111111-1111-4111-8111-111111111111","created":"2026-01-01T00:00:00Z"%s,"extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","purposes":["defence"]}}}`
	for n, mark := range []string{``, `,"object_marking_refs":["` + handling.Green.Definition() + `"]`} { // amber, as the collection has it, and green
		o, err := stix.Read(fmt.Appendf(nil, define, n, mark))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Exchange.Publish(t.Context(), account.Operator(own), exchange.Publication{Collection: "c", Objects: []stix.Object{o}}); err != nil {
			t.Fatal(err)
		}
		raw := fmt.Sprintf(note, strings.TrimPrefix(handling.Green.Definition(), "marking-definition--")+fmt.Sprintf(`","marking-definition--%d1111111-1111-4111-8111-111111111111`, n))
		got, err := p.Of(t.Context(), account.Operator(own), "c", []byte(raw), "")
		if err != nil || len(got.Readers) != 1 || !got.Readers[0].Gets {
			t.Fatalf("%+v, %v", got, err)
		}
		if warned := slices.ContainsFunc(got.Warnings, func(w preview.Warning) bool { return w.Code == preview.Undefined }); warned != (n == 0) {
			t.Errorf("definition %d: warnings %+v", n, got.Warnings)
		}
	}
}
