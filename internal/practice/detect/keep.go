package detect

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"time"

	"entente/stix"
)

// keptForm begins the file that a compiled set is kept in. It is another for each way
// in which sets are laid out, or indicators compiled: then sets are compiled anew.
const keptForm = "entente compiled set 5\n"

// ErrNotKept says that a file holds no set of this program's form, or a damaged one.
var ErrNotKept = errors.New("no compiled set, or a damaged one")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Keep writes a set, so that [Kept] need not compile it again. The note is the caller's.
// It holds what the indicators of the set say, nothing of what was removed, and ends
// with a checksum.
func (s *Set) Keep(w io.Writer, note []byte) error {
	sum := crc32.New(castagnoli)
	k := keeper{w: bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<18)}
	k.bytes([]byte(keptForm))
	k.text(note)
	k.numbers(uint64(s.at.Unix()), s.key.start, s.key.prime)
	k.numbers(uint64(len(s.arena.blocks)))
	for _, b := range s.arena.blocks {
		k.text(b)
	}
	k.slots(&s.ids)
	k.slots(&s.values)
	k.numbers(uint64(len(s.filter.w)))
	for _, w := range s.filter.w {
		k.numbers(w)
	}
	keepRows(&k, &s.indicators, func(i *indicator) []uint64 {
		flags := uint64(i.left) | uint64(uint8(i.confidence))<<8
		if i.nothing {
			flags |= 1 << 16
		}
		return []uint64{uint64(i.since), uint64(i.until), uint64(i.at) | uint64(i.by)<<32, uint64(i.head) | flags<<32,
			uint64(i.id) | uint64(i.version)<<16 | uint64(i.name)<<32}
	})
	keepRows(&k, &s.entries, func(e *entry) []uint64 {
		return []uint64{uint64(e.at) | uint64(e.n)<<32 | uint64(e.kind)<<48, uint64(e.uses) | uint64(e.head)<<32}
	})
	keepRows(&k, &s.links, func(l *link) []uint64 {
		return []uint64{uint64(l.indicator) | uint64(l.entry)<<32, uint64(l.group), uint64(l.ofEntry) | uint64(l.ofIndicator)<<32}
	})
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
	if err := k.w.Flush(); err != nil {
		return err
	}
	_, err := w.Write(sum.Sum(nil))
	return err
}

// keeper writes. Errors stay in w until Flush.
type keeper struct {
	w *bufio.Writer
	b []byte
}

func (k *keeper) bytes(b []byte) { _, _ = k.w.Write(b) }

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
	k.numbers(uint64(t.n), uint64(len(t.s)))
	for _, w := range t.s {
		k.numbers(w)
	}
}

func keepRows[T any](k *keeper, r *rows[T], words func(*T) []uint64) {
	k.numbers(uint64(r.n))
	for i := range r.n {
		k.numbers(words(r.at(i))...)
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

// Kept reads a set of so many bytes that Keep has written, and the note. Errors:
// ErrNotKept, and those of r.
func Kept(r io.Reader, size int64) (*Set, []byte, error) {
	const sumSize = crc32.Size
	k := kept{left: size - sumSize}
	sum := crc32.New(castagnoli)
	k.r = bufio.NewReaderSize(io.TeeReader(io.LimitReader(r, k.left), sum), 1<<18)
	s := NewSet(time.Time{})
	note := k.set(s)
	if k.err != nil {
		return nil, nil, k.err
	}
	var end [sumSize]byte
	if _, err := io.ReadFull(r, end[:]); err != nil || k.left != 0 || !bytes.Equal(end[:], sum.Sum(nil)) {
		return nil, nil, ErrNotKept
	}
	for i, c := range s.names {
		s.creators[c.id] = uint32(i)
	}
	s.shapes()
	s.indexPieces()
	return s, note, nil
}

// kept reads what a keeper wrote, until the first error.
type kept struct {
	r    *bufio.Reader
	left int64 // bytes that there are
	err  error
	b    []byte
}

func (k *kept) set(s *Set) (note []byte) {
	if form := k.bytes(uint64(len(keptForm))); string(form) != keptForm {
		k.fail(ErrNotKept)
		return nil
	}
	note = bytes.Clone(k.text())
	s.at = time.Unix(int64(k.number()), 0)
	s.key = hashKey{k.number(), k.number()}
	for range k.count(8) {
		n := k.count(1)
		if n > blockSize {
			k.fail(ErrNotKept)
			break
		}
		block := make([]byte, n, blockSize)
		k.read(block)
		s.arena.blocks = append(s.arena.blocks, block)
	}
	s.ids, s.values = k.slots(), k.slots()
	s.filter.w = k.words()
	s.filter.mask = uint64(len(s.filter.w)) - 1
	keptRows(k, &s.indicators, 5, func(w []uint64) indicator {
		flags := w[3] >> 32
		return indicator{since: int64(w[0]), until: int64(w[1]), at: place(w[2]), by: uint32(w[2] >> 32), head: uint32(w[3]),
			id: uint16(w[4]), version: uint16(w[4] >> 16), name: uint16(w[4] >> 32),
			left: Reason(flags), confidence: int8(flags >> 8), nothing: flags>>16&1 != 0}
	})
	keptRows(k, &s.entries, 2, func(w []uint64) entry {
		return entry{at: place(w[0]), n: uint16(w[0] >> 32), kind: stix.ValueKind(w[0] >> 48), uses: uint32(w[1]), head: uint32(w[1] >> 32)}
	})
	keptRows(k, &s.links, 3, func(w []uint64) link {
		return link{indicator: uint32(w[0]), entry: uint32(w[0] >> 32), group: uint32(w[1]), ofEntry: uint32(w[2]), ofIndicator: uint32(w[2] >> 32)}
	})
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

func (k *kept) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = ErrNotKept
	}
	if k.err == nil {
		k.err = err
	}
}

// read fills b.
func (k *kept) read(b []byte) {
	k.left -= int64(len(b))
	if k.err != nil {
		clear(b)
		return
	}
	if _, err := io.ReadFull(k.r, b); err != nil {
		clear(b)
		k.fail(err)
	}
}

// bytes are valid until the next call.
func (k *kept) bytes(n uint64) []byte {
	if n > uint64(max(k.left, 0)) {
		k.fail(ErrNotKept)
		return nil
	}
	if uint64(cap(k.b)) < n {
		k.b = make([]byte, n)
	}
	b := k.b[:n]
	k.read(b)
	return b
}

func (k *kept) number() uint64 {
	if b := k.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count is how many things follow that have so many bytes at least.
func (k *kept) count(size int64) uint64 {
	n := k.number()
	if k.err == nil && n > uint64(max(k.left, 0)/size) {
		k.fail(ErrNotKept)
	}
	if k.err != nil {
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

// words are many numbers, read some thousands at a time.
func (k *kept) words() []uint64 {
	all := make([]uint64, k.count(8))
	for rest := all; len(rest) > 0; {
		n := min(len(rest), 1<<12)
		b := k.bytes(uint64(8 * n))
		if b == nil {
			break
		}
		for i := range rest[:n] {
			rest[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		rest = rest[n:]
	}
	return all
}

func (k *kept) slots() slots {
	n := k.number()
	return slots{n: int(n), s: k.words()}
}

func keptRows[T any](k *kept, r *rows[T], words int, read func([]uint64) T) {
	w := make([]uint64, words)
	for n := k.count(int64(8 * words)); n > 0; {
		some := min(n, rowsInBlock)
		b := k.bytes(some * uint64(8*words))
		if b == nil {
			return
		}
		for ; len(b) > 0; b = b[8*words:] {
			for i := range w {
				w[i] = binary.LittleEndian.Uint64(b[8*i:])
			}
			r.add(read(w))
		}
		n -= some
	}
}
