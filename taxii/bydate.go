package taxii

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// byDateFrom plans the page after p by date.
func (w *walk) byDateFrom(ctx context.Context, p page) (page, error) {
	here := p.reach
	if !here.known() {
		here = w.datesOfManifest(ctx, p.count)
		w.latest = later(w.latest, here)
		p.reach = here
	}
	if here.known() {
		if after := here.overlap(); after.After(w.afterTime) {
			w.afterTime, w.after = after, FormatTime(after)
			w.stuck = 0
			return w.going(p), nil
		}
	}
	if w.stuck > 0 && p.count <= w.stuck {
		return w.going(p), w.cannotMove(here, p.count)
	}
	w.stuck = p.count
	w.limit = 2 * max(w.limit, p.count)
	return w.going(p), nil
}

func (w *walk) cannotMove(here stamp, count int) error {
	const effect = "what lies beyond cannot be read; ask its operator to page by next, or for larger pages"
	if !here.known() {
		return w.fault(fmt.Sprintf("it gives %d objects at most, says that more follow, and gives neither a next that leads on nor dates", count), effect)
	}
	return w.fault(fmt.Sprintf("it pages by date only, %d objects at most, and more than these have the date added %s", count, here.text), effect)
}

// datesOfManifest asks the manifest for the date added of the last of a page's
// objects, when the page itself does not say.
func (w *walk) datesOfManifest(ctx context.Context, count int) stamp {
	var m Manifest
	q := Query{Filter: w.filter, AddedAfter: w.after, Limit: count}
	if err := w.c.getJSON(ctx, "read the manifest", q.at(w.manifest), &m); err != nil || len(m.Objects) < count {
		return stamp{}
	}
	return readStamp(m.Objects[count-1].DateAdded)
}

// recover decides what to do about a page that could not be had: ask again in
// another way, take it for the end, or give up.
func (w *walk) recover(ctx context.Context, err error) (again, end bool, _ error) {
	if ctx.Err() != nil {
		return false, false, err
	}
	if refused, ok := errors.AsType[*HTTPError](err); ok {
		return w.recoverRefused(ctx, refused)
	}
	_, large := errors.AsType[*tooLargeError](err)
	_, broken := errors.AsType[*brokenError](err)
	if (large || broken) && w.shrink() {
		return true, false, nil
	}
	return false, false, err
}

func (w *walk) recoverRefused(ctx context.Context, refused *HTTPError) (again, end bool, _ error) {
	switch refused.Code {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusGone,
		http.StatusRequestedRangeNotSatisfiable, http.StatusUnprocessableEntity:
	default:
		return false, false, refused
	}
	switch {
	case w.next != "":
		// A next out of a cursor may have grown old in the meantime; one that
		// the server has just given may not.
		if w.begun {
			w.around(fmt.Sprintf("it answers %d to a next that it gave", refused.Code))
			w.byDate = true
		}
		w.startByDate()
		return true, false, nil
	case refused.Code == http.StatusRequestedRangeNotSatisfiable:
		return false, true, nil
	case refused.Code == http.StatusNotFound && w.after != "":
		// Some servers say so of a span that holds nothing; others of a
		// collection that is gone.
		var there Collection
		if err := w.c.getJSON(ctx, "read collection", w.collection, &there); err != nil {
			return false, false, refused
		}
		return false, true, nil
	case refused.Code == http.StatusBadRequest && w.limit > 0 && !w.begun:
		// A limit beyond what a server likes: smaller, then its own.
		if w.limit > 100 {
			w.limit = 100
		} else {
			w.limit = 0
		}
		return true, false, nil
	}
	return false, false, refused
}

// shrink halves the page, unless the page must grow for the walk to move.
func (w *walk) shrink() bool {
	if w.limit == 1 || w.stuck > 0 {
		return false
	}
	if w.limit == 0 {
		w.limit = 1000
	}
	w.limit /= 2
	return true
}
