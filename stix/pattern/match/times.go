package match

import (
	"cmp"
	binary "math/bits"
	"slices"
)

// valuesOf names what instants may be chosen from: the beginnings, or the ends,
// of a set of observations. Plans with one set have one list.
type valuesOf struct {
	set  *uint64 // where the set begins
	ends bool
}

// values are the beginnings, or the ends, of all that the slots of a plan may
// take, rising, each once. The list is shared and must not be changed; nil when
// there were too few steps to know what that is.
func (f *finder) values(p *plan, ends bool) []instant {
	set := f.takes(p)
	if f.work < 0 {
		return nil
	}
	name := valuesOf{&set[0], ends}
	known, ok := f.known[name]
	if ok {
		return known
	}
	var out []instant
	if ends {
		out = f.endsOf(set)
	} else {
		out = f.beginningsOf(set)
	}
	f.known[name] = out
	return out
}

// takes is all that the slots of a plan may take. Where one part of the plan may
// take all that the others may, as in a chain of parts that ask for the same, it
// is the set of that part, not a copy.
func (f *finder) takes(p *plan) bits {
	if p.kind == single {
		return f.supply.offers[p.slot].set
	}
	known, ok := f.taken[p]
	if ok || f.work < 0 {
		return known
	}
	sets := make([]bits, len(p.kids))
	for i, kid := range p.kids {
		sets[i] = f.takes(kid)
	}
	if f.work < 0 {
		return nil // some of them may be
	}
	out := slices.Clone(sets[0])
	for _, set := range sets[1:] {
		for i, word := range set {
			out[i] |= word
		}
	}
	for _, set := range sets {
		if slices.Equal(set, out) {
			out = set
			break
		}
	}
	f.work -= int64(2 * len(sets) * len(out))
	f.taken[p] = out
	return out
}

// beginningsOf lists the beginnings of a set; the supply is in their order.
func (f *finder) beginningsOf(set bits) []instant {
	n := set.count()
	f.work -= int64(len(set) + n)
	out := make([]instant, 0, n)
	for i, word := range set {
		for ; word != 0; word &= word - 1 {
			out = append(out, f.supply.sorted[i*64+binary.TrailingZeros64(word)].first)
		}
	}
	return slices.Compact(out)
}

// endsOf lists the ends of a set. What was observed is sorted by its ends once
// for all sets.
func (f *finder) endsOf(set bits) []instant {
	sorted := f.supply.sorted
	if f.byEnd == nil {
		f.byEnd = make([]int32, len(sorted))
		for i := range f.byEnd {
			f.byEnd[i] = int32(i)
		}
		byEnd := func(a, b int32) int {
			return cmp.Or(sorted[a].last.compare(sorted[b].last), cmp.Compare(a, b))
		}
		if !slices.IsSortedFunc(f.byEnd, byEnd) {
			f.work -= int64(len(sorted) * binary.Len(uint(len(sorted))))
			slices.SortFunc(f.byEnd, byEnd)
		}
	}
	f.work -= int64(len(sorted))
	out := make([]instant, 0, set.count())
	for _, at := range f.byEnd {
		if set.has(at) {
			out = append(out, sorted[at].last)
		}
	}
	return slices.Compact(out)
}

func (b bits) count() (n int) {
	for _, word := range b {
		n += binary.OnesCount64(word)
	}
	return n
}
