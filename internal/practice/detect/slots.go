package detect

// slots is an open-addressing table from hashes to numbers of what has that
// hash; comparing is the caller's. One word a slot: the hash's upper half, and
// the number plus one in the lower; zero is empty.
type slots struct {
	s []uint64
	n int
}

const tagMask = 0xffffffff << 32

// next gives the first number at or after slot i whose hash may be h, and the slot
// to go on from; false when there is none.
func (t *slots) next(h uint64, i int) (ref uint32, after int, ok bool) {
	mask := len(t.s) - 1
	for ; mask >= 0; i++ {
		w := t.s[i&mask]
		if w == 0 {
			return 0, 0, false
		}
		if w&tagMask == h&tagMask {
			return uint32(w) - 1, i + 1, true
		}
	}
	return 0, 0, false
}

// start is the slot that a search for h begins at.
func (t *slots) start(h uint64) int { return int(uint32(h)) & (len(t.s) - 1) }

// full tells that put needs a larger table first.
func (t *slots) full() bool { return t.n*3 >= len(t.s)*2 }

// larger is how many slots grow makes: as many again, or of small tables eight times as
// many, since hashing all that is there anew takes longer than clearing the room.
func (t *slots) larger() int {
	if len(t.s) < 1<<17 {
		return max(1<<12, 8*len(t.s))
	}
	return 2 * len(t.s)
}

// grow makes room for as much again, or more. What hashOf says is not there any more is
// left out.
func (t *slots) grow(hashOf func(ref uint32) (uint64, bool)) {
	old := t.s
	*t = slots{s: make([]uint64, t.larger())}
	for _, w := range old {
		if w == 0 {
			continue
		}
		if h, ok := hashOf(uint32(w) - 1); ok {
			t.put(h, uint32(w)-1)
		}
	}
}

func (t *slots) put(h uint64, ref uint32) {
	i := t.start(h)
	for t.s[i] != 0 {
		i = (i + 1) & (len(t.s) - 1)
	}
	t.s[i] = h&tagMask | uint64(ref+1)
	t.n++
}

// filter says of most hashes that are not in the table that they are not, out of
// the cache: two bits in one word; it has four bits for each slot of the table, which
// are six or more for each value.
type filter struct {
	w    []uint64
	mask uint64
}

func newFilter(slots int) filter {
	words := max(64, slots/16)
	return filter{make([]uint64, words), uint64(words - 1)}
}

func (f *filter) add(h uint64) { f.w[h>>12&f.mask] |= 1<<(h&63) | 1<<(h>>6&63) }

func (f *filter) may(h uint64) bool {
	bits := uint64(1)<<(h&63) | 1<<(h>>6&63)
	return f.w[h>>12&f.mask]&bits == bits
}
