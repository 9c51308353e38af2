package author

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// past is what the desk keeps of an object of the own member's that was revoked, or
// deleted here, in one collection: who has it goes on by what was said of it, so that
// its identifier can never be that of another object, nor of one that holds again
// (STIX 2.1 sections 3.2 and 3.6). Whoever could not read it there is told nothing of it.
type past struct {
	Created string `json:"created"`
	Version string `json:"version"` // the newest that there was
	Revoked bool   `json:"revoked,omitempty"`

	Collection string `json:"collection"` // its id
	Class      string `json:"class"`      // canonical, of what its writer was shown there
}

// pastTable has such rows by identifier, collection and class.
const pastTable = "author-past"

func (p *past) key(id string) string {
	class := sha256.Sum256([]byte(p.Class))
	return id + " " + p.Collection + " " + hex.EncodeToString(class[:8])
}

// keepPast remembers an object of the own member's where its writer saw it, in the
// transaction that takes it back or away; revoked says that it is taken back.
func (d *Desk) keepPast(tx store.Tx, s *standing, version string, revoked bool) error {
	if s.CreatedByRef != d.member.ID || s.Version() == "" {
		return nil
	}
	for i := range s.places {
		p := past{s.Created, version, revoked || s.Revoked, s.places[i].ID, s.places[i].class.Canonical()}
		before, err := store.GetJSON[past](tx, pastTable, p.key(s.ID))
		switch {
		case err == nil:
			p.with(&before)
		case !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("what became of %s: %w", s.ID, err)
		}
		if err := store.SetJSON(tx, pastTable, p.key(s.ID), p); err != nil {
			return err
		}
	}
	return nil
}

// with adds what else is known of the same object: revoking is for ever, and it is as
// old as its first version.
func (p *past) with(q *past) {
	p.Revoked = p.Revoked || q.Revoked
	if stix.CompareVersions(q.Created, p.Created) < 0 {
		p.Created = q.Created
	}
	if stix.CompareVersions(q.Version, p.Version) > 0 {
		p.Version = q.Version
	}
}

// pastOf is what is remembered of an identifier, as far as the writer could read what it
// was of. Nil, when that is nothing.
func (d *Desk) pastOf(ctx context.Context, by account.Principal, id string) (*past, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return pastIn(d.x, d.x.View(by), id)
}

// pastIn is pastOf from the exchange or in a transaction.
func pastIn(from interface {
	Rows(table, prefix string) iter.Seq2[store.Keyed, error]
}, view *exchange.View, id string) (all *past, err error) {
	for row, err := range store.RowsJSON[past](from, pastTable, id+" ") {
		if err != nil {
			return nil, fmt.Errorf("what became of %s: %w", id, err)
		}
		p := row.Value
		class, err := handling.ParseClass(p.Class)
		if err != nil {
			return nil, fmt.Errorf("what became of %s: %w", id, err)
		}
		switch {
		case !view.Admits(p.Collection, class):
		case all == nil:
			all = &p
		default:
			all.with(&p)
		}
	}
	return all, nil
}

// same tells whether two looks at what is remembered have found the same.
func (p *past) same(q *past) bool {
	if p == nil || q == nil {
		return p == q
	}
	return p.Revoked == q.Revoked && p.Version == q.Version && p.Created == q.Created
}

// goOn makes what is asked for a later version of the object that was deleted.
func (b *building) goOn(p *past) error {
	id, _ := b.o["id"].(string)
	if p.Revoked {
		return &Exists{ID: id, Called: calledObject(b.o), Revoked: true, Gone: true}
	}
	if created, _ := b.o["created"].(string); b.dated && stix.CompareVersions(created, p.Created) != 0 {
		return bad("created %s: %s was deleted here, and who has it knows it as created %s, which never changes; leave created out, or give another id", created, id, p.Created)
	}
	b.o["created"] = p.Created
	if modified, _ := b.o["modified"].(string); b.stated && stix.CompareVersions(modified, p.Version) <= 0 {
		return bad("modified %s: %s was deleted here, and who has it has version %s; give a later one, or none", modified, id, p.Version)
	} else if !b.stated {
		b.o["modified"] = later(p.Version, b.at)
	}
	b.told = append(b.told, fmt.Sprintf("%s was deleted here before; who has it is given this as its next version", id))
	b.past = p
	return nil
}
