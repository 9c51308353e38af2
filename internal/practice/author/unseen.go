package author

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// memory is what the desk keeps of an object with an identifier that follows
// from what was asked, for an account that wrote it where it may not see it: so
// that asking again changes nothing and tells only what the account has told.
type memory struct {
	At     time.Time `json:"at"`     // the instant it was built for
	Digest [32]byte  `json:"digest"` // of its canonical form
}

const memoryTable = "author-unseen"

func memoryKey(by account.Principal, collection, id string) string {
	return by.ID + "\x00" + collection + " " + id
}

// recall answers a request for what the account has written and may not see.
// Nil, when it has written no such thing.
func (d *Desk) recall(ctx context.Context, by account.Principal, b *building) (*Written, error) {
	id, _ := b.o["id"].(string)
	row, err := d.x.Record(memoryTable, memoryKey(by, b.c.ID, id))
	if errors.Is(err, exchange.ErrNotFound) {
		return nil, nil
	}
	var m memory
	if err == nil {
		err = json.Unmarshal(row, &m)
	}
	if err != nil {
		return nil, fmt.Errorf("what was written before: %w", err)
	}
	if b, err = d.build(b.r, b.c, m.At); err != nil {
		return nil, err
	}
	raw, err := canonical(b.o)
	if err != nil {
		return nil, bad("the object cannot be written as JSON: %w", err)
	}
	if sha256.Sum256(raw) != m.Digest {
		return nil, &Exists{ID: id, Called: called(raw), Properties: []string{"what it says"}}
	}
	if b.r.after != nil {
		if err := d.x.Keep(ctx, b.r.after); err != nil {
			return nil, err
		}
	}
	w := d.told(raw, b.o)
	w.Verdict, w.Collections, w.Told = Same, []string{b.c.Alias}, b.told
	w.tell("you wrote it at %s; what became of it since is not yours to see", stix.NewTimestamp(m.At))
	return &w, nil
}

// remember keeps what recall asks for, in the transaction that writes the
// object. Whoever was quicker with the same is exchange.ErrStale.
func (b *building) remember(tx store.Tx, by account.Principal, id string) error {
	key := memoryKey(by, b.c.ID, id)
	if _, err := tx.Get(memoryTable, key); !errors.Is(err, store.ErrNotFound) {
		if err == nil {
			err = fmt.Errorf("%s: written meanwhile: %w", id, exchange.ErrStale)
		}
		return err
	}
	raw, err := canonical(b.o)
	if err != nil {
		return err
	}
	return store.SetJSON(tx, memoryTable, key, memory{At: b.at, Digest: sha256.Sum256(raw)})
}
