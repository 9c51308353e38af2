package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"entente/internal/store"
)

// Point is a moment of a view: up to when it was read, and what could be read then. As
// text it is what [ParsePoint] reads.
type Point struct {
	at      store.Tick
	classes uint32   // how many there were
	could   [16]byte // digest of who the reader was, and which of those could be read where
}

// ErrAnew says that a view has become another since a point: by the reader's grants, an
// agreement, the end of an embargo, or so much news that reading all is less.
var ErrAnew = errors.New("the view is another one by now")

func (p Point) String() string {
	raw := binary.BigEndian.AppendUint64([]byte{pointForm}, uint64(p.at))
	raw = binary.BigEndian.AppendUint32(raw, p.classes)
	return base64.RawURLEncoding.EncodeToString(append(raw, p.could[:]...))
}

const (
	pointForm = 5
	pointSize = 1 + 8 + 4 + 16
)

// ParsePoint reads a point back; ErrBadCursor when it is none.
func ParsePoint(text string) (p Point, err error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != pointSize || raw[0] != pointForm {
		return p, ErrBadCursor
	}
	p.at, p.classes = store.Tick(binary.BigEndian.Uint64(raw[1:])), binary.BigEndian.Uint32(raw[9:])
	copy(p.could[:], raw[13:])
	return p, nil
}

// Point is the view's moment: what is read after it is asked for holds all up to it.
func (v *View) Point() Point {
	p := Point{at: v.x.store.Now(), classes: uint32(len(v.x.store.Classes()))}
	p.could = v.could(p.classes)
	return p
}

// could is a digest of who the reader is, and which of the first so many classes may be
// read where.
func (v *View) could(classes uint32) [16]byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", v.reader.Org, v.reader.Account)
	for _, c := range v.x.collections.all() { // in the order of their aliases
		if !v.reader.MayRead(c.ID) {
			continue
		}
		bits := make([]byte, classes)
		allowed := v.x.gate.Clearance(v.profile, c.Number)
		for id := range classes {
			if allowed.Has(store.ClassID(id)) {
				bits[id] = 1
			}
		}
		fmt.Fprintf(h, "%q ", c.ID)
		h.Write(bits)
	}
	return [16]byte(h.Sum(nil))
}

// News is what became of objects since a point.
type News struct {
	To    Point
	Gone  []string      // ids of which something can be read no more; what else there is of them comes, too
	There []store.Place // what came

	came []string // whose ids these are
}

// IDs are those of all of which something came or is gone, each once.
func (n *News) IDs() []string {
	ids := slices.Concat(n.Gone, n.came)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// mostNews is how many changes are told one by one.
const mostNews = 50_000

// News tells what became of objects of some types since a point of this view. Errors:
// ErrAnew.
func (v *View) News(ctx context.Context, since Point, types ...string) (*News, error) {
	n := &News{To: v.Point()}
	if !v.still(since, n.To) {
		return nil, ErrAnew
	}
	gone := map[string]bool{}
	for t, err := range v.turns(ctx, since, n.To, types) {
		if err != nil {
			return nil, err
		}
		if t.came {
			n.There = append(n.There, t.place)
			n.came = append(n.came, strings.Clone(t.id))
		}
		if t.went {
			gone[strings.Clone(t.id)] = true
		}
		if len(n.There)+len(gone) > mostNews {
			return nil, ErrAnew
		}
	}
	n.Gone = slices.Sorted(maps.Keys(gone))
	return n, nil
}

// Each gives what there is of the news, the newest version of each where it stands: of
// what something is gone of, and then what came. Its bytes hold until it returns.
func (v *View) Each(ctx context.Context, n *News, give func(raw []byte) error) error {
	if err := v.Newest(ctx, n.Gone, give); err != nil {
		return err
	}
	for places := range slices.Chunk(n.There, 500) {
		page, err := v.Contents(ctx, places)
		if err != nil {
			return err
		}
		err = giveAll(page, give)
		page.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// Newest gives the newest version of each of some objects, in each collection.
func (v *View) Newest(ctx context.Context, ids []string, give func(raw []byte) error) error {
	return eachOf(v.NewestPages(ctx, ids), give)
}

// NewestPages gives, as pages, the newest version of each of some objects in each collection.
// The reader was told of them, as by news, so that he does not ask in vain for what is gone.
func (v *View) NewestPages(ctx context.Context, ids []string) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		for some := range slices.Chunk(ids, 500) {
			for page, err := range v.all(ctx, Query{IDs: some, news: true}) {
				if !yield(page, err) {
					return
				}
			}
		}
	}
}

// All gives the newest version of each object of some types, in each collection.
func (v *View) All(ctx context.Context, give func(raw []byte) error, types ...string) error {
	return eachOf(v.all(ctx, Query{Types: types}), give)
}

// all gives the pages of a query in all collections.
func (v *View) all(ctx context.Context, q Query) iter.Seq2[*Page, error] {
	q.Limit, q.MaxBytes, q.Bodies = 1000, 8<<20, true
	return func(yield func(*Page, error) bool) {
		for _, c := range v.Readable() {
			for page, err := range v.Pages(ctx, c.ID, q) {
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

func eachOf(pages iter.Seq2[*Page, error], give func(raw []byte) error) error {
	for page, err := range pages {
		if err == nil {
			err = giveAll(page, give)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func giveAll(page *Page, give func(raw []byte) error) error {
	for i := range page.Len() {
		if err := give(page.Bytes(i)); err != nil {
			return err
		}
	}
	return nil
}
