package account_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"entente/internal/trust/account"
	"entente/internal/trust/tlog"
)

// What others may read by it is an act towards them; what they do with it is not.
func TestAChangeHoldsAtOnceAndIsLoggedWhereItOpensOrCloses(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	token := h.add(account.Application{Name: "hub", Org: "Water ISAC", Grants: map[string]account.Access{"c1": account.Read}})
	h.knows("hub", token)
	groups, use := []string{"water", "energy", "water"}, account.Use("block")
	_, err := h.Change(t.Context(), h.by, "HUB", account.Change{Groups: &groups, Use: &use,
		Grants: map[string]account.Access{"c1": 0, "c2": account.Read | account.Write, "c3": account.Write}})
	if err != nil {
		t.Fatal(err)
	}
	p := h.knows("hub", token)
	if p.MayRead("c1") || !p.MayRead("c2") || p.MayRead("c3") || !p.MayWrite("c3") || p.Use != use || p.Purpose != "defence" || !slices.Equal(p.Groups, []string{"energy", "water"}) {
		t.Errorf("the account is %+v", p)
	}
	var got []string
	for e, err := range tlog.Entries(h.store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s", e.Act.Kind, e.Act.Collection))
	}
	if want := "[grant c1 grant c2 revoke c1]"; fmt.Sprint(got) != want {
		t.Errorf("log is %v, want %s", got, want)
	}
	curator := account.Curator
	if _, err := h.Change(t.Context(), h.by, "hub", account.Change{Role: &curator}); !errors.Is(err, account.ErrInvalid) {
		t.Errorf("a partner's account becomes curator: %v", err)
	}
	if _, err := h.Change(t.Context(), p, "hub", account.Change{Use: &use}); !errors.Is(err, account.ErrForbidden) {
		t.Errorf("an account changes itself: %v", err)
	}
	if _, err := h.Change(t.Context(), h.by, "nobody", account.Change{Use: &use}); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("no such account: %v", err)
	}
}

func TestARenewedTokenTakesTheOthersPlace(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	old := h.add(account.Application{Name: "hub", Org: "Water ISAC", Grants: map[string]account.Access{"c1": account.Read}})
	was := h.knows("hub", old)
	_, token, err := h.Renew(t.Context(), h.by, "hub", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if p := h.knows("hub", token); p.ID != was.ID || !p.MayRead("c1") {
		t.Errorf("after it the account is %+v, was %+v", p, was)
	}
	if _, err := h.Bearer(t.Context(), old); !errors.Is(err, account.ErrDenied) {
		t.Errorf("the former token: %v, want ErrDenied", err)
	}
	if err := h.Revoke(t.Context(), h.by, "hub"); err != nil {
		t.Fatal(err)
	}
	if _, token, err = h.Renew(t.Context(), h.by, "hub", 0); err != nil {
		t.Fatal(err)
	}
	h.knows("hub", token)
	if _, _, err := h.Renew(t.Context(), h.by, "hub", 366*24*time.Hour); !errors.Is(err, account.ErrInvalid) {
		t.Errorf("a token of 366 days: %v", err)
	}
}
