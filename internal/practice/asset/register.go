package asset

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Register keeps a node's assets. Its methods are safe for concurrent use.
type Register struct {
	x   *exchange.Exchange
	now func() time.Time

	changing sync.Mutex // held while rows are written and the set is made anew
	mu       sync.Mutex
	set      *Set // nil until it is asked for
}

// NewRegister keeps assets beside an exchange. The clock is time.Now when nil.
func NewRegister(x *exchange.Exchange, now func() time.Time) *Register {
	if now == nil {
		now = time.Now
	}
	return &Register{x: x, now: now}
}

const table = "asset"

func (a *Asset) key() string { return string(a.Kind) + "\x00" + a.Value }

// Order is how assets are listed.
func (a *Asset) Order() string {
	return fmt.Sprintf("%02d %s", slices.Index(Kinds, a.Kind), a.Value)
}

// mayChange lets curators change what is the member's own.
func mayChange(by account.Principal) error {
	if !by.Curates() {
		return fmt.Errorf("change the assets: %w: this takes a curator or an admin of the node's own member", exchange.ErrForbidden)
	}
	return nil
}

// Add keeps assets, all or none; those that are there already get the new note,
// if there is one. It tells how many are new. Errors: exchange.ErrForbidden,
// exchange.ErrInvalid.
func (r *Register) Add(ctx context.Context, by account.Principal, list []Asset) (added int, err error) {
	if err := mayChange(by); err != nil {
		return 0, err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	at := r.now().UTC().Truncate(time.Second)
	err = r.x.Keep(ctx, func(tx store.Tx) error {
		added = 0
		there := map[string]Asset{}
		for row, err := range store.RowsJSON[Asset](tx, table, "") {
			if err != nil {
				return fmt.Errorf("assets: %w", err)
			}
			there[row.Key] = row.Value
		}
		for _, a := range list {
			old, known := there[a.key()]
			a.Added, a.Note = at, cmp.Or(a.Note, old.Note)
			if known {
				a.Added = old.Added
			} else {
				added++
			}
			there[a.key()] = a
			if err := store.SetJSON(tx, table, a.key(), a); err != nil {
				return err
			}
		}
		if len(there) > MaxAssets {
			return fmt.Errorf("%w: %d assets; at most %d are kept", exchange.ErrInvalid, len(there), MaxAssets)
		}
		return nil
	})
	r.forget()
	return added, err
}

// Remove forgets one; exchange.ErrNotFound when it is not there.
func (r *Register) Remove(ctx context.Context, by account.Principal, a Asset) error {
	if err := mayChange(by); err != nil {
		return err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	err := r.x.Keep(ctx, func(tx store.Tx) error {
		if _, err := tx.Get(table, a.key()); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("the %s %s among the assets: %w", a.Kind, a.Value, exchange.ErrNotFound)
		} else if err != nil {
			return err
		}
		tx.Delete(table, a.key())
		return nil
	})
	r.forget()
	return err
}

// List gives all assets, by kind and value. It is for the own member's accounts:
// exchange.ErrForbidden.
func (r *Register) List(by account.Principal) ([]Asset, error) {
	if !by.Own {
		return nil, fmt.Errorf("see the assets: %w: this takes an account of the node's own member", exchange.ErrForbidden)
	}
	list, err := r.all()
	slices.SortFunc(list, func(a, b Asset) int { return cmp.Compare(a.Order(), b.Order()) })
	return list, err
}

// ToTell gives those of the assets that are named, or all, and the whole register, as
// author.Desk tells them. Errors: exchange.ErrForbidden; exchange.ErrNotFound for one
// that is not in the register.
func (r *Register) ToTell(by account.Principal, named []Asset, all bool) (some, register []stix.Asset, err error) {
	if err := mayChange(by); err != nil {
		return nil, nil, err
	}
	list, err := r.List(by)
	if err != nil {
		return nil, nil, err
	}
	there := make(map[string]*stix.Asset, len(list))
	for _, a := range list {
		register = append(register, stix.Asset{Kind: string(a.Kind), Value: a.Value, Note: a.Note})
	}
	if all {
		return register, register, nil
	}
	for i := range list {
		there[list[i].key()] = &register[i]
	}
	for _, a := range named {
		known := there[a.key()]
		if known == nil {
			return nil, nil, fmt.Errorf("the %s %s among the assets: %w; entente asset add says that it is your own", a.Kind, a.Value, exchange.ErrNotFound)
		}
		if !slices.Contains(some, *known) {
			some = append(some, *known)
		}
	}
	return some, register, nil
}

func (r *Register) all() (list []Asset, err error) {
	for row, err := range store.RowsJSON[Asset](r.x, table, "") {
		if err != nil {
			return nil, fmt.Errorf("assets: %w", err)
		}
		list = append(list, row.Value)
	}
	return list, nil
}

// Set is all assets, made to be asked. What comes of it must not tell those
// outside of the own member what is its own.
func (r *Register) Set() (*Set, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.set != nil {
		return r.set, nil
	}
	list, err := r.all()
	if err != nil {
		return nil, err
	}
	r.set = NewSet(list)
	return r.set, nil
}

func (r *Register) forget() {
	r.mu.Lock()
	r.set = nil
	r.mu.Unlock()
}

// Read reads assets from lines of comma-separated values: VALUE, or KIND,VALUE, or
// KIND,VALUE,NOTE, where an empty kind is told from the value. Empty lines and
// those that begin with # are passed over. Bad lines are told one by one, and
// the others given.
func Read(in io.Reader) (list []Asset, bad []error) {
	lines := csv.NewReader(bufio.NewReader(io.LimitReader(in, 64<<20)))
	lines.Comment, lines.FieldsPerRecord, lines.TrimLeadingSpace = '#', -1, true
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return list, bad
		}
		if err != nil {
			bad = append(bad, err)
			if _, syntax := errors.AsType[*csv.ParseError](err); syntax {
				continue
			}
			return list, bad
		}
		line, _ := lines.FieldPos(0)
		a, err := fromFields(fields)
		if err != nil {
			bad = append(bad, fmt.Errorf("line %d: %w", line, err))
			continue
		}
		if list = append(list, a); len(list) > MaxAssets {
			return list, append(bad, fmt.Errorf("line %d: more than %d assets", line, MaxAssets))
		}
	}
}

func fromFields(fields []string) (Asset, error) {
	kind, value, note := "", fields[0], ""
	switch len(fields) {
	case 1:
	case 2, 3:
		kind, value = fields[0], fields[1]
		note = strings.Join(fields[2:], "")
	default:
		return Asset{}, fmt.Errorf("%w: %d values; give VALUE, or KIND,VALUE, or KIND,VALUE,NOTE", exchange.ErrInvalid, len(fields))
	}
	return New(Kind(strings.ToLower(strings.TrimSpace(kind))), value, strings.TrimSpace(note))
}
