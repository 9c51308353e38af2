package exchange_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// address makes an observable of an address or a prefix.
func address(value, marking string) string {
	typ := "ipv4-addr"
	if strings.Contains(value, ":") {
		typ = "ipv6-addr"
	}
	o := fmt.Sprintf(`{"type":%q,"spec_version":"2.1","id":"%s--00000000-0000-5000-8000-000000000000","value":%q,"object_marking_refs":[%q]}`, typ, typ, value, marking)
	id, err := stix.DeterministicID([]byte(o))
	if err != nil {
		panic(err)
	}
	return strings.Replace(o, typ+"--00000000-0000-5000-8000-000000000000", id, 1)
}

func (h *house) within(p account.Principal, prefix string, limit int) (texts string, more bool) {
	h.t.Helper()
	page, found, err := h.x.View(p).Within(h.t.Context(), prefix, limit)
	if err != nil {
		h.t.Fatal(err)
	}
	defer page.Close()
	if page.Len() != len(found) {
		h.t.Errorf("%d objects by %d values", page.Len(), len(found))
	}
	return strings.Join(found, " "), page.More()
}

func TestAPrefixHoldsAddressesAndPrefixes(t *testing.T) {
	h := build(t)
	for _, value := range []string{"198.51.100.7", "198.51.100.0/25", "198.51.100.128/25", "198.51.100.4/30", "198.51.100.255", "198.51.101.0",
		"198.51.99.255", "198.51.100.0/24", "198.51.0.0/16", "2001:db8::1", "2001:db8:0:1::/64", "2001:db9::1", "::ffff:198.51.100.9"} {
		h.publish(h.operator, address(value, green))
	}
	h.publish(h.operator, address("198.51.100.66", red))
	for prefix, want := range map[string]string{
		"198.51.100.0/24":   "198.51.100.0/25 198.51.100.128/25 198.51.100.4/30 198.51.100.7 198.51.100.9 198.51.100.255",
		"198.51.100.77/25":  "198.51.100.4/30 198.51.100.7 198.51.100.9",
		"2001:db8::/32":     "2001:db8:0:1::/64 2001:db8::1",
		"198.51.100.7/32":   "",
		"198.0.0.0/8":       "",
		"198.51.100.0":      "",
		"no address at all": "",
	} {
		if got, more := h.within(h.bo, prefix, 100); got != want || more {
			t.Errorf("within %s are %q (more: %v), want %q", prefix, got, more, want)
		}
	}
	if got, _ := h.within(h.cleo, "198.51.100.64/28", 100); got != "198.51.100.66" {
		t.Errorf("a curator finds %q", got)
	}
	if got, more := h.within(h.bo, "198.51.100.0/24", 2); got != "198.51.100.0/25 198.51.100.128/25" || !more {
		t.Errorf("the first two are %q (more: %v)", got, more)
	}
}

func TestAnAddressIsFoundHoweverItIsWritten(t *testing.T) {
	h := build(t)
	h.publish(h.operator, address("2001:db8::1", green), address("198.51.100.9", green))
	for _, text := range []string{"2001:DB8:0::1", "2001:db8::1/128", "2001:db8::1%eth0", "198.51.100.9", "::ffff:198.51.100.9", "198.51.100.9/32"} {
		value, ok := stix.NewValue(stix.ValueIP, text)
		if !ok {
			t.Fatalf("%s is no address", text)
		}
		pages, err := h.x.View(h.bo).Find(t.Context(), []stix.Value{value}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if pages[0].Len() != 1 {
			t.Errorf("%s is found %d times", text, pages[0].Len())
		}
		pages[0].Close()
	}
}

func TestLengthsOfPrefixesAreThoseThatAreThere(t *testing.T) {
	h := build(t)
	held := func() (lengths []string) {
		l, err := h.x.View(h.bo).PrefixLengths(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, of := range []int{32, 128} {
			for bits := -1; bits <= of; bits++ {
				if l.Has(of, bits) {
					lengths = append(lengths, fmt.Sprintf("%d of %d", bits, of))
				}
			}
		}
		return lengths
	}
	var want []string
	for _, step := range []struct{ value, length string }{
		{"198.51.100.7", ""}, {"203.0.113.0/24", "24 of 32"}, {"203.0.113.0/31", "31 of 32"}, {"2001:db8::/127", "127 of 128"}, {"2001:db8::1", ""},
		{"0.0.0.0/0", "0 of 32"}, {"203.0.112.0/23", "23 of 32"}, {"198.51.100.0/24", "24 of 32"}, {"::/0", "0 of 128"}, {"255.255.255.254/31", "31 of 32"}, {"2001:db8::/32", "32 of 128"},
	} {
		h.publish(h.operator, address(step.value, green))
		if step.length != "" && !slices.Contains(want, step.length) {
			want = append(want, step.length)
		}
		for range 2 { // as they are read, and as they are remembered
			got := held()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("with %s there are %q, want %q", step.value, got, want)
			}
		}
	}
}

// referrers are the last digits of the ids of what refers to an id, and the paths.
func referrers(t *testing.T, v *exchange.View, id string, limit int) (found []string) {
	t.Helper()
	for next := ""; ; {
		r, err := v.Edges(t.Context(), []string{id}, limit, next)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Of[0]) > limit || r.More[0] != (r.Next != "") {
			t.Fatalf("%d references of at most %d, more %v, next %q", len(r.Of[0]), limit, r.More[0], r.Next)
		}
		for _, ref := range r.Of[0] {
			found = append(found, strings.TrimLeft(r.ID(ref.Row)[len("note--00000000-0000-4000-8000-"):], "0")+" "+ref.Path)
		}
		r.Close()
		if next = r.Next; next == "" {
			return found
		}
	}
}

func TestEdgesAreThoseOfLatestVersionsThatAReaderSees(t *testing.T) {
	h := build(t)
	const who = "identity--00000000-0000-4000-8000-000000000001"
	by := `,"created_by_ref":"` + who + `"`
	h.publish(h.operator, object(1, t1, green, by), object(2, t1, green, ""), object(3, t1, red, by), object(4, t1, green, by))
	h.publish(h.operator, object(2, t2, green, by))
	h.from("Fernwood", object(4, t2, red, ""))
	want := []string{"1 created_by_ref", "1 object_refs[0]", "4 created_by_ref", "4 object_refs[0]", "2 created_by_ref", "2 object_refs[0]"}
	for limit := 1; limit < 8; limit++ {
		if got := referrers(t, h.x.View(h.bo), who, limit); !slices.Equal(got, want) {
			t.Errorf("by %d a partner sees %q, want %q", limit, got, want)
		}
	}
	if got := referrers(t, h.x.View(h.cleo), who, 100); len(got) != 7 {
		t.Errorf("a curator sees %q", got)
	}
	if got := referrers(t, h.x.View(h.cy), who, 100); len(got) != 0 {
		t.Errorf("who may read nothing sees %q", got)
	}
}

func TestACursorOfEdgesIsForItsReaderAndItsObject(t *testing.T) {
	h := build(t)
	const who, another = "identity--00000000-0000-4000-8000-000000000001", "identity--00000000-0000-4000-8000-000000000002"
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, green, ""))
	r, err := h.x.View(h.bo).Edges(t.Context(), []string{who}, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	for _, c := range []struct {
		by     account.Principal
		id     string
		cursor string
	}{{h.ana, who, r.Next}, {h.bo, another, r.Next}, {h.bo, who, r.Next + "A"}, {h.bo, who, "AAAA"}, {h.bo, who, "…"}} {
		if _, err := h.x.View(c.by).Edges(t.Context(), []string{c.id}, 1, c.cursor); !errors.Is(err, exchange.ErrBadCursor) {
			t.Errorf("%s with %q about %s is answered with %v", c.by.Account, c.cursor, c.id, err)
		}
	}
}
