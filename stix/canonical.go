package stix

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// Canonical appends the canonical form (RFC 8785) of one JSON value to dst: no
// white space, names in order of their UTF-16 code units, strings and numbers
// as ECMAScript writes them. Equal content has equal canonical bytes. What RFC
// 8785 cannot express is refused with its place: duplicate names, lone
// surrogates, bytes that are not UTF-8, numbers beyond a double; and nesting
// deeper than 1,000. With an error dst comes back as it was.
//
// Integers beyond ±(2^53-1) become the nearest double, as the RFC has it;
// Scan and Read refuse objects that hold them.
func Canonical(dst, raw []byte) ([]byte, error) {
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	out, err := c.document(dst, raw)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// Digest is the SHA-256 of the canonical form: two objects have one content
// when their digests are equal.
func Digest(raw []byte) ([32]byte, error) {
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	out, err := c.document(c.buf[:0], raw)
	if err != nil {
		return [32]byte{}, err
	}
	c.buf = out
	return sha256.Sum256(out), nil
}

var canonicalizers = sync.Pool{New: func() any { return new(canonicalizer) }}

// keptBuffer is the largest buffer that goes back to the pool, in bytes.
const keptBuffer = 1 << 20

// maxCanonicalDepth bounds the recursion.
const maxCanonicalDepth = 1000

// canonicalizer writes one value, members of an object first in the order they
// come, then, where that is not the canonical order, moved into it.
type canonicalizer struct {
	raw     []byte
	buf     []byte   // output of Digest
	moved   []byte   // members on their way to their place
	members []member // of all objects that are open, innermost last
}

// member is a name and its value in the output: out[start:end] is
// `"name":value`, and name ends before end of key.
type member struct {
	start, key, end int
	plain           bool // the name is ASCII without escapes: its bytes sort as its UTF-16 code units do
}

func (c *canonicalizer) release() {
	c.raw = nil
	if cap(c.buf) > keptBuffer || cap(c.moved) > keptBuffer || cap(c.members) > keptBuffer/64 {
		return
	}
	canonicalizers.Put(c)
}

func (c *canonicalizer) document(dst, raw []byte) ([]byte, error) {
	c.raw, c.members = raw, c.members[:0]
	out, i, f := c.value(dst, skipSpace(raw, 0), 0)
	if f == faultNone {
		if i = skipSpace(raw, i); i < len(raw) {
			f = faultTrailing
		}
	}
	if f != faultNone {
		return nil, fmt.Errorf("canonical form: byte %d: %s", i, f.reason())
	}
	return out, nil
}

// value appends the value at raw[i] and returns the index after it, or of the
// fault.
func (c *canonicalizer) value(out []byte, i, depth int) ([]byte, int, fault) {
	if i >= len(c.raw) {
		return out, i, faultShort
	}
	switch b := c.raw[i]; {
	case b == '"':
		return c.string(out, i)
	case b == '{' || b == '[':
		if depth >= maxCanonicalDepth {
			return out, i, faultDepth
		}
		if b == '{' {
			return c.object(out, i, depth+1)
		}
		return c.array(out, i, depth+1)
	case b == '-' || b-'0' <= 9:
		return c.number(out, i)
	}
	end, f := scanLiteral(c.raw, i)
	if f != faultNone {
		return out, end, f
	}
	return append(out, c.raw[i:end]...), end, faultNone
}

func (c *canonicalizer) array(out []byte, i, depth int) ([]byte, int, fault) {
	out = append(out, '[')
	i = skipSpace(c.raw, i+1)
	if i < len(c.raw) && c.raw[i] == ']' {
		return append(out, ']'), i + 1, faultNone
	}
	for {
		var f fault
		if out, i, f = c.value(out, i, depth); f != faultNone {
			return out, i, f
		}
		if i = skipSpace(c.raw, i); i >= len(c.raw) {
			return out, i, faultShort
		}
		switch c.raw[i] {
		case ',':
			out = append(out, ',')
			i = skipSpace(c.raw, i+1)
		case ']':
			return append(out, ']'), i + 1, faultNone
		default:
			return out, i, faultGrammar
		}
	}
}

func (c *canonicalizer) object(out []byte, i, depth int) ([]byte, int, fault) {
	first := len(c.members)
	out = append(out, '{')
	i = skipSpace(c.raw, i+1)
	if i < len(c.raw) && c.raw[i] == '}' {
		return append(out, '}'), i + 1, faultNone
	}
	sorted := true
	for {
		if i >= len(c.raw) {
			return out, i, faultShort
		}
		if c.raw[i] != '"' {
			return out, i, faultGrammar
		}
		var f fault
		m, name := member{start: len(out)}, i
		if out, i, f = c.string(out, i); f != faultNone {
			return out, i, f
		}
		m.key = len(out)
		m.plain = plainName(out[m.start+1 : m.key-1])
		out = append(out, ':')
		if i = skipSpace(c.raw, i); i >= len(c.raw) {
			return out, i, faultShort
		}
		if c.raw[i] != ':' {
			return out, i, faultGrammar
		}
		if n := len(c.members); n > first {
			switch order := compareNames(out, c.members[n-1], m); {
			case order == 0:
				return out, name, faultDuplicate
			case order > 0:
				sorted = false
			}
		}
		if out, i, f = c.value(out, skipSpace(c.raw, i+1), depth); f != faultNone {
			return out, i, f
		}
		m.end = len(out)
		c.members = append(c.members, m)
		if i = skipSpace(c.raw, i); i >= len(c.raw) {
			return out, i, faultShort
		}
		switch c.raw[i] {
		case ',':
			out = append(out, ',')
			i = skipSpace(c.raw, i+1)
		case '}':
			if !sorted && !c.sort(out, first) {
				return out, i, faultDuplicate
			}
			c.members = c.members[:first]
			return append(out, '}'), i + 1, faultNone
		default:
			return out, i, faultGrammar
		}
	}
}

// sort moves the members from the first on into canonical order; false when
// two have one name.
func (c *canonicalizer) sort(out []byte, first int) bool {
	members := c.members[first:]
	at, end := members[0].start, len(out)
	slices.SortFunc(members, func(a, b member) int { return compareNames(out, a, b) })
	c.moved = c.moved[:0]
	for i, m := range members {
		if i > 0 {
			if compareNames(out, members[i-1], m) == 0 {
				return false
			}
			c.moved = append(c.moved, ',')
		}
		c.moved = append(c.moved, out[m.start:m.end]...)
	}
	copy(out[at:end], c.moved)
	return true
}

// compareNames orders two members by the UTF-16 code units of their names.
func compareNames(out []byte, a, b member) int {
	x, y := out[a.start+1:a.key-1], out[b.start+1:b.key-1]
	if a.plain && b.plain {
		return slices.Compare(x, y)
	}
	for len(x) > 0 && len(y) > 0 {
		r, n := nextRune(x)
		q, m := nextRune(y)
		if r != q {
			return cmp.Compare(firstUnit(r), firstUnit(q))
		}
		x, y = x[n:], y[m:]
	}
	return cmp.Compare(len(x), len(y))
}

// nextRune is the character that starts the text of a canonical string, and the
// length of its canonical form.
func nextRune(text []byte) (rune, int) {
	if text[0] != '\\' {
		return utf8.DecodeRune(text)
	}
	if text[1] == 'u' {
		r, _ := scanHex(text, 0)
		return r, 6
	}
	var one [1]byte
	return rune(appendUnescaped(one[:0], text[:2])[0]), 2
}

// firstUnit maps characters to numbers in the order of their UTF-16 code units:
// those in surrogate pairs come before the last ones of the basic plane.
func firstUnit(r rune) rune {
	if r >= 0xE000 && r <= 0xFFFF {
		return r + 0x110000
	}
	return r
}

// string appends the string at raw[i] as ECMAScript writes it: only quote,
// backslash and control characters are escaped, in their shortest form.
func (c *canonicalizer) string(out []byte, i int) (_ []byte, end int, f fault) {
	end, escaped, f := scanString(c.raw, i)
	if f != faultNone {
		return out, end, f
	}
	if !escaped {
		return append(out, c.raw[i:end]...), end, faultNone
	}
	out = append(out, '"')
	for text := c.raw[i+1 : end-1]; len(text) > 0; {
		n := bytes.IndexByte(text, '\\')
		if n < 0 {
			out = append(out, text...)
			break
		}
		out = append(out, text[:n]...)
		out, n = appendEscape(out, text, n)
		text = text[n:]
	}
	return append(out, '"'), end, faultNone
}

// appendEscape appends the canonical form of the escape at text[i] and returns
// the index after it.
func appendEscape(out, text []byte, i int) ([]byte, int) {
	switch text[i+1] {
	case '/':
		return append(out, '/'), i + 2
	case 'u':
	default:
		return append(out, text[i:i+2]...), i + 2
	}
	r, _ := scanHex(text, i)
	i += 6
	if utf16.IsSurrogate(r) {
		low, _ := scanHex(text, i)
		return utf8.AppendRune(out, utf16.DecodeRune(r, low)), i + 6
	}
	switch r {
	case '"', '\\':
		return append(out, '\\', byte(r)), i
	case '\b':
		return append(out, `\b`...), i
	case '\f':
		return append(out, `\f`...), i
	case '\n':
		return append(out, `\n`...), i
	case '\r':
		return append(out, `\r`...), i
	case '\t':
		return append(out, `\t`...), i
	}
	if r < 0x20 {
		const hex = "0123456789abcdef"
		return append(out, '\\', 'u', '0', '0', hex[r>>4], hex[r&15]), i
	}
	return utf8.AppendRune(out, r), i
}

// plainName tells whether a name's canonical bytes are its UTF-16 code units.
func plainName(text []byte) bool {
	for _, c := range text {
		if c >= utf8.RuneSelf || c == '\\' {
			return false
		}
	}
	return true
}

// number appends the number at raw[i] as ECMAScript's Number::toString does.
func (c *canonicalizer) number(out []byte, i int) ([]byte, int, fault) {
	end, whole, f := scanNumber(c.raw, i)
	if f == faultShort && endsWithDigit(c.raw) { // a document that is a number alone
		c.raw = append(slices.Clone(c.raw), ' ')
		end, whole, f = scanNumber(c.raw, i)
	}
	if f != faultNone {
		return out, end, f
	}
	text := c.raw[i:end]
	if whole && exactInteger(text) && text[0] != '-' {
		return append(out, text...), end, faultNone
	}
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return out, i, faultNumberRange
	}
	return appendNumber(out, v), end, faultNone
}

func endsWithDigit(b []byte) bool { return b[len(b)-1]-'0' <= 9 }

// appendNumber writes a double in the shortest form that reads back as it,
// laid out by the rules of ECMAScript: decimal from 1e-6 up to below 1e21,
// exponential elsewhere. Negative zero is 0.
func appendNumber(out []byte, v float64) []byte {
	if v == 0 {
		return append(out, '0')
	}
	if size := math.Abs(v); size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(out, v, 'f', -1, 64)
	}
	out = strconv.AppendFloat(out, v, 'e', -1, 64)
	if n := len(out); out[n-2] == '0' && (out[n-3] == '-' || out[n-3] == '+') { // Go writes e-07
		out[n-2] = out[n-1]
		out = out[:n-1]
	}
	return out
}
