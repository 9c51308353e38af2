package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// mostOnDisk is how long what was erased may stay on the disk before the store is asked to
// take it off, so that what goes within some hours goes at once. It leaves the better
// part of a day for trying again.
const mostOnDisk = 6 * time.Hour

// offDisk takes off the disk what was erased until the exchange is closed. It is apart
// from retain, since it waits for readers and rewrites much: what is due must not wait
// for that.
func (x *Exchange) offDisk() {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if err := x.offDiskDue(x.ctx, x.opts.Now()); err != nil && x.ctx.Err() == nil {
			x.opts.Logger.Error("take off the disk what was erased; it is tried again in a minute", "err", err)
		}
		select {
		case <-tick.C:
		case <-x.ctx.Done():
			return
		}
	}
}

// offDiskDue takes off the disk what was erased, if the time has come.
func (x *Exchange) offDiskDue(ctx context.Context, now time.Time) error {
	due := false
	for row, err := range store.RowsJSON[erased](x.store, erasedTable, "") {
		if err != nil {
			return err
		}
		if now.Sub(row.Value.At) >= mostOnDisk || now.Before(row.Value.At) { // the clock was set back: what is true is not known
			due = true
			break
		}
	}
	if !due { // a list that is still read would keep what is to go
		return nil
	}
	_, err := x.EraseFromDisk(ctx)
	return err
}

// EraseFromDisk takes off the disk all that was erased up to now, and tells how many
// versions that were. Backups that were made before still have it.
func (x *Exchange) EraseFromDisk(ctx context.Context) (n int, err error) {
	left, err := x.stillOnDisk(nil)
	if err != nil || len(left.keys) == 0 {
		return 0, err
	}
	if err := x.forgetBelongings(ctx, left.ids); err != nil { // where that was cut short
		return 0, err
	}
	if err := x.allFollowed(ctx, left.last); err != nil {
		return 0, err
	}
	if err := x.tellErased(); err != nil { // before the store is rewritten, which would be for nothing
		return 0, err
	}
	if err := x.store.Erase(ctx, left.gone); err != nil {
		return 0, err
	}
	if x.opts.Beside != nil {
		if err := x.opts.Beside(); err != nil {
			return 0, err
		}
	}
	const most = 10_000 // rows in one transaction
	for some := range slices.Chunk(left.keys, most) {
		err := x.Keep(ctx, func(tx store.Tx) error {
			for _, key := range some {
				tx.Delete(erasedTable, key)
			}
			x.audit(tx, x.erasing(), "take %d erased objects off the disk", len(some))
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(some)
	}
	return n, nil
}

// onDisk is what was removed and is still on the disk.
type onDisk struct {
	keys []string     // in erasedTable
	ids  []string     // of objects
	gone []store.Tick // where it stood, also before its class changed
	last store.Tick   // when the last of it was removed
}

// stillOnDisk reads what is still on the disk; moved tells where objects stood, by their
// ids, that the follower which keeps that has not come to.
func (x *Exchange) stillOnDisk(moved map[string][]store.Tick) (left onDisk, err error) {
	for row, err := range store.RowsJSON[erased](x.store, erasedTable, "") {
		if err != nil {
			return left, err
		}
		var added int64
		if _, err := fmt.Sscanf(row.Key, "%x", &added); err != nil {
			return left, fmt.Errorf("what was erased: row %s: %w", row.Key, err)
		}
		left.keys, left.last = append(left.keys, row.Key), max(left.last, row.Value.Removed)
		left.ids = append(left.ids, row.Value.ID)
		left.gone = append(append(left.gone, store.Tick(added)), moved[row.Value.ID]...)
		if left.gone, err = x.stoodAt(left.gone, row.Value.ID); err != nil {
			return left, err
		}
	}
	return left, nil
}

// MustForget tells whether the store has anything that a backup must not have in the
// clear: what is to be erased at a time, or what was removed and is still on the disk.
func (x *Exchange) MustForget(ctx context.Context) (bool, error) {
	for _, err := range x.store.Rows(erasedTable, "") {
		return true, err
	}
	first, err := x.FirstErasure(ctx)
	return !first.IsZero(), err
}

// FirstErasure is when the first of the personal data that is held is to be erased;
// zero when none has a time.
func (x *Exchange) FirstErasure(ctx context.Context) (first time.Time, err error) {
	consider := func(t time.Time) {
		if first.IsZero() || t.Before(first) {
			first = t.UTC()
		}
	}
	for row, err := range x.store.Rows(eraseDueTable, "") {
		if err != nil {
			return first, err
		}
		at, _, err := readDue(row.Key)
		if err != nil {
			return first, err
		}
		consider(at.Time())
		break // they are in order
	}
	// Also of collections whose objects are still being taken away.
	for c, err := range store.RowsJSON[Collection](x.store, collectionTable, "") {
		if err != nil {
			return first, err
		}
		if c.Value.Limits.KeepPersonal == 0 {
			continue
		}
		for row, err := range x.store.Rows(cameTable, fmt.Sprintf("%08x ", uint32(c.Value.Number))) {
			if err != nil {
				return first, err
			}
			came, _, err := readCame(row.Key)
			if err != nil {
				return first, err
			}
			consider(audit.Time(came).Add(c.Value.Limits.KeepPersonal))
			break // they are in order
		}
	}
	return first, nil
}

// allFollowed waits until every follower that runs has taken the history up to a tick:
// one may hold in memory what it has read of an object that is gone since.
func (x *Exchange) allFollowed(ctx context.Context, upTo store.Tick) error {
	const every = 50 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		states, err := x.Followers()
		if err != nil {
			return err
		}
		behind := ""
		for _, s := range states {
			if s.Fault != "" {
				return fmt.Errorf("the follower %s has stopped (%s), and may hold what was erased; rebuild it", s.Name, s.Fault)
			}
			if s.Waits != 0 && s.Waits <= upTo {
				behind = s.Name
			}
		}
		if behind == "" {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the follower %s is still behind what was erased; it is tried again", behind), ctx.Err())
		}
	}
}
