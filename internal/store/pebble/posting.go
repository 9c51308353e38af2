package pebble

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// A posting is written without reading what is there: Pebble's merge operator
// puts values behind each other. So a list is blocks, each a count, a tick and
// what each further tick is above the one before it.

// postingKey begins all postings of terms that begin so, in a run and a field.
// Runs are inverted, so that the newest stands first.
func postingKey(b []byte, run uint32, field uint8, begin string) []byte {
	b = binary.BigEndian.AppendUint32(append(b, kindPosting), ^run)
	return append(append(b, field), begin...)
}

const postingHead = 6 // bytes before the term

// termLen is the length of a posting's key up to the end of its term.
func termLen(key []byte) int {
	if len(key) < postingHead {
		return len(key)
	}
	if end := bytes.IndexByte(key[postingHead:], 0); end >= 0 {
		return postingHead + end + 1
	}
	return len(key)
}

func appendTicks(b []byte, ticks []store.Tick) []byte {
	b = binary.AppendUvarint(b, uint64(len(ticks)))
	last := store.Tick(0)
	for _, t := range ticks {
		b = binary.AppendUvarint(b, uint64(t-last))
		last = t
	}
	return b
}

// readTicks appends the ticks of all blocks; false when they cannot be read.
func readTicks(ticks []store.Tick, b []byte) ([]store.Tick, bool) {
	for len(b) > 0 {
		count, n := binary.Uvarint(b)
		if b = b[max(n, 0):]; n <= 0 || count > uint64(len(b)) {
			return ticks, false
		}
		last := store.Tick(0)
		for range count {
			above, n := uint64(0), 1
			if len(b) > 0 && b[0] < 0x80 { // most are this near
				above = uint64(b[0])
			} else if above, n = binary.Uvarint(b); n <= 0 {
				return ticks, false
			}
			last += store.Tick(above)
			ticks, b = append(ticks, last), b[n:]
		}
	}
	return ticks, true
}

// preparePostings encodes what a batch does to the index of words, by the
// goroutine that brings it; nil when it does nothing.
func (s *Store) preparePostings(b *store.Batch) (*pebble.Batch, error) {
	if len(b.Postings) == 0 && !b.DropPostings {
		return nil, nil
	}
	posts := s.db.NewBatch()
	if b.DropPostings {
		posts.DeleteRange([]byte{kindPosting}, []byte{kindPosting + 1}, nil)
	}
	var key, value []byte
	for i := range b.Postings {
		p := &b.Postings[i]
		if p.Term == "" || len(p.Term) > store.MaxTerm || strings.IndexByte(p.Term, 0) >= 0 {
			posts.Close()
			return nil, fmt.Errorf("store: the term %.80q of a posting is none: it needs 1 to %d bytes other than zero", p.Term, store.MaxTerm)
		}
		if len(p.Added) == 0 {
			continue
		}
		key = append(postingKey(key[:0], p.Run, p.Field, p.Term), 0)
		key = append32(append32(key, p.Collection), p.Class)
		value = appendTicks(value[:0], p.Added)
		posts.Merge(key, value, nil)
	}
	return posts, nil
}

// Postings opens the index of words.
func (r reads) Postings(scope store.Scope) (store.Postings, error) {
	v, err := r.acquire()
	if err != nil {
		return nil, err
	}
	return v.postings(scope)
}

// postings opens the index of words of a view that is held, and lets it go when
// it is closed.
func (v *view) postings(scope store.Scope) (store.Postings, error) {
	it, err := v.snap.NewIter(&pebble.IterOptions{LowerBound: []byte{kindPosting}, UpperBound: []byte{kindPosting + 1}, UseL6Filters: true})
	if err != nil {
		v.release()
		return nil, v.store.readError(err)
	}
	return &postings{view: v, it: it, scope: scope}, nil
}

// postings is one iterator, the making of which costs more than a seek.
type postings struct {
	view   *view
	it     *pebble.Iterator
	scope  store.Scope
	given  store.Posting
	prefix []byte
	whole  bool // the prefix ends a term, so that filters know it
	key    []byte
}

func (p *postings) Beside() (store.Postings, error) {
	if !p.view.hold() {
		return nil, store.ErrClosed
	}
	return p.view.postings(p.scope)
}

func (p *postings) Close() error {
	err := p.view.store.readError(p.it.Close())
	p.view.release()
	return err
}

func (p *postings) Newest() (run uint32, ok bool, err error) {
	if !p.it.First() {
		return 0, false, p.view.store.readError(p.it.Error())
	}
	if len(p.it.Key()) < postingHead {
		return 0, false, damaged("a posting has no run: %s", keyText(p.it.Key()))
	}
	return ^binary.BigEndian.Uint32(p.it.Key()[1:]), true, nil
}

func (p *postings) Term(ctx context.Context, run uint32, field uint8, term string, f func(*store.Posting) bool) error {
	p.prefix = append(postingKey(p.prefix[:0], run, field, term), 0)
	p.whole = true
	p.given = store.Posting{Run: run, Field: field, Term: term, Added: p.given.Added}
	return p.view.store.readError(p.walk(ctx, p.it.SeekPrefixGE(p.prefix), f))
}

func (p *postings) Begins(ctx context.Context, run uint32, field uint8, begin string, f func(*store.Posting) bool) error {
	p.prefix = postingKey(p.prefix[:0], run, field, begin)
	p.whole = false
	p.given = store.Posting{Run: run, Field: field, Added: p.given.Added}
	return p.view.store.readError(p.walk(ctx, p.it.SeekGE(p.prefix), f))
}

// nearRows is how many rows a step each costs less than one seek.
const nearRows = 16

// walk gives the rows that begin with the prefix and that the scope allows,
// from where the iterator stands; ok tells whether it stands anywhere.
func (p *postings) walk(ctx context.Context, ok bool, f func(*store.Posting) bool) error {
	unseen := 0 // rows behind each other
	for n := 0; ok && bytes.HasPrefix(p.it.Key(), p.prefix); n++ {
		if n&255 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := p.it.Key()
		end := termLen(key)
		if len(key) != end+8 {
			return damaged("a posting has no class: %s", keyText(key))
		}
		at := store.Place{Collection: read32[store.Collection](key[end:]), Class: read32[store.ClassID](key[end+4:])}
		if !p.scope[at.Collection].Has(at.Class) {
			if unseen++; unseen%nearRows == 0 {
				ok = p.skip(key[:end], at)
			} else {
				ok = p.it.Next()
			}
			continue
		}
		unseen = 0
		more, err := p.give(key[postingHead:end-1], at, f)
		if err != nil || !more {
			return err
		}
		ok = p.it.Next()
	}
	return p.it.Error()
}

func (p *postings) give(term []byte, at store.Place, f func(*store.Posting) bool) (more bool, err error) {
	value, err := p.it.ValueAndErr()
	if err != nil {
		return false, err
	}
	ticks, ok := readTicks(p.given.Added[:0], value)
	if p.given.Added = ticks; !ok {
		return false, damaged("a posting cannot be read: %s", keyText(p.it.Key()))
	}
	if p.given.Term != string(term) {
		p.given.Term = string(term)
	}
	p.given.Collection, p.given.Class = at.Collection, at.Class
	return f(&p.given), nil
}

// skip goes to the next class that the scope allows, or behind the term.
func (p *postings) skip(term []byte, at store.Place) bool {
	next, any := nextVisible(p.scope, at)
	p.key = append(p.key[:0], term...)
	if any {
		p.key = append32(append32(p.key, next.Collection), next.Class)
	} else {
		p.key[len(p.key)-1] = 1 // where the term's end was
	}
	if p.whole {
		return any && p.it.SeekPrefixGE(p.key)
	}
	return p.it.SeekGE(p.key)
}

// postings looks whether every posting can be read. What they say is their
// writer's: whoever reads them asks the objects.
func (c *check) postings() error {
	var ticks []store.Tick
	return c.walk(kindPosting, func(key, value []byte) error {
		read, ok := readTicks(ticks[:0], value)
		if ticks = read; !ok || len(key) != termLen(key)+8 {
			c.say("a posting cannot be read: %s", keyText(key))
		}
		return nil
	})
}

// PostingBytes is about how much of the disk the index of words takes, once
// what is in memory has been written.
func (s *Store) PostingBytes() (uint64, error) {
	if err := s.db.Flush(); err != nil {
		return 0, s.readError(err)
	}
	n, err := s.db.EstimateDiskUsage([]byte{kindPosting}, []byte{kindPosting + 1})
	return n, s.readError(err)
}
