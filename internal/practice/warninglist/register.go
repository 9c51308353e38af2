package warninglist

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Register keeps a node's lists. Its methods are safe for concurrent use.
type Register struct {
	x   *exchange.Exchange
	now func() time.Time

	changing sync.Mutex // held while rows are written, and while a set is made of them
	mu       sync.Mutex
	ours     *Set // of one's own lists; nil until it is asked for
	theirs   *Set // of all others, which are large and change seldom
}

// NewRegister keeps lists beside an exchange. The clock is time.Now when nil.
func NewRegister(x *exchange.Exchange, now func() time.Time) *Register {
	if now == nil {
		now = time.Now
	}
	return &Register{x: x, now: now}
}

// Kept is what is told of a list that is kept.
type Kept struct {
	Name        string    `json:"name"`
	Version     Version   `json:"version,omitempty"`
	Description string    `json:"description,omitempty"`
	Type        Type      `json:"type"`
	Matching    []string  `json:"matching_attributes,omitempty"`
	Entries     int       `json:"entries"`
	Left        int       `json:"left,omitempty"` // entries that are passed over
	Added       time.Time `json:"added,omitzero"`
	BuiltIn     bool      `json:"built_in,omitempty" doc:"Nobody has added it, and nobody removes it."`
}

// Order is how lists are listed: one's own first, then by name, then what is built in.
func (k *Kept) Order() string {
	switch {
	case k.Type == Own:
		return "0" + Key(k.Name)
	case k.BuiltIn:
		return "2" + Key(k.Name)
	}
	return "1" + Key(k.Name)
}

// A list's head is a row; its entries are texts of many lines, in rows of another table.
const (
	rows     = "warninglist"
	parts    = "warninglist-part"
	partSize = 256 << 10 // bytes
)

func partKey(name string, n int) string { return fmt.Sprintf("%s\x00%06d", Key(name), n) }

// Added is what became of a list that was brought.
type Added struct {
	Kept
	Was     *Kept `json:"was,omitempty"` // what it took the place of
	Refused Left  `json:"refused"`       // what of it is passed over
}

// Add keeps a list; one of the same name, in whatever case, gives way. Errors:
// exchange.ErrForbidden, exchange.ErrInvalid.
func (r *Register) Add(ctx context.Context, by account.Principal, l *List) (Added, error) {
	if err := mayChange(by); err != nil {
		return Added{}, err
	}
	left, err := NewBuilder().Add(l)
	if err == nil {
		err = notBuiltIn(l.Name)
	}
	if err != nil {
		return Added{}, err
	}
	if left.Count == len(l.Entries) {
		return Added{}, invalid("the warninglist %q: no entry of it can be held against a value: %s: %s", l.Name, left.First[0].Entry, left.First[0].Why)
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	out := Added{Refused: left}
	err = r.x.Keep(ctx, func(tx store.Tx) error {
		out.Was, err = headOf(tx, l.Name)
		if err != nil {
			return err
		}
		if out.Was != nil && (out.Was.Type == Own) != (l.Type == Own) {
			return invalid("the warninglist %q: one that is your own, or not, is there by this name; entente warninglist remove it first, or give another name", l.Name)
		}
		out.Kept, err = r.write(tx, l, left.Count)
		return err
	})
	r.forget(l.Type)
	return out, err
}

// AddValues adds values to a list of one's own, which is made if it is not there; all or
// none. It tells how many are new. Errors: exchange.ErrForbidden, exchange.ErrInvalid.
func (r *Register) AddValues(ctx context.Context, by account.Principal, name, description string, values []string) (k Kept, added int, err error) {
	if err := mayChange(by); err != nil {
		return Kept{}, 0, err
	}
	l := &List{Name: name, Type: Own, Entries: values}
	left, err := NewBuilder().Add(l)
	if err == nil {
		err = notBuiltIn(name)
	}
	if err != nil {
		return Kept{}, 0, err
	}
	if left.Count > 0 {
		return Kept{}, 0, invalid("the value %q: %s", left.First[0].Entry, left.First[0].Why)
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	err = r.x.Keep(ctx, func(tx store.Tx) error {
		whole, err := ownList(tx, name)
		if err != nil {
			return err
		}
		there := make(map[string]bool, len(whole.Entries))
		for _, e := range whole.Entries {
			there[e] = true
		}
		added = 0
		for _, v := range values {
			if v = strings.TrimSpace(v); !there[v] {
				there[v] = true
				whole.Entries = append(whole.Entries, v)
				added++
			}
		}
		whole.Description = cmp.Or(description, whole.Description)
		if err := whole.Check(); err != nil {
			return err
		}
		k, err = r.write(tx, whole, 0)
		return err
	})
	r.forget(Own)
	return k, added, err
}

// ownList is the list of one's own of a name; an empty one when there is none.
func ownList(tx store.Tx, name string) (*List, error) {
	k, err := headOf(tx, name)
	switch {
	case err != nil:
		return nil, err
	case k == nil:
		return &List{Name: strings.TrimSpace(name), Type: Own}, nil
	case k.Type != Own:
		return nil, invalid("the warninglist %q is one that others keep; add and remove values in a list of your own, by another --name", k.Name)
	}
	return whole(tx, k)
}

// write writes a list over what is there.
func (r *Register) write(tx store.Tx, l *List, left int) (Kept, error) {
	lists, entries := 1, len(l.Entries)
	for row, err := range store.RowsJSON[Kept](tx, rows, "") {
		if err != nil {
			return Kept{}, err
		}
		if row.Key != Key(l.Name) {
			lists, entries = lists+1, entries+row.Value.Entries
		}
	}
	if lists > MaxLists || entries > MaxTotal {
		return Kept{}, invalid("the warninglist %q: with it there are %d lists with %d entries; at most %d with %d are kept", l.Name, lists, entries, MaxLists, MaxTotal)
	}
	if err := erase(tx, l.Name); err != nil {
		return Kept{}, err
	}
	k := Kept{Name: l.Name, Version: l.Version, Description: l.Description, Type: l.Type, Matching: l.Matching, Entries: len(l.Entries), Left: left,
		Added: r.now().UTC().Truncate(time.Second)}
	n := 0
	var part []byte
	for i, e := range l.Entries {
		part = append(append(part, line(e)...), '\n')
		if len(part) >= partSize || i == len(l.Entries)-1 {
			tx.Set(parts, partKey(l.Name, n), part)
			n, part = n+1, nil
		}
	}
	return k, store.SetJSON(tx, rows, Key(l.Name), k)
}

// line is an entry as it is kept. One of several lines is none, and stays so.
func line(e string) string {
	if strings.ContainsRune(e, '\n') {
		return "\x00"
	}
	return e
}

func erase(tx store.Tx, name string) error {
	tx.Delete(rows, Key(name))
	var keys []string
	for row, err := range tx.Rows(parts, Key(name)+"\x00") {
		if err != nil {
			return fmt.Errorf("warninglist %q: %w", name, err)
		}
		keys = append(keys, row.Key)
	}
	for _, key := range keys {
		tx.Delete(parts, key)
	}
	return nil
}

// Remove forgets a list, or values of one of one's own; exchange.ErrNotFound when it or
// one of them is not there.
func (r *Register) Remove(ctx context.Context, by account.Principal, name string, values []string) error {
	if err := mayChange(by); err != nil {
		return err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	err := r.x.Keep(ctx, func(tx store.Tx) error {
		if k, err := headOf(tx, name); err != nil {
			return err
		} else if k == nil {
			return cmp.Or(notBuiltIn(name), noList(name))
		}
		if len(values) == 0 {
			return erase(tx, name)
		}
		l, err := ownList(tx, name)
		if err != nil {
			return err
		}
		for _, v := range values {
			at := slices.Index(l.Entries, strings.TrimSpace(v))
			if at < 0 {
				return fmt.Errorf("the value %.80q on the warninglist %q: %w; entente warninglist show tells what is on it", v, l.Name, exchange.ErrNotFound)
			}
			l.Entries = slices.Delete(l.Entries, at, at+1)
		}
		if len(l.Entries) == 0 {
			return erase(tx, name)
		}
		_, err = r.write(tx, l, 0)
		return err
	})
	r.mu.Lock()
	r.ours, r.theirs = nil, nil
	r.mu.Unlock()
	return err
}

func noList(name string) error {
	return fmt.Errorf("the warninglist %.200q: %w; entente warninglist list tells which there are", name, exchange.ErrNotFound)
}

func headOf(tx store.Tx, name string) (*Kept, error) {
	k, err := store.GetJSON[Kept](tx, rows, Key(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &k, err
}

// mayChange lets admins change the lists.
func mayChange(by account.Principal) error {
	if !by.Administers() {
		return fmt.Errorf("change the warninglists: %w: this takes an admin of the node's own member", exchange.ErrForbidden)
	}
	return nil
}

// mayRead lets accounts of the own member see them.
func mayRead(by account.Principal) error {
	if !by.Own {
		return fmt.Errorf("see the warninglists: %w: this takes an account of the node's own member", exchange.ErrForbidden)
	}
	return nil
}
