package handling_test

import (
	"slices"
	"testing"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// A page put together of several knows of each object what was agreed when it was
// released.
func TestAPageKnowsWhatWasAgreed(t *testing.T) {
	classes := []string{"", handling.Class{TLP: handling.Clear}.Canonical()}
	policy := handling.NewPolicy(nil)
	gate := handling.NewGate(func() []string { return classes }, func() *handling.Policy { return policy }, time.Now)
	partner := handling.Reader{Standing: handling.Partner, Org: "brookwater", Purpose: handling.Defence}.Profile()
	release := func(rows int, names ...string) *handling.Page {
		t.Helper()
		var list []handling.Agreement
		for _, name := range names {
			list = append(list, handling.Agreement{Name: name, Version: 2, Kind: handling.Invitation})
		}
		policy = handling.NewPolicy(list)
		p, err := gate.Release(partner, &store.Page{Rows: slices.Repeat([]store.Row{{Class: 1}}, rows)})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	page := release(0, "z")
	for _, p := range []*handling.Page{release(2, "a"), release(1, "a"), release(2, "b", "a"), release(0), release(1)} {
		page.Append(p)
	}
	var got []string
	for i := range page.Len() {
		got = append(got, page.Agreed(i))
	}
	if want := []string{"a/2", "a/2", "a/2", "a/2,b/2", "a/2,b/2", ""}; !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
	other := release(1, "c")
	other.Append(page)
	if other.Agreed(0) != "c/2" || other.Agreed(3) != "a/2" || other.Agreed(5) != "a/2,b/2" || other.Agreed(6) != "" {
		t.Errorf("%q, %q, %q, %q", other.Agreed(0), other.Agreed(3), other.Agreed(5), other.Agreed(6))
	}
}
