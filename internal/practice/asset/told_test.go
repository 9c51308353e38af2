package asset_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/asset"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

const (
	own   = "CERT Estmark"
	green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	red   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
)

// register is one beside an exchange on a real engine, with a collection c.
func register(t *testing.T) (*asset.Register, *exchange.Exchange, string) {
	t.Helper()
	st, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); st.Close() })
	c, err := x.AddCollection(t.Context(), account.Operator(own), exchange.Collection{Alias: "c"})
	if err != nil {
		t.Fatal(err)
	}
	return asset.NewRegister(x, nil), x, c.ID
}

func identity(n int, name string) string {
	return fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":%q,"object_marking_refs":[%q]}`, n, name, green)
}

func states(n, author int, day, kind, value, marking, more string) string {
	return fmt.Sprintf(`{"type":"note","spec_version":"2.1","id":"note--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00Z","modified":"2026-01-%sT00:00:00Z","created_by_ref":"identity--00000000-0000-4000-8000-%012d","content":"x","object_refs":["identity--00000000-0000-4000-8000-%012d"],"object_marking_refs":[%q],"extensions":{%q:{"extension_type":"property-extension","kind":%q,"value":%q}}%s}`,
		n, day, author, author, marking, stix.AssetExtension, kind, value, more)
}

func bring(t *testing.T, x *exchange.Exchange, source string, raw ...string) {
	t.Helper()
	p := exchange.Publication{Collection: "c", Source: source}
	for _, r := range raw {
		o, err := stix.Read([]byte(r))
		if err != nil {
			t.Fatal(err)
		}
		p.Objects = append(p.Objects, o)
	}
	results, err := x.Publish(t.Context(), account.Operator(own), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict == exchange.Refused {
			t.Fatal(r.Reason)
		}
	}
}

// told lists what a reader is told: who, what, and by whom it is contested.
func told(t *testing.T, r *asset.Register, p account.Principal, org string) (list []string) {
	t.Helper()
	claims, err := r.Told(t.Context(), p, org)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range claims.List {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", c.Org, c.Kind, c.Value, strings.Join(c.Contested, "+"))))
	}
	return list
}

func TestWhatOthersToldIsNotOnesOwn(t *testing.T) {
	r, x, c := register(t)
	op := account.Operator(own)
	bring(t, x, "Brookwater", identity(1, "Brookwater"), states(1, 1, "01", "prefix", "198.51.100.0/24", green, ""), states(2, 1, "01", "domain", "brook.example", red, ""))
	bring(t, x, "brookwater", states(6, 1, "01", "prefix", "198.51.100.0/25", green, "")) // as it may be written, too
	bring(t, x, "brookwater", states(6, 1, "02", "prefix", "198.51.100.0/25", green, `,"revoked":true`))
	bring(t, x, "Mallow", identity(2, "Mallow"), states(3, 2, "01", "prefix", "198.51.100.64/26", green, ""), states(4, 1, "01", "prefix", "203.0.113.0/24", green, ""))
	bring(t, x, own, states(5, 1, "01", "asn", "64500", green, "")) // the own member's word on another
	want := []string{"Brookwater domain brook.example", "Brookwater prefix 198.51.100.0/24 Mallow", "Mallow prefix 198.51.100.64/26 Brookwater"}
	if got := told(t, r, op, ""); !slices.Equal(got, want) {
		t.Errorf("told are %q, want %q", got, want)
	}
	if got := told(t, r, op, "mallow"); !slices.Equal(got, want[2:]) {
		t.Errorf("told by Mallow are %q", got)
	}
	claims, err := r.Told(t.Context(), op, "")
	if err != nil || claims.Other != 2 {
		t.Errorf("%d count for nobody, %v", claims.Other, err)
	}
	set, err := r.Set()
	v := value(t, stix.ValueIP, "198.51.100.70")
	if err != nil || set.Owns(v) != nil {
		t.Errorf("the own register holds what others told (%v)", err)
	}

	// A reader sees what the view gives, and partners ask in vain.
	ana := account.Principal{Account: "ana", Org: own, Own: true, Grants: map[string]account.Access{c: account.Read}}
	if got := told(t, r, ana, ""); !slices.Equal(got, want[1:]) {
		t.Errorf("ana is told %q", got)
	}
	if got := told(t, r, account.Principal{Account: "cy", Org: own, Own: true}, ""); got != nil {
		t.Errorf("cy is told %q", got)
	}
	if _, err := r.Told(t.Context(), account.Principal{Account: "bo", Org: "Brookwater", Grants: ana.Grants}, ""); err == nil {
		t.Error("a partner is told")
	}

	// A stranger's version takes nothing away, the organisation's own does.
	bring(t, x, "Mallow", states(1, 1, "05", "prefix", "192.0.2.0/24", green, `,"revoked":true`))
	if got := told(t, r, op, ""); !slices.Equal(got, want) {
		t.Errorf("after a stranger's version told are %q", got)
	}
	bring(t, x, "Brookwater", states(1, 1, "06", "prefix", "198.51.100.0/24", green, `,"revoked":true`))
	if got := told(t, r, op, ""); !slices.Equal(got, []string{want[0], "Mallow prefix 198.51.100.64/26"}) {
		t.Errorf("after it is taken back told are %q", got)
	}

	// What is one's own is contested as well, by whichever is wider.
	for _, text := range []string{"198.51.0.0/16", "www.brook.example"} {
		a, err := asset.New("", text, "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Add(t.Context(), op, []asset.Asset{a}); err != nil {
			t.Fatal(err)
		}
	}
	if got := told(t, r, op, ""); !slices.Equal(got, []string{want[0] + " " + own, "Mallow prefix 198.51.100.64/26 " + own}) {
		t.Errorf("beside the register told are %q", got)
	}
}

// Whoever brings more than is read of one keeps nobody else's from being read.
func TestNobodyDrownsWhatOthersTold(t *testing.T) {
	defer asset.Bound(3, 2)()
	r, x, _ := register(t)
	bring(t, x, "Brookwater", identity(1, "Brookwater"), identity(2, "Mallow"))
	for n := range 5 {
		bring(t, x, "Mallow", states(10+n, 1, "01", "asn", fmt.Sprint(64500+n), green, "")) // in Brookwater's name
		bring(t, x, "Mallow", states(20+n, 2, "01", "asn", fmt.Sprint(64600+n), green, ""))
	}
	bring(t, x, "Brookwater", states(1, 1, "01", "asn", "64510", green, ""), states(2, 1, "01", "asn", "64511", green, ""))
	claims, err := r.Told(t.Context(), account.Operator(own), "")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range claims.List {
		list = append(list, c.Org+" "+c.Value)
	}
	if want := []string{"Brookwater 64510", "Brookwater 64511", "Mallow 64600", "Mallow 64601", "Mallow 64602"}; !slices.Equal(list, want) {
		t.Errorf("told are %q, want %q", list, want)
	}
	if claims.Other != 2 || !slices.Equal(claims.Cut, []string{"Mallow"}) {
		t.Errorf("%d count for nobody, and there is more of %q", claims.Other, claims.Cut)
	}
}

// Two claims are contested by each other if and only if one holds the other.
func TestContestedIsWhatOverlaps(t *testing.T) {
	r, x, _ := register(t)
	n := 0
	op := account.Operator(own)
	bring(t, x, "A", identity(1, "A"))
	bring(t, x, "B", identity(2, "B"))
	rapid.Check(t, func(rt *rapid.T) {
		prefixes := map[string][]netip.Prefix{}
		var over []string
		for i, org := range []string{"A", "B"} {
			for range rapid.IntRange(0, 4).Draw(rt, "n") {
				p := netip.PrefixFrom(netip.AddrFrom4([4]byte{198, 51, 100, rapid.Byte().Draw(rt, "last")}), rapid.IntRange(24, 32).Draw(rt, "bits")).Masked()
				if slices.Contains(prefixes[org], p) {
					continue
				}
				n++
				prefixes[org] = append(prefixes[org], p)
				bring(t, x, org, states(n, i+1, "01", "prefix", p.String(), green, ""))
				over = append(over, states(n, i+1, "02", "prefix", p.String(), green, `,"revoked":true`))
			}
		}
		claims, err := r.Told(t.Context(), op, "")
		if err != nil {
			rt.Fatal(err)
		}
		if len(claims.List) != len(prefixes["A"])+len(prefixes["B"]) {
			rt.Fatalf("%d claims, want %v", len(claims.List), prefixes)
		}
		for _, c := range claims.List {
			mine, _ := stix.PrefixOf(c.Value)
			others := prefixes["B"]
			if c.Org == "B" {
				others = prefixes["A"]
			}
			if want := slices.ContainsFunc(others, mine.Overlaps); want != (len(c.Contested) > 0) {
				rt.Fatalf("%s of %s is contested by %q, of %v", c.Value, c.Org, c.Contested, prefixes)
			}
		}
		for _, raw := range over {
			bring(t, x, map[bool]string{true: "A", false: "B"}[strings.Contains(raw, `"created_by_ref":"identity--00000000-0000-4000-8000-000000000001"`)], raw)
		}
	})
}
