package pebble

import (
	"context"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Changes gives what happened after a tick: first additions as the bodies
// tell them, all else as the s rows do, merged in order of their ticks.
//
// A re-classed row that was moved or removed again later is told as a removal
// of what it was, so that a follower who had that lets it go.
func (r reads) Changes(ctx context.Context, after store.Tick, limit int) (*store.Changes, error) {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	f := &feed{view: v, buf: newPageBuf(), limit: limit}
	if err := f.collect(ctx, max(0, after)); err != nil {
		f.buf.recycle()
		return nil, v.store.readError(err)
	}
	changes, err := f.finish()
	if err != nil {
		f.buf.recycle()
		return nil, v.store.readError(err)
	}
	return changes, nil
}

// feed collects changes. Those with a row have their place in the buffer's
// hits; a removal carries its own.
type feed struct {
	view    *view
	buf     *pageBuf
	limit   int
	more    bool
	list    []store.Change
	hit     []int // index into the buffer's hits, or -1
	bodies  *pebble.Iterator
	steps   *pebble.Iterator
	members *pebble.Iterator
	key     []byte
}

func (f *feed) collect(ctx context.Context, from store.Tick) error {
	for _, open := range []struct {
		it    **pebble.Iterator
		start []byte
		kind  byte
	}{
		{&f.bodies, bodyKey(nil, from+1), kindBody},
		{&f.steps, stepKey(nil, from+1), kindStep},
		{&f.members, []byte{kindMember}, kindMember},
	} {
		it, err := f.view.snap.NewIter(&pebble.IterOptions{LowerBound: open.start, UpperBound: []byte{open.kind + 1}})
		if err != nil {
			return err
		}
		defer it.Close()
		*open.it = it
	}
	b, s := f.bodies.First(), f.steps.First()
	for (b || s) && !f.more {
		if err := ctx.Err(); err != nil {
			return err
		}
		bTick, sTick := store.Tick(math.MaxInt64), store.Tick(math.MaxInt64)
		if b {
			bTick = readTick(f.bodies.Key()[1:])
		}
		if s {
			sTick = readTick(f.steps.Key()[1:])
		}
		var err error
		if bTick < sTick {
			err = f.addition(bTick)
			b = f.bodies.Next()
		} else {
			err = f.step(sTick)
			s = f.steps.Next()
		}
		if err != nil {
			return err
		}
	}
	if err := f.bodies.Error(); err != nil {
		return err
	}
	return f.steps.Error()
}

// addition tells a body's first membership while it is there.
func (f *feed) addition(tick store.Tick) error {
	value, err := f.bodies.ValueAndErr()
	if err != nil {
		return err
	}
	header, _, ok := cutBody(value)
	if !ok {
		return damaged("the body at %d cannot be read", tick)
	}
	there, err := f.member(read32[store.Collection](header), tick)
	if err != nil || !there {
		return err
	}
	f.tell(store.Change{Kind: store.ChangeAdded}, true)
	return nil
}

// step tells what an s row says.
func (f *feed) step(tick store.Tick) error {
	value, err := f.steps.ValueAndErr()
	if err != nil {
		return err
	}
	s, ok := readStep(value)
	if !ok {
		return damaged("the change at %d cannot be read", tick)
	}
	if s.kind != store.ChangeRemoved {
		there, err := f.member(s.collection, tick)
		if err != nil {
			return err
		}
		if there {
			f.tell(store.Change{Kind: s.kind, Was: s.was}, true)
			return nil
		}
		if s.kind == store.ChangeAdded {
			return nil
		}
	}
	f.tell(store.Change{Kind: store.ChangeRemoved, Was: s.was, Row: store.Row{
		Collection: s.collection, Added: tick, Class: s.class, ID: s.id, Version: s.version, Spec: s.spec,
	}}, false)
	return nil
}

// member puts a membership into the buffer if it is there and there is room.
func (f *feed) member(c store.Collection, tick store.Tick) (bool, error) {
	f.key = memberKey(f.key[:0], c, tick)
	if !seekNear(f.members, f.key) {
		return false, f.members.Error()
	}
	row, err := f.members.ValueAndErr()
	if err != nil {
		return false, err
	}
	if len(f.list) < f.limit {
		f.buf.add(c, tick, row)
	}
	return true, nil
}

func (f *feed) tell(c store.Change, withRow bool) {
	if len(f.list) >= f.limit {
		f.more = true
		return
	}
	at := -1
	if withRow {
		at = len(f.buf.hits) - 1
	}
	f.list, f.hit = append(f.list, c), append(f.hit, at)
}

// finish reads the bodies and puts the rows into their changes.
func (f *feed) finish() (*store.Changes, error) {
	if _, err := f.buf.readBodies(f.view, false, false, 0); err != nil {
		return nil, err
	}
	if err := f.buf.makeRows(true); err != nil {
		return nil, err
	}
	for i, at := range f.hit {
		if at >= 0 {
			f.list[i].Row = f.buf.rows[at]
		}
	}
	return &store.Changes{List: f.list, More: f.more, Free: f.buf.free}, nil
}
