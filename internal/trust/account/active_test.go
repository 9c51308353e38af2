package account_test

import (
	"strings"
	"testing"
	"time"

	"entente/internal/trust/account"
)

// Who may come in is kept, and yet true at each moment.
func TestActiveIsTrueAtEachMoment(t *testing.T) {
	h := newHouse(t)
	is := func(when, want string) {
		t.Helper()
		for range 2 { // as it is read, and as it is kept
			list, err := h.Active()
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range list {
				names = append(names, strings.TrimSpace(p.Account+" "+p.Country))
			}
			if got := strings.Join(names, ", "); got != want {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
	}
	is("at first", "")
	h.partner("Brookwater")
	h.add(account.Application{Name: "bo", Org: "Brookwater"})
	h.add(account.Application{Name: "ana", Life: time.Hour})
	is("with two", "ana, bo")
	if _, err := h.SetCountry(t.Context(), h.by, "Brookwater", "US"); err != nil {
		t.Fatal(err)
	}
	is("with a country", "ana, bo US")
	h.later(time.Hour)
	is("when one has expired", "bo US")
	if _, _, err := h.Renew(t.Context(), h.by, "ana", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := h.Revoke(t.Context(), h.by, "bo"); err != nil {
		t.Fatal(err)
	}
	is("when one is renewed and one revoked", "ana")
	if err := h.Remove(t.Context(), h.by, "ana"); err != nil {
		t.Fatal(err)
	}
	is("when it is removed", "")
}
