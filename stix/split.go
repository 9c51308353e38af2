package stix

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"iter"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// Split gives the properties of an object, each with its value as its producer
// wrote it; both are parts of raw, a name without its quotes. It is for bytes
// that Read has accepted and does not prove them again: of others, it gives
// what stands before the fault.
func Split(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for rest := inside(raw, '{'); len(rest) > 0 && rest[0] == '"'; {
			name, n := nameAt(rest)
			rest = trimSpace(rest[n:])
			if n == 0 || len(rest) == 0 || rest[0] != ':' {
				return
			}
			rest = trimSpace(rest[1:])
			v := valueAt(rest)
			if len(v) == 0 || !yield(name, v) {
				return
			}
			rest = afterComma(rest[len(v):])
		}
	}
}

// Elements gives the values of a list as they stand in raw; nothing of what is
// no list. Like Split it does not prove them again.
func Elements(raw []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := inside(raw, '['); len(rest) > 0 && rest[0] != ']'; {
			v := valueAt(rest)
			if len(v) == 0 || !yield(v) {
				return
			}
			rest = afterComma(rest[len(v):])
		}
	}
}

// MayExtend tells whether an object may have an extension, by its id, without reading
// it: what it says no of has none. Names count as they are meant, not as they are
// escaped.
func MayExtend(raw []byte, id string) bool {
	// Words are full of what an id begins with; its middle is looked for in a third of
	// the time. Letters, digits and hyphens have no escapes but one.
	_, middle, _ := strings.Cut(id, "definition")
	return bytes.Contains(raw, []byte(middle)) || bytes.Contains(raw, []byte(`\u00`))
}

// Text reads a value that is a string; it is empty when the value is none.
func Text(value []byte) string { return string(TextOf(value)) }

// TextOf is Text without a copy where the text stands in the value as it is.
func TextOf(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	if text, ok := literal(value); ok {
		return text
	}
	var s string
	_ = json.Unmarshal(value, &s)
	return []byte(s)
}

// literal is what stands between the quotes of a string, if that is what it means.
func literal(quoted []byte) (text []byte, ok bool) {
	text = quoted[1 : len(quoted)-1]
	return text, bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text)
}

// nameAt is the name that the string is that b begins with, without a copy where it stands
// as it is, and the length of that string; 0 without an end.
func nameAt(b []byte) (name []byte, n int) {
	i := 1
	for ; len(b)-i >= 8; i += 8 { // names are short, and this is most of what Split does
		if signs := signsIn(binary.LittleEndian.Uint64(b[i:])); signs != 0 {
			i += bits.TrailingZeros64(signs) / 8
			break
		}
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return b[1:i], i + 1
		case c == '\\' || c >= utf8.RuneSelf:
			if n = stringLen(b); n == 0 {
				return nil, 0
			}
			if text, ok := literal(b[:n]); ok {
				return text, n
			}
			return []byte(Text(b[:n])), n
		}
	}
	return nil, 0
}

// signsIn has the highest bit of the first of eight bytes that is a quote, a backslash or
// none of ASCII; bits of bytes behind that mean nothing, and 0 is none.
func signsIn(eight uint64) uint64 {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	quote, slash := eight^each*'"', eight^each*'\\'
	return ((quote-each)&^quote | (slash-each)&^slash | eight) & highest
}

// inside is what follows the bracket that begins raw; nil when none does.
func inside(raw []byte, bracket byte) []byte {
	if raw = trimSpace(raw); len(raw) == 0 || raw[0] != bracket {
		return nil
	}
	return trimSpace(raw[1:])
}

// afterComma is what follows a comma; nil when there is none.
func afterComma(b []byte) []byte {
	if b = trimSpace(b); len(b) == 0 || b[0] != ',' {
		return nil
	}
	return trimSpace(b[1:])
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' && (b[0] == ' ' || b[0] == '\n' || b[0] == '\t' || b[0] == '\r') {
		b = b[1:]
	}
	return b
}

// valueAt is the JSON value that b begins with; empty when it has no end.
func valueAt(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case '"':
		return b[:stringLen(b)]
	case '{', '[':
		return b[:nestedLen(b)]
	}
	for i, c := range b { // of a number or a word, which are short
		if c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			return b[:i]
		}
	}
	return nil
}

// stringLen is the length of the string that b begins with, 0 without an end.
func stringLen(b []byte) int {
	for at := 1; at < len(b); {
		n := bytes.IndexByte(b[at:], '"')
		if n < 0 {
			return 0
		}
		end := at + n
		if b[end-1] != '\\' { // as mostly
			return end + 1
		}
		slashes := 0
		for end-slashes > at && b[end-1-slashes] == '\\' {
			slashes++
		}
		if at = end + 1; slashes%2 == 0 {
			return at
		}
	}
	return 0
}

// nestedLen is the length of the object or list that b begins with, 0 without
// an end.
func nestedLen(b []byte) int {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			n := stringLen(b[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		}
	}
	return 0
}
