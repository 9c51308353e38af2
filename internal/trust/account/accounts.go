package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// Tables of member rows. Accounts are keyed by lower-cased name, tokens by the
// hexadecimal digest and hold the account's key, organisations by name. A
// shared row, "collection id/account key", says that an account of another
// organisation reads the collection.
const (
	accountTable = "account"
	tokenTable   = "token"
	orgTable     = "org"
	sharedTable  = "shared"
)

// Rows is the part of a store that accounts are kept in.
type Rows interface {
	Get(table, key string) ([]byte, error)
	Rows(table, prefix string) iter.Seq2[store.Keyed, error]
	Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error)
}

// Accounts keeps accounts and organisations, and knows them by their tokens.
// Its methods are safe for concurrent use.
type Accounts struct {
	rows  Rows
	own   string // name of the node's own member
	now   func() time.Time
	known cache

	tables []string // see Belong; not changed any more once accounts are removed
	brake  *brake
}

// New gives the accounts kept in rows. The node's own member is an organisation
// from the start. A nil clock is time.Now.
func New(rows Rows, own string, now func() time.Time) *Accounts {
	if now == nil {
		now = time.Now
	}
	return &Accounts{rows: rows, own: own, now: now, brake: newBrake()}
}

// Application is what a new account is to be. The zero value of each field but
// Name is right.
type Application struct {
	Name   string
	Org    string            // the node's own member when empty
	Role   Role              // Contributor when empty
	Grants map[string]Access // by collection id
	Life   time.Duration     // how long the token lives; MaxLife when 0

	Groups  []string // sharing groups
	Purpose Purpose
	Use     Use
}

// Add opens an account and gives its token, which is kept nowhere. It takes an
// admin, as Revoke, Remove and AddOrg do: ErrForbidden.
func (a *Accounts) Add(ctx context.Context, by Principal, want Application) (Account, string, error) {
	if err := by.mayAdminister("add account"); err != nil {
		return Account{}, "", err
	}
	return a.open(ctx, by, want, func(store.Tx, *Account) error { return nil })
}

// open writes a new account; also does more in the same transaction, first.
func (a *Accounts) open(ctx context.Context, by Principal, want Application, also func(store.Tx, *Account) error) (Account, string, error) {
	acc, err := a.draw(want)
	if err != nil {
		return Account{}, "", err
	}
	token := newToken()
	acc.Token = digest(token)
	key := nameKey(acc.Name)
	err = a.change(ctx, func(tx store.Tx) error {
		if err := also(tx, &acc); err != nil {
			return err
		}
		if _, err := tx.Get(accountTable, key); err == nil {
			return fmt.Errorf("account %q %w; revoke and remove it first, or choose another name", acc.Name, ErrExists)
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := a.inOrg(tx, &acc); err != nil {
			return err
		}
		if err := store.SetJSON(tx, accountTable, key, acc); err != nil {
			return err
		}
		tx.Set(tokenTable, hex.EncodeToString(acc.Token[:]), []byte(key))
		a.noteGrants(tx, by, &acc, tlog.Grant)
		audit.Add(tx, audit.Act{Who: by.Account, What: "account add", On: acc.Name,
			Detail: fmt.Sprintf("%s of %s until %s", acc.Role, acc.Org, acc.Expires.Format(time.DateOnly))})
		return nil
	})
	if err != nil {
		return Account{}, "", fmt.Errorf("add account: %w", err)
	}
	return acc, token, nil
}

// draw checks an application as far as it goes without the store.
func (a *Accounts) draw(want Application) (Account, error) {
	if err := checkName(want.Name); err != nil {
		return Account{}, err
	}
	role, err := ParseRole(string(want.Role))
	if err != nil {
		return Account{}, err
	}
	life := want.Life
	if life == 0 {
		life = MaxLife
	}
	if life < 0 || life > MaxLife {
		return Account{}, fmt.Errorf("%w: a token lives at most 365 days, and more than none; %v was asked for", ErrInvalid, want.Life)
	}
	org := want.Org
	if org == "" {
		org = a.own
	}
	now := a.now().UTC().Truncate(time.Second)
	acc := Account{ID: rand.Text(), Name: want.Name, Org: org, Own: org == a.own, Role: role, Grants: want.Grants,
		Created: now, Expires: now.Add(life)}
	return acc, acc.stand(want)
}

// inOrg checks that the account's organisation is there and may have its role.
func (a *Accounts) inOrg(tx store.Tx, acc *Account) error {
	if acc.Own {
		return nil
	}
	if _, err := tx.Get(orgTable, acc.Org); errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("organisation %q: %w; add it first: entente org add %q", acc.Org, ErrNotFound, acc.Org)
	} else if err != nil {
		return err
	}
	if acc.Role != Contributor && acc.Role != Device {
		return fmt.Errorf("%w: a %s serves this node, and belongs to its own member, not to %q", ErrInvalid, acc.Role, acc.Org)
	}
	return nil
}

// noteGrants notes that collections were opened to, or closed for, another
// organisation, and commits it to the log. What the own member does within
// itself is no act towards others.
func (a *Accounts) noteGrants(tx store.Tx, by Principal, acc *Account, kind tlog.Kind) {
	if acc.Own {
		return
	}
	for _, id := range acc.Collections() {
		if acc.Grants[id]&Read == 0 {
			continue
		}
		key := id + "/" + nameKey(acc.Name)
		if kind == tlog.Grant {
			tx.Set(sharedTable, key, nil)
		} else {
			tx.Delete(sharedTable, key)
		}
		tlog.Append(tx, tlog.Act{Kind: kind, By: by.Account, Org: by.Org, Collection: id, To: acc.Name + "@" + acc.Org})
	}
}

// Shared tells, inside a transaction, whether an account of another
// organisation may read the collection.
func Shared(tx store.Tx, collection string) bool {
	for range tx.Rows(sharedTable, collection+"/") {
		return true // also at an error: better an act too many in the log than one too few
	}
	return false
}

// Revoke ends an account's token at once; the account stays listed.
func (a *Accounts) Revoke(ctx context.Context, by Principal, name string) error {
	return a.end(ctx, by, name, "account revoke", func(tx store.Tx, key string, acc *Account) error {
		if !acc.Revoked.IsZero() {
			return nil
		}
		acc.Revoked = a.now().UTC().Truncate(time.Second)
		tx.Delete(tokenTable, hex.EncodeToString(acc.Token[:]))
		return store.SetJSON(tx, accountTable, key, acc)
	})
}

// Remove ends an account's token at once and forgets the account, then what
// belonged to it.
func (a *Accounts) Remove(ctx context.Context, by Principal, name string) error {
	var id string
	err := a.end(ctx, by, name, "account remove", func(tx store.Tx, key string, acc *Account) error {
		id = acc.id()
		tx.Delete(tokenTable, hex.EncodeToString(acc.Token[:]))
		tx.Delete(accountTable, key)
		tx.Set(goneTable, id, nil)
		return nil
	})
	if err != nil {
		return err
	}
	if err := a.forget(ctx, id); err != nil {
		return fmt.Errorf("account %s is removed; what belonged to it goes at the next start: %w", name, err)
	}
	return nil
}

// end is what Revoke and Remove share.
func (a *Accounts) end(ctx context.Context, by Principal, name, what string, how func(store.Tx, string, *Account) error) error {
	return a.alter(ctx, by, name, what, func(tx store.Tx, acc *Account) (string, error) {
		active := acc.Revoked.IsZero()
		if err := how(tx, nameKey(name), acc); err != nil {
			return "", err
		}
		if active {
			a.noteGrants(tx, by, acc, tlog.Revoke)
		}
		return "", nil
	})
}

// List gives all accounts by name.
func (a *Accounts) List() ([]Account, error) { return list[Account](a.rows, accountTable) }

// Get gives one account; ErrNotFound when there is none.
func (a *Accounts) Get(name string) (Account, error) {
	acc, err := get[Account](a.rows, accountTable, nameKey(name))
	if err != nil {
		return acc, fmt.Errorf("account %q: %w", name, err)
	}
	return acc, nil
}

// change commits rows and forgets every principal known so far, so that what
// was changed holds from the moment the change is durable.
func (a *Accounts) change(ctx context.Context, do func(store.Tx) error) error {
	_, err := a.rows.Commit(ctx, &store.Batch{
		Then: func(tx store.Tx, _ []store.Outcome) error { return do(tx) },
	})
	a.known.forget()
	return err
}

// getter is a store or a transaction.
type getter interface {
	Get(table, key string) ([]byte, error)
}

func get[T any](g getter, table, key string) (T, error) {
	v, err := store.GetJSON[T](g, table, key)
	if errors.Is(err, store.ErrNotFound) {
		err = ErrNotFound
	}
	return v, err
}

func list[T any](r Rows, table string) (all []T, err error) {
	for row, err := range store.RowsJSON[T](r, table, "") {
		if err != nil {
			return nil, err
		}
		all = append(all, row.Value)
	}
	return all, nil
}
