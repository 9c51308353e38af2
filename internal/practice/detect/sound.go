package detect

import (
	"hash/crc32"
	"sync/atomic"
)

// fromFile are blocks as they stand in the file of a kept set, each with the checksum that
// was taken when it was written. Most of a large set is never looked at by a scan, so that a
// block is read, and held against its checksum, when it is looked at first. What is in a
// damaged one is as nothing, and the set is told to be damaged (Set.Damaged).
type fromFile struct {
	blocks  [][]byte
	sums    []uint32
	states  []atomic.Uint32
	damaged *atomic.Bool // of the set
}

// States of a block.
const (
	unread = iota
	isSound
	isDamaged
)

func newFromFile(blocks [][]byte, sums []uint32, damaged *atomic.Bool) *fromFile {
	return &fromFile{blocks, sums, make([]atomic.Uint32, len(blocks)), damaged}
}

// sound tells whether a block is what was written, or none of the file's.
func (f *fromFile) sound(block int) bool {
	if f == nil || block >= len(f.states) {
		return true
	}
	if is := f.states[block].Load(); is != unread {
		return is == isSound
	}
	return f.look(block)
}

// look reads a block. Others may do so at the same time: nothing is changed in a block before
// somebody has looked at it, and not while many scan by the set.
func (f *fromFile) look(block int) bool {
	is := uint32(isSound)
	if crc32.Checksum(f.blocks[block], castagnoli) != f.sums[block] {
		is = isDamaged
		f.damaged.Store(true)
	}
	f.states[block].Store(is)
	return is == isSound
}

// whole looks at all blocks.
func (f *fromFile) whole() (whole bool) {
	whole = true
	if f != nil {
		for block := range f.blocks {
			whole = f.sound(block) && whole
		}
	}
	return whole
}

// Damaged tells that something of the file that the set was kept in is not as it was written.
// It was passed over, so that what a scan by the set found may not be all there is.
func (s *Set) Damaged() bool { return s.damaged.Load() }
