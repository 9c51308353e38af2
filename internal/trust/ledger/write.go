package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// Open puts a ledger on a store and takes over what an earlier process left: its
// readings are closed, and who was still announced may have been given something in
// its last second. Run Keep beside it.
func Open(ctx context.Context, st store.Store, opts Options) (*Ledger, error) {
	l := &Ledger{store: st, opts: opts, seed: rand.Uint64(), readers: map[string]time.Time{}, sealed: time.Now()}
	l.pending, l.unwritten, l.open = map[whose]*audit.Reading{}, map[whose]*audit.Reading{}, map[whose]store.Tick{}
	l.lately = map[givenPage]struct{}{}
	return l, l.takeOver(ctx)
}

func (l *Ledger) takeOver(ctx context.Context) error {
	gaps := map[string]audit.Gap{}
	until := map[string]store.Tick{}
	for row, err := range l.store.Rows(openTable, "") {
		if err != nil {
			return fmt.Errorf("ledger: the readings of the last hour: %w", err)
		}
		r, err := audit.ReadReading(row.Key, row.Value)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		until[r.By.ID] = max(until[r.By.ID], r.Until)
	}
	for row, err := range store.RowsJSON[audit.Reader](l.store, readerTable, "") {
		if err != nil {
			return fmt.Errorf("ledger: who was reading: %w", err)
		}
		g := audit.Gap{Reader: row.Value, Until: time.Now().UTC()}
		if at := until[row.Key]; at > 0 {
			g.From = audit.Time(at)
		}
		gaps[row.Key] = g
	}
	if len(gaps) > 0 {
		_, err := l.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
			for id, gap := range gaps {
				if err := store.SetJSON(tx, gapTable, fmt.Sprintf("%016x %s", int64(tx.Tick()), id), gap); err != nil {
					return err
				}
				tx.Delete(readerTable, id)
			}
			return nil
		}})
		if err != nil && !errors.Is(err, store.ErrFull) {
			return fmt.Errorf("ledger: what may be missing in the audit: %w", err)
		}
	}
	return nil
}

// Keep writes what is pending every second, and seals it every hour, until the
// context ends, when it writes the last.
func (l *Ledger) Keep(ctx context.Context) {
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.tell(l.write(ctx, false))
		case <-ctx.Done():
			// What was given is written also when the node ends.
			l.tell(l.write(context.WithoutCancel(ctx), true))
			return
		}
		if l.due() {
			_, err := l.Seal(ctx)
			l.tell(err)
		}
	}
}

// due tells whether it is time for a seal.
func (l *Ledger) due() bool {
	l.writing.Lock()
	defer l.writing.Unlock()
	return time.Since(l.sealed) >= readingSpan
}

// tell logs the first of several failures.
func (l *Ledger) tell(err error) {
	if err != nil && !l.failing && !errors.Is(err, context.Canceled) {
		l.opts.Logger.Error("what readers were given could not be written; it is tried again every second", "err", err)
	}
	l.failing = err != nil
}

// Write writes what is pending, so that who asks afterwards is told of all of it.
func (l *Ledger) Write(ctx context.Context) error { return l.write(ctx, false) }

// write is Write; at the end nobody stays announced.
func (l *Ledger) write(ctx context.Context, end bool) error {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.writeReadings(ctx, end); err != nil {
		return err
	}
	return l.writeDenials(ctx)
}

// writeReadings writes what was given. Who is quiet is announced no more; until
// that is written nobody is announced, or his row would go with it.
func (l *Ledger) writeReadings(ctx context.Context, end bool) error {
	l.announcing.Lock()
	defer l.announcing.Unlock()
	gone := l.take(l.opts.Now(), end)
	if len(l.unwritten)+len(gone) == 0 {
		return nil
	}
	open := maps.Clone(l.open)
	_, err := l.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
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
func (l *Ledger) take(now time.Time, end bool) (gone []string) {
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
func (l *Ledger) stay(gone []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range gone {
		l.readers[id] = time.Time{}
	}
}

// keepReading adds to the reading that is being filled, or begins one. What it
// adds is in order.
func keepReading(tx store.Tx, open map[whose]store.Tick, who whose, r *audit.Reading) error {
	id, footing := who.footing.Row()
	if _, err := tx.Get(footingTable, id.String()); errors.Is(err, store.ErrNotFound) {
		tx.Set(footingTable, id.String(), footing)
	} else if err != nil {
		return err
	}
	r.Footing = id
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
	if err := ownMoment(tx, r); err != nil {
		return err
	}
	open[who] = r.From
	tx.Set(openTable, r.Key(), r.Value())
	return nil
}

// ownMoment gives a reading a beginning that no other of its reader and collection has:
// on another footing it may have begun at the same moment, or the clock was set back.
func ownMoment(tx store.Tx, r *audit.Reading) error {
	for {
		taken := false
		for _, table := range [...]string{openTable, readingTable} {
			_, err := tx.Get(table, r.Key())
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			taken = taken || err == nil
		}
		if !taken {
			return nil
		}
		r.From++
		r.Until = max(r.Until, r.From)
	}
}
