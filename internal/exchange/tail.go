package exchange

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// TailQuery says what a Tail reads.
type TailQuery struct {
	Collections []string   // ids or aliases; all that the reader may read at each moment when there are none
	After       store.Tick // where a collection begins
	Cursor      string     // of an earlier tail of the same query; overrides After
	Types       []string
	IDs         []string
	All         bool // all versions, not the latest alone
}

// Tail goes over collections as who asks for page after page of each does, and
// goes on when more has come: it is given the same pages, so it is given the same
// objects, also what was opened to its reader later (opened.go). It is not safe
// for concurrent use.
type Tail struct {
	x     *Exchange
	query Query // After is where a collection begins that the tail has not been in
	named []string
	at    map[string]place // how far it is, by id of the collection
	last  string           // collection of the last page; the next look begins behind it
	tag   hash.Hash        // authenticates cursors, for this reader and query
	done  map[string]bool  // collections of which the look under way has seen the end
	fresh map[string]bool  // collections that were looked at once; nil when it began by a cursor
	dry   *glance          // in which a whole look found nothing
}

// TailPage is the next objects of one collection. Close it when its bytes are written.
type TailPage struct {
	*Page
	Alias string // of the collection

	tail       *Tail
	collection string
}

// mostTailed is how many collections one tail goes over: its cursor holds a date
// for each.
const mostTailed = 64

// Tail begins to read on. Errors: ErrNotFound and ErrForbidden as a page's, of a
// collection that is named; ErrBadCursor; ErrInvalid when there are too many
// collections.
func (x *Exchange) Tail(p account.Principal, q TailQuery) (*Tail, error) {
	t := &Tail{x: x, at: map[string]place{}, done: map[string]bool{}, fresh: map[string]bool{},
		query: Query{After: q.After, Types: q.Types, IDs: q.IDs, Versions: store.VersionFilter{All: q.All}, Bodies: true}}
	v := x.View(p)
	if len(q.Collections) > 0 {
		named, err := v.ReadableOf(q.Collections)
		if err != nil {
			return nil, err
		}
		for _, c := range named {
			t.named = append(t.named, c.ID)
		}
	}
	slices.Sort(t.named)
	t.tag = hmac.New(sha256.New, x.tailKey(p, t))
	if _, err := t.collections(v); err != nil {
		return nil, err
	}
	if q.Cursor == "" {
		return t, nil
	}
	t.fresh = nil
	return t, t.resume(q.Cursor)
}

// Read gives the next objects, at most limit of them and not much more than
// maxBytes, for who the reader is by now; nil when nothing more is there, with which
// a look ends and the next begins. Errors: ErrNotFound when no collection that was
// named is his to read any more.
func (t *Tail) Read(ctx context.Context, p account.Principal, limit, maxBytes int) (*TailPage, error) {
	v := t.x.View(p)
	all, err := t.collections(v)
	if err != nil {
		return nil, err
	}
	now, whole := v.glance(), len(t.done) == 0
	if whole && t.dry != nil && t.dry.is(now) {
		return nil, nil
	}
	t.dry = nil
	for _, c := range all {
		if t.done[c.ID] {
			continue
		}
		page, err := t.read(ctx, v, c, limit, maxBytes)
		if err != nil {
			return nil, err
		}
		t.done[c.ID] = !page.More()
		if page.Len() > 0 {
			t.last = c.ID
			return &TailPage{Page: page, Alias: c.Alias, tail: t, collection: c.ID}, nil
		}
		page.Close()
	}
	clear(t.done)
	if whole {
		t.dry = &now
	}
	return nil, nil
}

// collections are those to look at, in turn.
func (t *Tail) collections(v *View) ([]Access, error) {
	var all []Access
	for _, c := range v.Readable() {
		if len(t.named) == 0 || slices.Contains(t.named, c.ID) {
			all = append(all, c)
		}
	}
	if len(all) == 0 && len(t.named) > 0 {
		return nil, fmt.Errorf("none of the collections is there any more: %w", ErrNotFound)
	}
	if len(all) > mostTailed {
		return nil, fmt.Errorf("%w: %d collections are too many to read on in; name up to %d", ErrInvalid, len(all), mostTailed)
	}
	behind := slices.IndexFunc(all, func(c Access) bool { return c.ID == t.last }) + 1
	return append(all[behind:len(all):len(all)], all[:behind]...), nil
}

// read gives the next page of one collection, accounted for.
func (t *Tail) read(ctx context.Context, v *View, c Access, limit, maxBytes int) (*Page, error) {
	q := &t.query
	from, ok := t.at[c.ID]
	if !ok {
		from = at(q.After)
	}
	released, dates, _, err := v.page(ctx, from, store.PageQuery{Collection: c.Number, Limit: limit, MaxBytes: maxBytes,
		IDs: q.IDs, Types: q.Types, Versions: q.Versions, Bodies: true})
	if err != nil {
		return nil, err
	}
	if t.fresh != nil && !t.fresh[c.ID] {
		if t.fresh[c.ID] = true; released.Len() == 0 && q.whole() {
			v.askedInVain(c.Collection, q.IDs[0])
		}
	}
	if released.Len() > 0 {
		if released, err = v.give(ctx, released, true); err != nil {
			return nil, err
		}
	}
	return &Page{Page: released, dates: dates}, nil
}

// Pass takes object i of a page as read, and those before it: what follows is
// behind it.
func (p *TailPage) Pass(i int) { p.tail.at[p.collection] = p.place(i) }

// Cursor is where to go on: behind what was passed.
func (t *Tail) Cursor() string {
	raw := binary.BigEndian.AppendUint64([]byte{tailForm}, uint64(t.query.After))
	for _, id := range slices.Sorted(maps.Keys(t.at)) {
		at, short := t.at[id], shortID(id)
		raw = append(raw, short[:]...)
		if at.row == at.date {
			raw = binary.BigEndian.AppendUint64(raw, uint64(at.date))
			continue
		}
		raw = binary.BigEndian.AppendUint64(raw, uint64(at.date)|inRun)
		raw = binary.BigEndian.AppendUint64(raw, uint64(at.row))
	}
	return base64.RawURLEncoding.EncodeToString(t.sign(raw))
}

// A tail's cursor is, as URL-safe base64 without padding:
//
//	form (1)  date at which a collection begins (8)  places  tag (16)
//
// and a place, of each collection that something was read in,
//
//	first half of the collection's UUID (8)  effective date (8)
//
// with the highest bit of the date set and when the last object was added (8)
// behind it within a run. As a list's cursor it holds dates, and nothing that its
// reader could not have computed from what was read.
const (
	tailForm = 4
	inRun    = 1 << 63
)

// resume reads a cursor back.
func (t *Tail) resume(cursor string) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < 25 || raw[0] != tailForm {
		return ErrBadCursor
	}
	if signed := t.sign(slices.Clone(raw[:len(raw)-16])); subtle.ConstantTimeCompare(signed, raw) != 1 {
		return ErrBadCursor
	}
	known := map[[8]byte]string{}
	for _, c := range t.x.collections.all() {
		known[shortID(c.ID)] = c.ID
	}
	t.query.After = store.Tick(binary.BigEndian.Uint64(raw[1:]))
	for raw = raw[9 : len(raw)-16]; len(raw) >= 16; {
		id, date := [8]byte(raw), binary.BigEndian.Uint64(raw[8:])
		raw = raw[16:]
		place := at(store.Tick(date &^ inRun))
		if date&inRun != 0 {
			if len(raw) < 8 {
				return ErrBadCursor
			}
			place.row = store.Tick(binary.BigEndian.Uint64(raw))
			raw = raw[8:]
		}
		if c, ok := known[id]; ok { // else it is gone
			t.at[c] = place
		}
	}
	return nil
}

func shortID(collection string) (short [8]byte) {
	id, err := uuid.Parse(collection)
	if err != nil { // ids are made as UUIDs
		sum := sha256.Sum256([]byte(collection))
		return [8]byte(sum[:])
	}
	return [8]byte(id[:])
}

// sign appends the tag.
func (t *Tail) sign(raw []byte) []byte {
	t.tag.Reset()
	t.tag.Write(raw)
	var sum [sha256.Size]byte
	return append(raw, t.tag.Sum(sum[:0])[:16]...)
}

// tailKey binds cursors to a reader and what he asked for.
func (x *Exchange) tailKey(p account.Principal, t *Tail) []byte {
	q := t.query
	return x.cursorTag(p, "tail of "+strings.Join(t.named, " "), &q, []byte{tailForm})
}

// place of object i, behind which a listing goes on.
func (p *Page) place(i int) place {
	if p.dates == nil || p.dates[i] == 0 {
		return at(p.Added(i))
	}
	return place{p.dates[i], p.Added(i)}
}

// Newest is a moment of the store that changes with everything that is written to
// it. It tells that there may be something to read, and not what.
func (x *Exchange) Newest() store.Tick { return x.store.Now() }
