package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// Personal data is erased in two steps. First it is removed, as by a recall, and is
// unreadable from then on; a row says what. Then, within a day, the store takes it off
// the disk, and the rows go. Each step can be cut anywhere and is done again.

// erasedTable has what was removed and is still on the disk, by its date added.
const erasedTable = "erased"

// erasing is who erases what has had its time.
func (x *Exchange) erasing() account.Principal {
	by := account.Operator(x.opts.Own)
	by.Account = "retention"
	return by
}

// erased is what was removed, and is to be taken off the disk.
type erased struct {
	ID      string     `json:"id"`
	Removed store.Tick `json:"removed"`
	At      time.Time  `json:"at"`
	Asked   bool       `json:"asked,omitempty"` // by a person; else its time was over
}

// noteErased notes what stood at a date added until it is off the disk.
func (x *Exchange) noteErased(tx store.Tx, added, removed store.Tick, id string, asked bool) error {
	return store.SetJSON(tx, erasedTable, fmt.Sprintf("%016x", int64(added)), erased{id, removed, x.opts.Now().UTC(), asked})
}

// mostErased is how many objects are removed in one batch, and mostLooks how often what
// moves in between is looked for.
const (
	mostErased = 500
	mostLooks  = 100
)

// errMoved is about objects that were given another class again and again meanwhile.
var errMoved = errors.New("it was changed again and again while it was looked for; try again")

// EraseDue removes personal data whose time is over at now: by a retention or an end
// that it is marked with itself, or by its collection's limit. It tells how many versions
// were removed. They are unreadable when it returns, and off the disk within a day.
func (x *Exchange) EraseDue(ctx context.Context, now time.Time) (n int, err error) {
	if n, err = x.eraseMarked(ctx, now); err != nil {
		return n, err
	}
	for _, c := range x.collections.all() {
		if c.Limits.KeepPersonal == 0 {
			continue
		}
		some, err := x.eraseLimited(ctx, c, store.Tick(now.Add(-c.Limits.KeepPersonal).UnixMicro()))
		if n += some; err != nil {
			return n, fmt.Errorf("collection %q: %w", c.Alias, err)
		}
	}
	return n, nil
}

// eraseMarked removes what its markings have set a time for.
func (x *Exchange) eraseMarked(ctx context.Context, now time.Time) (n int, err error) {
	return x.eraseWhile(ctx, func() (due []string, err error) {
		for row, err := range x.store.Rows(eraseDueTable, "") {
			if err != nil {
				return nil, err
			}
			at, address, err := readDue(row.Key)
			if err != nil {
				return nil, err
			}
			if now.Before(at.Time()) || len(due) == mostErased {
				break
			}
			due = append(due, address)
		}
		return due, nil
	}, "erase %d objects with personal data from collection %s (%s), as they are marked")
}

// eraseLimited removes the personal data that came into a collection up to a time.
func (x *Exchange) eraseLimited(ctx context.Context, c Collection, upTo store.Tick) (n int, err error) {
	return x.eraseWhile(ctx, func() (due []string, err error) {
		for row, err := range x.store.Rows(cameTable, fmt.Sprintf("%08x ", uint32(c.Number))) {
			if err != nil {
				return nil, err
			}
			came, address, err := readCame(row.Key)
			if err != nil {
				return nil, err
			}
			if came > upTo || len(due) == mostErased {
				break
			}
			due = append(due, address)
		}
		return due, nil
	}, "erase %d objects with personal data from collection %s (%s), whose time is over")
}

// eraseWhile removes the holdings that look finds, until it finds none. A holding's rows
// go with it alone, so what was moved between the look and the removal is found again.
func (x *Exchange) eraseWhile(ctx context.Context, look func() ([]string, error), say string) (n int, err error) {
	for looks := 0; looks < mostLooks; looks++ {
		due, err := look()
		if err != nil || len(due) == 0 {
			return n, err
		}
		some, settled, err := x.eraseHoldings(ctx, due, say)
		if n += some; err != nil {
			return n, err
		}
		if settled > 0 {
			looks = -1
		}
	}
	return n, errMoved
}

// eraseHoldings removes the objects of holdings, and tells of how many and how many
// rows of holdings went.
func (x *Exchange) eraseHoldings(ctx context.Context, addresses []string, say string) (removed, settled int, err error) {
	rows := map[store.Collection][]store.Row{}
	var gone []string
	for _, at := range addresses {
		row, stands, err := x.rowOf(ctx, at)
		switch {
		case err != nil:
			return 0, 0, err
		case stands:
			rows[row.Collection] = append(rows[row.Collection], row)
		default:
			gone = append(gone, at)
		}
	}
	for c, rows := range rows {
		n, err := x.remove(ctx, x.erasing(), x.collections.numbered(c), rows, false, say)
		if removed += n; err != nil {
			return removed, removed, err
		}
	}
	if len(gone) == 0 {
		return removed, removed, nil
	}
	return removed, removed + len(gone), x.Keep(ctx, func(tx store.Tx) error {
		for _, at := range gone {
			h, err := store.GetJSON[holding](tx, holdingTable, at)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			h.forget(tx, at)
		}
		return nil
	})
}

// rowOf finds the row of the content at an address; false when it is gone.
func (x *Exchange) rowOf(ctx context.Context, at string) (row store.Row, stands bool, err error) {
	h, err := store.GetJSON[holding](x.store, holdingTable, at)
	if errors.Is(err, store.ErrNotFound) {
		return row, false, nil
	}
	if err != nil {
		return row, false, err
	}
	in, err := x.collectionAt(at)
	if err != nil || in.ID == "" {
		return row, false, err
	}
	for range mostLooks {
		rows, err := x.objectRows(ctx, in, h.ID)
		if err != nil {
			return row, false, err
		}
		rows = slices.DeleteFunc(rows, func(r store.Row) bool { return r.Version != h.Version })
		i, all, err := x.holdingAmong(ctx, rows, at)
		switch {
		case err != nil:
			return row, false, err
		case i >= 0:
			return rows[i], true, nil
		case all:
			return row, false, nil
		}
	}
	return row, false, fmt.Errorf("object %q: %w", h.ID, errMoved)
}

// holdingAmong gives the index of the row whose content is at an address; -1 for none,
// and whether all of them were still there.
func (x *Exchange) holdingAmong(ctx context.Context, rows []store.Row, at string) (i int, all bool, err error) {
	places := make([]store.Place, len(rows))
	for i, row := range rows {
		places[i] = row.Place()
	}
	there, released, err := x.opened(x.store.Fetch(ctx, places, nil))
	if err != nil {
		return -1, false, err
	}
	defer released.Close()
	for n := range released.Len() {
		digest, err := stix.Digest(released.Bytes(n))
		if err == nil && address(there[n].Collection, digest) == at {
			return slices.IndexFunc(rows, func(r store.Row) bool { return r.Added == there[n].Added }), true, nil
		}
	}
	return -1, released.Len() == len(rows), nil
}

// objectRows are the versions of an object in a collection, without their faces.
func (x *Exchange) objectRows(ctx context.Context, c Collection, id string) (rows []store.Row, err error) {
	all, err := x.store.Versions(ctx, c.Number, id, store.AllClasses())
	for _, row := range all {
		if !x.isFace(row.Class) {
			rows = append(rows, row)
		}
	}
	return rows, err
}

// remove takes rows out of a collection for good: with what was kept aside under them,
// audited, logged where others read, and noted until it is off the disk, with whether
// somebody asked. What is said of it takes their number, the alias and the id of the collection.
func (x *Exchange) remove(ctx context.Context, by account.Principal, c Collection, rows []store.Row, asked bool, say string) (removed int, err error) {
	if len(rows) == 0 {
		return 0, nil
	}
	var b store.Batch
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = strings.Clone(row.ID)
		b.Removes = append(b.Removes, store.Remove{Collection: c.Number, Added: row.Added, Aside: store.AllClasses()})
	}
	b.Then = func(tx store.Tx, outcomes []store.Outcome) error {
		if removed, err = x.recalled(tx, by, c, b.Removes, outcomes, x.opts.Shared != nil && x.opts.Shared(tx, c.ID)); err != nil {
			return err
		}
		for i, o := range outcomes {
			if o.State != store.Removed {
				continue
			}
			if err := x.noteErased(tx, b.Removes[i].Added, o.Added, ids[i], asked); err != nil {
				return err
			}
		}
		if removed > 0 {
			x.audit(tx, by, say, removed, c.Alias, c.ID)
		}
		return nil
	}
	if _, err = x.commit(ctx, &b); err != nil {
		return removed, err
	}
	return removed, x.forgetBelongings(ctx, ids)
}
