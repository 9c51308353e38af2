package account

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// invitationTable holds invitations by the hexadecimal digest of their code.
const invitationTable = "invitation"

// InvitationLife is how long an invitation can be accepted.
const InvitationLife = 24 * time.Hour

// invitation lets whoever holds its code open one account of the own member.
type invitation struct {
	Role    Role      `json:"role"`
	Expires time.Time `json:"expires"`
}

// Invite gives a code with which one account of the node's own member can be
// opened, once, within InvitationLife. The code is kept nowhere.
func (a *Accounts) Invite(ctx context.Context, by Principal, role Role) (code string, err error) {
	code = newToken()[len(tokenPrefix)+2 : tokenLen-sumLen]
	err = a.change(ctx, func(tx store.Tx) error {
		in := invitation{Role: role, Expires: a.now().UTC().Add(InvitationLife)}
		if err := store.SetJSON(tx, invitationTable, invitationKey(code), in); err != nil {
			return err
		}
		audit.Add(tx, audit.Act{Who: by.Account, What: "invite", On: string(role)})
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("invite: %w", err)
	}
	return code, nil
}

// Invited tells whether a code can still be accepted; ErrNotFound when not,
// whether it never was, was used, or is too old. A failure is answered late.
func (a *Accounts) Invited(ctx context.Context, code string) error {
	_, err := a.invited(a.rows, code)
	if errors.Is(err, ErrNotFound) {
		if err := a.brake.wait(ctx, "", Source(ctx), a.now()); err != nil {
			return err
		}
	}
	return err
}

func (a *Accounts) invited(g getter, code string) (invitation, error) {
	in, err := get[invitation](g, invitationTable, invitationKey(code))
	if err == nil && !a.now().Before(in.Expires) {
		err = ErrNotFound
	}
	if err != nil {
		return in, fmt.Errorf("invitation: %w", err)
	}
	return in, nil
}

// Accept opens the account that a code invites to, and ends the invitation in
// the same transaction.
func (a *Accounts) Accept(ctx context.Context, code, name string) (Account, string, error) {
	if err := a.Invited(ctx, code); err != nil {
		return Account{}, "", err
	}
	by := Principal{Account: "invitation", Org: a.own, Own: true}
	return a.open(ctx, by, Application{Name: name}, func(tx store.Tx, acc *Account) error {
		in, err := a.invited(tx, code)
		if err != nil {
			return err
		}
		acc.Role = in.Role
		tx.Delete(invitationTable, invitationKey(code))
		return nil
	})
}

func invitationKey(code string) string {
	d := digest(code)
	return hex.EncodeToString(d[:])
}
