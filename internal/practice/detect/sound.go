package detect

import (
	"hash/crc32"
	"sync/atomic"
)

// fromFile are blocks as they stand in the file of a kept set, in pieces, each with the
// checksum that was taken when it was written. Most of a large set is never looked at by a
// scan, so that a piece is read, and held against its checksum, when it is looked at first.
// What is in a damaged one is as nothing, and the set is told to be damaged (Set.Damaged).
type fromFile struct {
	blocks  [][]byte
	inBlock int // pieces, at most
	sums    []uint32
	states  []atomic.Uint32
	damaged *atomic.Bool // of the set
}

// pieceSize is that of a piece in bytes; the last of a block may be shorter.
const pieceSize = 16 << 10

// States of a piece.
const (
	unread = iota
	isSound
	isDamaged
)

// piecesIn are how many pieces a block of so many bytes has.
func piecesIn(n int) int { return (n + pieceSize - 1) / pieceSize }

// pieceOf is a piece of a block; none behind its end.
func pieceOf(b []byte, n int) []byte {
	return b[min(n*pieceSize, len(b)):min((n+1)*pieceSize, len(b))]
}

// sound tells whether so many bytes of a block from some place on are what was written, or
// none of the file's.
func (f *fromFile) sound(block, from, n int) bool {
	if f == nil || block >= len(f.blocks) || n == 0 {
		return true
	}
	first := block * f.inBlock
	for p := first + from/pieceSize; p <= first+(from+n-1)/pieceSize; p++ {
		if is := f.states[p].Load(); is != isSound && (is == isDamaged || !f.look(p)) {
			return false
		}
	}
	return true
}

// look reads a piece. Others may do so at the same time: nothing is changed in a piece before
// somebody has looked at it, and not while many scan by the set.
func (f *fromFile) look(piece int) bool {
	is := uint32(isSound)
	if crc32.Checksum(pieceOf(f.blocks[piece/f.inBlock], piece%f.inBlock), castagnoli) != f.sums[piece] {
		is = isDamaged
		f.damaged.Store(true)
	}
	f.states[piece].Store(is)
	return is == isSound
}

// whole looks at all there is.
func (f *fromFile) whole() (whole bool) {
	whole = true
	if f != nil {
		for n, b := range f.blocks {
			whole = f.sound(n, 0, len(b)) && whole
		}
	}
	return whole
}

// Damaged tells that something of the file that the set was kept in is not as it was written.
// It was passed over, so that what a scan by the set found may not be all there is.
func (s *Set) Damaged() bool { return s.damaged.Load() }
