package search

import (
	"cmp"
	"slices"

	"entente/internal/store"
)

// sieve holds spots against lists that are given posting by posting, none of
// which is made a list of its own: a filter has most often a hundred times the
// spots of what it narrows.
type sieve struct {
	spots []spot
	met   []field // of each spot, the weightiest field in which it was met; fields when it was not
	at    int     // all spots before it are before the last posting
}

func newSieve(spots []spot) *sieve {
	s := &sieve{spots: spots, met: make([]field, len(spots))}
	for i := range s.met {
		s.met[i] = fields
	}
	return s
}

// meet notes the spots that a posting of a field has. Postings of one term come
// in order, so that it tells whether any further of the term can have one.
func (s *sieve) meet(p *store.Posting, in field) (more bool) {
	if len(p.Added) == 0 {
		return true
	}
	set := setOf(p.Collection, p.Class)
	first := spot{set: set, added: p.Added[0]}
	if s.at > 0 && !before(s.spots[s.at-1], first) {
		s.at = 0 // another term has begun
	}
	s.at = len(s.spots) - len(from(s.spots[s.at:], first))
	added := p.Added
	for i := s.at; i < len(s.spots) && s.spots[i].set == set; {
		if added = fromTick(added, s.spots[i].added); len(added) == 0 {
			break
		}
		if added[0] == s.spots[i].added {
			s.met[i] = min(s.met[i], in)
			i++
			continue
		}
		i = len(s.spots) - len(from(s.spots[i:], spot{set: set, added: added[0]}))
	}
	return s.at < len(s.spots)
}

// fromTick is the rest of a list from a tick on.
func fromTick(list []store.Tick, t store.Tick) []store.Tick {
	return ahead(list, func(at store.Tick) bool { return at < t })
}

// kept gives the spots that were met, each in the lighter of its two fields. It
// writes over the spots.
func (s *sieve) kept() []spot {
	out := s.spots[:0]
	for i, p := range s.spots {
		if s.met[i] < fields {
			p.in = max(p.in, s.met[i])
			out = append(out, p)
		}
	}
	return out
}

// left gives the spots that were not met. It writes over the spots.
func (s *sieve) left() []spot {
	out := s.spots[:0]
	for i, p := range s.spots {
		if s.met[i] == fields {
			out = append(out, p)
		}
	}
	return out
}

// gathered are postings of many terms, kept class by class, since they come term
// by term and their spots are wanted in order of place. It is used again for the
// next terms, which mostly stand in the same classes.
type gathered struct {
	places map[uint64]int
	sets   []uint64
	ticks  [][]uint64 // of each set: tick and field, which order as the tick does
	order  []int      // of the sets; short when there are new ones
	n      int
}

// bitsOfField is what a field takes below a tick.
const bitsOfField = 3

func (g *gathered) add(p *store.Posting, in field) {
	set := setOf(p.Collection, p.Class)
	at, known := g.places[set]
	if !known {
		if g.places == nil {
			g.places = map[uint64]int{}
		}
		at = len(g.sets)
		g.places[set] = at
		g.sets, g.ticks = append(g.sets, set), append(g.ticks, nil)
	}
	list := g.ticks[at]
	for _, t := range p.Added {
		list = append(list, uint64(t)<<bitsOfField|uint64(in))
	}
	g.ticks[at], g.n = list, g.n+len(p.Added)
}

// spots are those gathered, in order of place, each once, in its weightiest
// field. Nothing is gathered then.
func (g *gathered) spots() []spot {
	if g.n == 0 {
		return nil
	}
	if len(g.order) < len(g.sets) {
		g.order = g.order[:0]
		for i := range g.sets {
			g.order = append(g.order, i)
		}
		slices.SortFunc(g.order, func(a, b int) int { return cmp.Compare(g.sets[a], g.sets[b]) })
	}
	out := make([]spot, 0, g.n)
	g.n = 0
	for _, i := range g.order {
		set, list := g.sets[i], g.ticks[i]
		g.ticks[i] = list[:0]
		if !slices.IsSorted(list) {
			slices.Sort(list)
		}
		last := ^uint64(0)
		for _, t := range list {
			if t>>bitsOfField != last {
				last = t >> bitsOfField
				out = append(out, spot{set, store.Tick(last), field(t & (1<<bitsOfField - 1))})
			}
		}
	}
	return out
}
