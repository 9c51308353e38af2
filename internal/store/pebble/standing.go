package pebble

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// Standings looks ids up in the order of their keys, in which neighbours share
// blocks, by filters that tell of most that they are not there.
func (r reads) Standings(ctx context.Context, ids []string, most int) ([][]store.Standing, error) {
	v, err := r.acquireFor(ctx)
	if err != nil {
		return nil, err
	}
	defer v.release()
	w := &standingWalk{view: v, most: max(most, 1)}
	defer w.close()
	found, err := w.all(ctx, ids, r.live != nil)
	return found, v.store.readError(err)
}

// standingWalk reads the index of ids.
type standingWalk struct {
	view    *view
	most    int
	forward *pebble.Iterator // with filters: SeekPrefixGE and Next
	back    *pebble.Iterator // SeekLT and Prev; nil until a chain is long
	key     []byte
}

func (w *standingWalk) close() {
	w.view.giveBack(kindID|byFilter, w.forward)
	w.view.giveBack(kindID, w.back)
}

// all gives what stands under each id. What is remembered is so of the newest view,
// and asked for only when that is the one read.
func (w *standingWalk) all(ctx context.Context, ids []string, newest bool) (found [][]store.Standing, err error) {
	keys, buf := make([][]byte, len(ids)), []byte(nil)
	for i, id := range ids {
		at := len(buf)
		buf = appendID(buf, id)
		keys[i] = buf[at:len(buf):len(buf)]
	}
	found = make([][]store.Standing, len(ids))
	if !newest {
		return found, w.walk(ctx, keys, found)
	}
	known, hashes := w.view.store.stood, make([]stoodID, len(ids))
	for i := range keys {
		hashes[i] = known.id(keys[i])
	}
	if known.find(w.view, hashes, found); !slices.ContainsFunc(found, isNone) {
		return found, nil
	}
	if err := w.walk(ctx, keys, found); err != nil {
		return nil, err
	}
	known.keep(w.view, hashes, found)
	return found, nil
}

func isNone(s []store.Standing) bool { return s == nil }

// walk reads what is not known yet.
func (w *standingWalk) walk(ctx context.Context, keys [][]byte, found [][]store.Standing) (err error) {
	var order []int
	for i := range keys {
		if isNone(found[i]) {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(keys[a], keys[b]) })
	if w.forward, err = w.view.iterator(kindID | byFilter); err != nil {
		return err
	}
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return err
		}
		if found[i], err = w.of(keys[i]); err != nil {
			return err
		}
	}
	return nil
}

// of gives what stands under one id, collection by collection.
func (w *standingWalk) of(id []byte) (found []store.Standing, err error) {
	w.key = append(append(w.key[:0], kindID), id...)
	for ok := w.forward.SeekPrefixGE(w.key); ok; {
		rest := w.forward.Key()[1+len(id):]
		if len(rest) < 4 {
			return nil, damaged("an index row has no collection: %s", keyText(w.forward.Key()))
		}
		s := standingChain{collection: read32[store.Collection](rest), most: w.most}
		through, err := w.chain(&s, chainKey(nil, id, s.collection))
		if err != nil {
			return nil, err
		}
		found = append(found, s.all()...)
		switch {
		case through:
			ok = w.forward.Valid()
		case s.collection+1 == 0:
			ok = false
		default:
			w.key = chainKey(w.key[:0], id, s.collection+1)
			ok = w.forward.SeekPrefixGE(w.key)
		}
	}
	return found, w.forward.Error()
}

// shortChain is how many rows with versions are read upwards, from where the walk
// stands, before it is taken to be cheaper to read all of them downwards, in which
// order they are wanted.
const shortChain = 129

// chain reads the rows of one id in one collection, from where the walk stands. It
// tells whether the walk has come through all of them.
func (w *standingWalk) chain(s *standingChain, prefix []byte) (through bool, err error) {
	var versioned []indexRow
	for ok := true; ok && bytes.HasPrefix(w.forward.Key(), prefix); ok = w.forward.Next() {
		row, err := indexRowAt(w.forward, prefix)
		switch {
		case err != nil:
			return false, err
		case !row.versioned():
			s.bare = append(s.bare, row)
			continue
		case len(versioned) == shortChain:
			return false, w.down(s, prefix)
		}
		versioned = append(versioned, row)
	}
	for i := range slices.Backward(versioned) {
		s.version(&versioned[i])
	}
	return true, w.forward.Error()
}

// down reads all rows with versions of a long chain, the newest first.
func (w *standingWalk) down(s *standingChain, prefix []byte) (err error) {
	if w.back == nil {
		if w.back, err = w.view.iterator(kindID); err != nil {
			return err
		}
	}
	for ok := w.back.SeekLT(after(prefix)); ok && bytes.HasPrefix(w.back.Key(), prefix); ok = w.back.Prev() {
		row, err := indexRowAt(w.back, prefix)
		if err != nil || !row.versioned() {
			return err
		}
		s.version(&row)
	}
	return w.back.Error()
}

func indexRowAt(it *pebble.Iterator, prefix []byte) (indexRow, error) {
	value, err := it.ValueAndErr()
	if err != nil {
		return indexRow{}, err
	}
	row, ok := readIndexRow(bytes.Clone(it.Key()[len(prefix):]), value)
	if !ok {
		return indexRow{}, damaged("an index row cannot be read: %s", keyText(it.Key()))
	}
	return row, nil
}

// standingChain is what stands of one id in one collection. However many versions
// there are, not much more than most of them are held.
type standingChain struct {
	collection store.Collection
	most       int
	newest     []store.Standing
	rest       map[standingKind]*standingEnds // of what is below those
	met        int                            // versions
	face       *indexRow                      // met above its object
	bare       []indexRow
}

// standingKind is what is alike of versions, for who asks of what class they are.
type standingKind struct {
	source      string
	class, face store.ClassID
}

// standingEnds are the newest of a kind and the one that came first, and which ones
// they are, from the newest down.
type standingEnds struct {
	newest, first     store.Standing
	newestAt, firstAt int
}

// version adds a version, or the face of the next; they come from the newest down.
func (s *standingChain) version(row *indexRow) {
	if plainLen(row.version) < len(row.version) {
		s.face = row
		return
	}
	at := row.standing(s.collection)
	if s.face != nil && bytes.Equal(s.face.version[:plainLen(s.face.version)], row.version) {
		at.Face = s.face.class
	}
	s.face = nil
	s.met++
	if len(s.newest) < s.most {
		s.newest = append(s.newest, at)
		return
	}
	kind := standingKind{at.Source, at.Class, at.Face}
	if ends := s.rest[kind]; ends != nil {
		if at.Since < ends.first.Since {
			ends.first, ends.firstAt = at, s.met
		}
		return
	}
	if s.rest == nil {
		s.rest = map[standingKind]*standingEnds{}
	}
	s.rest[kind] = &standingEnds{newest: at, first: at, newestAt: s.met, firstAt: s.met}
}

// standing is how a row of a collection stands, without its face.
func (r *indexRow) standing(c store.Collection) store.Standing {
	return store.Standing{Place: store.Place{Collection: c, Class: r.class, Added: r.tick}, Source: r.source, Since: r.since, Bare: !r.versioned()}
}

// all is what stands there, in its order.
func (s *standingChain) all() []store.Standing {
	found, byPlace := s.newest, map[int]store.Standing{}
	for _, ends := range s.rest {
		byPlace[ends.newestAt], byPlace[ends.firstAt] = ends.newest, ends.first
	}
	for _, place := range slices.Sorted(maps.Keys(byPlace)) {
		found = append(found, byPlace[place])
	}
	slices.SortFunc(s.bare, func(a, b indexRow) int { return cmp.Compare(b.since, a.since) })
	for i := range s.bare {
		found = append(found, s.bare[i].standing(s.collection))
	}
	return found
}
