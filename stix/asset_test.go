package stix_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/stix"
)

func TestWhatIsToldToBeSomebodysOwnIsFoundByIt(t *testing.T) {
	for _, c := range []struct {
		words string
		want  []string
	}{
		{`"kind":"prefix","value":"198.51.100.7/24"`, []string{"ip 198.51.100.0/24"}},
		{`"value":"Brook.Example.","kind":"domain"`, []string{"domain brook.example"}},
		{`"kind":"mail","value":"brook.example"`, []string{"domain brook.example"}},
		{`"kind":"asn","value":"AS64500"`, []string{"asn 64500"}},
		{`"kind":"cert","value":"02:08:87:AB"`, []string{"cert 020887ab"}},
		{`"kind":"name","value":"Lock Seven","note":"x"`, []string{"name lock seven"}},
		{`"kind":"product","value":"cpe:2.3:a:acme:valve"`, []string{"name cpe:2.3:a:acme:valve"}},
		{`"\u006bind":"prefix","value":"198.51.100.7"`, []string{"ip 198.51.100.7"}},
		{`"kind":"domain","value":"198.51.100.7"`, nil}, // an address is no domain
		{`"kind":"prefix","value":"brook.example"`, nil},
		{`"kind":"town","value":"brook.example"`, nil},
		{`"kind":["prefix"],"value":"198.51.100.7"`, nil},
		{`"KIND":"prefix","value":"198.51.100.7"`, nil},
		{`"x":{"kind":"prefix","value":"198.51.100.7"}`, nil},
		{`"kind":"prefix"`, nil},
	} {
		words := `"extensions":{"` + stix.AssetExtension + `":{"extension_type":"property-extension",` + c.words + `}}`
		if diff := cmp.Diff(c.want, values(t, "note", words)); diff != "" {
			t.Errorf("%s:\n%s", c.words, diff)
		}
		for _, elsewhere := range []string{`"x":{` + words + `}`, `"` + stix.AssetExtension + `":{` + c.words + `}`} {
			if got := values(t, "note", elsewhere); got != nil {
				t.Errorf("%s gave %v", elsewhere, got)
			}
		}
		raw := `{"type":"note","spec_version":"2.1","id":"note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","content":"x","object_refs":["identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"],` + words + `}`
		a, ok := stix.StatedAsset([]byte(raw))
		if ok != (c.want != nil) || ok && !strings.HasSuffix(c.want[0], " "+a.Value) {
			t.Errorf("%s is read as %v, %v", c.words, a, ok)
		}
		warned := slices.ContainsFunc(stix.Validate([]byte(raw)), func(f stix.Finding) bool { return f.Rule == "asset" && f.Severity == stix.Warning })
		if warned != (c.want == nil) {
			t.Errorf("%s: warned of: %v", c.words, warned)
		}
	}
}

// What an object is read to say, it is found by.
func FuzzStatedAsset(f *testing.F) {
	f.Add(`"kind":"prefix","value":"198.51.100.0/24"`)
	f.Add(`"kind":"domain","value":"１９８.51.100.7","note":"x"`)
	f.Add(`"kind":"cert","value":"AB:","kin\u0064":"x"`)
	f.Fuzz(func(t *testing.T, words string) {
		o, err := stix.Read([]byte(`{"type":"note","id":"note--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","extensions":{"` + stix.AssetExtension + `":{` + words + `}}}`))
		if err != nil {
			return
		}
		a, ok := stix.StatedAsset(o.Raw)
		if !ok {
			return
		}
		v, is := stix.AssetValue(a.Kind, a.Value)
		if !is || v.Text != a.Value || !slices.Contains(o.Values, v) && len(o.Values) < 256 {
			t.Fatalf("%v (%v) is found by %v", a, v, o.Values)
		}
	})
}
