package pebble

import (
	"context"
	"slices"
	"sort"
	"sync"

	"entente/internal/sealed"
	"entente/internal/store"
)

// hotPage answers a page from runs. ok is false when it is none of those that
// runs are kept for, or when passing over what the reader may not see would
// cost more than it may.
func (s *Store) hotPage(ctx context.Context, q *store.PageQuery) (page *store.Page, ok bool, err error) {
	f := newVersionFilter(q.Versions)
	if s.hot.budget == 0 || q.Once || len(q.IDs) > 0 || f.first || len(q.Versions.Exact) > 0 || len(q.Specs) > 0 && !f.all || q.Limit < 1 || q.Visible == nil {
		return nil, false, nil
	}
	v, stamp, err := s.acquireStamped(q.Collection)
	if err != nil {
		return nil, false, err
	}
	defer v.release()
	h := &hotPager{q: q, all: f.all, reader: runReader{view: v, stamp: stamp, key: runKey{collection: q.Collection}}, buf: newHotBuf()}
	budget := -1
	if !q.Visible.All() {
		if budget = scanAhead + 4*q.Limit; q.Visible.Len() <= fewSeeks {
			classes, seen, total := s.counts.visible(q.Collection, q.Visible)
			rows := min(int64(q.Limit), seen)
			if scanCost(q.Limit, seen, total) > (int64(len(classes))+2*rows)*seekPrice {
				h.reader.key.set = q.Visible
			} else {
				budget += int(scanCost(q.Limit, seen, total)) * 2
			}
		}
	}
	done, err := h.collect(ctx, budget)
	if err != nil || !done {
		h.buf.recycle()
		return nil, false, s.readError(err)
	}
	return &store.Page{Rows: h.buf.rows, More: h.more, Free: h.buf.free}, true, nil
}

// hotPager fills one page from runs.
type hotPager struct {
	q      *store.PageQuery
	all    bool // every version; else the latest
	reader runReader
	buf    *hotBuf
	more   bool
	bytes  int // of bodies on the page
	others int // rows the reader may see that a filter on types or specifications has passed over
}

// collect goes from run to run until the page is full; false when the budget
// of unseen rows is spent, or the runs are of another view.
func (h *hotPager) collect(ctx context.Context, budget int) (done bool, err error) {
	for from := max(0, h.q.After); ; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		r, ok, err := h.reader.next(ctx, from)
		if err != nil || !ok {
			return false, err
		}
		if r == nil {
			h.close()
			return true, nil
		}
		r.use(from)
		if h.q.Bodies {
			if err := h.reader.warm(r); err != nil {
				return false, err
			}
		}
		full, left, err := h.take(r, from, budget)
		if err != nil {
			return false, err
		}
		if full {
			if n := len(h.buf.rows); n > 0 {
				r.ended.Store(int64(h.buf.rows[n-1].Added))
			}
			h.close()
			return true, nil
		}
		if budget >= 0 && left <= 0 || h.others > mostOthers*(1+len(h.buf.rows)/16) {
			h.close()
			return false, nil
		}
		budget, from = left, r.hi
	}
}

// take adds a run's rows to the page; full when it is, or when the view ends.
func (h *hotPager) take(r *run, from store.Tick, budget int) (full bool, left int, err error) {
	visible, last := h.q.Visible, h.reader.view.tick
	start := 0
	if from > r.lo {
		start = sort.Search(len(r.rows), func(i int) bool { return r.rows[i].Added > from })
	}
	for i := start; i < len(r.rows); i++ {
		row := &r.rows[i]
		if row.Added > last {
			return true, budget, nil
		}
		if !visible.Has(row.Class) {
			if budget--; budget == 0 {
				return false, 0, nil
			}
			continue
		}
		if !h.fits(row) {
			h.others++
			continue
		}
		if !h.all && !r.latest(i, visible) {
			continue
		}
		if len(h.buf.rows) == h.q.Limit {
			h.more = true
			return true, budget, nil
		}
		h.buf.rows = append(h.buf.rows, *row)
		if h.q.Bodies {
			cut, err := h.body(r, i)
			if err != nil {
				return false, 0, err
			}
			if cut {
				h.buf.rows = h.buf.rows[:len(h.buf.rows)-1]
				h.more = true
				return true, budget, nil
			}
		}
	}
	return false, budget, nil
}

// mostOthers is how many rows a filter passes over, and as many more for each sixteen that it
// takes, before the page is read from the database undecoded: what is looked for is rare, and
// decoding all that it is not is most of the work.
const mostOthers = 4096

// fits applies the filters on type and specification.
func (h *hotPager) fits(row *store.Row) bool {
	return (len(h.q.Types) == 0 || slices.Contains(h.q.Types, typeOf(row.ID))) &&
		(len(h.q.Specs) == 0 || slices.Contains(h.q.Specs, row.Spec))
}

// body gives the newest row of the page its body; cut when there is no room.
func (h *hotPager) body(r *run, i int) (cut bool, err error) {
	row := &h.buf.rows[len(h.buf.rows)-1]
	if body, ok := r.body(i); ok {
		row.Body = body
		h.bytes += body.Len()
		return h.over(), nil
	}
	if h.buf.reader == nil {
		h.buf.reader = &bodyReader{view: h.reader.view, sparse: h.reader.key.set != nil}
	}
	raw, err := h.buf.reader.at(r.places[i])
	if err != nil {
		return false, err
	}
	if h.bytes += len(raw); h.over() {
		return true, nil
	}
	h.buf.cold = append(h.buf.cold, span{len(h.buf.rows) - 1, len(h.buf.bodies)})
	h.buf.bodies = append(h.buf.bodies, raw...)
	return false, nil
}

func (h *hotPager) over() bool {
	return h.q.MaxBytes > 0 && h.bytes > h.q.MaxBytes && len(h.buf.rows) > 1
}

// close ends the reading and seals what was read from the database: its place
// in memory is known only now.
func (h *hotPager) close() {
	b := h.buf
	end := len(b.bodies)
	for i := len(b.cold) - 1; i >= 0; i-- {
		c := b.cold[i]
		b.rows[c.row].Body = sealed.Seal(b.bodies[c.at:end:end])
		end = c.at
	}
	b.cold = b.cold[:0]
	b.closeReader()
}

// span is where the body of a row begins among the bodies read.
type span struct{ row, at int }

// hotBuf is what a page from runs holds beside the runs. It is used again
// after Close.
type hotBuf struct {
	rows   []store.Row
	bodies []byte
	cold   []span
	reader *bodyReader
	free   func()
}

var hotBufs sync.Pool

func newHotBuf() *hotBuf {
	b, ok := hotBufs.Get().(*hotBuf)
	if !ok {
		b = new(hotBuf)
		b.free = b.recycle
	}
	b.rows, b.bodies, b.cold = b.rows[:0], b.bodies[:0], b.cold[:0]
	return b
}

func (b *hotBuf) recycle() {
	b.closeReader()
	if cap(b.bodies) > largestKept {
		return
	}
	clear(b.rows) // lets the runs go
	hotBufs.Put(b)
}

func (b *hotBuf) closeReader() {
	if b.reader != nil {
		b.reader.close()
		b.reader = nil
	}
}
