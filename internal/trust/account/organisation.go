package account

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/language"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// Organisation is who an account belongs to: the node's own member or a partner.
type Organisation struct {
	Name    string    `json:"name"`
	Own     bool      `json:"own"`
	Created time.Time `json:"created,omitzero"`  // of partners
	Country string    `json:"country,omitempty"` // ISO 3166-1 alpha-2; empty: nobody has said
}

// ParseCountry reads a country's code of two letters (ISO 3166-1), in either case; the
// empty one is none.
func ParseCountry(s string) (string, error) {
	code := strings.ToUpper(s)
	if s == "" {
		return "", nil
	}
	if r, err := language.ParseRegion(code); err != nil || len(code) != 2 || r.Canonicalize().String() != code || !r.IsCountry() {
		return "", fmt.Errorf("%w: country %.40q: use the code of two letters that ISO 3166-1 has for it, as DE or US", ErrInvalid, s)
	}
	return code, nil
}

// AddOrg makes a partner organisation known, so that accounts may belong to it. The
// country may be empty.
func (a *Accounts) AddOrg(ctx context.Context, by Principal, name, country string) (Organisation, error) {
	if err := by.mayAdminister("add organisation"); err != nil {
		return Organisation{}, err
	}
	if err := CheckOrg(name); err != nil {
		return Organisation{}, err
	}
	country, err := ParseCountry(country)
	if err != nil {
		return Organisation{}, err
	}
	org := Organisation{Name: name, Created: a.now().UTC().Truncate(time.Second), Country: country}
	err = a.change(ctx, func(tx store.Tx) error {
		// Markings and agreements name organisations, without regard to case.
		if there, err := a.org(tx, name); err == nil {
			return fmt.Errorf("organisation %q %w", there.Name, ErrExists)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := store.SetJSON(tx, orgTable, name, org); err != nil {
			return err
		}
		act := audit.Act{Who: by.Account, What: "org add", On: name}
		if country != "" {
			act.Detail = "country " + country
		}
		audit.Add(tx, act)
		return nil
	})
	if err != nil {
		return Organisation{}, fmt.Errorf("add organisation: %w", err)
	}
	return org, nil
}

// SetCountry says in which country an organisation is, the node's own member among
// them; empty: that nobody knows. It holds from the next request on. It takes an
// admin: ErrForbidden. Other errors: ErrNotFound, ErrInvalid.
func (a *Accounts) SetCountry(ctx context.Context, by Principal, name, country string) (Organisation, error) {
	const what = "org set"
	if err := by.mayAdminister(what); err != nil {
		return Organisation{}, err
	}
	country, err := ParseCountry(country)
	if err != nil {
		return Organisation{}, err
	}
	var org Organisation
	err = a.change(ctx, func(tx store.Tx) (err error) {
		if org, err = a.org(tx, name); err != nil {
			return err
		}
		was := org.Country
		org.Country = country
		audit.Add(tx, audit.Act{Who: by.Account, What: what, On: org.Name,
			Detail: fmt.Sprintf("country %s, was %s", cmp.Or(country, "unknown"), cmp.Or(was, "unknown"))})
		return store.SetJSON(tx, orgTable, org.Name, org)
	})
	if err != nil {
		return Organisation{}, fmt.Errorf("%s: %w", what, err)
	}
	return org, nil
}

// org finds an organisation, without regard to case. The own member is there also
// when it has no row, which it has since somebody said its country.
func (a *Accounts) org(tx store.Tx, name string) (Organisation, error) {
	for row, err := range store.RowsJSON[Organisation](tx, orgTable, "") {
		if err != nil {
			return Organisation{}, err
		}
		if Fold(row.Value.Name) == Fold(name) {
			return row.Value, nil
		}
	}
	if Fold(name) == Fold(a.own) {
		return Organisation{Name: a.own, Own: true}, nil
	}
	return Organisation{}, fmt.Errorf("organisation %q: %w", name, ErrNotFound)
}

// Orgs lists the node's own member, then the partners by name.
func (a *Accounts) Orgs() ([]Organisation, error) {
	rows, err := list[Organisation](a.rows, orgTable)
	if err != nil {
		return nil, err
	}
	all := []Organisation{{Name: a.own, Own: true}}
	for _, o := range rows {
		if o.Own {
			all[0] = o
		} else {
			all = append(all, o)
		}
	}
	return all, nil
}

// country is that of the organisation whose name is exactly this; empty when nobody
// has said it, or there is no such organisation.
func (a *Accounts) country(org string) (string, error) {
	o, err := get[Organisation](a.rows, orgTable, org)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", fmt.Errorf("the country of organisation %q: %w", org, err)
	}
	return o.Country, nil
}

// Principal is an account as one who acts. The only error is of the rows.
func (a *Accounts) Principal(acc *Account) (Principal, error) {
	home, err := a.country(a.own)
	if err != nil {
		return Principal{}, err
	}
	country, err := a.country(acc.Org)
	if err != nil {
		return Principal{}, err
	}
	return Principal{ID: acc.id(), Account: acc.Name, Org: acc.Org, Own: acc.Own, Role: acc.Role, Grants: acc.Grants,
		Groups: acc.Groups, Purpose: acc.Purpose, Use: acc.Use, Country: country, Home: home}, nil
}
