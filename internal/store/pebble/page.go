package pebble

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"unsafe"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/abreast"
	"entente/internal/sealed"
	"entente/internal/store"
)

// Page gives rows of one collection in order of Added.
//
// The work is at most that of the rows passed over: by a scan those that the
// reader may see and up to scanAhead (or twice the price of seeking, if that
// is more) of those he may not; by seeks the visible classes and the rows
// given. A filter on types or specifications passes over visible rows only.
func (r reads) Page(ctx context.Context, q store.PageQuery) (*store.Page, error) {
	if r.live != nil {
		if page, ok, err := r.live.hotPage(ctx, &q); ok || err != nil {
			return page, err
		}
	}
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	p := newPager(v, &q)
	if err := p.collect(ctx); err != nil {
		p.buf.recycle()
		return nil, v.store.readError(err)
	}
	page, err := p.finish()
	if err != nil {
		p.buf.recycle()
		return nil, v.store.readError(err)
	}
	return page, nil
}

// pager fills one page.
type pager struct {
	view   *view
	q      *store.PageQuery
	filter versionFilter
	buf    *pageBuf
	more   bool
	sparse bool             // bodies lie far apart
	chains *pebble.Iterator // over the index of ids, for the filters that need it

	members *memberReader     // for the filters that need it; nil until then
	met     map[string]*among // by id
	metRows int
}

func newPager(v *view, q *store.PageQuery) *pager {
	return &pager{view: v, q: q, filter: newVersionFilter(q.Versions), buf: newPageBuf()}
}

// collect finds the memberships of the page.
func (p *pager) collect(ctx context.Context) error {
	defer p.closeChains()
	switch {
	case p.q.Limit < 1 || p.q.Visible == nil:
		return nil
	case len(p.q.IDs) > 0:
		return p.byID(ctx)
	}
	return p.inOrder(ctx)
}

// take adds a membership to the page if the filters pass it; done when the
// page is full and this one would be the next.
func (p *pager) take(ctx context.Context, tick store.Tick, row []byte) (done bool, err error) {
	m, ok := readMember(row)
	if !ok {
		return false, damaged("the membership of collection %d at %d cannot be read", p.q.Collection, tick)
	}
	if typ := m.stixType(); len(p.q.Types) > 0 && !slices.ContainsFunc(p.q.Types, func(t string) bool { return t == string(typ) }) {
		return false, nil
	}
	if len(p.q.Specs) > 0 && !slices.Contains(p.q.Specs, m.specText()) {
		return false, nil
	}
	if pass, err := p.passes(ctx, tick, &m); err != nil || !pass {
		return false, err
	}
	if len(p.buf.hits) == p.q.Limit {
		p.more = true
		return true, nil
	}
	p.buf.add(p.q.Collection, tick, row)
	return false, nil
}

// finish reads the bodies and makes the page of what was collected.
func (p *pager) finish() (*store.Page, error) {
	b := p.buf
	if p.q.Bodies {
		cut, err := b.readBodies(p.view, p.sparse, len(p.q.IDs) > 0, p.q.MaxBytes)
		if err != nil {
			return nil, err
		}
		p.more = p.more || cut
	}
	if err := b.makeRows(p.q.Bodies); err != nil {
		return nil, err
	}
	return &store.Page{Rows: b.rows, More: p.more, Free: b.free}, nil
}

// pageBuf holds what a page points into. It is used again after Close.
type pageBuf struct {
	hits    []hit
	members []byte // membership rows, then the texts of ids
	bodies  []byte
	rows    []store.Row
	free    func()
}

// hit is one membership of a page: offsets into members and bodies.
type hit struct {
	collection     store.Collection
	tick, body     store.Tick
	row, rowEnd    int
	bytes, byteEnd int
}

var pageBufs sync.Pool

func newPageBuf() *pageBuf {
	b, ok := pageBufs.Get().(*pageBuf)
	if !ok {
		b = new(pageBuf)
		b.free = b.recycle
	}
	b.hits, b.members, b.bodies, b.rows = b.hits[:0], b.members[:0], b.bodies[:0], b.rows[:0]
	return b
}

const largestKept = 4 << 20 // a larger buffer goes to the garbage collector

func (b *pageBuf) recycle() {
	if cap(b.bodies)+cap(b.members) > largestKept {
		return
	}
	clear(b.rows)
	pageBufs.Put(b)
}

func (b *pageBuf) add(c store.Collection, tick store.Tick, row []byte) {
	at := len(b.members)
	b.members = append(b.members, row...)
	b.hits = append(b.hits, hit{collection: c, tick: tick, row: at, rowEnd: len(b.members)})
}

// readBodies reads the bodies of all hits, in the order of hits; cut when
// maxBytes (0: no bound) leaves some out. The first is always read. Where
// bodies are sparse, it does not try whether the next is near. Single ones, of
// which each was asked for by itself, are kept for the next who asks.
func (b *pageBuf) readBodies(v *view, sparse, single bool, maxBytes int) (cut bool, err error) {
	if len(b.hits) == 0 {
		return false, nil
	}
	bodies := bodyReader{view: v, sparse: sparse}
	defer bodies.close()
	for i := range b.hits {
		h := &b.hits[i]
		m, _ := readMember(b.members[h.row:h.rowEnd])
		h.body = m.bodyAt(h.tick)
		raw, kept := []byte(nil), false
		if single {
			raw, kept = v.store.lately.Get(h.body)
		}
		if !kept {
			if raw, err = bodies.at(h.body); err != nil {
				return false, err
			}
		}
		if single && !kept {
			v.store.lately.keep(h.body, raw)
		}
		if maxBytes > 0 && i > 0 && len(b.bodies)+len(raw) > maxBytes {
			b.hits = b.hits[:i]
			return true, nil
		}
		h.bytes = len(b.bodies)
		b.bodies = append(b.bodies, raw...)
		h.byteEnd = len(b.bodies)
	}
	return false, nil
}

// makeRows makes the rows of the hits. Strings point into the buffer.
func (b *pageBuf) makeRows(bodies bool) error {
	texts := 0
	for i := range b.hits {
		texts += b.hits[i].rowEnd - b.hits[i].row + 22 // a UUID is 16 bytes in a row, 38 in text
	}
	b.members = slices.Grow(b.members, texts)
	b.rows = slices.Grow(b.rows, len(b.hits))
	for i := range b.hits {
		h := &b.hits[i]
		m, ok := readMember(b.members[h.row:h.rowEnd])
		if !ok {
			return damaged("the membership of collection %d at %d cannot be read", h.collection, h.tick)
		}
		at := len(b.members)
		b.members = m.appendID(b.members)
		row := store.Row{
			Collection: h.collection, Added: h.tick, Class: m.class,
			ID: textOf(b.members[at:]), Version: textOf(m.version), Spec: m.specText(),
		}
		if bodies {
			row.Body = sealed.Seal(b.bodies[h.bytes:h.byteEnd:h.byteEnd])
		}
		b.rows = append(b.rows, row)
	}
	return nil
}

// textOf is a string on bytes that stay as they are while it is used.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// byID collects the versions of the ids asked for, through the index of ids.
func (p *pager) byID(ctx context.Context) error {
	ids := slices.Compact(slices.Sorted(slices.Values(p.q.IDs)))
	ticks, err := p.ticksOf(ctx, ids)
	if err != nil {
		return err
	}
	slices.SortFunc(ticks, cmp.Compare)
	p.filter.all = true // decided above
	members := memberReader{view: p.view, single: p.q.Named}
	defer members.close()
	for _, tick := range ticks {
		row, err := members.at(p.q.Collection, tick)
		if err != nil {
			return missing(err, "the membership of collection %d at %d", p.q.Collection, tick)
		}
		if done, err := p.take(ctx, tick, row); err != nil || done {
			return err
		}
	}
	return nil
}

// manyIDs is how many ids are looked up by two goroutines: they come in no order,
// so that each is in a block of its own, which must be read and unpacked.
const manyIDs = 32

// ticksOf gives the memberships of some ids that the filters pass, in no order.
func (p *pager) ticksOf(ctx context.Context, ids []string) (ticks []store.Tick, err error) {
	if len(ids) < manyIDs {
		return p.ticksInTurn(ctx, ids, kindID)
	}
	kind := byte(kindID)
	if p.q.Named {
		kind |= byFilter
	}
	var others []store.Tick
	half := len(ids) / 2
	err = abreast.Two(func() (err error) {
		ticks, err = p.ticksInTurn(ctx, ids[:half], kind)
		return err
	}, func() (err error) {
		others, err = p.ticksInTurn(ctx, ids[half:], kind)
		return err
	})
	return append(ticks, others...), err
}

// ticksInTurn looks ids up one after another, by iterators of that kind.
func (p *pager) ticksInTurn(ctx context.Context, ids []string, kind byte) (ticks []store.Tick, err error) {
	var it *pebble.Iterator
	defer func() { p.view.giveBack(kind, it) }()
	members := memberReader{view: p.view}
	defer members.close()
	var key []byte
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if len(p.q.Types) > 0 && !slices.Contains(p.q.Types, typeOf(id)) {
			continue
		}
		key = appendID(key[:0], id)
		rows, read := []indexRow(nil), false
		if p.q.Named {
			rows, read = p.view.rows.chain(key, p.q.Collection)
		}
		if !read {
			if it == nil {
				if it, err = p.view.iterator(kind); err != nil {
					return nil, err
				}
			}
			if rows, err = readChain(it, key, p.q.Collection); err != nil {
				return nil, err
			}
		}
		if p.q.Named && !read {
			p.view.rows.keepChain(key, p.q.Collection, rows)
		}
		a := newAmong(p.q, rows, &members)
		for i := range rows {
			if rows[i].tick > p.q.After && a.has(ctx, i) && p.filter.passesIn(ctx, &a, i) {
				ticks = append(ticks, rows[i].tick)
			}
		}
		if a.err != nil {
			return nil, a.err
		}
	}
	return ticks, nil
}
