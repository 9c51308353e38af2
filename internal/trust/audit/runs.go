package audit

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"entente/internal/store"
)

// Run is the dates added from First to Last, both included.
type Run struct{ First, Last store.Tick }

// Runs is a set of dates added: what somebody was given of a collection. In
// order, its runs rise and neither touch nor overlap. What was brought in at
// once has dates behind each other, so that a run stands for many objects.
type Runs []Run

// Add puts a date into the set. The set is in order again after Order.
func (r *Runs) Add(at store.Tick) {
	if n := len(*r); n > 0 {
		switch last := &(*r)[n-1]; {
		case at == last.Last+1:
			last.Last = at
			return
		case at >= last.First && at <= last.Last:
			return
		}
	}
	*r = append(*r, Run{at, at})
}

// Order puts the set in order, and gives it.
func (r *Runs) Order() Runs {
	slices.SortFunc(*r, func(a, b Run) int { return cmp.Compare(a.First, b.First) })
	out := (*r)[:0]
	for _, run := range *r {
		if n := len(out); n > 0 && run.First <= out[n-1].Last+1 {
			out[n-1].Last = max(out[n-1].Last, run.Last)
			continue
		}
		out = append(out, run)
	}
	*r = out
	return out
}

// Has tells whether a date is in the set, which must be in order.
func (r Runs) Has(at store.Tick) bool {
	i, found := slices.BinarySearchFunc(r, at, func(run Run, at store.Tick) int { return cmp.Compare(run.First, at) })
	return found || i > 0 && at <= r[i-1].Last
}

// append writes a set that is in order: how many runs, and of each how far it
// begins behind the one before and how long it is.
func (r Runs) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(r)))
	at := store.Tick(0)
	for _, run := range r {
		b = binary.AppendUvarint(b, uint64(run.First-at))
		b = binary.AppendUvarint(b, uint64(run.Last-run.First))
		at = run.Last
	}
	return b
}

var errRuns = errors.New("audit: a set of dates cannot be read")

// readRuns reads a set from the beginning of b, and gives what follows it.
func readRuns(b []byte) (r Runs, rest []byte, err error) {
	count, n := binary.Uvarint(b)
	if b = b[max(n, 0):]; n <= 0 || count > uint64(len(b)) {
		return nil, nil, errRuns
	}
	r = make(Runs, 0, count)
	at := store.Tick(0)
	for range count {
		ahead, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, nil, errRuns
		}
		long, m := binary.Uvarint(b[n:])
		if m <= 0 {
			return nil, nil, errRuns
		}
		first := at + store.Tick(ahead)
		last := first + store.Tick(long)
		if first < at || last < first || len(r) > 0 && ahead < 2 {
			return nil, nil, errRuns
		}
		r, at, b = append(r, Run{first, last}), last, b[n+m:]
	}
	return r, b, nil
}
