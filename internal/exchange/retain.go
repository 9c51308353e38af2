package exchange

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/internal/trust/tlog"
)

// retainEvery is how often the node looks for what its limits exclude.
const retainEvery = time.Minute

// retention is who recalls what the limits of a collection exclude.
func (x *Exchange) retention() account.Principal {
	by := account.Operator(x.opts.Own)
	by.Account = "retention"
	return by
}

// retain recalls what limits exclude, and erases personal data whose time is over, until
// the exchange is closed.
func (x *Exchange) retain() {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		if _, err := x.Retain(x.ctx, x.opts.Now()); err != nil && x.ctx.Err() == nil {
			x.opts.Logger.Error("recall what a collection's limits exclude; it is tried again in a minute", "err", err)
		}
		if _, err := x.EraseDue(x.ctx, x.opts.Now()); err != nil && x.ctx.Err() == nil {
			x.opts.Logger.Error("erase personal data whose time is over; it is tried again in a minute", "err", err)
		}
		select {
		case <-tick.C:
		case <-x.ctx.Done():
			return
		}
	}
}

// Retain recalls what the limits of all collections exclude at a time: what is
// older than they keep, then, oldest first, what is too much. All versions of an
// object count alike, each by its own date added. What two sources brought goes
// by the date of the first, for both: a source that watches its quota to the day
// can tell by it that another was earlier, which is known and accepted. It tells
// how many were recalled. Each recall is in the audit and, where others read the collection,
// in the log.
func (x *Exchange) Retain(ctx context.Context, now time.Time) (recalled int, err error) {
	for _, c := range x.collections.all() {
		if l := c.Limits; l.Keep == 0 && l.MaxObjects == 0 && l.MaxBytes == 0 {
			continue
		}
		for {
			n, err := x.retainSome(ctx, c, now)
			recalled += n
			if err != nil {
				return recalled, fmt.Errorf("collection %q: %w", c.Alias, err)
			}
			if n == 0 {
				break
			}
		}
	}
	return recalled, nil
}

// retainSome recalls one batch of a collection's oldest.
func (x *Exchange) retainSome(ctx context.Context, c Collection, now time.Time) (int, error) {
	const chunk = 1000
	// Objects alone: a face goes with its own.
	page, err := x.store.Page(ctx, store.PageQuery{Collection: c.Number, Visible: x.gate.Clearance(handling.Curator, c.Number),
		Limit: chunk, Versions: store.VersionFilter{All: true}})
	if err != nil {
		return 0, err
	}
	defer page.Close()
	tooMany, err := x.tooMany(c)
	if err != nil {
		return 0, err
	}
	var b store.Batch
	for i, row := range page.Rows {
		old := c.Limits.Keep > 0 && row.Added < store.Tick(now.Add(-c.Limits.Keep).UnixMicro())
		if !old && int64(i) >= tooMany {
			break
		}
		b.Removes = append(b.Removes, store.Remove{Collection: c.Number, Added: row.Added, Aside: store.AllClasses()})
	}
	if len(b.Removes) == 0 {
		return 0, nil
	}
	removed := 0
	b.Then = func(tx store.Tx, outcomes []store.Outcome) error {
		if held, err := limitsHold(tx, c); err != nil {
			return err
		} else if !held {
			return errLimitsChanged
		}
		removed, err = x.recalled(tx, x.retention(), c, b.Removes, outcomes, x.opts.Shared != nil && x.opts.Shared(tx, c.ID))
		if removed > 0 {
			x.audit(tx, x.retention(), "recall %d objects from collection %s (%s) by its limits", removed, c.Alias, c.ID)
		}
		return err
	}
	if _, err = x.commit(ctx, &b); errors.Is(err, errLimitsChanged) {
		return 0, nil // what they are now is looked at within a minute
	}
	return removed, err
}

// errLimitsChanged ends a recall by limits that are no longer those.
var errLimitsChanged = errors.New("the limits of the collection have changed")

// limitsHold tells whether a collection's limits are still those read before.
func limitsHold(tx store.Tx, c Collection) (bool, error) {
	now, err := store.GetJSON[Collection](tx, collectionTable, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return now.Limits == c.Limits && !now.Removing, err
}

// tooMany is how many objects a collection has beyond its limits. Of bytes it is
// an estimate by the mean, at least 1, so that the next batch asks again.
func (x *Exchange) tooMany(c Collection) (int64, error) {
	objects := x.objectsIn(c)
	var more, bytes int64
	if limit := c.Limits.MaxObjects; limit > 0 {
		more = objects - limit
	}
	limit := c.Limits.MaxBytes
	if limit == 0 || objects == 0 {
		return more, nil
	}
	for row, err := range store.RowsJSON[usage](x.store, usageTable, usageKey(c, "")) {
		if err != nil {
			return 0, fmt.Errorf("the usage of %s: %w", strings.TrimPrefix(row.Key, usageKey(c, "")), err)
		}
		bytes += row.Value.Bytes
	}
	if bytes > limit {
		more = max(more, 1, (bytes-limit)/max(1, bytes/objects))
	}
	return more, nil
}

// recalled writes what belongs to a recall into its transaction, and tells how
// many of removes were taken; logged says whether it is an act towards others.
func (x *Exchange) recalled(tx store.Tx, by account.Principal, c Collection, removes []store.Remove, outcomes []store.Outcome, logged bool) (removed int, err error) {
	act := tlog.Act{Kind: tlog.Recall, By: by.Account, Org: by.Org, Collection: c.ID}
	for _, o := range outcomes {
		if o.State == store.Removed {
			removed++
			act.Last = o.Added
			if act.First == 0 {
				act.First = o.Added
			}
		}
	}
	if act.Objects = removed; removed > 0 && logged {
		tlog.Append(tx, act)
	}
	if err := x.letGo(tx, c, removes, outcomes); err != nil {
		return removed, err
	}
	return removed, uncount(tx, c, outcomes)
}
