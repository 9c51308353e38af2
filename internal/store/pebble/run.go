package pebble

import (
	"context"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/sealed"
	"entente/internal/store"
)

// run is neighbouring memberships of one order, decoded: every row of its key
// with lo < Added <= hi. Nothing in it changes but what is atomic.
type run struct {
	key    runKey
	lo, hi store.Tick
	rows   []store.Row  // without bodies
	places []store.Tick // of the bodies
	newer  [][]byte     // encoded classes of newer versions; nil when no row has any
	bodies atomic.Pointer[[]sealed.Body]
	used   atomic.Int32
	ended  atomic.Int64 // after which of its rows the last page ended
	size   int64        // in memory; 0 when it is not kept. hot's lock holds
}

const (
	runRows  = 256 // a run is read so far
	keptRows = 64  // a shorter one, at the end of a collection, is not kept
	rowSize  = 240 // a decoded row in memory, about
)

// runReader reads runs for one page.
type runReader struct {
	view  *view
	stamp uint64
	key   runKey
}

// next gives the run that goes on after a tick; nil at the end. ok is false
// when the view is no longer the one that runs are kept for.
func (rr *runReader) next(ctx context.Context, after store.Tick) (r *run, ok bool, err error) {
	h := rr.view.store.hot
	r, until, ok := h.find(rr.key, after, rr.stamp)
	if r != nil || !ok {
		return r, ok, nil
	}
	if until > rr.view.tick {
		until = 0 // this view lacks what a newer one has before the run that was kept of it
	}
	if rr.key.set == nil {
		r, err = rr.scan(after, until)
	} else {
		r, err = rr.seek(ctx, after, until)
	}
	if err != nil || r == nil {
		return nil, true, err
	}
	if len(r.rows) >= keptRows || until != 0 {
		r.size = int64(len(r.rows)+1) * rowSize
		h.keep(r, rr.stamp)
	}
	return r, true, nil
}

// scan reads a run of all rows, up to a tick where the next run begins.
func (rr *runReader) scan(from, until store.Tick) (*run, error) {
	c := rr.key.collection
	upper := after(append32([]byte{kindMember}, c))
	if until != 0 {
		upper = memberKey(nil, c, until+1)
	}
	it, err := rr.view.snap.NewIter(&pebble.IterOptions{LowerBound: memberKey(nil, c, from+1), UpperBound: upper})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	valid := it.First()
	if !valid && (until == 0 || it.Error() != nil) {
		return nil, it.Error()
	}
	// Where all that stood before the next run was removed, a run of nothing leads
	// to it.
	b := &pageBuf{members: make([]byte, 0, runRows*128), hits: make([]hit, 0, runRows)}
	for ; valid && len(b.hits) < runRows; valid = it.Next() {
		row, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		key := it.Key()
		if len(key) != 13 {
			return nil, damaged("a membership cannot be read: %s", keyText(key))
		}
		b.add(c, readTick(key[5:]), row)
	}
	if err := it.Error(); err != nil {
		return nil, err
	}
	return rr.make(b, from, until, valid)
}

// seek reads a run of the rows in the key's classes.
func (rr *runReader) seek(ctx context.Context, after, until store.Tick) (*run, error) {
	classes, _, _ := rr.view.store.counts.visible(rr.key.collection, rr.key.set)
	b := &pageBuf{}
	valid := false
	err := seekRows(ctx, rr.view, rr.key.collection, after, classes, func(tick store.Tick, row []byte) bool {
		if valid = len(b.hits) == runRows; valid || until != 0 && tick > until {
			return true
		}
		b.add(rr.key.collection, tick, row)
		return false
	})
	if err != nil {
		return nil, err
	}
	if len(b.hits) == 0 && until == 0 {
		return nil, nil
	}
	return rr.make(b, after, until, valid)
}

// make decodes what was read. more: rows follow the last one read.
func (rr *runReader) make(b *pageBuf, after, until store.Tick, more bool) (*run, error) {
	if err := b.makeRows(false); err != nil {
		return nil, err
	}
	r := &run{key: rr.key, lo: after, hi: until, rows: b.rows, places: make([]store.Tick, len(b.hits))}
	for i := range b.hits {
		m, _ := readMember(b.members[b.hits[i].row:b.hits[i].rowEnd])
		r.places[i] = m.bodyAt(b.hits[i].tick)
		if len(m.newer) > 0 {
			if r.newer == nil {
				r.newer = make([][]byte, len(b.hits))
			}
			r.newer[i] = m.newer
		}
	}
	if n := len(r.rows); n > 0 && (more || until == 0) {
		r.hi = r.rows[n-1].Added
	}
	return r, nil
}

// latest tells whether no newer version of row i is in a visible class.
func (r *run) latest(i int, visible *store.Classes) bool {
	if r.newer == nil || len(r.newer[i]) == 0 {
		return true
	}
	m := member{newer: r.newer[i]}
	return m.latest(visible)
}

// body gives the body of row i when the run has its bodies in memory.
func (r *run) body(i int) (sealed.Body, bool) {
	if b := r.bodies.Load(); b != nil {
		return (*b)[i], true
	}
	return sealed.Body{}, false
}

// use counts a page that goes on in a run after a tick. Where the page before has ended,
// this is the same use.
func (r *run) use(from store.Tick) {
	if from <= r.lo || r.ended.Load() != int64(from) {
		r.used.Add(1)
	}
}

// warm brings the bodies of a kept run into memory once it is used again.
func (rr *runReader) warm(r *run) error {
	if r.used.Load() < 2 || r.bodies.Load() != nil {
		return nil
	}
	if n := len(r.rows); n == 0 || r.rows[n-1].Added > rr.view.tick {
		return nil // read under a newer view than this one, which lacks the last bodies
	}
	bodies := bodyReader{view: rr.view, sparse: rr.key.set != nil}
	defer bodies.close()
	ends := make([]int, len(r.rows))
	var arena []byte
	for i, place := range r.places {
		raw, err := bodies.at(place)
		if err != nil {
			return err
		}
		if len(arena)+len(raw) > mostWarm {
			return nil // of large objects; the database's own cache must do
		}
		if arena == nil {
			arena = make([]byte, 0, len(raw)*len(r.rows)*5/4)
		}
		arena = append(arena, raw...)
		ends[i] = len(arena)
	}
	sealedBodies := make([]sealed.Body, len(r.rows))
	start := 0
	for i, end := range ends {
		sealedBodies[i] = sealed.Seal(arena[start:end:end])
		start = end
	}
	if r.bodies.CompareAndSwap(nil, &sealedBodies) {
		rr.view.store.hot.grew(r, int64(cap(arena)+32*len(r.rows)))
	}
	return nil
}

// mostWarm is how many bytes of bodies one run may hold.
const mostWarm = 2 << 20
