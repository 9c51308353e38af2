package detect

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
)

// pieces finds pieces in texts, wherever they stand: by five bytes in a row, of which every
// so-manieth place is looked at as the shortest piece allows. Where these may be of a piece, a
// tree of all pieces tells which begin there. It costs nothing when there is none.
type pieces struct {
	grams   map[uint64]uint8 // five bytes of pieces, and at which places of them they stand, a bit each
	may     []uint64         // a filter of those, a bit for each sixteenth of them at least
	lengths map[int]int      // how many pieces there are of which so many grams are looked for
	step    int              // from one place that is looked at to the next
	tree    []branch         // of all pieces; the first is the root
	gone    int              // pieces that were taken out
}

// branch is where pieces part, or one ends.
type branch struct {
	text    string   // from the branch before
	entry   uint32   // of the piece that ends here, plus one
	letters uint64   // by which pieces go on, a bit each
	next    []uint32 // branches, in the order of these bits
}

const (
	gramSize  = 5
	mostGrams = 8       // of a piece
	mostGone  = 1 << 10 // pieces, at least, before the index is made anew
	leastMay  = 1 << 10 // words of the filter
	mostMay   = 1 << 17
)

// letterBits are the bits of the letters that pieces have, whatever their case; 0 of all others.
var letterBits = func() (all [256]uint64) {
	n := 0
	for c := range all {
		if isPieceRune(rune(c)) && (c < 'A' || c > 'Z') {
			all[c] = 1 << n
			n++
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		all[c] = all[c|0x20]
	}
	return all
}()

// gramOf is five bytes of a text, whatever their case; other characters may fall together.
func gramOf(b []byte) uint64 {
	_ = b[4]
	return folded(uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32)
}

func folded(b uint64) uint64 { return b&(1<<(8*gramSize)-1) | 0x2020202020 }

// bitOf is the bit of a gram in the filter.
func (p *pieces) bitOf(g uint64) (word int, bit uint64) {
	h := g * 0x9e3779b97f4a7c15
	return int(h>>32) & (len(p.may) - 1), 1 << (h >> 58)
}

// gramsOf is how many of a piece are looked for.
func gramsOf(n int) int { return min(n-gramSize+1, mostGrams) }

func (p *pieces) add(entry uint32, text string) {
	if p.grams == nil {
		*p = pieces{grams: map[uint64]uint8{}, may: make([]uint64, leastMay), lengths: map[int]int{}, tree: make([]branch, 1)}
	}
	n := gramsOf(len(text))
	for at := range n {
		g := gramOf([]byte(text[at : at+gramSize]))
		p.grams[g] |= 1 << at
		word, bit := p.bitOf(g)
		p.may[word] |= bit
	}
	if len(p.grams)*16 > len(p.may)*64 && len(p.may) < mostMay {
		p.may = make([]uint64, 4*len(p.may))
		for g := range p.grams {
			word, bit := p.bitOf(g)
			p.may[word] |= bit
		}
	}
	p.grow(entry, text)
	p.lengths[n]++
	p.restep()
}

// grow puts a piece into the tree.
func (p *pieces) grow(entry uint32, text string) {
	for at := uint32(0); ; {
		bit := letterBits[text[0]]
		place := bits.OnesCount64(p.tree[at].letters & (bit - 1))
		if p.tree[at].letters&bit == 0 {
			p.tree[at].letters |= bit
			p.tree[at].next = slices.Insert(p.tree[at].next, place, uint32(len(p.tree)))
			p.tree = append(p.tree, branch{text: text, entry: entry + 1})
			return
		}
		at = p.tree[at].next[place]
		b := &p.tree[at]
		n := 0
		for n < min(len(b.text), len(text)) && b.text[n] == text[n] {
			n++
		}
		if n < len(b.text) { // part here
			rest := *b
			*b = branch{text: b.text[:n], letters: letterBits[rest.text[n]], next: []uint32{uint32(len(p.tree))}}
			rest.text = rest.text[n:]
			p.tree = append(p.tree, rest)
		}
		if text = text[n:]; text == "" {
			p.tree[at].entry = entry + 1
			return
		}
	}
}

// dropPiece takes a piece of so many bytes out, whose entry is in use no more. What the index
// has of it stays until half of the index, and much, is of such.
func (s *Set) dropPiece(length int) {
	p, n := &s.pieces, gramsOf(length)
	if p.lengths[n]--; p.lengths[n] == 0 {
		delete(p.lengths, n)
	}
	p.restep()
	p.gone++
	if left := s.kinds[kindPiece]; left == 0 || p.gone > mostGone+left {
		*p = pieces{}
		s.indexPieces()
	}
}

func (p *pieces) restep() {
	p.step = 0
	for n := range p.lengths {
		if p.step == 0 || n < p.step {
			p.step = n
		}
	}
}

// inChunk is what of pieces was found in a chunk.
type inChunk struct {
	lineEnd int            // of the line that is looked at; what begins before is of it
	met     map[uint32]int // entries, and in the line that ends where
	work    int            // letters that were compared
}

// findPieces adds the pieces that stand in what a finder looks at, in the order of their places,
// each where it stands first in a line.
func (f *finder) findPieces() {
	b, p, before := f.b, &f.pieces, len(f.spots)
	f.inChunk = inChunk{met: f.inChunk.met}
	clear(f.inChunk.met)
	i := 0
	for ; i+8 <= len(b); i += p.step {
		g := folded(binary.LittleEndian.Uint64(b[i:]))
		if word, bit := p.bitOf(g); p.may[word]&bit != 0 {
			f.piecesAt(i, g)
		}
	}
	for ; i+gramSize <= len(b); i += p.step {
		f.piecesAt(i, gramOf(b[i:]))
	}
	if len(f.spots) > before {
		slices.SortStableFunc(f.spots, func(a, b spot) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.entry, b.entry)) })
	}
}

// piecesAt adds the pieces that have a gram where it stands. One of the places that are looked
// at is in the first so many bytes of each piece, as many as there are from one to the next.
func (f *finder) piecesAt(i int, g uint64) {
	places := f.pieces.grams[g] & (1<<f.pieces.step - 1)
	for places != 0 {
		at := bits.Len8(places) - 1
		places &^= 1 << at
		if i >= at {
			f.piecesFrom(i - at)
		}
	}
}

// piecesFrom adds the pieces that begin at a place.
func (f *finder) piecesFrom(start int) {
	p, i, text := &f.pieces, start, f.b
	for b := &p.tree[0]; i < len(text); {
		bit := letterBits[text[i]]
		if b.letters&bit == 0 {
			return
		}
		b = &p.tree[b.next[bits.OnesCount64(b.letters&(bit-1))]]
		n := 0
		for n < len(b.text) && i+n < len(text) && letterBits[text[i+n]] == letterBits[b.text[n]] {
			n++
		}
		f.inChunk.work += n + 1
		if n < len(b.text) {
			return
		}
		if i += n; b.entry != 0 {
			f.meet(b.entry-1, start, i)
		}
	}
}

// meet adds a piece, once a line.
func (f *finder) meet(entry uint32, start, end int) {
	if f.entries.at(entry).uses == 0 {
		return
	}
	in := &f.inChunk
	if start >= in.lineEnd {
		n := bytes.IndexByte(f.b[start:], '\n')
		if in.lineEnd = start + n; n < 0 {
			in.lineEnd = len(f.b)
		}
	}
	if in.met == nil {
		in.met = map[uint32]int{}
	}
	if in.met[entry] < in.lineEnd { // no piece has a line feed in it
		in.met[entry] = in.lineEnd
		f.spots = append(f.spots, spot{at: uint32(start), n: uint32(end - start), entry: entry})
	}
}

// indexPieces makes the index of those that a set has, when it was read.
func (s *Set) indexPieces() {
	if s.kinds[kindPiece] == 0 {
		return
	}
	for ref := range s.entries.n {
		if e := s.entries.at(ref); e.kind == kindPiece && e.uses > 0 {
			s.pieces.add(ref, string(s.text(e)))
		}
	}
}
