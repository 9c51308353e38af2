package account

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// Change says what of an account is to be another; what is nil stays.
type Change struct {
	Role    *Role
	Grants  map[string]Access // by collection id; 0 takes one away, those not named stay
	Groups  *[]string
	Purpose *Purpose
	Use     *Use
}

// Change changes an account, in force with the next request that is made with its
// token. It takes an admin: ErrForbidden. Other errors: ErrNotFound, ErrInvalid.
func (a *Accounts) Change(ctx context.Context, by Principal, name string, c Change) (Account, error) {
	var acc Account
	err := a.alter(ctx, by, name, "account set", func(tx store.Tx, was *Account) (string, error) {
		acc = *was
		if err := acc.take(c); err != nil {
			return "", err
		}
		if err := a.inOrg(tx, &acc); err != nil {
			return "", err
		}
		if was.Revoked.IsZero() {
			a.noteGrants(tx, by, gains(was, &acc), tlog.Grant)
			a.noteGrants(tx, by, gains(&acc, was), tlog.Revoke)
		}
		return differences(was, &acc), store.SetJSON(tx, accountTable, nameKey(name), acc)
	})
	return acc, err
}

// take takes a change on.
func (acc *Account) take(c Change) error {
	if c.Role != nil {
		role, err := ParseRole(string(*c.Role))
		if err != nil {
			return err
		}
		acc.Role = role
	}
	if c.Grants != nil {
		acc.Grants = maps.Clone(acc.Grants)
		if acc.Grants == nil {
			acc.Grants = map[string]Access{}
		}
		maps.Copy(acc.Grants, c.Grants)
		maps.DeleteFunc(acc.Grants, func(_ string, access Access) bool { return access == 0 })
	}
	want := Application{Groups: acc.Groups, Purpose: acc.Purpose, Use: acc.Use}
	if c.Groups != nil {
		want.Groups = *c.Groups
	}
	if c.Purpose != nil {
		want.Purpose = *c.Purpose
	}
	if c.Use != nil {
		want.Use = *c.Use
	}
	return acc.stand(want)
}

// gains is the account with the collections alone that it may read now and could
// not before.
func gains(was, now *Account) *Account {
	g := Account{Name: now.Name, Org: now.Org, Own: now.Own, Grants: map[string]Access{}}
	for id, access := range now.Grants {
		if access&Read != 0 && was.Grants[id]&Read == 0 {
			g.Grants[id] = access
		}
	}
	return &g
}

// differences says in words what has become of an account, for the audit.
func differences(was, now *Account) string {
	var parts []string
	if was.Role != now.Role {
		parts = append(parts, fmt.Sprintf("role %s, was %s", now.Role, was.Role))
	}
	if !slices.Equal(was.Groups, now.Groups) {
		parts = append(parts, fmt.Sprintf("groups %q, were %q", now.Groups, was.Groups))
	}
	if was.Purpose != now.Purpose {
		parts = append(parts, fmt.Sprintf("purpose %s, was %s", now.Purpose, was.Purpose))
	}
	if was.Use != now.Use {
		parts = append(parts, fmt.Sprintf("use %s, was %s", now.Use, was.Use))
	}
	for _, id := range slices.Sorted(maps.Keys(both(was.Grants, now.Grants))) {
		if was.Grants[id] != now.Grants[id] {
			parts = append(parts, fmt.Sprintf("collection %s %s, was %s", id, worded(now.Grants[id]), worded(was.Grants[id])))
		}
	}
	if parts == nil {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

func both(a, b map[string]Access) map[string]Access {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]Access{}
	}
	maps.Copy(all, b)
	return all
}

func worded(a Access) string {
	if a == 0 {
		return "not granted"
	}
	return a.String()
}

// Renew ends an account's token at once and gives another, which is kept nowhere;
// one that was revoked or has expired is open again. It takes an admin:
// ErrForbidden. Other errors: ErrNotFound, ErrInvalid.
func (a *Accounts) Renew(ctx context.Context, by Principal, name string, life time.Duration) (Account, string, error) {
	if life == 0 {
		life = MaxLife
	}
	if life < 0 || life > MaxLife {
		return Account{}, "", fmt.Errorf("account renew: %w: a token lives at most 365 days, and more than none; %v was asked for", ErrInvalid, life)
	}
	token := newToken()
	var acc Account
	err := a.alter(ctx, by, name, "account renew", func(tx store.Tx, was *Account) (string, error) {
		acc = *was
		tx.Delete(tokenTable, hex.EncodeToString(was.Token[:]))
		if !was.Revoked.IsZero() {
			acc.Revoked = time.Time{}
			a.noteGrants(tx, by, &acc, tlog.Grant)
		}
		acc.Token = digest(token)
		acc.Expires = a.now().UTC().Truncate(time.Second).Add(life)
		tx.Set(tokenTable, hex.EncodeToString(acc.Token[:]), []byte(nameKey(name)))
		return "until " + acc.Expires.Format(time.DateOnly), store.SetJSON(tx, accountTable, nameKey(name), acc)
	})
	if err != nil {
		return Account{}, "", err
	}
	return acc, token, nil
}

// alter does something to one account, which the audit tells with what how says.
func (a *Accounts) alter(ctx context.Context, by Principal, name, what string, how func(store.Tx, *Account) (detail string, err error)) error {
	if err := by.mayAdminister(what); err != nil {
		return err
	}
	err := a.change(ctx, func(tx store.Tx) error {
		acc, err := get[Account](tx, accountTable, nameKey(name))
		if err != nil {
			return fmt.Errorf("%q: %w", name, err)
		}
		detail, err := how(tx, &acc)
		if err != nil {
			return err
		}
		audit.Add(tx, audit.Act{Who: by.Account, What: what, On: acc.Name, Detail: detail})
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
