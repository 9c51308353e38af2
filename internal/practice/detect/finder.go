package detect

import (
	"bytes"
	"strings"

	"entente/stix"
)

// How says how a value stands in a line for what is looked for.
type How uint8

// The ways to stand for a value.
const (
	Exact How = iota // it is the value
	Below            // a name below the one that is looked for
	In               // an address in the prefix that is looked for
)

func (h How) String() string { return [...]string{"exact", "below", "in"}[h] }

// spot is a value that stands in a chunk.
type spot struct {
	at, n uint32
	entry uint32
	how   How
}

// longest is how long a run of characters may be that holds a value, in bytes.
const longest = 4096

// finder finds what is looked for in chunks of text. It belongs to one goroutine.
type finder struct {
	*Set
	b     []byte
	spots []spot
	hosts bool // also of URLs, which may stand in two fields
	passed
	inChunk inChunk

	// Where the text that b was made from stands, when it had been made harmless
	// or encoded.
	made bool
	as   spot
}

// passed says of places in a text what was seen there.
type passed struct {
	noMail int // no address of mail begins before it: there stands the user of a URL, or an escape
	tried  int // before it stands a URL that was tried
	failed int // before it stands an encoded URL that could not be decoded

	spelled      int // before it stands no name that has letters as escapes
	behindEscape int // where the last run begins without the letters of an escape
}

// find appends the spots of a chunk, in order of the runs that they stand in. A
// chunk that begins within a run has that run passed over.
func (f *finder) find(b []byte, within bool) {
	f.b, f.passed = b, passed{}
	i := 0
	for within && i < len(b) && weights[b[i]] != 0 {
		i++
	}
	f.runs(i)
}

// runs goes from run to run. Of most, their length and what they consist of say
// that they are nothing; this loop is where the time goes.
func (f *finder) runs(i int) {
	b, lengths := f.b, f.lengths
	for i < len(b) {
		w := weights[b[i]]
		if w == 0 {
			if after[b[i]] >= percent {
				i = f.escape(i)
			} else {
				i++
			}
			continue
		}
		start := i
		for i++; i < len(b); i++ {
			next := weights[b[i]]
			if next == 0 {
				break
			}
			w += next
		}
		n := i - start
		switch {
		case n > longest:
		case i < len(b) && after[b[i]]&opens != 0 && f.harmless(i):
			i = f.refang(start, i)
		case w >= closer:
			i = f.closer(start, i)
		case w&(letter-dot) != 0:
			f.dotted(start, i, w)
		case lengths.has(n):
			f.word(start, i)
		}
	}
}

// dotted looks at a run with dots, and nothing but digits, letters, hyphens and
// underscores beside them.
func (f *finder) dotted(start, end int, w uint64) {
	dots := w >> 16 & 0xffff
	if w < letter {
		switch {
		case dots == 3 && end-start >= len("1.1.1.1") && end-start <= len("255.255.255.255"):
			f.address4(start, end)
		case dots == 4 && f.b[start] != '.' && f.portAt(start, end) > 0:
			f.address4(start, f.portAt(start, end))
		case dots > 3 || f.b[start] == '.' || f.b[end-1] == '.': // a certificate's number at the end of a sentence
			f.trimmed(start, end)
		}
		return
	}
	first, last := f.b[start], f.b[end-1]
	if first == '.' || first == '-' || last == '.' || last == '-' {
		f.trimmed(start, end)
		return
	}
	before := len(f.spots)
	f.name(start, end)
	if len(f.spots) > before {
		return
	}
	if first-'0' <= 9 && last-'0' <= 9 && w>>32 == 1 {
		f.span(start, end)
	}
}

// portAt is where a dot and a port follow an address at either side of an arrow, as
// tcpdump writes it; elsewhere that is a version or an object's number, and it is -1.
func (f *finder) portAt(start, end int) int {
	last := start + bytes.LastIndexByte(f.b[start:end], '.')
	if port := end - last - 1; last < start || port < 1 || port > len("65535") ||
		!bytes.HasPrefix(f.b[end:], []byte(" > ")) && !bytes.HasSuffix(f.b[:start], []byte(" > ")) {
		return -1
	}
	return last
}

// span looks at both ends of a range of addresses, with nothing but digits and dots
// beside its hyphen.
func (f *finder) span(start, end int) {
	if n := bytes.IndexByte(f.b[start:end], '-'); n > 0 {
		f.piece(start, start+n)
		f.piece(start+n+1, end)
	}
}

// trimmed looks at a run without the dots and hyphens around it.
func (f *finder) trimmed(start, end int) {
	b, n := f.b, end-start
	for start < end && (b[start] == '.' || b[start] == '-') {
		start++
	}
	for start < end && (b[end-1] == '.' || b[end-1] == '-') {
		end--
	}
	if end-start < n {
		f.piece(start, end)
	}
}

// piece looks at a part of a run, and gives where to go on.
func (f *finder) piece(start, end int) int {
	if end-start < 3 || end-start > longest {
		return end
	}
	w := uint64(0)
	for _, c := range f.b[start:end] {
		w += weights[c]
	}
	first, last := f.b[start], f.b[end-1]
	switch {
	case w >= closer:
		return f.closer(start, end)
	case w&(letter-dot) != 0:
		if first != '.' && first != '-' && last != '.' && last != '-' {
			f.dotted(start, end, w)
		} else {
			f.trimmed(start, end)
		}
	case f.lengths.has(end - start):
		f.word(start, end)
	}
	return end
}

// address4 looks at what has three dots and digits.
func (f *finder) address4(start, end int) {
	addr, part, digits := uint32(0), uint32(0), 0
	for _, c := range f.b[start:end] {
		if c == '.' {
			if digits == 0 {
				return
			}
			addr, part, digits = addr<<8|part, 0, 0
			continue
		}
		if part = part*10 + uint32(c-'0'); part > 255 || digits > 0 && part < 10 {
			return // 256, or 01
		}
		digits++
	}
	if digits == 0 {
		return
	}
	f.addressed4(addr<<8|part, start, end)
	if f.hosts && f.hostIPs > 0 {
		if h := hashText(f.key, f.b[start:end]); f.filter.may(h) {
			f.mark(h, start, end)
		}
	}
}

func (f *finder) addressed4(addr uint32, start, end int) {
	if f.nets4[32] > 0 {
		if h := f.key.hash4(addr, 32); f.filter.may(h) {
			f.look(h, start, end, kindsIP, Exact)
		}
	}
	if f.wide4 == 0 {
		return
	}
	for bits := 31; bits >= widest4; bits-- {
		if f.wide4>>bits&1 == 0 {
			continue
		}
		if h := f.key.hash4(addr&^(1<<(32-bits)-1), bits); f.filter.may(h) {
			f.look(h, start, end, kindsIP, In)
		}
	}
}

// name looks at a name of a host or a file: from its end on, so that the hashes of
// what it is below come along.
func (f *finder) name(start, end int) {
	if f.kinds[stix.ValueDomain]+f.kinds[stix.ValueFile] == 0 && !f.hosts {
		return
	}
	b, key, labels := f.b[start:end], f.key, 0
	h := key.start
	for i := len(b) - 1; i >= 0; i-- {
		c := b[i]
		if c == '.' {
			if labels++; labels == 1 {
				h = key.step(h, c)
				continue // nobody looks for a bare top-level domain
			}
			if m := mix(h); f.filter.may(m) {
				f.below(m, start, start+i+1, end)
			}
		}
		h = key.step(h, c)
	}
	if m := mix(h); f.filter.may(m) {
		f.mark(m, start, end)
		f.look(m, start, end, kindsDomain, Exact)
		if !f.besideName(start, end) && (start != f.behindEscape || !f.inPath(start)) {
			f.look(m, start, end, kindsFile, Exact)
		}
	}
}

// mark adds the host of a URL that is looked for, whose path may stand in another field.
func (f *finder) mark(h uint64, start, end int) {
	if !f.hosts || f.made {
		return
	}
	text := string(f.b[start:end])
	if v, ok := stix.NewValue(stix.ValueDomain, text); ok {
		text = v.Text
	}
	if ref, ok := f.lookup(h, kindHost, text); ok {
		f.add(spot{uint32(start), uint32(end - start), ref, Exact})
	}
}

// below adds the whole name from start for what it is below, which begins at a place.
func (f *finder) below(h uint64, start, at, end int) {
	n := len(f.spots)
	f.look(h, at, end, kindsDomain, Below)
	for i := n; i < len(f.spots) && !f.made; i++ {
		f.spots[i].at, f.spots[i].n = uint32(start), uint32(end-start)
	}
}

// besideName tells of characters that a file's name may go on with. What follows a
// plus is an offset in it, as in traces of calls.
func (f *finder) besideName(start, end int) bool {
	return start > 0 && strings.IndexByte("+~!$^", f.b[start-1]) >= 0 || end < len(f.b) && strings.IndexByte("~!$^", f.b[end]) >= 0
}

// word looks at a run without a dot: a digest, a certificate's number, a wallet.
func (f *finder) word(start, end int) {
	if h := hashWord(f.key, f.b[start:end]); f.filter.may(h) {
		f.look(h, start, end, kindsWord, Exact)
	}
}

// Sets of kinds.
const (
	kindsIP     = 1 << stix.ValueIP
	kindsDomain = 1 << stix.ValueDomain
	kindsFile   = 1 << stix.ValueFile
	kindsEmail  = 1 << stix.ValueEmail
	kindsWord   = 1<<stix.ValueHash | 1<<stix.ValueCert | 1<<stix.ValueWallet
)

// look adds what the table holds under a hash, if what stands in the text is in the
// same form.
func (f *finder) look(h uint64, start, end int, kinds uint32, how How) (found bool) {
	if f.every != nil {
		return how == Exact && f.give(kinds, f.b[start:end])
	}
	for i := f.values.start(h); ; {
		ref, after, ok := f.values.next(h, i)
		if !ok {
			return found
		}
		i = after
		e := f.entries.at(ref)
		if kinds>>e.kind&1 == 0 || e.uses == 0 {
			continue
		}
		if e.kind == stix.ValueIP {
			if !f.holds(e, f.b[start:end]) {
				continue
			}
		} else if v, ok := stix.NewValue(e.kind, string(f.b[start:end])); !ok || v.Text != string(f.text(e)) {
			continue
		}
		found = true
		f.add(spot{uint32(start), uint32(end - start), ref, how})
	}
}

func (f *finder) add(s spot) {
	if f.made {
		s.at, s.n = f.as.at, f.as.n
	}
	f.spots = append(f.spots, s)
}
