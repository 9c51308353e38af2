package account_test

import (
	"errors"
	"testing"

	"entente/internal/trust/account"
)

// An organisation's country is its accounts' from the next request on, and so is the own
// member's.
func TestAnAccountIsWhereItsOrganisationIs(t *testing.T) {
	h := newHouse(t)
	h.partner("Brookwater")
	token := h.add(account.Application{Name: "bo", Org: "Brookwater"})
	mine := h.add(account.Application{Name: "cy"})
	is := func(when, country, home string) {
		t.Helper()
		if p := h.knows("bo", token); p.Country != country || p.Home != home {
			t.Errorf("%s: bo is in %q, and the own member in %q", when, p.Country, p.Home)
		}
	}
	set := func(name, country string) {
		t.Helper()
		if _, err := h.SetCountry(t.Context(), h.by, name, country); err != nil {
			t.Fatal(err)
		}
	}
	is("nobody has said anything", "", "")
	set("BROOKWATER", "us")
	is("the partner's is said", "US", "")
	set(own, "EE")
	is("the own member's is said", "US", "EE")
	if p := h.knows("cy", mine); p.Country != "EE" || p.Home != "EE" {
		t.Errorf("an own account is in %q of %q", p.Country, p.Home)
	}
	set("Brookwater", "")
	is("the partner's is taken back", "", "EE")
	orgs, err := h.Orgs()
	if err != nil || len(orgs) != 2 || !orgs[0].Own || orgs[0].Name != own || orgs[0].Country != "EE" || orgs[1].Name != "Brookwater" {
		t.Errorf("the organisations are %+v, %v", orgs, err)
	}
	if _, err := h.AddOrg(t.Context(), h.by, own, ""); !errors.Is(err, account.ErrExists) {
		t.Errorf("the own member is added as a partner: %v", err)
	}
}

func TestCountriesThatAreRefused(t *testing.T) {
	h := newHouse(t)
	for _, code := range []string{"UK", "EL", "EU", "USA", "XX", "ZZ", "1A", "U", "U\n", "150"} {
		if _, err := h.AddOrg(t.Context(), h.by, "x", code); !errors.Is(err, account.ErrInvalid) {
			t.Errorf("%q is taken for a country: %v", code, err)
		}
	}
	if _, err := h.SetCountry(t.Context(), h.by, "nobody", "US"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("the country of an organisation that is not there: %v", err)
	}
	if _, err := h.SetCountry(t.Context(), account.Principal{Account: "bo", Org: "x"}, own, "US"); !errors.Is(err, account.ErrForbidden) {
		t.Errorf("a partner sets a country: %v", err)
	}
	if org, err := h.AddOrg(t.Context(), h.by, "Pump Vendor", "gb"); err != nil || org.Country != "GB" {
		t.Errorf("%+v, %v", org, err)
	}
}
