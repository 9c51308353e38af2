package account

import (
	"context"
	"fmt"

	"entente/internal/store"
)

// goneTable names, by ID, the removed accounts whose belongings may still be
// there.
const goneTable = "account-gone"

// Belong says in which tables the node keeps what belongs to one account: rows
// whose keys begin with Principal.ID and a zero byte. They go when the account is
// removed. Call it before any account is.
func (a *Accounts) Belong(tables ...string) { a.tables = append(a.tables, tables...) }

// Tidy forgets what belonged to accounts that were removed, where that was cut
// short.
func (a *Accounts) Tidy(ctx context.Context) error {
	var ids []string
	for row, err := range a.rows.Rows(goneTable, "") {
		if err != nil {
			return fmt.Errorf("removed accounts: %w", err)
		}
		ids = append(ids, row.Key)
	}
	for _, id := range ids {
		if err := a.forget(ctx, id); err != nil {
			return fmt.Errorf("what belonged to a removed account: %w", err)
		}
	}
	return nil
}

// forget takes away what belonged to an account.
func (a *Accounts) forget(ctx context.Context, id string) error {
	for _, table := range a.tables {
		if _, err := store.Forget(ctx, a.rows, table, id+"\x00", nil); err != nil {
			return err
		}
	}
	_, err := a.rows.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Delete(goneTable, id)
		return nil
	}})
	return err
}
