package match

import "sort"

// problem is a plan written out: REPEATS as copies, OR as the side that was
// chosen. It is solved by a range of one value for each instant and a flow from
// observations to slots.
type problem struct {
	slots    []demand
	instants []choice
	lo, hi   []int32 // the range of each instant, in its values, both included
}

// demand is a slot in one copy.
type demand struct {
	slot  *slot
	offer *offer
	after []int32 // instants that its observations must not end before
	until []int32 // instants, with what is added to them, that its observations must not begin behind
	given []given
	lacks int64 // of its need
}

// given is what an observation gives to a slot.
type given struct {
	o int32
	n int64
}

// choice is an instant to be chosen: of a WITHIN, where its window begins; of a
// FOLLOWEDBY, what divides its sides. The earliest end of an observation, or
// the latest beginning of one on the left side, always is a right choice, if
// there is any.
type choice struct {
	values []instant // to choose from, rising
	length instant   // of the window
	twin   int32     // the same instant in the copy before, which is no later; -1 without one
}

// builder writes out a plan.
type builder struct {
	f *finder
	p *problem

	chosen []pick // sides of the ORs met so far, in order
	met    int
}

// pick is the side taken of an OR.
type pick struct {
	side  int
	sides []int // that can be satisfied
}

// build writes out a plan with the sides in b.chosen; those not chosen yet are
// the first ones.
func (b *builder) build(root *plan) *problem {
	b.p, b.met = &problem{}, 0
	b.add(root, nil, nil)
	p := b.p
	for i := range p.instants {
		p.lo = append(p.lo, 0)
		p.hi = append(p.hi, int32(len(p.instants[i].values)-1))
	}
	return p
}

// add writes out a plan whose slots are bound to instants.
func (b *builder) add(p *plan, after, until []int32) {
	switch p.kind {
	case single:
		b.p.slots = append(b.p.slots, demand{
			slot: p.slot, offer: b.f.supply.offers[p.slot], after: after, until: until, lacks: p.slot.need,
		})
	case all:
		for _, kid := range p.kids {
			b.add(kid, after, until)
		}
	case anyOf:
		b.add(p.kids[b.side(p)], after, until)
	case span:
		at := b.instant(p.kids[0], true)
		b.p.instants[at].length = p.length
		b.add(p.kids[0], with(after, at), with(until, at))
	case order:
		at := b.instant(p.kids[0], false)
		b.add(p.kids[0], after, with(until, at))
		b.add(p.kids[1], with(after, at), until)
	case repeat:
		b.copies(p, after, until)
	}
}

// copies writes out REPEATS. Copies may change places, so that only one of
// their orders is looked at: by the sides of their ORs, then by their instants.
func (b *builder) copies(p *plan, after, until []int32) {
	instants, picks := len(b.p.instants), b.met
	b.add(p.kids[0], after, until)
	for range p.times - 1 {
		nextInstants, nextPicks := len(b.p.instants), b.met
		if nextPicks > picks && b.met == len(b.chosen) {
			b.chosen = append(b.chosen, pick{side: b.chosen[picks].side})
		}
		b.add(p.kids[0], after, until)
		if nextPicks == picks && nextInstants > instants {
			b.p.instants[nextInstants].twin = int32(instants)
		}
		instants, picks = nextInstants, nextPicks
	}
}

// side is the side of an OR that is looked at.
func (b *builder) side(p *plan) int {
	if b.met == len(b.chosen) {
		b.chosen = append(b.chosen, pick{})
	}
	c := &b.chosen[b.met]
	if c.sides == nil {
		for i, kid := range p.kids {
			if b.f.possible[kid.index] == yes {
				c.sides = append(c.sides, i)
			}
		}
	}
	b.met++
	return c.sides[c.side]
}

// next goes on to the next choice of sides; false when all were looked at.
func (b *builder) next() bool {
	b.chosen = b.chosen[:b.met]
	for len(b.chosen) > 0 {
		c := &b.chosen[len(b.chosen)-1]
		if c.side+1 < len(c.sides) {
			c.side++
			return true
		}
		b.chosen = b.chosen[:len(b.chosen)-1]
	}
	return false
}

func with(list []int32, at int32) []int32 {
	return append(list[:len(list):len(list)], at)
}

// instant adds an instant that is the beginning, or the end, of what a plan may
// take.
func (b *builder) instant(of *plan, ends bool) int32 {
	b.p.instants = append(b.p.instants, choice{values: b.f.values(of, ends), twin: -1})
	return int32(len(b.p.instants) - 1)
}

// room is what a slot may take while instants lie anywhere in their ranges.
type room struct {
	start, stop int // in offer.from
	after       instant
	bound       bool // after means something
}

func (f *finder) room(d *demand) room {
	p, sorted := f.p, f.supply.sorted
	r := room{stop: len(d.offer.from)}
	for _, at := range d.after {
		v := p.instants[at].values[p.lo[at]]
		if !r.bound || v.compare(r.after) > 0 {
			r.after, r.bound = v, true
		}
	}
	if r.bound { // nothing that begins before this is long enough
		earliest := r.after.minus(d.offer.longest)
		r.start = sort.Search(r.stop, func(i int) bool { return sorted[d.offer.from[i]].first.compare(earliest) >= 0 })
	}
	if len(d.until) > 0 {
		latest := p.latest(d.until[0])
		for _, at := range d.until[1:] {
			if v := p.latest(at); v.compare(latest) < 0 {
				latest = v
			}
		}
		r.stop = sort.Search(r.stop, func(i int) bool { return sorted[d.offer.from[i]].first.compare(latest) > 0 })
	}
	f.work -= int64(len(d.after)+len(d.until)) + 1
	return r
}

// latest is when, at the latest, something may begin because of an instant.
func (p *problem) latest(at int32) instant {
	return p.instants[at].values[p.hi[at]].plus(p.instants[at].length)
}

// fits tells whether an observation of the offer is in the room.
func (f *finder) fits(d *demand, r *room, i int) bool {
	return i >= r.start && i < r.stop && (!r.bound || f.supply.sorted[d.offer.from[i]].last.compare(r.after) >= 0)
}
