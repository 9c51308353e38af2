package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// seal closes the readings that are open and commits to them, and to the acts
// since the last seal, by a leaf of the log.
func (x *Exchange) seal(ctx context.Context) (seal audit.Seal, err error) {
	l := &x.ledger
	l.writing.Lock()
	defer l.writing.Unlock()
	before, err := x.lastSeal()
	if err != nil {
		return seal, err
	}
	upTo := x.store.Now() // durable, so that no act can come before it any more
	acts := sha256.New()
	seal = audit.Seal{Time: time.Now().UTC(), UpTo: int64(upTo)}
	for row, err := range audit.Between(x.store, store.Tick(before.UpTo), upTo) {
		if err != nil {
			return seal, err
		}
		addRow(acts, row.Key, row.Value)
		seal.Acts++
	}
	_, err = x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		return x.sealIn(tx, &seal, acts)
	}})
	if err != nil {
		return seal, fmt.Errorf("seal the audit: %w", err)
	}
	l.open, l.sealed = map[whose]store.Tick{}, time.Now()
	return seal, nil
}

// SealAudit seals now what readers were given and what was administered, and
// tells by which leaf of the log. It takes an auditor: ErrForbidden.
func (x *Exchange) SealAudit(ctx context.Context, by account.Principal) (audit.Seal, error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return audit.Seal{}, err
	}
	return x.seal(ctx)
}

// bound is the digest that a leaf commits to.
func bound(acts, readings hash.Hash) (digest [32]byte) {
	h := sha256.New()
	h.Write(acts.Sum(nil))
	h.Write(readings.Sum(nil))
	h.Sum(digest[:0])
	return digest
}

// sealIn is seal inside its transaction.
func (x *Exchange) sealIn(tx store.Tx, seal *audit.Seal, acts hash.Hash) error {
	readings := sha256.New()
	at := fmt.Sprintf("%016x", int64(tx.Tick()))
	var closed []store.Keyed
	for row, err := range tx.Rows(openTable, "") {
		if err != nil {
			return err
		}
		closed = append(closed, row)
	}
	seal.Readings = len(closed)
	for _, row := range closed {
		addRow(readings, row.Key, row.Value)
		tx.Set(readingTable, row.Key, row.Value)
		tx.Set(sealTable, at+" "+row.Key, nil)
		tx.Delete(openTable, row.Key)
	}
	if seal.Readings+seal.Acts == 0 {
		return nil
	}
	digest := bound(acts, readings)
	seal.Digest = hex.EncodeToString(digest[:])
	seal.Leaf = tlog.Append(tx, tlog.Act{Kind: tlog.Audit, By: "node", Org: x.opts.Own, Objects: seal.Readings + seal.Acts,
		First: tx.Tick(), Last: tx.Tick(), Digest: digest})
	value, err := json.Marshal(seal)
	if err != nil {
		return err
	}
	tx.Set(sealTable, at, value)
	tx.Set(sealTable, lastSeal, value)
	return nil
}

const lastSeal = "last"

// lastSeal is the newest seal; the zero Seal when there is none.
func (x *Exchange) lastSeal() (s audit.Seal, err error) {
	row, err := x.store.Get(sealTable, lastSeal)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(row, &s)
	}
	if err != nil {
		err = fmt.Errorf("exchange: the last seal of the audit: %w", err)
	}
	return s, err
}

func addRow(h hash.Hash, key string, value []byte) {
	fmt.Fprintf(h, "%d %s %d ", len(key), key, len(value))
	h.Write(value)
}
