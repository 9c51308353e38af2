package device

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"time"

	"entente/internal/format/blocklist"
)

// A row is an entry so that the order of bytes brings equal values together, the surest
// first, and each name and prefix before all that it covers:
//
//	kind (1)  value, ended by 0  rank (1)  confidence (1)  since (8)  until (8)  TLP, ended by 0  reference
//
// and, where a format says who made it: 0  when that version was made (8)  id of who did
//
// An address is its family, its bytes and the length of its prefix; a name is its labels
// from the last, with 1 between.

// unsaid is the confidence byte of an indicator that says none: it comes last.
const unsaid = 255

func confidenceByte(c int) byte {
	if c < 0 || c > 100 {
		return unsaid
	}
	return byte(100 - c)
}

// confidenceOf is what confidenceByte was given; -1 when none is said.
func confidenceOf(b byte) int {
	if b == unsaid {
		return -1
	}
	return 100 - int(b)
}

// addJudged adds the row of a value, by its key.
func (r *rows) addJudged(key []byte, f *facts, rank byte) {
	from := len(r.bytes)
	b := append(append(r.bytes, key...), rank, f.confidence)
	b = binary.BigEndian.AppendUint64(b, uint64(seconds(f.since)))
	b = binary.BigEndian.AppendUint64(b, uint64(seconds(f.until)))
	b = append(append(b, f.tlp.String()...), 0)
	if f.flags&isUUID != 0 {
		b = append(b, f.id[len(f.id)-uuidLen:]...)
	} else {
		b = append(b, reference(string(f.id))...)
	}
	if !f.changed.IsZero() {
		b = binary.BigEndian.AppendUint64(append(b, 0), uint64(seconds(f.changed)))
		b = append(b, f.by...)
	}
	r.bytes = b
	r.mark(from)
}

// appendKey appends kind and value, with what ends them.
func appendKey(b []byte, kind blocklist.Kind, value string) []byte {
	b = append(b, byte(kind))
	switch kind {
	case blocklist.IP:
		b = appendPrefix(b, value)
	case blocklist.Domain:
		b = appendName(b, value)
	default:
		b = append(b, value...)
	}
	return append(b, 0)
}

func appendPrefix(b []byte, value string) []byte {
	p := prefix(value)
	if p.Addr().Is4() {
		a := p.Addr().As4()
		return append(append(append(b, '4'), a[:]...), byte(p.Bits()))
	}
	a := p.Addr().As16()
	return append(append(append(b, '6'), a[:]...), byte(p.Bits()))
}

func prefix(value string) netip.Prefix {
	if strings.Contains(value, "/") {
		p, _ := netip.ParsePrefix(value)
		return p
	}
	a, err := netip.ParseAddr(value)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, a.BitLen())
}

func appendName(b []byte, name string) []byte {
	for end := len(name); ; {
		dot := strings.LastIndexByte(name[:end], '.')
		b = append(b, name[dot+1:end]...)
		if dot < 0 {
			return b
		}
		b = append(b, 1)
		end = dot
	}
}

// valueOf is the value in a key.
func valueOf(key []byte) string {
	var room [320]byte
	return string(readValue(room[:0], blocklist.Kind(key[0]), key[1:len(key)-1]))
}

// sameKey tells rows of one value.
func sameKey(a, b []byte) bool {
	n := keyLen(b)
	return len(a) >= n && bytes.Equal(a[:n], b[:n])
}

// keyLen is how long the kind and the value of a row are, with what ends it.
func keyLen(row []byte) int {
	if blocklist.Kind(row[0]) != blocklist.IP {
		return bytes.IndexByte(row, 0) + 1
	}
	if row[1] == '4' {
		return 1 + 1 + 4 + 1 + 1
	}
	return 1 + 1 + 16 + 1 + 1
}

// orderOf is the byte by which rows are put on shelves: their rank where they have one,
// else their confidence.
func orderOf(row []byte) uint8 {
	n := keyLen(row)
	return cmp.Or(row[n], row[n+1])
}

// entryOf reads a row.
func entryOf(row []byte) blocklist.Entry {
	n := keyLen(row)
	key, rest := row[1:n-1], row[n+1:]
	e := blocklist.Entry{Kind: blocklist.Kind(row[0]), Confidence: confidenceOf(rest[0]), Score: scoreOf(row[n])}
	e.Since, e.Until = instant(rest[1:]), instant(rest[9:])
	tlp, ref, _ := bytes.Cut(rest[17:], []byte{0})
	ref, made, told := bytes.Cut(ref, []byte{0})
	e.TLP = labelOf(tlp)
	if told {
		e.Changed, e.By = instant(made), string(made[8:])
	}
	var room [320]byte // of the value and the reference, which are one string
	b := readValue(room[:0], e.Kind, key)
	end := len(b)
	text := string(append(b, ref...))
	e.Value, e.Ref = text[:end], text[end:]
	return e
}

func entriesOf(r *rows) []blocklist.Entry {
	all := make([]blocklist.Entry, len(r.at))
	for i := range all {
		all[i] = entryOf(r.row(i))
	}
	return all
}

// labelOf is a label of TLP, without a copy of those there are.
func labelOf(tlp []byte) string {
	for i := range strictness {
		if l := strictness[i].label; string(tlp) == l {
			return l
		}
	}
	return string(tlp)
}

// readValue appends the value that is written so.
func readValue(b []byte, kind blocklist.Kind, written []byte) []byte {
	switch kind {
	case blocklist.IP:
		return readPrefix(b, written)
	case blocklist.Domain:
		return readName(b, written)
	}
	return append(b, written...)
}

func readPrefix(b, key []byte) []byte {
	a, _ := netip.AddrFromSlice(key[1 : len(key)-1])
	if bits := int(key[len(key)-1]); bits < a.BitLen() {
		return netip.PrefixFrom(a, bits).AppendTo(b)
	}
	return a.AppendTo(b)
}

func readName(b, key []byte) []byte {
	for end := len(key); ; {
		i := bytes.LastIndexByte(key[:end], 1)
		b = append(b, key[i+1:end]...)
		if i < 0 {
			return b
		}
		b = append(b, '.')
		end = i
	}
}

// covers tells whether the value of a row holds that of another one: as a name does those
// below it, and a prefix what is in it.
func covers(wide, row []byte) bool {
	if len(wide) == 0 || wide[0] != row[0] {
		return false
	}
	w, r := wide[:keyLen(wide)-1], row[:keyLen(row)-1]
	switch blocklist.Kind(row[0]) {
	case blocklist.Domain:
		return bytes.Equal(w, r) || len(r) > len(w) && r[len(w)] == 1 && bytes.HasPrefix(r, w)
	case blocklist.IP:
		return w[1] == r[1] && holds(w[2:], r[2:])
	}
	return bytes.Equal(w, r)
}

// holds compares prefixes as rows have them.
func holds(wide, narrow []byte) bool {
	bits, last := int(wide[len(wide)-1]), len(wide)-1
	if bits > int(narrow[last]) {
		return false
	}
	whole := bits / 8
	if !slices.Equal(wide[:whole], narrow[:whole]) {
		return false
	}
	return bits%8 == 0 || (wide[whole]^narrow[whole])>>(8-bits%8) == 0
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func instant(b []byte) time.Time {
	if s := int64(binary.BigEndian.Uint64(b)); s != 0 {
		return time.Unix(s, 0).UTC()
	}
	return time.Time{}
}
