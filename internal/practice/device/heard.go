package device

import (
	"cmp"
	"encoding/binary"
	"time"

	"entente/internal/format/blocklist"
	"entente/internal/score"
	"entente/internal/store"
	"entente/internal/trust/handling"
)

// What indicators say is kept as rows whose order of bytes is that of their values, as the
// rows of a list are (row.go). They are the same whatever else is wished for, whoever has an
// opinion and whatever the time is:
//
//	kind (1)  value, ended by 0  facts
//
// and, once for each indicator of which there is more to say than values:
//
//	255  facts  remarks
//
// The facts are flags (1), PAP (1), TLP (1), confidence (1), the kind of its pattern for
// scores (1), its id and its creator's, each behind its length, and as varints since, until,
// created and changed in microseconds since 1970 (0 for none, and 1 for 0) and collection,
// class and date of its place.
//
// A remark is what it is (1), the kind of a value (1), and a text behind its length.

// remarked begins rows of what is no value of a list.
const remarked = 255

// Flags of a row.
const (
	isFirst      = 1 << iota // of its indicator; what is told of the indicator is told there
	isUnreviewed             // a machine made it, and no person has reviewed it
	isPrivate                // the value is special, and not to be blocked
	isBarren                 // the first remark is why the indicator gives no value at all
	isUUID                   // the end of the id is the reference
)

// What remarks are.
const (
	isLeft     = iota // why something of the indicator is left out
	isTogether        // values count only together
	isUnfit           // a value that no list can hold
)

// facts are what a row says of its indicator.
type facts struct {
	flags        byte
	pap          handling.PAP
	tlp          handling.Level
	confidence   byte // as confidenceByte has it
	of           score.Kind
	since, until time.Time
	created      time.Time // where it is needed for scores
	changed      time.Time // where the list says it, as by
	place        store.Place
	id, by       []byte
}

func (f *facts) append(b []byte) []byte {
	b = append(b, f.flags, byte(f.pap), byte(f.tlp), f.confidence, byte(f.of))
	b = appendText(appendText(b, f.id), f.by)
	for _, t := range [...]time.Time{f.since, f.until, f.created, f.changed} {
		micro := int64(0)
		if !t.IsZero() {
			micro = cmp.Or(t.UnixMicro(), 1)
		}
		b = binary.AppendVarint(b, micro)
	}
	b = binary.AppendUvarint(b, uint64(f.place.Collection))
	b = binary.AppendUvarint(b, uint64(f.place.Class))
	return binary.AppendUvarint(b, uint64(f.place.Added))
}

// factsAt is where they begin in a row.
func factsAt(row []byte) int {
	if row[0] == remarked {
		return 1
	}
	return keyLen(row)
}

// read reads the facts of a row, of which its texts are parts, and gives what is behind.
func (f *facts) read(row []byte) (rest []byte) {
	b := row[factsAt(row):]
	f.flags, f.pap, f.tlp, f.confidence, f.of = b[0], handling.PAP(b[1]), handling.Level(b[2]), b[3], score.Kind(b[4])
	f.id, b = cutText(b[5:])
	f.by, b = cutText(b)
	for _, t := range [...]*time.Time{&f.since, &f.until, &f.created, &f.changed} {
		micro, n := binary.Varint(b)
		if *t, b = (time.Time{}), b[n:]; micro != 0 {
			*t = time.UnixMicro(micro).UTC()
		}
	}
	number := func() uint64 {
		n, size := binary.Uvarint(b)
		b = b[size:]
		return n
	}
	f.place = store.Place{Collection: store.Collection(number()), Class: store.ClassID(number()), Added: store.Tick(number())}
	return b
}

// idOf is that of a row's indicator.
func idOf(row []byte) []byte {
	id, _ := cutText(row[factsAt(row)+5:])
	return id
}

func appendText[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

func cutText(b []byte) (text, rest []byte) {
	n, at := binary.Uvarint(b)
	end := at + int(n)
	return b[at:end], b[end:]
}

// remark is one of an indicator.
type remark struct {
	what byte
	kind blocklist.Kind
	text string
}

func (r remark) append(b []byte) []byte {
	return appendText(append(b, r.what, byte(r.kind)), r.text)
}

// nextRemark reads one, and gives those behind it.
func nextRemark(b []byte) (r remark, rest []byte) {
	text, rest := cutText(b[2:])
	return remark{b[0], blocklist.Kind(b[1]), string(text)}, rest
}
