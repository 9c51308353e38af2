package taxii

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"entente/internal/exchange"
	"entente/internal/store"
)

// The encoders below append to a buffer and never reflect: pages are the hot
// path. An object's bytes are copied as they are stored.

// maxPageBytes bounds the objects of one answer.
const maxPageBytes = 8 << 20

// buffers holds the memory that answers are written in.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 128<<10); return &b }}

// keepBuffer is the largest buffer that is kept for the next answer.
const keepBuffer = 2 << 20

func getBuffer() *[]byte { return buffers.Get().(*[]byte) }

func putBuffer(b *[]byte) {
	if cap(*b) <= keepBuffer {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

// rows are the objects of a page that an answer shows.
type rows struct {
	*exchange.Page
	shown []int // nil means all
}

func (p rows) len() int {
	if p.shown == nil {
		return p.Len()
	}
	return len(p.shown)
}

// at is the page's index of the answer's object i.
func (p rows) at(i int) int {
	if p.shown == nil {
		return i
	}
	return p.shown[i]
}

// encoder writes object i of a page into an answer.
type encoder func(b []byte, p *exchange.Page, i int, c *clock) []byte

// appendPage writes what envelope, manifest and versions have in common: an
// empty object when there is nothing (sections 3.7, 5.3.1, 5.8.1), else more,
// never without next, and a list.
func appendPage(b []byte, p rows, name string, item encoder) []byte {
	if p.len() == 0 {
		return append(b, "{}"...)
	}
	if p.Next != "" {
		b = append(b, `{"more":true,"next":"`...)
		b = append(b, p.Next...)
		b = append(b, `","`...)
	} else {
		b = append(b, `{"more":false,"`...)
	}
	b = append(b, name...)
	b = append(b, `":[`...)
	var c clock
	for i := range p.len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = item(b, p.Page, p.at(i), &c)
	}
	return append(b, `]}`...)
}

// appendObject writes one object of an envelope.
func appendObject(b []byte, p *exchange.Page, i int, _ *clock) []byte {
	return append(b, p.Bytes(i)...)
}

// appendManifestRecord writes one object of a manifest (section 5.3.1).
func appendManifestRecord(b []byte, p *exchange.Page, i int, c *clock) []byte {
	b = append(b, `{"id":`...)
	b = appendString(b, p.ID(i))
	b = append(b, `,"date_added":"`...)
	b = c.append(b, p.Date(i))
	b = append(b, `","version":`...)
	b = appendVersion(b, p.Version(i), p.Added(i))
	if p.Spec(i) == newestSpec {
		return append(b, `,"media_type":"application/stix+json;version=`+newestSpec+`"}`...)
	}
	b = append(b, `,"media_type":"application/stix+json;version=`...)
	b = appendText(b, p.Spec(i)) // as its producer wrote it
	return append(b, `"}`...)
}

// appendVersionOf writes one element of a versions resource (section 5.8.1).
func appendVersionOf(b []byte, p *exchange.Page, i int, _ *clock) []byte {
	return appendVersion(b, p.Version(i), p.Added(i))
}

// appendVersion writes an object's version as a JSON string. What has neither
// modified nor created has its date added for a version: section 3.4.1 leaves
// the choice to the server.
func appendVersion(b []byte, version string, added store.Tick) []byte {
	if version != "" {
		return appendString(b, version)
	}
	b = append(b, '"')
	b = appendTick(b, added)
	return append(b, '"')
}

// clock writes dates added as section 2 has timestamps: UTC with six digits of
// fraction. Neighbours on a page mostly share their second, whose text it
// keeps; a manifest of a thousand objects feels that.
type clock struct {
	second int64
	text   [20]byte // "2006-01-02T15:04:05."; empty at first
}

func (c *clock) append(b []byte, t store.Tick) []byte {
	second, micro := int64(t)/1_000_000, int64(t)%1_000_000
	if c.text[0] == 0 || second != c.second {
		c.second = second
		c.set(second)
	}
	b = append(b, c.text[:]...)
	b = appendTwo(b, micro/10_000)
	b = appendTwo(b, micro/100%100)
	b = appendTwo(b, micro%100)
	return append(b, 'Z')
}

func (c *clock) set(second int64) {
	year, month, day := civil(second / (24 * 60 * 60))
	second %= 24 * 60 * 60
	b := appendTwo(c.text[:0], year/100)
	b = append(appendTwo(b, year%100), '-')
	b = append(appendTwo(b, month), '-')
	b = append(appendTwo(b, day), 'T')
	b = append(appendTwo(b, second/3600), ':')
	b = append(appendTwo(b, second/60%60), ':')
	_ = append(appendTwo(b, second%60), '.')
}

func appendTick(b []byte, t store.Tick) []byte {
	var c clock
	return c.append(b, t)
}

func appendTwo(b []byte, n int64) []byte { return append(b, byte('0'+n/10%10), byte('0'+n%10)) }

// civil gives the date of a day counted from 1970-01-01, in the proleptic
// Gregorian calendar, by counting from the 1st of March of year 0, so that the
// leap day is the last of a year. Days before 1970 do not occur.
func civil(days int64) (year, month, day int64) {
	days += 719_468 // from 0000-03-01 to 1970-01-01
	era := days / 146_097
	dayOfEra := days % 146_097
	yearOfEra := (dayOfEra - dayOfEra/1_460 + dayOfEra/36_524 - dayOfEra/146_096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153 // from March
	day = dayOfYear - (153*m+2)/5 + 1
	year = yearOfEra + era*400
	if m < 10 {
		return year, m + 3, day
	}
	return year + 1, m - 9, day
}

// appendString writes a JSON string.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	b = appendText(b, s)
	return append(b, '"')
}

// appendText writes what stands between the quotes of a JSON string. What is
// not UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	start := len(b)
	b = append(b, s...)
	if plain(b[start:]) {
		return b
	}
	b = b[:start]
	const hex = "0123456789abcdef"
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r == utf8.RuneError:
			b = append(b, `\ufffd`...)
		default:
			b = append(b, s[i:i+utf8.RuneLen(r)]...)
		}
	}
	return b
}

// plain tells whether bytes are ASCII that a JSON string holds as it is, eight
// at a time.
func plain(b []byte) bool {
	const (
		ones = 0x0101010101010101
		tops = 0x80 * ones
	)
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		quote, slash := w^'"'*ones, w^'\\'*ones
		if (w|(w-' '*ones)|((quote-ones)&^quote)|((slash-ones)&^slash))&tops != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
