package match

import (
	"cmp"
	"slices"
)

// maxWork is how many steps a search may take; a step looks at one observation
// for one slot or instant, or at one slot or instant. All of them take a second
// or two of one core.
const maxWork = 50_000_000

// polishShare is the part of all steps that may go into finding the earliest of several
// matches once there is one.
const polishShare = 10

// greedyShare is the part that may go into finding the parts one after the other.
const greedyShare = 4

// verdict is what is known of a plan by itself.
type verdict uint8

const (
	unknown verdict = iota
	yes
	never
)

// finder looks for a way to satisfy a plan.
type finder struct {
	m        *Matcher
	supply   *supply
	possible []verdict // of each plan by itself
	most     int64     // steps
	work     int64     // steps left

	p     *problem
	flow  flow
	trail []shrunk
	rooms []room // of settle

	known map[valuesOf][]instant // values that were asked for
	taken map[*plan]bits         // what plans may take
	byEnd []int32                // places in supply.sorted by end; nil until asked for

	givenUp bool  // a side of an OR was, and another one looked at
	reserve int64 // steps for the sides after it
}

func newFinder(m *Matcher, s *supply) *finder {
	f := &finder{
		m: m, supply: s, possible: make([]verdict, m.plans),
		known: make(map[valuesOf][]instant), taken: make(map[*plan]bits),
	}
	f.bound(maxWork)
	return f
}

// bound says how many steps a search may take.
func (f *finder) bound(steps int64) {
	f.most = min(steps, maxWork)
	f.work, f.reserve = f.most, f.most/4
}

// find solves the whole pattern; nil when it cannot be satisfied.
func (f *finder) find() (*problem, error) {
	root := f.m.root
	if !f.supplied(root) {
		return nil, nil
	}
	can, err := f.can(root, true)
	var found *problem
	if can && err == nil {
		found, err = f.solve(root)
	}
	if found == nil && f.givenUp {
		err = ErrTooHard
	}
	return found, err
}

// supplied tells whether there is enough for every slot by itself: what lacks
// is found here before anything is searched.
func (f *finder) supplied(p *plan) bool {
	if p.kind == single {
		return f.supply.offers[p.slot].total >= p.slot.need
	}
	for _, kid := range p.kids {
		if f.supplied(kid) == (p.kind == anyOf) {
			return p.kind == anyOf
		}
	}
	return p.kind != anyOf
}

// can tells whether a plan could be satisfied if it were alone. Parts with
// instants of their own are solved: a part that never holds is found here, not
// once for each choice of all others.
func (f *finder) can(p *plan, root bool) (bool, error) {
	if f.possible[p.index] != unknown {
		return f.possible[p.index] == yes, nil
	}
	ok, some := true, false
	for _, kid := range p.kids {
		can, err := f.can(kid, false)
		if err != nil && p.kind == anyOf {
			f.givenUp, f.work = true, f.reserve
			f.reserve /= 4 // so that all sides together are bounded
			continue
		}
		if err != nil {
			return false, err
		}
		ok, some = ok && can, some || can
		if !can && p.kind != anyOf {
			break
		}
	}
	switch {
	case p.kind == single:
		ok = f.supplied(p)
	case p.kind == anyOf:
		ok = some
	case ok && !root && p.kind != all:
		found, err := f.solve(p)
		if err != nil {
			return false, err
		}
		ok = found != nil
	}
	f.possible[p.index] = never
	if ok {
		f.possible[p.index] = yes
	}
	return ok, nil
}

// solve satisfies a plan: one part after the other if that goes well, else all
// at once.
func (f *finder) solve(root *plan) (*problem, error) {
	if (root.kind == all || root.kind == repeat) && !root.loose() {
		left := f.work
		greedy := f.most / greedyShare
		f.work = min(left, greedy)
		out := &problem{}
		done := f.inTurn(root, out)
		for i := range out.slots {
			f.serve(&out.slots[i], 1)
		}
		f.work += max(left-greedy, 0)
		if done {
			return out, nil
		}
	}
	return f.together(root)
}

// inTurn satisfies the parts of a plan one after the other, each as early as can
// be and by what those before have left. It may fail where there is a way.
func (f *finder) inTurn(p *plan, out *problem) bool {
	times, parts := int64(1), []*plan(nil)
	switch p.kind {
	case repeat:
		times, parts = p.times, p.kids
	case all: // what is bound by no time can wait
		parts = slices.Clone(p.kids)
		slices.SortStableFunc(parts, func(a, b *plan) int { return cmp.Compare(a.rank(), b.rank()) })
	default:
		found, err := f.together(p)
		if found == nil || err != nil {
			return false
		}
		for i := range found.slots {
			f.serve(&found.slots[i], -1)
		}
		out.slots = append(out.slots, found.slots...)
		return true
	}
	for range times {
		for _, part := range parts {
			if !f.inTurn(part, out) {
				return false
			}
		}
	}
	return true
}

func (p *plan) rank() int {
	if p.loose() {
		return 1
	}
	return 0
}

// serve gives back what a slot was given (1), or takes it out of the supply (-1).
func (f *finder) serve(d *demand, sign int64) {
	for _, g := range d.given {
		f.supply.sorted[g.o].count += sign * g.n
	}
}

// together satisfies a plan with all its parts at once. It tries the sides of
// ORs one after the other.
func (f *finder) together(root *plan) (*problem, error) {
	b := &builder{f: f}
	for {
		f.p = b.build(root)
		f.flow.reset(len(f.supply.sorted))
		f.trail = f.trail[:0]
		f.work -= int64(len(f.p.slots) + len(f.p.instants))
		found := f.search()
		if f.work < 0 {
			return nil, ErrTooHard
		}
		if found {
			f.polish()
			return f.p, nil
		}
		if !b.next() {
			return nil, nil
		}
	}
}

// search looks in the present ranges, by halves, the earlier first. What it
// finds is left in the slots.
func (f *finder) search() bool {
	if f.work < 0 || !f.narrow() || !f.settle() {
		return false
	}
	if f.satisfied() {
		return true
	}
	widest, width := -1, int32(0)
	for i := range f.p.instants {
		if w := f.p.hi[i] - f.p.lo[i]; w > width {
			widest, width = i, w
		}
	}
	if widest < 0 {
		return false // cannot be: with every instant chosen, what is settled is satisfied
	}
	mark, lo, hi := len(f.trail), f.p.lo[widest], f.p.hi[widest]
	middle := lo + width/2
	f.set(widest, lo, middle)
	if f.search() {
		return true
	}
	f.back(mark)
	f.set(widest, middle+1, hi)
	if f.search() {
		return true
	}
	f.back(mark)
	return false
}

// shrunk is a range as it was before it was made smaller.
type shrunk struct{ instant, lo, hi int32 }

// set makes the range of an instant smaller; back makes it what it was.
func (f *finder) set(i int, lo, hi int32) {
	p := f.p
	if p.lo[i] != lo || p.hi[i] != hi {
		f.trail = append(f.trail, shrunk{int32(i), p.lo[i], p.hi[i]})
		p.lo[i], p.hi[i] = lo, hi
	}
}

func (f *finder) back(mark int) {
	for ; len(f.trail) > mark; f.trail = f.trail[:len(f.trail)-1] {
		was := f.trail[len(f.trail)-1]
		f.p.lo[was.instant], f.p.hi[was.instant] = was.lo, was.hi
	}
}

// narrow keeps the instants of copies in one order; false when there is none.
func (f *finder) narrow() bool {
	p := f.p
	f.work -= int64(len(p.instants))
	for i := range p.instants {
		if twin := p.instants[i].twin; twin >= 0 {
			f.set(i, max(p.lo[i], p.lo[twin]), p.hi[i])
		}
	}
	for i := len(p.instants) - 1; i >= 0; i-- {
		if twin := p.instants[i].twin; twin >= 0 {
			f.set(int(twin), p.lo[twin], min(p.hi[twin], p.hi[i]))
		}
		if p.lo[i] > p.hi[i] {
			return false
		}
	}
	return true
}

// satisfied tells whether what the slots were given keeps all instants,
// whatever the ranges still are: it lets most searches end early.
func (f *finder) satisfied() bool {
	p := f.p
	first := make([]*instant, len(p.instants)) // the latest beginning of what must begin until then
	last := make([]*instant, len(p.instants))  // the earliest end of what must not end before
	for i := range p.slots {
		d := &p.slots[i]
		f.work -= int64(len(d.given)) * int64(1+len(d.until)+len(d.after))
		for _, g := range d.given {
			o := &f.supply.sorted[g.o]
			for _, at := range d.until {
				if first[at] == nil || o.first.compare(*first[at]) > 0 {
					first[at] = &o.first
				}
			}
			for _, at := range d.after {
				if last[at] == nil || o.last.compare(*last[at]) < 0 {
					last[at] = &o.last
				}
			}
		}
	}
	for i := range p.instants {
		if first[i] != nil && last[i] != nil && first[i].compare(last[i].plus(p.instants[i].length)) > 0 {
			return false
		}
	}
	return true
}

// polish moves what was found to the earliest instants, one after the other,
// then to the earliest observations. It may take a share of the steps.
func (f *finder) polish() {
	share := f.most / polishShare
	left := f.work - share
	f.work = share
	best := f.kept()
	lo, hi := make([]int32, len(f.p.lo)), make([]int32, len(f.p.lo))
	for i := range hi {
		hi[i] = int32(len(f.p.instants[i].values) - 1)
	}
	try := func() bool {
		copy(f.p.lo, lo)
		copy(f.p.hi, hi)
		f.trail = f.trail[:0]
		found := f.search()
		if found {
			best = f.kept()
		}
		return found
	}
	for i := range hi {
		low, high := int32(0), hi[i]
		for low < high && f.work >= 0 {
			middle := low + (high-low)/2
			if hi[i] = middle; try() {
				high = middle
			} else {
				low = middle + 1
			}
		}
		hi[i] = high
	}
	f.flow.reset(len(f.supply.sorted))
	for i := range f.p.slots {
		d := &f.p.slots[i]
		d.given, d.lacks = nil, d.slot.need
	}
	if f.work >= 0 {
		try()
	}
	for i := range f.p.slots {
		f.p.slots[i].given = best[i]
	}
	f.work += left
}

// kept is a copy of what the slots were given.
func (f *finder) kept() [][]given {
	out := make([][]given, len(f.p.slots))
	for i := range out {
		out[i] = slices.Clone(f.p.slots[i].given)
	}
	return out
}
