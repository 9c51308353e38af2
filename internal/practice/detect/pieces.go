package detect

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// pieces finds pieces in texts, wherever they stand: by five bytes in a row, of which every
// so-manieth place is looked at as the shortest piece allows. It costs nothing when there is none.
type pieces struct {
	grams   map[uint64][]gram
	may     []uint64    // a filter of those, a bit for each sixteenth of them at least
	lengths map[int]int // how many pieces there are of which so many grams are looked for
	step    int         // from one place that is looked at to the next
	gone    int         // pieces that were taken out
}

// gram is five bytes of a piece.
type gram struct {
	entry uint32
	at    int // in the piece
}

const (
	gramSize  = 5
	mostGrams = 8       // of a piece
	mostGone  = 1 << 10 // pieces, at least, before the index is made anew
	leastMay  = 1 << 10 // words of the filter
	mostMay   = 1 << 17
)

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
		*p = pieces{grams: map[uint64][]gram{}, may: make([]uint64, leastMay), lengths: map[int]int{}}
	}
	n := gramsOf(len(text))
	from := p.rarest([]byte(text), n)
	for at := from; at < from+n; at++ {
		g := gramOf([]byte(text[at : at+gramSize]))
		p.grams[g] = append(p.grams[g], gram{entry, at})
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
	p.lengths[n]++
	p.restep()
}

// rarest is where in a piece so many grams in a row begin that the fewest others share, so
// that pieces that begin alike do not all have to be compared.
func (p *pieces) rarest(text []byte, n int) (from int) {
	fewest := -1
	for at := 0; at+n+gramSize-1 <= min(len(text), 4*mostGrams); at++ {
		shared := 0
		for i := at; i < at+n; i++ {
			shared = max(shared, len(p.grams[gramOf(text[i:i+gramSize])]))
		}
		if fewest < 0 || shared < fewest {
			from, fewest = at, shared
		}
	}
	return from
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

// findPieces adds the pieces that stand in what a finder looks at, in the order of their places.
func (f *finder) findPieces() {
	b, p, before := f.b, &f.pieces, len(f.spots)
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
	if len(f.spots) == before {
		return
	}
	slices.SortStableFunc(f.spots, func(a, b spot) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.entry, b.entry)) })
	f.spots = slices.Compact(f.spots) // of one longer than a step, more than one gram was met
}

// piecesAt adds the pieces that have a gram where it stands.
func (f *finder) piecesAt(i int, g uint64) {
	for _, one := range f.pieces.grams[g] {
		e := f.entries.at(one.entry)
		at := i - one.at
		if n := int(e.n); e.uses > 0 && at >= 0 && at+n <= len(f.b) && bytes.EqualFold(f.b[at:at+n], f.text(e)) {
			f.spots = append(f.spots, spot{at: uint32(at), n: uint32(n), entry: one.entry})
		}
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
