package asset_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/practice/asset"
	"entente/stix"
)

func TestNew(t *testing.T) {
	for _, c := range []struct {
		kind asset.Kind
		text string
		as   asset.Kind
		want string
	}{
		{"", "Example[.]ORG", asset.Domain, "example.org"},
		{"", "@Mail.example.org", asset.Mail, "mail.example.org"},
		{"", "198.51.100.7/24", asset.Prefix, "198.51.100.0/24"},
		{"", "2001:DB8::1", asset.Prefix, "2001:db8::1"},
		{"", "as64500", asset.ASN, "64500"},
		{"", strings.Repeat("AB:", 19) + "AB", asset.Cert, strings.Repeat("ab", 20)},
		{asset.Name, " Lock Seven ", asset.Name, "lock seven"},
	} {
		a, err := asset.New(c.kind, c.text, "")
		if err != nil || a.Kind != c.as || a.Value != c.want {
			t.Errorf("New(%q, %q) = %s %q, %v; want %s %q", c.kind, c.text, a.Kind, a.Value, err, c.as, c.want)
		}
	}
	for _, c := range [][2]string{{"", "Lock Seven"}, {"", ""}, {"prefix", "300.1.1.1"}, {"town", "x"}, {"name", strings.Repeat("x", 600)}, {"name", "\x00"}} {
		if a, err := asset.New(asset.Kind(c[0]), c[1], ""); err == nil {
			t.Errorf("New(%q, %.20q) = %v, want an error", c[0], c[1], a)
		}
	}
}

func value(t *testing.T, kind stix.ValueKind, text string) stix.Value {
	t.Helper()
	v, ok := stix.NewValue(kind, text)
	if !ok {
		t.Fatalf("%s is no %s", text, kind)
	}
	return v
}

func TestSetOwns(t *testing.T) {
	list, bad := asset.Read(strings.NewReader("# ours\nexample.org\n@mail.example.net,\n198.51.100.0/24\nprefix,2001:db8:7::/48,branch\n\nas64500\nname,Drum\nprefix,x\n\"broken\n"))
	if len(bad) < 2 {
		t.Errorf("bad lines: %v", bad)
	}
	set := asset.NewSet(list)
	for _, c := range []struct {
		kind stix.ValueKind
		text string
		own  bool
	}{
		{stix.ValueDomain, "a.b.example.org", true}, {stix.ValueDomain, "example.org", true}, {stix.ValueDomain, "badexample.org", false},
		{stix.ValueDomain, "org", false}, {stix.ValueEmail, "kai@sub.example.org", true}, {stix.ValueEmail, "kai@example.com", false},
		{stix.ValueURL, "https://user@www.example.org:8443/x?y=z", true}, {stix.ValueURL, "http://198.51.100.9/a", true},
		{stix.ValueURL, "http://[2001:db8:7::9]:80/a", true}, {stix.ValueURL, "http://[2001:db8:7::9]/a", true}, {stix.ValueURL, "https://example.com/example.org", false},
		{stix.ValueIP, "198.51.100.77", true}, {stix.ValueIP, "198.51.100.0/25", true}, {stix.ValueIP, "198.51.0.0/16", false},
		{stix.ValueIP, "2001:db8:7:1::/64", true}, {stix.ValueIP, "2001:db8:8::", false},
		{stix.ValueASN, "AS64500", true}, {stix.ValueASN, "AS64501", false}, {stix.ValueName, "DRUM", true}, {stix.ValueFile, "drum", false},
	} {
		if a := set.Owns(value(t, c.kind, c.text)); (a != nil) != c.own {
			t.Errorf("Owns(%s %s) = %v, want %v", c.kind, c.text, a, c.own)
		}
	}
}

// An address is one's own if and only if some prefix of one's own holds it.
func TestSetHoldsAddresses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []asset.Asset
		var prefixes []netip.Prefix
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "addr"))), rapid.IntRange(8, 32).Draw(t, "bits")).Masked()
			a, err := asset.New(asset.Prefix, p.String(), "")
			if err != nil {
				t.Fatal(err)
			}
			list, prefixes = append(list, a), append(prefixes, p)
		}
		at := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.ByteRange(0, 3), 4, 4).Draw(t, "at")))
		want := false
		for _, p := range prefixes {
			want = want || p.Contains(at)
		}
		if got := asset.NewSet(list).Owns(stix.Value{Kind: stix.ValueIP, Text: at.String()}); (got != nil) != want {
			t.Fatalf("Owns(%s) = %v with %v", at, got, prefixes)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("example.org\nprefix,198.51.100.0/24,x\n#\n\"a\"\"b\",c\n")
	f.Add("..0\ndomain,a..b\nmail,@.c\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, _ := asset.Read(strings.NewReader(text))
		set := asset.NewSet(list)
		for _, a := range list {
			again, err := asset.New(a.Kind, a.Value, a.Note)
			if err != nil || again.Value != a.Value {
				t.Fatalf("%v is read again as %v, %v", a, again, err)
			}
			for kind := stix.ValueIP; kind <= stix.ValueOther; kind++ {
				set.Owns(stix.Value{Kind: kind, Text: a.Value})
			}
		}
	})
}

func TestSetNames(t *testing.T) {
	set := asset.NewSet([]asset.Asset{
		{Kind: asset.Name, Value: "lock seven"}, {Kind: asset.Name, Value: "c++"}, {Kind: asset.Name, Value: "lock"}, {Kind: asset.Product, Value: "straße pump"},
		{Kind: asset.Name, Value: "東京電力"}, {Kind: asset.Name, Value: "&"}, {Kind: asset.Product, Value: "cpe:2.3:a:acme:valve:*:*:*:*:*:*:*:*"},
		{Kind: asset.Product, Value: "cpe:/a:acme:pipe:2.0"}, {Kind: asset.Domain, Value: "lock.example"},
	})
	for text, want := range map[string]string{
		"The LOCK-Seven station":     "lock,lock seven",
		"ＬＯＣＫ seven":                 "lock,lock seven",
		"locks seven, block seven":   "",
		"seven lock":                 "lock",
		"written in C":               "",
		"written in C++, mostly":     "c++",
		"STRASSE pump":               "straße pump",
		"社団法人東京電力の":                  "東京電力",
		"&":                          "",
		"":                           "",
		"see cpe:2.3:a:Acme:Valve:2": "cpe:2.3:a:acme:valve:*:*:*:*:*:*:*:*",
		"cpe:2.3:a:acme:valves:2":    "",
		"cpe:2.3:a:acme:pipe:2.1:*":  "",
		"(cpe:/a:acme:pipe)":         "cpe:/a:acme:pipe:2.0",
	} {
		var got []string
		for _, a := range set.Named(text) {
			got = append(got, a.Value)
		}
		slices.Sort(got)
		if strings.Join(got, ",") != want {
			t.Errorf("Named(%q) = %q, want %q", text, got, want)
		}
	}
}
