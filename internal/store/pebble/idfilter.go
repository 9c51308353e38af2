package pebble

import (
	"hash/maphash"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// idFilter tells of an id, without asking the database, that no row of an index
// begins with it: a Bloom filter, to which each id is added before its row can be
// written. What was there before the start is gathered once the filter is asked
// often. Nothing is taken out: what is removed leaves an id about which the
// database is asked in vain.
//
// Only writing asks. What a reader chooses is not looked up here: the time would
// tell what is hidden from what is not there.
type idFilter struct {
	kind  byte // of the index's rows
	seed  maphash.Seed
	words []atomic.Uint64
	asked atomic.Int64
	whole atomic.Bool // what was there before is in it
}

const (
	// filterBytes is what one takes: with three million ids the database is asked
	// in vain for one in a hundred, with ten million for one in four.
	filterBytes = 4 << 20
	filterBits  = 5 // for each id, all in one block
	filterBlock = 8 // words
	gatherAfter = 1000
)

func newIDFilter(kind byte) *idFilter {
	return &idFilter{kind: kind, seed: maphash.MakeSeed(), words: make([]atomic.Uint64, filterBytes/8)}
}

// bits calls f for each word of an id with its bit, until f is false.
func (f *idFilter) bits(id []byte, each func(word *atomic.Uint64, bit uint64) bool) bool {
	h := maphash.Bytes(f.seed, id)
	block := (h >> 45) % uint64(len(f.words)/filterBlock) * filterBlock
	for range filterBits {
		if !each(&f.words[block+(h>>6)%filterBlock], 1<<(h%64)) {
			return false
		}
		h >>= 9
	}
	return true
}

// add adds an id as in keys.
func (f *idFilter) add(id []byte) {
	f.bits(id, func(word *atomic.Uint64, bit uint64) bool {
		if word.Load()&bit == 0 {
			word.Or(bit)
		}
		return true
	})
}

// may tells whether there may be a row. Until what was there before is gathered, and
// when it cannot be, the answer is that there may.
func (s *Store) may(f *idFilter, id []byte) bool {
	if f.whole.Load() {
		return f.bits(id, func(word *atomic.Uint64, bit uint64) bool { return word.Load()&bit != 0 })
	}
	if f.asked.Add(1) == gatherAfter {
		go s.gather(f)
	}
	return true
}

// MayRefer tells whether anything may refer to an id.
func (s *Store) MayRefer(id string) bool {
	return s.may(s.referred, appendID(make([]byte, 0, 64), id))
}

// gather adds what stands in the index.
func (s *Store) gather(f *idFilter) {
	err := s.guarded(func() error {
		v, err := s.acquire()
		if err != nil {
			return err
		}
		defer v.release()
		return s.gatherFrom(v.snap, f, false)
	})
	if err != nil && s.Health() == nil {
		s.log.Error("store: a filter of ids cannot be filled; writing is slower for it", "error", err)
	}
}

// gatherFrom reads the index to its end, or sees only that it is empty.
func (s *Store) gatherFrom(r pebble.Reader, f *idFilter, onlyEmpty bool) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{f.kind}, UpperBound: []byte{f.kind + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	var last []byte
	for ok := it.First(); ok; ok = it.Next() {
		id := it.Key()[1:]
		n := idLen(id)
		if n == 0 {
			return damaged("an index row has no id: %s", keyText(it.Key()))
		}
		if onlyEmpty || s.Health() != nil {
			return nil
		}
		if string(id[:n]) != string(last) {
			last = append(last[:0], id[:n]...)
			f.add(last)
		}
	}
	if err := it.Error(); err != nil {
		return err
	}
	f.whole.Store(true)
	return nil
}
