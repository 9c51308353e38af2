package device

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
)

// Device is a machine that fetches a list: an account of its own, and what its list is to
// hold. What the account may read decides what can be in it.
type Device struct {
	Format        string   `json:"format"`
	Kinds         []string `json:"kinds,omitempty"`
	MinConfidence int      `json:"min_confidence,omitempty"`
	MinScore      int      `json:"min_score,omitempty"`
	Limit         int      `json:"limit,omitempty"`
	Reviewed      bool     `json:"reviewed,omitempty"` // nothing of a machine's that no person has reviewed
	MaxChange     int      `json:"max_change"`         // new values that go out at once; 0 for any number
}

// DefaultMaxChange is how many new values a device is given at once unless told otherwise.
const DefaultMaxChange = 50_000

// Tables keep what belongs to a device's account, by its id.
var Tables = []string{deviceTable, stateTable, hadTable}

const (
	deviceTable = "device"
	stateTable  = "device-state"
	hadTable    = "device-had"
)

// State is how a device's list stands.
type State struct {
	Changed time.Time `json:"changed,omitzero"` // when the list last became another
	Entries int       `json:"entries"`
	Digest  string    `json:"digest,omitempty"` // of the entries
	Cut     int       `json:"cut,omitempty"`    // values that the limit leaves out
	Held    int       `json:"held,omitempty"`   // new values that are held back, since they are more than MaxChange
	Since   time.Time `json:"held_since,omitzero"`
	Release bool      `json:"release,omitempty"` // a person said that they may go out
}

// Devices keeps devices and their lists. Its methods are safe for concurrent use.
type Devices struct {
	*Chooser
	accounts *account.Accounts
	log      *slog.Logger
	key      func() [32]byte // of the digests of what devices had
	turn     chan struct{}

	erasures atomic.Uint64 // by which lists were forgotten

	mu      sync.Mutex
	copies  map[string]*copied // lists as they were last made, by the account's id
	looking bool               // for those that nobody asks for, in a while
}

// NewDevices keeps devices beside a chooser.
func NewDevices(c *Chooser, accounts *account.Accounts, log *slog.Logger) *Devices {
	return &Devices{Chooser: c, accounts: accounts, log: log, key: sync.OnceValue(func() [32]byte { return c.Exchange.Secret("lists of devices") }),
		turn: make(chan struct{}, 2), copies: map[string]*copied{}}
}

// Wish is what a device asks for; exchange.ErrInvalid when that is nothing there is.
func (d *Device) Wish() (w Wish, err error) {
	w = Wish{MinConfidence: d.MinConfidence, MinScore: d.MinScore, Limit: d.Limit, Reviewed: d.Reviewed}
	if w.Format, err = FormatByName(d.Format); err == nil {
		if w.Kinds, err = blocklist.ParseKinds(d.Kinds); err == nil {
			_, err = w.Format.Choose(w.Kinds)
		}
	}
	if err == nil && (d.MinConfidence < 0 || d.MinConfidence > 100 || d.MinScore < 0 || d.MinScore > 100 || d.Limit < 0 || d.MaxChange < 0) {
		err = errors.New("confidences and scores are from 0 to 100, and limits are not below 0")
	}
	if err != nil {
		return w, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	return w, nil
}

// Add opens an account for a device, and gives its token, which is kept nowhere. The
// account's role and use are the device's. Errors: those of account.Accounts.Add,
// exchange.ErrInvalid.
func (d *Devices) Add(ctx context.Context, by account.Principal, want account.Application, dev Device) (account.Account, string, error) {
	w, err := dev.Wish()
	if err != nil {
		return account.Account{}, "", err
	}
	want.Role, want.Use = account.Device, account.Uses[0]
	if w.Format.Blocks {
		want.Use = account.Use("block")
	}
	a, token, err := d.accounts.Add(ctx, by, want)
	if err != nil {
		return a, "", err
	}
	err = d.Exchange.Keep(ctx, func(tx store.Tx) error {
		audit.Add(tx, audit.Act{Who: by.Account, What: "device add", On: a.Name, Detail: dev.Format})
		return store.SetJSON(tx, deviceTable, keyOf(a.ID), dev)
	})
	if err != nil {
		return a, "", fmt.Errorf("device %s: its account is open, and has no list yet; remove it and add it again: %w", a.Name, err)
	}
	return a, token, nil
}

func keyOf(id string) string { return id + "\x00" }

// Get gives a device by its account's id; exchange.ErrNotFound when that is none.
func (d *Devices) Get(id string) (dev Device, s State, err error) {
	there, err := rowOf(d.Exchange, deviceTable, id, &dev)
	if err == nil && !there {
		err = fmt.Errorf("this account is no device: %w", exchange.ErrNotFound)
	}
	if err == nil {
		_, err = rowOf(d.Exchange, stateTable, id, &s)
	}
	return dev, s, err
}

// rowOf reads an account's row, and tells whether there is one.
func rowOf[T any](x *exchange.Exchange, table, id string, into *T) (there bool, err error) {
	for row, err := range store.RowsJSON[T](x, table, keyOf(id)) {
		if err != nil {
			return false, fmt.Errorf("device: %w", err)
		}
		*into, there = row.Value, true
	}
	return there, nil
}

// Release lets what is held back for a device go out with its next list. Errors:
// exchange.ErrForbidden, exchange.ErrNotFound, exchange.ErrInvalid (nothing is held).
func (d *Devices) Release(ctx context.Context, by account.Principal, a *account.Account) error {
	if !by.Curates() {
		return fmt.Errorf("release what is held back: %w: this takes a curator or an admin of the node's own member", exchange.ErrForbidden)
	}
	if _, _, err := d.Get(a.ID); err != nil {
		return err
	}
	defer d.changes.Add(1)
	return d.Exchange.Keep(ctx, func(tx store.Tx) error {
		s, err := store.GetJSON[State](tx, stateTable, keyOf(a.ID))
		if errors.Is(err, store.ErrNotFound) || err == nil && s.Held == 0 {
			return fmt.Errorf("%w: nothing is held back for device %s", exchange.ErrInvalid, a.Name)
		} else if err != nil {
			return err
		}
		s.Release = true
		audit.Add(tx, audit.Act{Who: by.Account, What: "device release", On: a.Name, Detail: fmt.Sprintf("%d new values", s.Held)})
		return store.SetJSON(tx, stateTable, keyOf(a.ID), s)
	})
}
