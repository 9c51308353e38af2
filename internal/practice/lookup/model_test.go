package lookup_test

import (
	"errors"
	"testing"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
	"entente/internal/trust/account"
)

func TestHalfLivesAreForAdminsToSay(t *testing.T) {
	w := newWorld(t)
	m := lookup.NewModels(w.x)
	_, usual, err := m.Model()
	if err != nil {
		t.Fatal(err)
	}
	for _, by := range []account.Principal{{Account: "bo", Org: "Brookwater"}, {Account: "cur", Org: ours, Own: true, Role: account.Curator}} {
		if err := m.Set(t.Context(), by, lookup.HalfLives{"ip": 1}); !errors.Is(err, exchange.ErrForbidden) {
			t.Errorf("%s changes them: %v", by.Account, err)
		}
	}
	if err := m.Set(t.Context(), w.operator, lookup.HalfLives{"ip": 1, "town": 2}); !errors.Is(err, exchange.ErrInvalid) {
		t.Errorf("a kind that there is not: %v", err)
	}
	if err := m.Set(t.Context(), w.operator, lookup.HalfLives{"ip": 1}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*lookup.Models{m, lookup.NewModels(w.x)} {
		all, err := m.HalfLives()
		if _, mark, _ := m.Model(); err != nil || all["ip"] != 1 || all["url"] != 30 || mark == usual {
			t.Errorf("they are %v under the mark %q, %v", all, mark, err)
		}
	}
}
