package exchange

import (
	"context"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// A class that is opened to a reader after objects of it were added, because an
// agreement was made or an embargo ended, is read as a run at that moment: the
// date of such an object is, for this reader, when it was opened. Whoever reads
// on from a date so gets what he has not had, and nothing twice. No row is
// written for it.
//
// Runs of classes that stand in no collection of the reader must not show: a
// page goes on over a run that holds nothing, and ends where its rows end it.

// place is how far somebody has read: all that has an earlier date, and of the
// run of that date all that was added up to row. Outside of a run both are one.
type place struct{ date, row store.Tick }

func at(t store.Tick) place { return place{t, t} }

// scanned is how many rows of a run are looked at together, and runBodies how
// many of it are fetched together, a MiB each at worst.
const (
	scanned   = 4096
	runBodies = 16
)

// stretch is objects of one stretch of a listing: between two runs, or of a run.
type stretch struct {
	page *handling.Page
	date store.Tick // of all of them, in a run; 0: when each was added
	next place      // what follows is behind it
	last bool       // no run follows, and page.More says whether anything does
}

// page gives the next objects after a place, their dates where those are not
// all the times of adding, and how far that is.
func (v *View) page(ctx context.Context, from place, q store.PageQuery) (page *handling.Page, dates []store.Tick, to place, err error) {
	if !q.Bodies {
		q.MaxBytes = 0
	}
	first, err := v.stretch(ctx, from, q)
	if err != nil {
		return nil, nil, from, err
	}
	page = first.page
	if first.last && page.Len() > 0 { // most often
		return page, nil, at(page.Added(page.Len() - 1)), nil
	}
	inRun, size := first.date != 0, page.Size()
	for s := first; ; {
		for range s.page.Len() {
			dates = append(dates, s.date)
		}
		if s.last && (page.Len() > 0 || !s.page.More()) {
			break
		}
		rest := q
		if rest.Limit -= page.Len(); rest.Limit <= 0 || q.MaxBytes > 0 && size > q.MaxBytes {
			err = v.follow(ctx, page, s.next, q)
			break
		}
		if s, err = v.stretch(ctx, s.next, rest); err != nil {
			break
		}
		size += s.page.Size()
		inRun = inRun || s.date != 0
		page.Append(s.page)
	}
	if err != nil {
		page.Close()
		return nil, nil, from, err
	}
	page.Fit(q.MaxBytes)
	return page, datesOf(page, dates, inRun), endOf(page, dates), nil
}

// follow finds out whether anything follows a page.
func (v *View) follow(ctx context.Context, page *handling.Page, from place, q store.PageQuery) error {
	q.Limit, q.Bodies = 1, false
	for {
		next, err := v.stretch(ctx, from, q)
		if err != nil {
			return err
		}
		n := next.page.Len()
		if page.Follow(n > 0); n > 0 || next.last && !next.page.More() {
			next.page.Close()
			return nil
		}
		next.page.Close()
		from = next.next
	}
}

// datesOf are the dates of a page's objects; nil when each is that of adding.
func datesOf(page *handling.Page, dates []store.Tick, inRun bool) []store.Tick {
	if !inRun {
		return nil
	}
	dates = dates[:page.Len()]
	for i := range dates {
		if dates[i] == 0 {
			dates[i] = page.Added(i)
		}
	}
	return dates
}

// dates are when each object of a page was added or opened to the reader.
func (v *View) dates(page *handling.Page) []store.Tick {
	if page.Len() == 0 {
		return nil
	}
	_, runs := v.x.gate.Opened(v.profile, page.Collection(0))
	if len(runs) == 0 {
		return nil
	}
	dates := make([]store.Tick, page.Len())
	for i := range dates {
		dates[i] = page.Added(i)
		for _, run := range runs {
			if run.Classes.Has(page.Place(i).Class) {
				dates[i] = max(dates[i], run.At)
			}
		}
	}
	return dates
}

// endOf is the place of a page's last object.
func endOf(page *handling.Page, dates []store.Tick) place {
	n := page.Len() - 1
	if n < 0 {
		return place{}
	}
	if dates[n] == 0 {
		return at(page.Added(n))
	}
	return place{dates[n], page.Added(n)}
}

// stretch gives objects after a place, as far as one question to the store tells.
func (v *View) stretch(ctx context.Context, from place, q store.PageQuery) (stretch, error) {
	allowed, runs := v.x.gate.Opened(v.profile, q.Collection)
	q.Visible = allowed
	for len(runs) > 0 && (runs[0].At < from.date || runs[0].At == from.date && from.row >= from.date) {
		runs = runs[1:]
	}
	if len(runs) > 0 && runs[0].At == from.date {
		return v.run(ctx, from, q, runs[0])
	}
	return v.between(ctx, from, q, runs)
}

// between gives what was added before the next run, and could be read from then
// on; all that follows when there is no run to come.
func (v *View) between(ctx context.Context, from place, q store.PageQuery, runs []handling.Run) (stretch, error) {
	q.After = from.date
	page, err := v.x.store.Page(ctx, q)
	if err != nil {
		return stretch{}, err
	}
	s := stretch{next: from, last: len(runs) == 0}
	if !s.last {
		before(page, runs)
	}
	if n := len(page.Rows); n > 0 {
		s.next = at(page.Rows[n-1].Added)
	}
	if !s.last {
		if !page.More {
			s.next = place{runs[0].At, 0} // the run
		}
		kept := page.Rows[:0]
		for _, row := range page.Rows {
			if !opensLater(runs, row.Class) {
				kept = append(kept, row)
			}
		}
		page.Rows = kept
	}
	s.page, err = v.x.gate.Release(v.profile, page)
	return s, err
}

// before cuts a page off where the next run stands.
func before(page *store.Page, runs []handling.Run) {
	for i := range page.Rows {
		if page.Rows[i].Added >= runs[0].At {
			page.Rows, page.More = page.Rows[:i], false
			return
		}
	}
}

func opensLater(runs []handling.Run, class store.ClassID) bool {
	for i := range runs {
		if runs[i].Classes.Has(class) {
			return true
		}
	}
	return false
}

// run gives what was opened at one moment. What it looks through for that is
// what the reader may see.
func (v *View) run(ctx context.Context, from place, q store.PageQuery, run handling.Run) (stretch, error) {
	limit := min(q.Limit, runBodies)
	q.After, q.Limit, q.MaxBytes, q.Bodies = from.row, scanned, 0, false
	var places []store.Place
	through := false
	for !through && len(places) < limit {
		page, err := v.x.store.Page(ctx, q)
		if err != nil {
			return stretch{}, err
		}
		before(page, []handling.Run{run})
		through = !page.More
		for _, row := range page.Rows {
			if len(places) == limit {
				through = false
				break
			}
			q.After = row.Added
			if run.Classes.Has(row.Class) {
				places = append(places, row.Place())
			}
		}
		page.Close()
	}
	s := stretch{date: run.At, next: place{run.At, q.After}}
	if through {
		s.next = at(run.At)
	}
	fetched, err := v.x.store.Fetch(ctx, places, nil)
	if err != nil {
		return stretch{}, err
	}
	s.page, err = v.x.gate.Release(v.profile, fetched)
	return s, err
}
