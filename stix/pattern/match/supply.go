package match

import (
	"cmp"
	"slices"
)

// supply is what was observed, in the order of time, and which of it satisfies
// what. An observation is named by its place in that order.
type supply struct {
	sorted []seen
	holds  []bits           // of each bracket, which observations satisfy it
	offers map[*slot]*offer // of each slot
	shared map[string]*offer
}

// seen is an observation with its times in the form that they are compared in.
type seen struct {
	first, last instant
	count       int64
	index       int // in what the caller gave
}

// offer is what a slot may choose from.
type offer struct {
	from    []int32 // sorted by first
	set     bits    // the same
	longest instant // of them, from first to last
	total   int64
}

func newSupply(m *Matcher, observations []Observation) *supply {
	return supplyOf(m, observations, false)
}

// supplyOf is newSupply, by generous looks if they shall be.
func supplyOf(m *Matcher, observations []Observation, generous bool) *supply {
	s := &supply{sorted: make([]seen, len(observations)), offers: make(map[*slot]*offer), shared: make(map[string]*offer)}
	for i := range observations {
		o := &observations[i]
		first, last := instantOf(o.First), instantOf(o.Last)
		if o.Last.IsZero() || last.compare(first) < 0 {
			last = first
		}
		s.sorted[i] = seen{first, last, max(o.Count, 1), i}
	}
	slices.SortFunc(s.sorted, func(a, b seen) int {
		return cmp.Or(a.first.compare(b.first), a.last.compare(b.last), cmp.Compare(a.index, b.index))
	})
	known := make(map[string]bits) // brackets that say the same are tried once
	for i := range m.brackets {
		b := &m.brackets[i]
		holds, ok := known[b.text]
		for at := 0; !ok && at < len(s.sorted); at++ {
			if holds == nil {
				holds = make(bits, len(s.sorted)/64+1)
			}
			if b.test.seen(&look{o: &observations[s.sorted[at].index], generous: generous}) {
				holds[at/64] |= 1 << (at % 64)
			}
		}
		known[b.text] = holds
		s.holds = append(s.holds, holds)
	}
	s.offer(m, m.root)
	return s
}

// bits are a set of observations.
type bits []uint64

func (b bits) has(at int32) bool { return b[at/64]&(1<<(at%64)) != 0 }

// offer finds what each slot of a plan may choose from.
func (s *supply) offer(m *Matcher, p *plan) {
	for _, kid := range p.kids {
		s.offer(m, kid)
	}
	if p.kind != single {
		return
	}
	name := "" // of slots that ask for the same
	if a := p.slot.alternatives; len(a) == 1 && len(a[0].limits) == 0 {
		name = m.brackets[a[0].bracket].text
		if same := s.shared[name]; same != nil {
			s.offers[p.slot] = same
			return
		}
	}
	out := &offer{set: make(bits, len(s.sorted)/64+1)}
	for at := range s.sorted {
		if s.bracketOf(p.slot, int32(at)) < 0 {
			continue
		}
		o := &s.sorted[at]
		out.from = append(out.from, int32(at))
		out.set[at/64] |= 1 << (at % 64)
		out.total = min(out.total+min(o.count, maxNeed), maxNeed)
		if length := o.last.minus(o.first); length.compare(out.longest) > 0 {
			out.longest = length
		}
	}
	s.offers[p.slot] = out
	if name != "" {
		s.shared[name] = out
	}
}

// bracketOf is the first alternative of a slot that an observation satisfies;
// -1 without one.
func (s *supply) bracketOf(slot *slot, at int32) int {
	for i := range slot.alternatives {
		a := &slot.alternatives[i]
		if s.holds[a.bracket].has(at) && s.sorted[at].inside(a.limits) {
			return a.bracket
		}
	}
	return -1
}

// inside tells whether an observation can have been made between all STARTs
// (included) and STOPs (not included).
func (o *seen) inside(all []limits) bool {
	for _, l := range all {
		if l.start.compare(l.stop) >= 0 || o.last.compare(l.start) < 0 || o.first.compare(l.stop) >= 0 {
			return false
		}
	}
	return true
}
