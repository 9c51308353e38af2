package pebble

import (
	"bytes"
	"container/heap"
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// What a page's plan is reckoned in: the price of passing over one entry of a
// scan is 1, and a seek costs as much as seekPrice of them (measured: about
// 0.17 µs and 2.5 µs).
const (
	seekPrice = 15
	scanAhead = 512 // entries that a scan passes over before anything is reckoned
	fewSeeks  = 64  // so few classes are reckoned at once
)

// inOrder collects in order of Added, by the cheaper way.
func (p *pager) inOrder(ctx context.Context) error {
	budget := -1 // never seeks
	if visible := p.q.Visible; !visible.All() {
		budget = scanAhead
		if visible.Len() <= fewSeeks {
			budget = 0
		}
	}
	from, err := p.scan(ctx, max(0, p.q.After), budget)
	if err != nil || from < 0 {
		return err
	}
	classes, seen, total := p.view.store.counts.visible(p.q.Collection, p.q.Visible)
	seeks := p.seekCost(len(classes), seen)
	if scanCost(p.q.Limit-len(p.buf.hits), seen, total) > seeks {
		return p.seek(ctx, from, classes)
	}
	// The counts may deceive (what is visible may all be far ahead), so the
	// scan still gives up when it has passed over twice what seeking costs.
	if from, err = p.scan(ctx, from, int(2*seeks)); err != nil || from < 0 {
		return err
	}
	return p.seek(ctx, from, classes)
}

// seekCost is the price of the rest of a page by seeks: one to find each
// class, then one or two a row.
func (p *pager) seekCost(classes int, seen int64) int64 {
	rows := min(int64(p.q.Limit-len(p.buf.hits)), seen)
	return (int64(classes) + 2*rows) * seekPrice
}

// scanCost is how many entries a scan is expected to pass over for so many rows.
func scanCost(rows int, seen, total int64) int64 {
	if seen == 0 {
		return total
	}
	return min(int64(rows)*(total-seen)/seen, total-seen)
}

// scan collects by reading every entry after a tick, until the page is full
// (it returns -1), or until it has passed over more unseen entries than its
// budget (it returns the tick to go on after). A negative budget has no bound.
func (p *pager) scan(ctx context.Context, from store.Tick, budget int) (store.Tick, error) {
	if budget == 0 {
		return from, nil
	}
	it, err := p.view.snap.NewIter(&pebble.IterOptions{
		LowerBound: memberKey(nil, p.q.Collection, from+1),
		UpperBound: after(append32([]byte{kindMember}, p.q.Collection)),
	})
	if err != nil {
		return 0, err
	}
	defer it.Close()
	visible, passed := p.q.Visible, 0
	for ok := it.First(); ok; ok = it.Next() {
		row, err := it.ValueAndErr()
		if err != nil {
			return 0, err
		}
		key := it.Key()
		if len(key) != 13 || len(row) < 5 {
			return 0, damaged("a membership cannot be read: %s", keyText(key))
		}
		if passed++; passed&1023 == 0 && ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if !visible.Has(read32[store.ClassID](row)) {
			if budget--; budget == 0 {
				return readTick(key[5:]), nil
			}
			continue
		}
		if done, err := p.take(ctx, readTick(key[5:]), row); err != nil || done {
			return -1, err
		}
	}
	return -1, it.Error()
}

// seek collects by seeks into each visible class.
func (p *pager) seek(ctx context.Context, from store.Tick, classes []store.ClassID) error {
	p.sparse = true
	var failed error
	err := seekRows(ctx, p.view, p.q.Collection, from, classes, func(tick store.Tick, row []byte) (done bool) {
		done, failed = p.take(ctx, tick, row)
		return done || failed != nil
	})
	return errors.Join(failed, err)
}

// seekRows gives the memberships of some classes after a tick, in order of
// Added, until take is done. By one iterator over the order by class it knows
// the next tick of each class and always takes the lowest.
func seekRows(ctx context.Context, v *view, c store.Collection, from store.Tick, classes []store.ClassID, take func(store.Tick, []byte) (done bool)) error {
	prefix := append32([]byte{kindByClass}, c)
	it, err := v.snap.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return err
	}
	defer it.Close()
	s := seeker{it: it, collection: c}
	for _, class := range classes {
		s.find(class, from)
	}
	heap.Init(&s.next)
	for n := 0; len(s.next) > 0; n++ {
		if n&63 == 63 && ctx.Err() != nil {
			return ctx.Err()
		}
		row, err := s.row()
		if err != nil {
			return err
		}
		if take(s.next[0].tick, row) {
			return nil
		}
		s.advance()
	}
	return it.Error()
}

// seeker is where each class of a page stands.
type seeker struct {
	it         *pebble.Iterator
	collection store.Collection
	next       classHeap
	at         store.ClassID // of the iterator's position
	key        []byte
}

type classTick struct {
	tick  store.Tick
	class store.ClassID
}

// find puts a class at its first tick after the given one, if it has any.
func (s *seeker) find(class store.ClassID, after store.Tick) {
	s.key, s.at = byClassKey(s.key[:0], s.collection, class, after+1), class
	if tick, ok := s.read(s.it.SeekGE(s.key)); ok {
		s.next = append(s.next, classTick{tick, class})
	}
}

// row is the membership of the lowest class, to which the iterator goes back
// when it has looked at another class since.
func (s *seeker) row() ([]byte, error) {
	low := s.next[0]
	s.key = byClassKey(s.key[:0], s.collection, low.class, low.tick)
	if !s.it.Valid() || !bytes.Equal(s.it.Key(), s.key) {
		if s.at = low.class; !s.it.SeekGE(s.key) || !bytes.Equal(s.it.Key(), s.key) {
			if err := s.it.Error(); err != nil {
				return nil, err
			}
			return nil, damaged("%s is gone while it is read", keyText(s.key))
		}
	}
	return s.it.ValueAndErr()
}

// advance moves the lowest class to its next tick.
func (s *seeker) advance() {
	low := &s.next[0]
	if tick, ok := s.read(s.it.Next()); ok { // row has left the iterator here
		low.tick = tick
		heap.Fix(&s.next, 0)
		return
	}
	heap.Pop(&s.next)
}

// read is the tick under the iterator while it is still in its class.
func (s *seeker) read(valid bool) (store.Tick, bool) {
	if !valid {
		return 0, false
	}
	key := s.it.Key()
	if len(key) != 17 || read32[store.ClassID](key[5:]) != s.at {
		return 0, false
	}
	return readTick(key[9:]), true
}

// classHeap has the class with the lowest tick on top.
type classHeap []classTick

func (h classHeap) Len() int           { return len(h) }
func (h classHeap) Less(i, j int) bool { return h[i].tick < h[j].tick }
func (h classHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *classHeap) Push(x any)        { *h = append(*h, x.(classTick)) }
func (h *classHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
