package warninglist

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// reader is what rows are read of: the exchange, or a transaction.
type reader interface {
	Rows(table, prefix string) iter.Seq2[store.Keyed, error]
}

// List tells of all lists, one's own first. Errors: exchange.ErrForbidden.
func (r *Register) List(by account.Principal) ([]Kept, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	list, err := r.heads()
	list = append(list, Kept{Name: known.Name, Type: known.Type, Matching: known.Matching, Entries: len(known.Entries), BuiltIn: true})
	slices.SortFunc(list, func(a, b Kept) int { return cmp.Compare(a.Order(), b.Order()) })
	return list, err
}

func (r *Register) heads() (list []Kept, err error) {
	for row, err := range store.RowsJSON[Kept](r.x, rows, "") {
		if err != nil {
			return nil, fmt.Errorf("warninglists: %w", err)
		}
		list = append(list, row.Value)
	}
	return list, nil
}

// Whole is one list with its entries. Errors: exchange.ErrForbidden,
// exchange.ErrNotFound.
func (r *Register) Whole(by account.Principal, name string) (*List, error) {
	if err := mayRead(by); err != nil {
		return nil, err
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	row, err := r.x.Record(rows, Key(name))
	if errors.Is(err, exchange.ErrNotFound) && Key(name) == Key(known.Name) {
		l := *known
		return &l, nil
	}
	if errors.Is(err, exchange.ErrNotFound) {
		return nil, noList(name)
	}
	if err != nil {
		return nil, err
	}
	var k Kept
	if err := json.Unmarshal(row, &k); err != nil {
		return nil, fmt.Errorf("warninglist %q: %w", name, err)
	}
	return whole(r.x, &k)
}

// whole reads a list's entries.
func whole(from reader, k *Kept) (*List, error) {
	l := &List{Name: k.Name, Version: k.Version, Description: k.Description, Type: k.Type, Matching: k.Matching, Entries: make([]string, 0, k.Entries)}
	for row, err := range from.Rows(parts, Key(k.Name)+"\x00") {
		if err != nil {
			return nil, fmt.Errorf("warninglist %q: %w", k.Name, err)
		}
		for e := range strings.Lines(string(row.Value)) {
			l.Entries = append(l.Entries, strings.TrimSuffix(e, "\n"))
		}
	}
	if len(l.Entries) != k.Entries {
		return nil, fmt.Errorf("warninglist %q: its rows do not belong together; remove it and add it anew", k.Name)
	}
	return l, nil
}

// For is the set for a reader: of all lists for the own member's accounts, of none for
// others, so that no answer of theirs depends on any.
func (r *Register) For(by account.Principal) (*Set, error) {
	if !by.Own {
		return nil, nil
	}
	return r.Set()
}

// Set is all lists, one's own first, made to be asked. What comes of it must not tell
// those outside of the own member what is on the own member's lists.
func (r *Register) Set() (*Set, error) {
	ours, theirs, err := r.sets()
	return Join(ours, theirs), err
}

// Stamp is another value, by ==, when the lists are others.
func (r *Register) Stamp() (any, error) {
	ours, theirs, err := r.sets()
	return [2]*Set{ours, theirs}, err
}

// Others is all lists but one's own: what is public of what is kept.
func (r *Register) Others() (*Set, error) {
	_, theirs, err := r.sets()
	return theirs, err
}

func (r *Register) sets() (ours, theirs *Set, err error) {
	if ours, theirs = r.made(); ours != nil && theirs != nil {
		return ours, theirs, nil
	}
	r.changing.Lock()
	defer r.changing.Unlock()
	ours, theirs = r.made()
	if ours == nil {
		ours, err = r.make(func(t Type) bool { return t == Own })
	}
	if theirs == nil && err == nil {
		theirs, err = r.make(func(t Type) bool { return t != Own })
	}
	if err != nil {
		return nil, nil, err
	}
	r.mu.Lock()
	r.ours, r.theirs = ours, theirs
	r.mu.Unlock()
	return ours, theirs, nil
}

func (r *Register) made() (ours, theirs *Set) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ours, r.theirs
}

// make makes a set of the lists of some types, one after the other, so that no more
// than one is there as it is written.
func (r *Register) make(of func(Type) bool) (*Set, error) {
	heads, err := r.heads()
	if err != nil {
		return nil, err
	}
	b := NewBuilder()
	if of(known.Type) {
		b.put(known) // beside as many as there may be
	}
	for i := range heads {
		if !of(heads[i].Type) {
			continue
		}
		l, err := whole(r.x, &heads[i])
		if err != nil {
			return nil, err
		}
		if _, err := b.Add(l); err != nil {
			return nil, err
		}
	}
	return b.Set(), nil
}

// forget has a set made anew when it is asked for.
func (r *Register) forget(changed Type) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if changed == Own {
		r.ours = nil
	} else {
		r.theirs = nil
	}
}
