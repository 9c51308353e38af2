package author

import (
	"context"
	"fmt"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// Removed tells what was taken away.
type Removed struct {
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	Name     string         `json:"name,omitempty"`
	Versions map[string]int `json:"versions"` // by the alias of the collection
	Told     []string       `json:"told,omitempty"`
}

// Delete takes all versions of an object out of a collection, or of all that
// hold it and that the writer may write to when none is named: out of all of
// them or none. A tombstone stays in each. Who has the object already is not told;
// that is what Revoke is for. It is named by its identifier, or by a value that one
// object carries.
// Errors: exchange.ErrNotFound, exchange.ErrForbidden.
func (d *Desk) Delete(ctx context.Context, by account.Principal, named, collection string) (Removed, error) {
	s, err := d.resolveOwn(ctx, by, named, anyType)
	if err != nil {
		return Removed{}, err
	}
	id := s.ID
	out := Removed{ID: id, Versions: map[string]int{}}
	if o, err := decodeObject(s.raw); err == nil {
		out.Type, out.Name = title(o)
	}
	own, err := d.own(ctx, by, s)
	if err != nil {
		return out, err
	}
	keep := func(tx store.Tx) error { return d.keepPast(tx, own, s.Version(), false) }
	if collection != "" {
		c, err := d.target(by, collection)
		if err != nil {
			return out, err
		}
		if !s.in(c.ID) {
			return out, fmt.Errorf("object %q in collection %s: %w", id, c.Alias, exchange.ErrNotFound)
		}
		taken, err := d.x.RecallAll(ctx, by, []string{c.ID}, id, exchange.Query{}, keep)
		if err != nil {
			return out, err
		}
		out.Versions[c.Alias] = taken[0]
		return d.warn(out, s), nil
	}
	places, left := s.writable()
	if len(places) == 0 {
		return out, fmt.Errorf("delete %s: you may not write to %s: %w", id, strings.Join(left, ", "), exchange.ErrForbidden)
	}
	var from []string
	for _, p := range places {
		from = append(from, p.ID)
	}
	taken, err := d.x.RecallAll(ctx, by, from, id, exchange.Query{}, keep)
	if err != nil {
		return out, err
	}
	for i, p := range places {
		out.Versions[p.Alias] = taken[i]
	}
	if len(left) > 0 {
		out.Told = append(out.Told, "it stays in "+strings.Join(left, ", ")+", where you may not write")
	}
	return d.warn(out, s), nil
}

// warn says of an own object that nobody who has it is told.
func (d *Desk) warn(out Removed, s *standing) Removed {
	if s.CreatedByRef == d.member.ID && !s.Revoked {
		out.Told = append(out.Told, "who has fetched it already is not told that it no longer holds; entente revoke tells them, and is to be used before a delete")
	}
	return out
}
