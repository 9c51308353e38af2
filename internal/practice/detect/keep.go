package detect

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// keptForm begins the file that a compiled set is kept in. It is another for each way
// in which sets are laid out, or indicators compiled: then sets are compiled anew.
var keptForm = "entente compiled set 11 " + layout + "\n"

// ErrNotKept says that a file holds no set of this program's form, or a damaged one.
var ErrNotKept = errors.New("no compiled set, or a damaged one")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Keep writes a set, so that [Kept] need not compile it again. The note is the caller's.
// It holds what the indicators of the set say, nothing of what was removed, a checksum of
// that, and then the blocks, whose pieces have their own. Errors: ErrNotKept (the set is
// from a file that is damaged).
func (s *Set) Keep(w io.Writer, note []byte) error {
	for _, f := range []*fromFile{s.arena.file, s.ids.file, s.values.file, s.indicators.file, s.entries.file, s.links.file} {
		if !f.whole() {
			return ErrNotKept
		}
	}
	k := keeper{w: bufio.NewWriterSize(w, 1<<18)}
	k.bytes([]byte(keptForm))
	k.text(note)
	k.numbers(uint64(s.at.Unix()), uint64(s.due), s.key.start, s.key.prime)
	k.numbers(uint64(len(s.arena.blocks)))
	for _, b := range s.arena.blocks {
		k.block(b)
	}
	k.slots(&s.ids)
	k.slots(&s.values)
	k.inPlace(bytesOf(s.filter.w))
	keepRows(&k, &s.indicators)
	keepRows(&k, &s.entries)
	keepRows(&k, &s.links)
	k.numbers(uint64(len(s.groups)))
	for _, g := range s.groups {
		k.refs(g.entries)
		k.numbers(uint64(g.asks)|uint64(g.story)<<32, uint64(g.bracket))
	}
	k.asked(s.asked)
	k.asked(s.stories)
	k.refs(s.free)
	k.numbers(uint64(len(s.names)))
	used := make([]bool, len(s.names))
	for ref := range s.indicators.n {
		if i := s.indicators.at(ref); i.id > 0 {
			used[i.by] = true
		}
	}
	for n, c := range s.names {
		if !used[n] && c.version == "" {
			c = creator{} // nothing that is there speaks of it
		}
		k.text([]byte(c.id))
		k.text([]byte(c.version))
		k.text([]byte(c.name))
	}
	k.numbers(uint64(len(s.waiting)))
	for ref, pattern := range s.waiting {
		k.numbers(uint64(ref))
		k.text([]byte(pattern))
	}
	for _, n := range s.counts() {
		k.numbers(uint64(*n))
	}
	k.raw(binary.LittleEndian.AppendUint64(nil, uint64(k.sum)))
	for _, b := range k.blocks {
		k.raw(make([]byte, -k.at&(alignment-1)))
		k.raw(b)
	}
	return k.w.Flush()
}

// keeper writes. Errors stay in w until Flush.
type keeper struct {
	w   *bufio.Writer
	b   []byte
	at  int // bytes that were written
	sum uint32

	blocks [][]byte // that stand behind all else
}

func (k *keeper) bytes(b []byte) {
	k.sum = crc32.Update(k.sum, castagnoli, b)
	k.raw(b)
}

func (k *keeper) raw(b []byte) {
	k.at += len(b)
	_, _ = k.w.Write(b)
}

// block has a block stand behind all else, where nothing is read that nobody looks at.
func (k *keeper) block(b []byte) {
	k.numbers(uint64(len(b)))
	for n := range piecesIn(len(b)) {
		k.numbers(uint64(crc32.Checksum(pieceOf(b, n), castagnoli)))
	}
	k.blocks = append(k.blocks, b)
}

// inPlace writes what is used where it stands in the file.
func (k *keeper) inPlace(b []byte) {
	k.numbers(uint64(len(b)))
	k.bytes(make([]byte, -k.at&(alignment-1)))
	k.bytes(b)
}

func (k *keeper) numbers(all ...uint64) {
	k.b = k.b[:0]
	for _, n := range all {
		k.b = binary.LittleEndian.AppendUint64(k.b, n)
	}
	k.bytes(k.b)
}

func (k *keeper) text(b []byte) {
	k.numbers(uint64(len(b)))
	k.bytes(b)
}

func (k *keeper) refs(all []uint32) {
	k.numbers(uint64(len(all)))
	for _, ref := range all {
		k.numbers(uint64(ref))
	}
}

func (k *keeper) asked(all []asked) {
	k.numbers(uint64(len(all)))
	for _, a := range all {
		k.numbers(uint64(a.uses))
		k.text([]byte(a.text))
	}
}

func (k *keeper) slots(t *slots) {
	k.numbers(uint64(t.n))
	k.block(bytesOf(t.s))
}

func keepRows[T any](k *keeper, r *rows[T]) {
	k.numbers(uint64(r.n))
	for _, b := range r.blocks {
		k.block(bytesOf(b[:]))
	}
}

// counts are of what is looked for, and of what is not.
func (s *Set) counts() []*int {
	all := []*int{&s.live, &s.gone, &s.hostIPs}
	for _, some := range [][]int{s.nets4[:], s.nets6[:], s.lens[:], s.kinds[:]} {
		for i := range some {
			all = append(all, &some[i])
		}
	}
	for i := range s.left {
		all = append(all, &s.left[i].Wholly, &s.left[i].Partly)
	}
	return all
}

// shapes follow from the counts.
func (s *Set) shapes() {
	for bits, n := range s.nets4[:32] {
		if n > 0 {
			s.wide4 |= 1 << bits
		}
	}
	for n, values := range s.lens {
		s.lengths.set(n, values > 0)
	}
}

// Kept is the set that Keep has written, and the note. It is used where it stands: the bytes
// are the set's from now on, and written to when it changes. The error is ErrNotKept.
func Kept(b []byte) (*Set, []byte, error) {
	k := kept{b: aligned(b)}
	s := NewSet(time.Time{})
	note := k.set(s)
	sum := k.sum
	if k.number() != uint64(sum) || k.broken {
		return nil, nil, ErrNotKept
	}
	if k.placeBlocks(); k.broken || k.at != len(k.b) {
		return nil, nil, ErrNotKept
	}
	for i, c := range s.names {
		s.creators[c.id] = uint32(i)
	}
	s.shapes()
	s.indexPieces()
	return s, note, nil
}

// kept reads what a keeper wrote, until something is not there.
type kept struct {
	b      []byte
	at     int
	sum    uint32
	broken bool
	blocks []*keptBlocks // in the order in which they stand
}

// keptBlocks are blocks of one kind: how long each is, and who takes them.
type keptBlocks struct {
	lengths []uint64
	file    *fromFile
	take    func(file *fromFile) (fit bool)
}

func (k *kept) set(s *Set) (note []byte) {
	if form := k.bytes(uint64(len(keptForm))); string(form) != keptForm {
		k.broken = true
		return nil
	}
	note = bytes.Clone(k.text())
	s.at, s.due = time.Unix(int64(k.number()), 0), int64(k.number())
	s.key = hashKey{k.number(), k.number()}
	k.listed(k.count(8), blockSize, s.damaged, func(file *fromFile) bool {
		s.arena = arena{slices.Clone(file.blocks), file}
		return true
	})
	keptSlots(k, &s.ids, s.damaged)
	keptSlots(k, &s.values, s.damaged)
	s.filter.w = inPlace[uint64](k.inPlace())
	s.filter.mask = uint64(len(s.filter.w)) - 1
	keptRows(k, &s.indicators, s.damaged)
	keptRows(k, &s.entries, s.damaged)
	keptRows(k, &s.links, s.damaged)
	for range k.count(24) {
		g := group{entries: k.refs()}
		asks := k.number()
		g.asks, g.story, g.bracket = uint32(asks), uint32(asks>>32), uint32(k.number())
		s.groups = append(s.groups, g)
	}
	s.asked, s.stories = k.asked(), k.asked()
	s.free = k.refs()
	s.names = nil
	for range k.count(24) {
		var texts [3]string
		for i := range texts { // one after the other, since each call writes over what the last one gave
			texts[i] = string(k.text())
		}
		s.names = append(s.names, creator{texts[0], texts[1], texts[2]})
	}
	for range k.count(16) {
		ref := uint32(k.number())
		s.waiting[ref] = string(k.text())
	}
	for _, n := range s.counts() {
		*n = int(k.number())
	}
	return note
}

// bytes are the next ones, where they stand. Their checksum is taken a piece at a time: while
// one call of crc32 lasts, over a file that is first read meanwhile, the collector and whoever
// waits for it stand still.
func (k *kept) bytes(n uint64) []byte {
	all := k.raw(n)
	for b := all; len(b) > 0; b = b[min(len(b), 256<<10):] {
		k.sum = crc32.Update(k.sum, castagnoli, b[:min(len(b), 256<<10)])
	}
	return all
}

// listed reads of so many blocks how long they are, none longer than most bytes, and the
// checksums of their pieces.
func (k *kept) listed(n, most uint64, damaged *atomic.Bool, take func(file *fromFile) bool) {
	all := &keptBlocks{take: take, file: &fromFile{inBlock: piecesIn(int(most)), damaged: damaged}}
	for block := range n {
		length := k.number()
		if k.broken = k.broken || length > most; k.broken {
			return
		}
		all.lengths = append(all.lengths, length)
		for range piecesIn(int(length)) {
			all.file.sums = append(all.file.sums, uint32(k.number()))
		}
		all.file.sums = append(all.file.sums, make([]uint32, int(block+1)*all.file.inBlock-len(all.file.sums))...)
	}
	all.file.states = make([]atomic.Uint32, len(all.file.sums))
	k.blocks = append(k.blocks, all)
}

// placeBlocks finds the blocks behind all else, and reads none.
func (k *kept) placeBlocks() {
	for _, all := range k.blocks {
		for _, n := range all.lengths {
			k.raw(uint64(-k.at & (alignment - 1)))
			all.file.blocks = append(all.file.blocks, k.raw(n))
		}
		k.broken = k.broken || !all.take(all.file)
	}
}

func (k *kept) raw(n uint64) []byte {
	if k.broken = k.broken || n > uint64(len(k.b)-k.at); k.broken {
		return nil
	}
	k.at += int(n)
	return k.b[k.at-int(n) : k.at : k.at]
}

// inPlace are bytes that are used where they stand.
func (k *kept) inPlace() []byte {
	n := k.number()
	k.bytes(uint64(-k.at & (alignment - 1)))
	return k.bytes(n)
}

func (k *kept) number() uint64 {
	if b := k.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count is how many things follow that have so many bytes at least.
func (k *kept) count(size int) uint64 {
	n := k.number()
	if k.broken = k.broken || n > uint64((len(k.b)-k.at)/size); k.broken {
		return 0
	}
	return n
}

func (k *kept) text() []byte { return k.bytes(k.count(1)) }

func (k *kept) asked() (all []asked) {
	for range k.count(16) {
		uses := int(k.number())
		all = append(all, asked{string(k.text()), uses})
	}
	return all
}

func (k *kept) refs() []uint32 {
	all := make([]uint32, k.count(8))
	for i := range all {
		all[i] = uint32(k.number())
	}
	return all
}

func keptSlots(k *kept, t *slots, damaged *atomic.Bool) {
	n := k.number()
	k.listed(1, uint64(len(k.b)), damaged, func(file *fromFile) bool {
		*t = slots{n: int(n), s: inPlace[uint64](file.blocks[0]), file: file}
		return len(t.s)&(len(t.s)-1) == 0
	})
}

func keptRows[T any](k *kept, r *rows[T], damaged *atomic.Bool) {
	n := k.count(1)
	k.listed((n+rowsInBlock-1)/rowsInBlock, uint64(rowsInBlock*sizeOf[T]()), damaged, func(file *fromFile) bool {
		r.n, r.file = uint32(n), file
		for _, b := range file.blocks {
			block := inPlace[[rowsInBlock]T](b)
			if len(block) != 1 {
				return false
			}
			r.blocks = append(r.blocks, &block[0])
		}
		return true
	})
}
