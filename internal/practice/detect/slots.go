package detect

// slots is an open-addressing table from hashes to numbers of what has that
// hash; comparing is the caller's. One word a slot: the hash's upper half, by which
// it is found, and the number plus one in the lower; zero is empty.
type slots struct {
	s    []uint64
	n    int
	file *fromFile // nil where they are from none
}

// sound tells whether a slot is what was written.
func (t *slots) sound(i int) bool { return t.file.sound(0, 8*i, 8) }

const tagMask = 0xffffffff << 32

// next gives the first number at or after slot i whose hash may be h, and the slot
// to go on from; false when there is none.
func (t *slots) next(h uint64, i int) (ref uint32, after int, ok bool) {
	mask := len(t.s) - 1
	for ; mask >= 0; i++ {
		w := t.s[i&mask]
		if w == 0 || !t.sound(i&mask) {
			return 0, 0, false
		}
		if w&tagMask == h&tagMask {
			return uint32(w) - 1, i + 1, true
		}
	}
	return 0, 0, false
}

// start is the slot that a search for h begins at.
func (t *slots) start(h uint64) int { return int(h>>32) & (len(t.s) - 1) }

// full tells that put needs a larger table first.
func (t *slots) full() bool { return t.n*3 >= len(t.s)*2 }

// grow makes room for as much again, or more. What is not kept is left out.
func (t *slots) grow(keep func(ref uint32) bool) {
	old := t.s
	t.file.whole()
	*t = slots{s: make([]uint64, max(1<<12, 2*len(old)))}
	for _, w := range old {
		if w != 0 && keep(uint32(w)-1) {
			t.put(w, uint32(w)-1)
		}
	}
}

func (t *slots) put(h uint64, ref uint32) {
	i := t.start(h)
	for t.sound(i) && t.s[i] != 0 {
		i = (i + 1) & (len(t.s) - 1)
	}
	t.s[i] = h&tagMask | uint64(ref+1)
	t.n++
}

// filter says of most hashes that are not in the table that they are not, out of
// the cache: four bits in one word, told by the upper half of a hash; it has four bits for each
// slot of the table, which are six or more for each value.
type filter struct {
	w    []uint64
	mask uint64
}

// newFilter makes the filter of a table.
func newFilter(t *slots) filter {
	words := min(max(64, len(t.s)/8), 1<<20) // of half a hash that tells no more
	f := filter{make([]uint64, words), uint64(words - 1)}
	for _, w := range t.s {
		if w != 0 {
			f.add(w)
		}
	}
	return f
}

func (f *filter) add(h uint64) { f.w[h>>44&f.mask] |= bitsOf(h) }

func (f *filter) may(h uint64) bool {
	bits := bitsOf(h)
	return f.w[h>>44&f.mask]&bits == bits
}

// bitsOf are those of a hash in its word.
func bitsOf(h uint64) uint64 {
	h = h >> 32 * 0x9e3779b97f4a7c15 // so that they do not follow from which word it is
	return 1<<(h>>58) | 1<<(h>>52&63) | 1<<(h>>46&63) | 1<<(h>>40&63)
}
