package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// openLedger takes over what an earlier process left: its readings are closed,
// and who was still announced may have been given something in its last second.
func (x *Exchange) openLedger(ctx context.Context) error {
	x.ledger.pending, x.ledger.unwritten = map[whose]*audit.Reading{}, map[whose]*audit.Reading{}
	x.ledger.lately, x.ledger.seed = map[givenPage]struct{}{}, rand.Uint64()
	x.ledger.readers = map[string]time.Time{}
	x.ledger.open = map[whose]store.Tick{}
	x.ledger.sealed = time.Now()
	gaps := map[string][]byte{}
	until := map[string]store.Tick{}
	for row, err := range x.store.Rows(openTable, "") {
		if err != nil {
			return fmt.Errorf("exchange: the readings of the last hour: %w", err)
		}
		r, err := audit.ReadReading(row.Key, row.Value)
		if err != nil {
			return fmt.Errorf("exchange: %w", err)
		}
		until[r.By.ID] = max(until[r.By.ID], r.Until)
	}
	for row, err := range x.store.Rows(readerTable, "") {
		var g audit.Gap
		if err == nil {
			err = json.Unmarshal(row.Value, &g.Reader)
		}
		if err != nil {
			return fmt.Errorf("exchange: who was reading: %w", err)
		}
		if at := until[row.Key]; at > 0 {
			g.From = audit.Time(at)
		}
		g.Until = time.Now().UTC()
		if gaps[row.Key], err = json.Marshal(g); err != nil {
			return err
		}
	}
	if len(gaps) > 0 {
		_, err := x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
			for id, gap := range gaps {
				tx.Set(gapTable, fmt.Sprintf("%016x %s", int64(tx.Tick()), id), gap)
				tx.Delete(readerTable, id)
			}
			return nil
		}})
		if err != nil && !errors.Is(err, store.ErrFull) {
			return fmt.Errorf("exchange: what may be missing in the audit: %w", err)
		}
	}
	x.work.Go(x.keepLedger)
	return nil
}

// keepLedger writes the ledger every second until the exchange is closed, and
// seals it every hour.
func (x *Exchange) keepLedger() {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			x.tellLedger(x.writeLedger(x.ctx, false))
		case <-x.ctx.Done():
			// What was given is written also when the node ends.
			x.tellLedger(x.writeLedger(context.WithoutCancel(x.ctx), true))
			return
		}
		if x.ledger.due() {
			_, err := x.seal(x.ctx)
			x.tellLedger(err)
		}
	}
}

// due tells whether it is time for a seal.
func (l *ledger) due() bool {
	l.writing.Lock()
	defer l.writing.Unlock()
	return time.Since(l.sealed) >= readingSpan
}

// tellLedger logs the first of several failures.
func (x *Exchange) tellLedger(err error) {
	if err != nil && !x.ledger.failing && !errors.Is(err, context.Canceled) {
		x.opts.Logger.Error("what readers were given could not be written; it is tried again every second", "err", err)
	}
	x.ledger.failing = err != nil
}

// writeLedger writes what is pending. At the end nobody stays announced.
func (x *Exchange) writeLedger(ctx context.Context, end bool) error {
	l := &x.ledger
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := x.writeReadings(ctx, end); err != nil {
		return err
	}
	return x.writeDenials(ctx)
}

// writeReadings writes what was given. Who is quiet is announced no more; until
// that is written nobody is announced, or his row would go with it.
func (x *Exchange) writeReadings(ctx context.Context, end bool) error {
	l := &x.ledger
	l.announcing.Lock()
	defer l.announcing.Unlock()
	gone := l.take(x.opts.Now(), end)
	if len(l.unwritten)+len(gone) == 0 {
		return nil
	}
	open := maps.Clone(l.open)
	_, err := x.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for _, id := range gone {
			tx.Delete(readerTable, id)
		}
		for who, r := range l.unwritten {
			if err := keepReading(tx, open, who, r); err != nil {
				return err
			}
		}
		return nil
	}})
	if err != nil {
		l.stay(gone)
		return err
	}
	l.open = open
	clear(l.unwritten)
	return nil
}

// take moves what is pending to what is to be written, and lets go of those who
// are quiet, at the end of all. What was kept from a failure is put in order
// while readers go on.
func (l *ledger) take(now time.Time, end bool) (gone []string) {
	l.mu.Lock()
	pending := l.pending
	l.pending, l.lately = map[whose]*audit.Reading{}, map[givenPage]struct{}{}
	for id, last := range l.readers {
		if end || now.Sub(last) > quietFor {
			gone = append(gone, id)
			delete(l.readers, id)
		}
	}
	l.mu.Unlock()
	for who, r := range pending {
		if kept := l.unwritten[who]; kept != nil {
			kept.Merge(r)
			continue
		}
		r.Order()
		l.unwritten[who] = r
	}
	return gone
}

// stay keeps those announced whose row could not be deleted.
func (l *ledger) stay(gone []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range gone {
		l.readers[id] = time.Time{}
	}
}

// keepReading adds to the reading that is being filled, or begins one. What it
// adds is in order.
func keepReading(tx store.Tx, open map[whose]store.Tick, who whose, r *audit.Reading) error {
	if from, ok := open[who]; ok && r.From-from < store.Tick(readingSpan.Microseconds()) {
		old := audit.Reading{Collection: who.collection, By: r.By, From: from}
		row, err := tx.Get(openTable, old.Key())
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err == nil {
			if old, err = audit.ReadReading(old.Key(), row); err != nil {
				return err
			}
			if old.Merge(r); old.Len() < mostRuns {
				tx.Set(openTable, old.Key(), old.Value())
				return nil
			}
		}
	}
	open[who] = r.From
	tx.Set(openTable, r.Key(), r.Value())
	return nil
}
