package asset_test

import (
	"net/netip"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/practice/asset"
	"entente/stix"
)

func TestTouches(t *testing.T) {
	list, bad := asset.Read(strings.NewReader("a.example.org\n198.51.100.128/25\n2001:db8:7::/48\n"))
	if len(bad) > 0 {
		t.Fatal(bad)
	}
	reach := asset.NewSet(list).Reach()
	for _, c := range []struct {
		kind stix.ValueKind
		text string
		want bool
	}{
		{stix.ValueDomain, "a.example.org", true}, {stix.ValueDomain, "b.a.example.org", true}, {stix.ValueDomain, "example.org", true},
		{stix.ValueDomain, "b.example.org", false}, {stix.ValueDomain, "xa.example.org", false},
		{stix.ValueIP, "198.51.100.200", true}, {stix.ValueIP, "198.51.100.0/24", true}, {stix.ValueIP, "198.51.100.7", false}, {stix.ValueIP, "198.51.100.0/25", false},
		{stix.ValueIP, "2001:db8::/32", true}, {stix.ValueIP, "2001:db8:8::/48", false},
		{stix.ValueURL, "https://x.a.example.org/y", true}, {stix.ValueURL, "https://example.org/y", false},
	} {
		if a := reach.Touches(value(t, c.kind, c.text)); (a != nil) != c.want {
			t.Errorf("Touches(%s) = %v, want %v", c.text, a, c.want)
		}
	}
}

// A prefix touches an asset if and only if they have an address in common.
func TestTouchesWhatOverlaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) netip.Prefix {
			a := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 64, 128, 255}), 4, 4).Draw(t, name)))
			return netip.PrefixFrom(a, rapid.IntRange(1, 32).Draw(t, name+" bits")).Masked()
		}
		var list []asset.Asset
		var prefixes []netip.Prefix
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			p := draw("asset")
			list, prefixes = append(list, asset.Asset{Kind: asset.Prefix, Value: text(p)}), append(prefixes, p)
		}
		p, want := draw("asked"), false
		for _, q := range prefixes {
			want = want || p.Overlaps(q)
		}
		if got := asset.NewSet(list).Reach().Touches(stix.Value{Kind: stix.ValueIP, Text: text(p)}); (got != nil) != want {
			t.Fatalf("Touches(%s) = %v with %v", p, got, prefixes)
		}
	})
}

func text(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

func TestNobodyOwnsTooMuch(t *testing.T) {
	c := asset.Claims{List: []asset.Claim{
		{Org: "Fern", Kind: asset.Domain, Value: "com"}, {Org: "Fern", Kind: asset.Domain, Value: "co.uk"}, {Org: "Fern", Kind: asset.Prefix, Value: "0.0.0.0/0"},
		{Org: "Fern", Kind: asset.Prefix, Value: "10.0.0.0/8"}, {Org: "Fern", Kind: asset.Domain, Value: "fern.example"}, {Org: "Oak", Kind: asset.Prefix, Value: "198.51.100.0/24"},
	}}
	list, owners := c.Assets()
	if len(list) != 2 || owners[list[0]] != "Fern" || owners[list[1]] != "Oak" {
		t.Errorf("%v of %v", list, owners)
	}
}
