package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// Seal closes the readings that are open and commits to them, and to the acts
// since the last seal, by a leaf of the log.
func (l *Ledger) Seal(ctx context.Context) (seal audit.Seal, err error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	before, err := l.lastSeal()
	if err != nil {
		return seal, err
	}
	upTo := l.store.Now() // durable, so that no act can come before it any more
	acts := sha256.New()
	seal = audit.Seal{Time: time.Now().UTC(), UpTo: int64(upTo)}
	for row, err := range audit.Between(l.store, store.Tick(before.UpTo), upTo) {
		if err != nil {
			return seal, err
		}
		addRow(acts, row.Key, row.Value)
		seal.Acts++
	}
	_, err = l.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		return l.sealIn(tx, &seal, acts)
	}})
	if err != nil {
		return seal, fmt.Errorf("seal the audit: %w", err)
	}
	l.open, l.sealed = map[whose]store.Tick{}, time.Now()
	return seal, nil
}

// bound is the digest that a leaf commits to.
func bound(acts, readings hash.Hash) (digest [32]byte) {
	h := sha256.New()
	h.Write(acts.Sum(nil))
	h.Write(readings.Sum(nil))
	h.Sum(digest[:0])
	return digest
}

// sealIn is Seal inside its transaction.
func (l *Ledger) sealIn(tx store.Tx, seal *audit.Seal, acts hash.Hash) error {
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
	seal.Leaf = tlog.Append(tx, tlog.Act{Kind: tlog.Audit, By: "node", Org: l.opts.Own, Objects: seal.Readings + seal.Acts,
		First: tx.Tick(), Last: tx.Tick(), Digest: digest})
	return errors.Join(store.SetJSON(tx, sealTable, at, seal), store.SetJSON(tx, sealTable, lastSeal, seal))
}

const lastSeal = "last"

// lastSeal is the newest seal; the zero Seal when there is none.
func (l *Ledger) lastSeal() (s audit.Seal, err error) {
	s, err = store.GetJSON[audit.Seal](l.store, sealTable, lastSeal)
	if errors.Is(err, store.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		err = fmt.Errorf("ledger: the last seal of the audit: %w", err)
	}
	return s, err
}

func addRow(h hash.Hash, key string, value []byte) {
	fmt.Fprintf(h, "%d %s %d ", len(key), key, len(value))
	h.Write(value)
}
