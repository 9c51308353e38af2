package pebble

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// bodyReader reads bodies of a view by one iterator, cheapest in the order of
// ticks. Close it before the view is released.
type bodyReader struct {
	view   *view
	it     *pebble.Iterator // nil until the first is read
	sparse bool             // the next body is hardly near, so it is sought at once
	key    [9]byte
}

// at gives the producer's bytes of the body under a tick, until the next call.
func (r *bodyReader) at(tick store.Tick) ([]byte, error) {
	if r.it == nil {
		it, err := r.view.iterator(kindBody)
		if err != nil {
			return nil, err
		}
		r.it = it
	}
	key := bodyKey(r.key[:0], tick)
	if found := !r.sparse && seekNear(r.it, key) || r.sparse && r.it.SeekGE(key) && bytes.Equal(r.it.Key(), key); !found {
		if err := r.it.Error(); err != nil {
			return nil, err
		}
		return nil, damaged("the body at %d is missing", tick)
	}
	value, err := r.it.ValueAndErr()
	if err != nil {
		return nil, err
	}
	_, raw, ok := cutBody(value)
	if !ok {
		return nil, damaged("the body at %d cannot be read", tick)
	}
	return raw, nil
}

func (r *bodyReader) close() { r.view.giveBack(kindBody, r.it) }

// near is how many bodies an iterator steps over rather than seek.
const near = 4

// seekNear moves an iterator to a key, by steps when it is close ahead.
func seekNear(it *pebble.Iterator, key []byte) bool {
	if it.Valid() && bytes.Compare(it.Key(), key) < 0 {
		for range near {
			if !it.Next() {
				return false
			}
			if c := bytes.Compare(it.Key(), key); c == 0 {
				return true
			} else if c > 0 {
				return false
			}
		}
	}
	return it.SeekGE(key) && bytes.Equal(it.Key(), key)
}

// memberReader reads memberships by one iterator.
type memberReader struct {
	view   *view
	it     *pebble.Iterator // nil until the first is sought
	single bool             // each was asked for by itself, and is kept for the next who asks
	key    [13]byte
}

// at gives the row of a membership, until the next call; pebble.ErrNotFound
// when there is none. Close the reader before the view is released.
func (r *memberReader) at(c store.Collection, tick store.Tick) ([]byte, error) {
	if r.single {
		if row, ok := r.view.rows.members.kept(memberBytes, aroundMember).Get(membership{c, tick}); ok {
			return row, nil
		}
	}
	if r.it == nil {
		it, err := r.view.iterator(kindMember)
		if err != nil {
			return nil, err
		}
		r.it = it
	}
	if !r.it.SeekPrefixGE(memberKey(r.key[:0], c, tick)) {
		if err := r.it.Error(); err != nil {
			return nil, err
		}
		return nil, pebble.ErrNotFound
	}
	row, err := r.it.ValueAndErr()
	if err == nil && r.single && len(row) <= largestMember {
		r.view.rows.members.kept(memberBytes, aroundMember).Keep(membership{c, tick}, bytes.Clone(row), len(row))
	}
	return row, err
}

func (r *memberReader) close() { r.view.giveBack(kindMember, r.it) }
