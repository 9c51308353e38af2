package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// stood is where a version of an object stands or stood.
type stood struct {
	Collection store.Collection `json:"collection"`
	ID         string           `json:"id"`
	Version    string           `json:"version,omitempty"`
	Added      store.Tick       `json:"added"`
	Parts      bool             `json:"parts,omitempty"` // a copy without some
	Gone       bool             `json:"-"`
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
			places = append(places, stood{Collection: c, ID: strings.Clone(row.ID), Version: strings.Clone(row.Version), Added: row.Added, Parts: x.isFace(row.Class)})
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
	for row, err := range x.store.Rows(formerTable, "t"+first[:same]) {
		p, err := readStood(row, err)
		if err != nil {
			return nil, err
		}
		if p.Collection == c && p.Added >= run.First && p.Added <= run.Last {
			places = append(places, p)
		}
	}
	return places, nil
}

func readStood(row store.Keyed, err error) (p stood, _ error) {
	if err == nil {
		err = json.Unmarshal(row.Value, &p)
	}
	if err != nil {
		return p, fmt.Errorf("audit: where an object stood (row %q): %w", row.Key, err)
	}
	p.Gone = true
	return p, nil
}

// everStood tells where all versions of an object stand and stood.
func (x *Exchange) everStood(ctx context.Context, id string) (places []stood, err error) {
	for _, c := range x.collections.all() {
		rows, err := x.store.Versions(ctx, c.Number, id, store.AllClasses())
		if err != nil {
			return nil, err
		}
		for i := range rows {
			places = append(places, stood{Collection: c.Number, ID: id, Version: strings.Clone(rows[i].Version), Added: rows[i].Added, Parts: x.isFace(rows[i].Class)})
		}
	}
	for row, err := range x.store.Rows(formerTable, "i"+id+" ") {
		p, err := readStood(row, err)
		if err != nil {
			return nil, err
		}
		places = append(places, p)
	}
	return places, nil
}

// isFace tells the classes of copies that lack parts.
func (x *Exchange) isFace(class store.ClassID) bool {
	_, face, _ := handling.ShownClass(x.store.Classes()[class])
	return face
}

// keepFormer remembers, in a follower's transaction, where something stood.
func keepFormer(tx store.Tx, gone []stood) error {
	for _, p := range gone {
		value, err := json.Marshal(p)
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%016x", int64(p.Added))
		tx.Set(formerTable, "t"+at, value)
		tx.Set(formerTable, "i"+p.ID+" "+at, value)
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
