package warninglist_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/practice/warninglist"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

const member = "CERT Estmark"

var op = account.Operator(member)

// register is one beside an exchange on a real engine, and a way to open it again.
func register(t *testing.T) (*warninglist.Register, func() *warninglist.Register) {
	t.Helper()
	st, err := pebble.Open(t.Context(), t.TempDir(), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: member})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close(); st.Close() })
	return warninglist.NewRegister(x, nil), func() *warninglist.Register { return warninglist.NewRegister(x, nil) }
}

func kept(t *testing.T, r *warninglist.Register) (out []string) {
	t.Helper()
	list, err := r.List(op)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range list {
		if k.BuiltIn {
			continue
		}
		out = append(out, fmt.Sprintf("%s %s %d", k.Name, k.Type, k.Entries))
	}
	return out
}

func asked(t *testing.T, r *warninglist.Register, kind stix.ValueKind, text string) string {
	t.Helper()
	s, err := r.Set()
	if err != nil {
		t.Fatal(err)
	}
	return on(t, s, kind, text)
}

func TestListsAreKept(t *testing.T) {
	r, again := register(t)
	for _, text := range lists {
		if _, err := r.Add(t.Context(), op, read(t, text)); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"Ours own 7", "Contacts regex 5", "Dynamic DNS hostname 5", "Empty files string 2", "Resolvers cidr 5", "Throw-away mail substring 2", "Top sites string 4"}
	for _, r := range []*warninglist.Register{r, again()} {
		if got := kept(t, r); !slices.Equal(got, want) {
			t.Errorf("kept are %q, want %q", got, want)
		}
		if got := asked(t, r, stix.ValueHash, "D41D8CD98F00B204E9800998ECF8427E"); got != "Ours is d41d8cd98f00b204e9800998ecf8427e; Empty files is d41d8cd98f00b204e9800998ecf8427e" {
			t.Errorf("a hash is on %q", got)
		}
	}

	// One of the same name gives way, whole, and what was added is there at once.
	many := &warninglist.List{Name: "top SITES", Type: warninglist.Hostname}
	for i := range 30_000 {
		many.Entries = append(many.Entries, fmt.Sprintf("h%d.sites.example", i))
	}
	out, err := r.Add(t.Context(), op, many)
	if err != nil || out.Was == nil || out.Was.Entries != 4 || out.Entries != 30_000 {
		t.Fatalf("%+v, %v", out, err)
	}
	if got := asked(t, r, stix.ValueDomain, "portal.example"); got != "" {
		t.Errorf("what was replaced is still on %s", got)
	}
	if got := asked(t, r, stix.ValueDomain, "a.h29999.sites.example"); got != "top SITES below h29999.sites.example" {
		t.Errorf("what was added is on %q", got)
	}
	l, err := again().Whole(op, "Top Sites")
	if err != nil || l.Type != warninglist.Hostname || !slices.Equal(l.Entries, many.Entries) {
		t.Errorf("%d entries, %v", len(l.Entries), err)
	}
	if err := r.Remove(t.Context(), op, "TOP sites", nil); err != nil {
		t.Fatal(err)
	}
	if got := asked(t, r, stix.ValueDomain, "a.h29999.sites.example"); got != "" || len(kept(t, r)) != 6 {
		t.Errorf("what was removed is on %q", got)
	}
	if err := r.Remove(t.Context(), op, "top sites", nil); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

// What is built in is listed last and shown, and nobody changes it.
func TestTheBuiltInListIsSeenAndStays(t *testing.T) {
	r, _ := register(t)
	if _, err := r.Add(t.Context(), op, read(t, lists[0])); err != nil {
		t.Fatal(err)
	}
	all, err := r.List(op)
	if err != nil || len(all) != 2 || all[0].BuiltIn || !all[1].BuiltIn || !all[1].Added.IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	name := all[1].Name
	l, err := r.Whole(op, strings.ToUpper(name))
	if err != nil || len(l.Entries) != all[1].Entries || !slices.Contains(l.Entries, "8.8.8.8") {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := r.Add(t.Context(), op, l); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("another takes its place: %v", err)
	}
	if _, _, err := r.AddValues(t.Context(), op, name, "", []string{"192.0.2.1"}); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("a value goes to it: %v", err)
	}
	for _, values := range [][]string{nil, {"8.8.8.8"}} {
		if err := r.Remove(t.Context(), op, name, values); !errors.Is(err, exchange.ErrInvalid) {
			t.Errorf("it is removed: %v", err)
		}
	}
	if got := asked(t, r, stix.ValueIP, "8.8.8.8"); got == "" {
		t.Error("it is not asked any more")
	}
}

func TestValuesOfOnesOwn(t *testing.T) {
	r, _ := register(t)
	add := func(name string, values ...string) (int, error) {
		_, n, err := r.AddValues(t.Context(), op, name, "", values)
		return n, err
	}
	if n, err := add("ours", "estmark.example", " estmark.example ", "198.51.100.0/24"); n != 2 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := add("OURS", "estmark.example", "203.0.113.7"); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if _, err := add("ours", "good.example", "0.0.0.0/0"); !errors.Is(err, exchange.ErrInvalid) || asked(t, r, stix.ValueDomain, "good.example") != "" {
		t.Errorf("with a bad value: %v", err)
	}
	if _, err := r.Add(t.Context(), op, read(t, strings.Replace(lists[0], "Resolvers", "Ours", 1))); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("one of others takes the place of one's own: %v", err)
	}
	if _, err := r.Add(t.Context(), op, read(t, lists[0])); err != nil {
		t.Fatal(err)
	}
	if _, err := add("resolvers", "192.0.2.1"); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("a value goes to another's list: %v", err)
	}
	if _, err := r.Add(t.Context(), op, read(t, `{"name":"nothing","type":"cidr","list":["x","0.0.0.0/0"]}`)); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("a list without an entry that can be used: %v", err)
	}
	if err := r.Remove(t.Context(), op, "ours", []string{"203.0.113.7", "nobody"}); !errors.Is(err, exchange.ErrNotFound) || asked(t, r, stix.ValueIP, "203.0.113.7") == "" {
		t.Errorf("one that is not there: %v", err)
	}
	if err := r.Remove(t.Context(), op, "ours", []string{"203.0.113.7"}); err != nil || asked(t, r, stix.ValueIP, "203.0.113.7") != "" {
		t.Errorf("%v", err)
	}
	if err := r.Remove(t.Context(), op, "ours", []string{"estmark.example", "198.51.100.0/24"}); err != nil || !slices.Equal(kept(t, r), []string{"Resolvers cidr 5"}) {
		t.Errorf("an empty list is left: %q, %v", kept(t, r), err)
	}
}

func TestListsAreForTheOwnMember(t *testing.T) {
	r, _ := register(t)
	if _, err := r.Add(t.Context(), op, read(t, lists[0])); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by         account.Principal
		reads, set bool
	}{
		{account.Principal{Account: "bo", Org: "Brookwater"}, false, false},
		{account.Principal{Account: "ana", Org: member, Own: true}, true, true},
		{account.Principal{Account: "cur", Org: member, Own: true, Role: account.Curator}, true, true},
	} {
		_, err := r.List(c.by)
		_, other := r.Whole(c.by, "Resolvers")
		s, fault := r.For(c.by)
		if (err == nil) != c.reads || (other == nil) != c.reads || fault != nil || (s.Lists() > 0) != c.set {
			t.Errorf("%s reads: %v, %v; is told of %d lists", c.by.Account, err, other, s.Lists())
		}
		_, _, err = r.AddValues(t.Context(), c.by, "x", "", []string{"x"})
		_, other = r.Add(t.Context(), c.by, read(t, lists[1]))
		if fault := r.Remove(t.Context(), c.by, "Resolvers", nil); !errors.Is(err, exchange.ErrForbidden) || !errors.Is(other, exchange.ErrForbidden) || !errors.Is(fault, exchange.ErrForbidden) {
			t.Errorf("%s writes: %v, %v, %v", c.by.Account, err, other, fault)
		}
	}
}

// What is built in takes no list's place.
func TestAsManyListsAsMayBe(t *testing.T) {
	r, _ := register(t)
	for i := range warninglist.MaxLists {
		if _, err := r.Add(t.Context(), op, read(t, fmt.Sprintf(`{"name":"%d","type":"cidr","list":["198.51.100.7"]}`, i))); err != nil {
			t.Fatal(err)
		}
	}
	s, err := r.Set()
	if err != nil || s.Lists() != warninglist.MaxLists+1 {
		t.Errorf("%d lists, %v", s.Lists(), err)
	}
}
