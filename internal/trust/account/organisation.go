package account

import (
	"context"
	"fmt"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// AddOrg makes a partner organisation known, so that accounts may belong to it.
func (a *Accounts) AddOrg(ctx context.Context, by Principal, name string) (Organisation, error) {
	if err := by.mayAdminister("add organisation"); err != nil {
		return Organisation{}, err
	}
	if err := CheckOrg(name); err != nil {
		return Organisation{}, err
	}
	org := Organisation{Name: name, Created: a.now().UTC().Truncate(time.Second)}
	err := a.change(ctx, func(tx store.Tx) error {
		// Markings and agreements name organisations, without regard to case.
		if Fold(name) == Fold(a.own) {
			return fmt.Errorf("organisation %q %w", name, ErrExists)
		}
		for row, err := range tx.Rows(orgTable, "") {
			if err != nil {
				return err
			}
			if Fold(row.Key) == Fold(name) {
				return fmt.Errorf("organisation %q %w", row.Key, ErrExists)
			}
		}
		if err := put(tx, orgTable, name, org); err != nil {
			return err
		}
		audit.Add(tx, audit.Act{Who: by.Account, What: "org add", On: name})
		return nil
	})
	if err != nil {
		return Organisation{}, fmt.Errorf("add organisation: %w", err)
	}
	return org, nil
}

// Orgs lists the node's own member, then the partners by name.
func (a *Accounts) Orgs() ([]Organisation, error) {
	partners, err := list[Organisation](a.rows, orgTable)
	if err != nil {
		return nil, err
	}
	return append([]Organisation{{Name: a.own, Own: true}}, partners...), nil
}
