package exchange

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// formerTable has where objects stood that were moved or removed.
const formerTable = "audit-former"

// stood is where a version of an object stands or stood.
type stood struct {
	Collection store.Collection `json:"collection"`
	ID         string           `json:"id"`
	Version    string           `json:"version,omitempty"`
	Added      store.Tick       `json:"added"`
	Parts      bool             `json:"parts,omitempty"` // a copy without some
	Gone       bool             `json:"-"`
	Class      store.ClassID    `json:"-"` // of what stands
}

// standingOf is where a row of the store stands, for longer than the row is there.
func (x *Exchange) standingOf(row *store.Row) stood {
	return stood{Collection: row.Collection, ID: strings.Clone(row.ID), Version: strings.Clone(row.Version), Added: row.Added, Parts: x.isFace(row.Class), Class: row.Class}
}

// standing tells what has or had the dates of a run, in order.
func (x *Exchange) standing(ctx context.Context, c store.Collection, run audit.Run, most int) (places []stood, err error) {
	for after := run.First - 1; after < run.Last && len(places) < most; {
		page, err := x.store.Page(ctx, store.PageQuery{Collection: c, Visible: store.AllClasses(), After: after,
			Limit: min(1000, most), Versions: store.VersionFilter{All: true}})
		if err != nil {
			return nil, err
		}
		after = run.Last
		for i := range page.Rows {
			row := &page.Rows[i]
			if row.Added > run.Last {
				break
			}
			places = append(places, x.standingOf(row))
			if i == len(page.Rows)-1 && page.More {
				after = row.Added
			}
		}
		page.Close()
	}
	gone, err := x.formerIn(c, run)
	places = append(places, gone...)
	slices.SortFunc(places, func(a, b stood) int { return cmp.Compare(a.Added, b.Added) })
	return places, err
}

// formerIn tells what had the dates of a run and does not stand there any more.
// Rows are looked through by the part of the date that all the run has in common.
func (x *Exchange) formerIn(c store.Collection, run audit.Run) (places []stood, err error) {
	first, last := fmt.Sprintf("%016x", int64(run.First)), fmt.Sprintf("%016x", int64(run.Last))
	same := 0
	for same < len(first) && first[same] == last[same] {
		same++
	}
	for p, err := range x.former("t" + first[:same]) {
		if err != nil {
			return nil, err
		}
		if p.Collection == c && p.Added >= run.First && p.Added <= run.Last {
			places = append(places, p)
		}
	}
	return places, nil
}

// former gives where objects stood, of the rows whose keys begin so.
func (x *Exchange) former(prefix string) iter.Seq2[stood, error] {
	return func(yield func(stood, error) bool) {
		for row, err := range store.RowsJSON[stood](x.store, formerTable, prefix) {
			if err != nil {
				err = fmt.Errorf("audit: where an object stood: %w", err)
			}
			row.Value.Gone = true
			if !yield(row.Value, err) {
				return
			}
		}
	}
}

// stoodAt adds where versions of an object stood before they were moved or removed.
func (x *Exchange) stoodAt(ticks []store.Tick, id string) ([]store.Tick, error) {
	for p, err := range x.former("i" + id + " ") {
		if err != nil {
			return nil, err
		}
		ticks = append(ticks, p.Added)
	}
	return ticks, nil
}

// everStood tells where all versions of an object stand and stood.
func (x *Exchange) everStood(ctx context.Context, id string) (places []stood, err error) {
	for _, c := range x.collections.all() {
		rows, err := x.store.Versions(ctx, c.Number, id, store.AllClasses())
		if err != nil {
			return nil, err
		}
		for i := range rows {
			places = append(places, x.standingOf(&rows[i]))
		}
	}
	for p, err := range x.former("i" + id + " ") {
		if err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	return places, nil
}

// isFace tells the classes of copies that lack parts.
func (x *Exchange) isFace(class store.ClassID) bool { return handling.IsFace(x.store.Classes()[class]) }

// formerKey is that of a row by its date.
func formerKey(at store.Tick) string { return fmt.Sprintf("t%016x", int64(at)) }

// keepFormer remembers, in a follower's transaction, where something stood.
func keepFormer(tx store.Tx, gone []stood) error {
	for _, p := range gone {
		for _, key := range []string{formerKey(p.Added), fmt.Sprintf("i%s %016x", p.ID, int64(p.Added))} {
			if err := store.SetJSON(tx, formerTable, key, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// formerKept waits until the follower that keeps where objects stood, if it runs,
// has taken all that there was when it was asked.
func (x *Exchange) formerKept(ctx context.Context) error {
	const longest, every = 30 * time.Second, 20 * time.Millisecond
	f := x.follower(explainerName)
	if f == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for upTo := x.store.Now(); ; {
		cursor, err := x.followed(explainerName)
		if err != nil {
			return err
		}
		if waits, err := x.firstAfter(cursor); err != nil || waits == 0 || waits > upTo {
			return err
		}
		if err := f.failed(); err != nil {
			return fmt.Errorf("the follower %s, which keeps where objects stood, has stopped: %w; rebuild it", explainerName, err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the follower %s, which keeps where objects stood, is still behind: %w; ask again later", explainerName, ctx.Err())
		}
	}
}
