package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/handling"
)

// FollowerName is the follower's name, by which it is rebuilt.
const FollowerName = "search"

// Sizes that were measured (docs/decisions/0007-postings.md): a run is what a
// query reads of a common word before it knows whether that is enough, and what
// a rare one costs a seek for; gathering writes a word of many objects once.
const (
	runObjects    = 1 << 15 // objects in a run
	gatherObjects = 1 << 13 // objects that are gathered before they are written
)

const (
	searchTable = "search"
	fillingKey  = "filling"
)

// filling is the run that is being filled: a row.
type filling struct {
	Run     uint32 `json:"run"`
	Objects int    `json:"objects"` // in it so far
}

func readFilling(x *exchange.Exchange) (f filling, err error) {
	row, err := x.Record(searchTable, fillingKey)
	if errors.Is(err, exchange.ErrNotFound) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal(row, &f)
	}
	if err != nil {
		return f, fmt.Errorf("search: the row of the run that is filled: %w; rebuild the follower %s", err, FollowerName)
	}
	return f, nil
}

// next is the run of one more object, of which a run holds so many.
func (f *filling) next(objects int) uint32 {
	if f.Objects >= objects {
		f.Run, f.Objects = f.Run+1, 0
	}
	f.Objects++
	return f.Run
}

// Follower posts the words of objects. What was posted of an object that went,
// or was classed anew, stays: who reads a posting asks the exchange whether it
// still holds.
type Follower struct {
	x        *exchange.Exchange
	filling  *filling // nil until read
	words    *words
	places   map[posting]int
	gathered []store.Posting
	objects  int // gathered
	run      int // objects in a run
	doc      document
}

// posting says which posting a word belongs to.
type posting struct {
	term       termNumber
	run        uint32
	collection store.Collection
	class      store.ClassID
	in         field
}

var _ exchange.Poster = (*Follower)(nil)

// NewFollower makes the follower of an exchange; the exchange runs it.
func NewFollower(x *exchange.Exchange) *Follower {
	return &Follower{x: x, words: newWords(), places: map[posting]int{}, run: runObjects}
}

// Name is its name in its cursor row and in verbs.
func (f *Follower) Name() string { return FollowerName }

// Follow gathers what the objects say, and writes which run is filled.
func (f *Follower) Follow(_ context.Context, changes *handling.Changes) (func(store.Tx) error, error) {
	if f.filling == nil {
		r, err := readFilling(f.x)
		if err != nil {
			return nil, err
		}
		f.filling = &r
	}
	for i := range changes.Len() {
		change := changes.Change(i)
		if change.Kind == store.ChangeRemoved {
			continue
		}
		f.objects++
		f.doc.read(changes.Bytes(i))
		at := change.Row.Place()
		run := f.filling.next(f.run)
		f.doc.terms(at.Added, f.words, func(in field, term termNumber) { f.post(run, in, term, at) })
	}
	row, err := json.Marshal(f.filling)
	if err != nil {
		return nil, err
	}
	return func(tx store.Tx) error {
		tx.Set(searchTable, fillingKey, row)
		return nil
	}, nil
}

// post adds a place to the posting of a term, once.
func (f *Follower) post(run uint32, in field, term termNumber, at store.Place) {
	to := posting{term, run, at.Collection, at.Class, in}
	i, known := f.places[to]
	if !known {
		i = len(f.gathered)
		f.places[to] = i
		f.gathered = append(f.gathered, store.Posting{Run: run, Field: uint8(in), Term: f.words.terms[term], Collection: at.Collection, Class: at.Class})
	}
	p := &f.gathered[i]
	if n := len(p.Added); n == 0 || p.Added[n-1] != at.Added {
		p.Added = append(p.Added, at.Added)
	}
}

// Post gives what was gathered, once that is enough or all there is.
func (f *Follower) Post(more bool) ([]store.Posting, bool) {
	if more && f.objects < gatherObjects {
		return nil, false
	}
	gathered := f.gathered
	f.forget()
	return gathered, true
}

func (f *Follower) forget() {
	f.words, f.places, f.gathered, f.objects = newWords(), map[posting]int{}, nil, 0
}

// Reset forgets which run is filled; the exchange drops the postings.
func (f *Follower) Reset(ctx context.Context) error {
	f.filling = nil
	f.forget()
	_, err := f.x.Forget(ctx, searchTable, func([]byte) bool { return true })
	return err
}
