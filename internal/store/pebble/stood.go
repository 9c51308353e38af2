package pebble

import (
	"hash/maphash"
	"math"
	"sync"

	"entente/internal/store"
)

// stood keeps how objects stand that came or were asked about lately, if they stand
// in one place alone and have no face, as most do: a publication mostly refers to
// what came not long before it. It is true of one view, the newest, since what a
// round changes is changed here before the round is shown.
type stood struct {
	mu      sync.Mutex
	view    *view // of which it is true
	seed    [2]maphash.Seed
	sets    [][stoodWays]stoodRow
	round   uint32 // counts views
	sources []string
	numbers map[string]uint16
}

// stoodID stands for an id: two hashes, keyed afresh in each process.
type stoodID [2]uint64

// stoodRow is one object in its one place; without a collection nothing is known.
type stoodRow struct {
	id         stoodID
	added      store.Tick
	since      store.Tick
	collection store.Collection
	class      store.ClassID
	used       uint32 // in which round
	source     uint16
	bare       bool
}

const (
	stoodRows = 1 << 17 // 48 bytes each
	stoodWays = 4
)

func newStood() *stood {
	return &stood{seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		sets: make([][stoodWays]stoodRow, stoodRows/stoodWays), numbers: map[string]uint16{}}
}

// id is that of an id as in keys.
func (s *stood) id(id []byte) stoodID {
	return stoodID{maphash.Bytes(s.seed[0], id), maphash.Bytes(s.seed[1], id)}
}

func (s *stood) set(id stoodID) *[stoodWays]stoodRow {
	return &s.sets[id[0]%uint64(len(s.sets))]
}

// find gives what stands under ids, as far as it is known, of a view; where it is
// not, found stays as it is.
func (s *stood) find(v *view, ids []stoodID, found [][]store.Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view != v {
		return
	}
	list := make([]store.Standing, len(ids))
	for i, id := range ids {
		for j := range s.set(id) {
			row := &s.set(id)[j]
			if row.id != id || row.collection == 0 {
				continue
			}
			row.used = s.round
			list[i] = store.Standing{Place: store.Place{Collection: row.collection, Class: row.class, Added: row.added}, Source: s.sources[row.source], Since: row.since, Bare: row.bare}
			found[i] = list[i : i+1 : i+1]
		}
	}
}

// keep keeps what was found of a view, if it still is the newest.
func (s *stood) keep(v *view, ids []stoodID, found [][]store.Standing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view != v {
		return
	}
	for i, id := range ids {
		if len(found[i]) == 1 && found[i][0].Face == 0 {
			s.put(id, &found[i][0])
		}
	}
}

// show makes it true of a view, in which these stand otherwise than before.
func (s *stood) show(v *view, changed []changedID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.view = v
	s.round++
	for i := range changed {
		if c := &changed[i]; c.known {
			s.put(c.id, &c.Standing)
		} else {
			s.forget(c.id)
		}
	}
}

// put keeps one in the place of what was longest not asked about.
func (s *stood) put(id stoodID, at *store.Standing) {
	source, ok := s.number(at.Source)
	if !ok || at.Collection == 0 {
		s.forget(id)
		return
	}
	set := s.set(id)
	to := &set[0]
	for i := range set {
		if set[i].id == id {
			to = &set[i]
			break
		}
		if set[i].used < to.used {
			to = &set[i]
		}
	}
	*to = stoodRow{id: id, added: at.Added, since: at.Since, collection: at.Collection, class: at.Class, used: s.round, source: source, bare: at.Bare}
}

func (s *stood) forget(id stoodID) {
	set := s.set(id)
	for i := range set {
		if set[i].id == id {
			set[i] = stoodRow{}
		}
	}
}

// number is that of a source; false when there are too many.
func (s *stood) number(source string) (n uint16, ok bool) {
	if n, ok = s.numbers[source]; ok {
		return n, true
	}
	if len(s.sources) > math.MaxUint16 {
		return 0, false
	}
	n = uint16(len(s.sources))
	s.sources, s.numbers[source] = append(s.sources, source), n
	return n, true
}

// changedID is an id of which a round may have changed what stands under it.
type changedID struct {
	id    stoodID
	known bool // it is this, and nothing else
	store.Standing
}

// changed are the ids of a round.
func (st *stage) changed() []changedID {
	list := make([]changedID, 0, len(st.ids))
	for _, state := range st.ids {
		c := changedID{id: st.store.stood.id(state.id)}
		c.Standing, c.known = state.only()
		list = append(list, c)
	}
	return list
}

// only is the one place where an object stands, without a face, if that is known.
func (s *idState) only() (at store.Standing, known bool) {
	for _, ch := range s.chains {
		switch {
		case ch.complete && len(ch.rows) == 0:
			continue
		case known || !ch.complete || len(ch.rows) > 1:
			return at, false
		}
		at, known = ch.rows[0].standing(ch.collection), true
	}
	return at, known
}
