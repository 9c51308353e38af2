package device

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/stix"
)

// Insistence is a person's word that a value is to be blocked though a warninglist
// holds it.
type Insistence struct {
	Value  stix.Value `json:"value"`
	Reason string     `json:"reason"`
	By     string     `json:"by"`
	At     time.Time  `json:"at"`
}

const insistTable = "insist"

// maxReason is how long a reason may be, in bytes.
const maxReason = 1000

func insistKey(v stix.Value) string { return v.Kind.String() + "\x00" + v.Text }

// Insist keeps a person's word on a value, and notes it in the audit. Errors:
// exchange.ErrForbidden, exchange.ErrInvalid.
func (c *Chooser) Insist(ctx context.Context, by account.Principal, v stix.Value, reason string) error {
	if !by.Curates() {
		return fmt.Errorf("insist on a value: %w: this takes a curator or an admin of the node's own member", exchange.ErrForbidden)
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReason || strings.ContainsFunc(reason, unicode.IsControl) {
		return fmt.Errorf("%w: insisting on a value needs a reason, one line of at most %d bytes", exchange.ErrInvalid, maxReason)
	}
	if err := c.vain(ctx, by, v); err != nil {
		return err
	}
	defer c.changes.Add(1)
	return c.Exchange.Keep(ctx, func(tx store.Tx) error {
		audit.Add(tx, audit.Act{Who: by.Account, What: "insist", On: v.Text, Detail: reason})
		return store.SetJSON(tx, insistTable, insistKey(v), Insistence{Value: v, Reason: reason, By: by.Account, At: c.Now().UTC().Truncate(time.Second)})
	})
}

// vain refuses to have somebody insist on what no list holds whatever he says.
func (c *Chooser) vain(ctx context.Context, by account.Principal, v stix.Value) error {
	e := blocklist.Entry{Kind: kindOf(v), Value: v.Text, Ref: nobody.UUID}
	if e.Kind == 0 || e.Check() != nil {
		return fmt.Errorf("%w: no list can hold %s", exchange.ErrInvalid, v.Text)
	}
	if c.Own == nil {
		return nil
	}
	guards, err := c.Own(ctx, by)
	if err != nil || guards == nil {
		return err
	}
	if why, is := guards(v); is {
		return fmt.Errorf("%w: %s is %s; nobody's word lets a list block that", exchange.ErrInvalid, v.Text, why)
	}
	return nil
}

// Relent takes a word back. exchange.ErrNotFound when there is none.
func (c *Chooser) Relent(ctx context.Context, by account.Principal, v stix.Value) error {
	if !by.Curates() {
		return fmt.Errorf("take back what was insisted on: %w: this takes a curator or an admin of the node's own member", exchange.ErrForbidden)
	}
	defer c.changes.Add(1)
	return c.Exchange.Keep(ctx, func(tx store.Tx) error {
		if _, err := tx.Get(insistTable, insistKey(v)); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("nobody has insisted on %s: %w", v.Text, exchange.ErrNotFound)
		} else if err != nil {
			return err
		}
		tx.Delete(insistTable, insistKey(v))
		audit.Add(tx, audit.Act{Who: by.Account, What: "insist no more", On: v.Text})
		return nil
	})
}

// Insisted lists what people insist on, for the own member's accounts.
func (c *Chooser) Insisted(by account.Principal) (list []Insistence, err error) {
	if !by.Own {
		return nil, fmt.Errorf("see what is insisted on: %w: this takes an account of the node's own member", exchange.ErrForbidden)
	}
	for row, err := range store.RowsJSON[Insistence](c.Exchange, insistTable, "") {
		if err != nil {
			return nil, fmt.Errorf("what is insisted on: %w", err)
		}
		list = append(list, row.Value)
	}
	return list, nil
}

func (c *Chooser) insisted() (map[stix.Value]bool, error) {
	all := map[stix.Value]bool{}
	for row, err := range store.RowsJSON[Insistence](c.Exchange, insistTable, "") {
		if err != nil {
			return nil, fmt.Errorf("what is insisted on: %w", err)
		}
		all[row.Value.Value] = true
	}
	return all, nil
}
