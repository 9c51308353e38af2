package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
)

// Sight is one object version that one reader was given in a stretch of time.
type Sight struct {
	Reader     audit.Reader `json:"reader"`
	Collection string       `json:"collection"` // alias; its number when it was removed
	Object     string       `json:"object"`
	Version    string       `json:"version,omitempty"`
	Added      time.Time    `json:"date_added"`
	From       time.Time    `json:"from"` // the reader was given it between From and Until
	Until      time.Time    `json:"until"`
	Content    bool         `json:"content"` // false: only that it exists (id, version, date)
	Parts      bool         `json:"parts"`   // without the parts that were not for the reader
	Gone       bool         `json:"gone"`    // it does not stand there any more
}

// stood is where a version of an object stands or stood.
type stood struct {
	Collection store.Collection `json:"collection"`
	ID         string           `json:"id"`
	Version    string           `json:"version,omitempty"`
	Added      store.Tick       `json:"added"`
	Parts      bool             `json:"parts,omitempty"` // a copy without some
	Gone       bool             `json:"-"`
}

// WhoSaw tells who was given an object, any version of it, in any collection,
// also when it was taken out since; oldest first. Gaps are what a killed node
// may have given without having written it. It takes an auditor: ErrForbidden.
func (x *Exchange) WhoSaw(ctx context.Context, by account.Principal, id string) (sights []Sight, gaps []audit.Gap, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, nil, err
	}
	places, err := x.everStood(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(places, func(a, b stood) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Added, b.Added))
	})
	for n := 0; n < len(places); {
		end := n
		for end < len(places) && places[end].Collection == places[n].Collection {
			end++
		}
		for r, err := range x.readings(audit.CollectionKey(places[n].Collection)) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return nil, nil, err
			}
			for _, p := range places[n:end] {
				sights = x.appendSights(sights, &r, p)
			}
		}
		n = end
	}
	slices.SortStableFunc(sights, func(a, b Sight) int { return a.From.Compare(b.From) })
	gaps, err = x.gaps()
	return sights, gaps, err
}

// appendSights appends what a reading says of one place.
func (x *Exchange) appendSights(list []Sight, r *audit.Reading, p stood) []Sight {
	s := Sight{Reader: r.By, Collection: x.collections.name(p.Collection), Object: p.ID, Version: p.Version,
		Added: audit.Time(p.Added), From: audit.Time(r.From), Until: audit.Time(r.Until), Parts: p.Parts, Gone: p.Gone}
	switch {
	case r.Objects.Has(p.Added):
		s.Content = true
	case !r.Names.Has(p.Added):
		return list
	}
	return append(list, s)
}

// WhatSaw tells what an account, by its name, was given since a time, oldest
// first, until more than limit. It takes an auditor: ErrForbidden.
func (x *Exchange) WhatSaw(ctx context.Context, by account.Principal, name string, since time.Time, limit int) (sights []Sight, gaps []audit.Gap, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, nil, err
	}
	var of []audit.Reading
	for r, err := range x.readings("") {
		if err != nil {
			return nil, nil, err
		}
		if strings.EqualFold(r.By.Account, name) && audit.Time(r.Until).After(since) {
			of = append(of, r)
		}
	}
	slices.SortStableFunc(of, func(a, b audit.Reading) int { return cmp.Compare(a.From, b.From) })
	for i := range of {
		if sights, err = x.expand(ctx, sights, &of[i], limit); err != nil {
			return nil, nil, err
		}
		if len(sights) > limit {
			sights = sights[:limit+1]
			break
		}
	}
	all, err := x.gaps()
	for _, g := range all {
		if strings.EqualFold(g.Reader.Account, name) {
			gaps = append(gaps, g)
		}
	}
	return sights, gaps, err
}

// expand appends what a reading covers, object by object.
func (x *Exchange) expand(ctx context.Context, sights []Sight, r *audit.Reading, limit int) ([]Sight, error) {
	for _, runs := range []audit.Runs{r.Objects, r.Names} {
		for _, run := range runs {
			places, err := x.standing(ctx, r.Collection, run, limit+1-len(sights))
			if err != nil {
				return nil, err
			}
			for _, p := range places {
				sights = x.appendSights(sights, r, p)
			}
			if len(sights) > limit {
				return sights, nil
			}
		}
	}
	return sights, nil
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

// readings gives the readings whose keys begin so, the open ones last.
func (x *Exchange) readings(prefix string) iter.Seq2[audit.Reading, error] {
	return func(yield func(audit.Reading, error) bool) {
		for _, table := range []string{readingTable, openTable} {
			for row, err := range x.store.Rows(table, prefix) {
				var r audit.Reading
				if err == nil {
					r, err = audit.ReadReading(row.Key, row.Value)
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

func (x *Exchange) gaps() (gaps []audit.Gap, err error) {
	for row, err := range x.store.Rows(gapTable, "") {
		var g audit.Gap
		if err == nil {
			err = json.Unmarshal(row.Value, &g)
		}
		if err != nil {
			return nil, fmt.Errorf("audit: read row %q: %w", row.Key, err)
		}
		gaps = append(gaps, g)
	}
	return gaps, nil
}

// Denials gives the answers that were refused to those who named an object that
// is here, since a time, oldest first. It takes an auditor: ErrForbidden.
func (x *Exchange) Denials(ctx context.Context, by account.Principal, since time.Time, limit int) (list []audit.Denial, err error) {
	if err := x.mayAudit(ctx, by); err != nil {
		return nil, err
	}
	for row, err := range x.store.Rows(denialTable, "") {
		var d audit.Denial
		if err == nil {
			err = json.Unmarshal(row.Value, &d)
		}
		if err != nil {
			return nil, fmt.Errorf("audit: read row %q: %w", row.Key, err)
		}
		if d.Time.After(since) {
			list = append(list, d)
		}
		if len(list) > limit {
			break
		}
	}
	return list, nil
}

// denials are the rows of those questions that were about something here.
func (x *Exchange) denials(ctx context.Context, questions []asked, unkept int) (rows [][]byte, err error) {
	for i := range questions {
		q := &questions[i]
		found, err := x.store.Versions(ctx, q.collection, q.Object, store.AllClasses())
		if err != nil {
			return nil, err
		}
		classes := x.store.Classes()
		for n := range found {
			class, face, err := handling.ShownClass(classes[found[n].Class])
			if face {
				continue
			}
			if q.Reason = "its handling class is not understood"; err == nil {
				q.Reason = x.gate.Decide(class, q.profile).Reason
			}
		}
		if len(found) == 0 {
			continue
		}
		row, err := json.Marshal(q.Denial)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	if unkept > 0 {
		row, err := json.Marshal(audit.Denial{Time: time.Now().UTC(), Reason: strconv.Itoa(unkept) + " more questions came within a second than are looked into"})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// mayAudit lets those read the audit who have that permission, and writes what
// is pending, so that they read all of it.
func (x *Exchange) mayAudit(ctx context.Context, by account.Principal) error {
	if !by.Audits() {
		return fmt.Errorf("read the audit: %w: this takes an auditor or an admin of the node's own member", ErrForbidden)
	}
	if err := x.writeLedger(ctx, false); err != nil && !errors.Is(err, store.ErrFull) {
		return fmt.Errorf("write what readers were given: %w", err)
	}
	return x.formerKept(ctx)
}

// formerKept waits until the follower that keeps where objects stood has taken
// all that there is, if it runs.
func (x *Exchange) formerKept(ctx context.Context) error {
	const longest = 30 * time.Second
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		states, err := x.Followers()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(states, func(s FollowerState) bool { return s.Name == explainerName })
		if i < 0 || states[i].Waits == 0 {
			return nil
		}
		if states[i].Fault != "" {
			return fmt.Errorf("the follower %s, which keeps where objects stood, has stopped: %s; rebuild it", explainerName, states[i].Fault)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("the follower %s, which keeps where objects stood, is still behind: %w; ask again later", explainerName, ctx.Err())
		}
	}
}
