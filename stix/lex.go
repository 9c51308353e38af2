package stix

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// fault says why a token or value cannot be read. The scanner tells two
// families apart: after faultShort and the faults of grammar nothing is known
// about what follows; after the others the value still ends where its brackets
// do.
type fault uint8

const (
	faultNone  fault = iota
	faultShort       // the bytes end before the value does
	faultGrammar
	faultLiteral
	faultNumber
	faultNumberRange
	faultInteger
	faultControl
	faultEscape
	faultSurrogate
	faultUTF8
	faultDepth
	faultDuplicate
	faultNotObject
	faultNoType
	faultNoID
	faultType // an envelope property of a wrong JSON type
	faultIDText
	faultContainer // not a fault of the input: the value is a bundle or an envelope
	faultTrailing
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanString reads the string that opens at b[i]; end is just after its closing
// quote. On a fault, end is where it lies. Eight bytes are looked at at a time:
// strings are most of every object.
func scanString(b []byte, i int) (end int, escaped bool, f fault) {
	start := i + 1
	i = start
	var seen uint64 // its high bits tell of bytes outside ASCII
	for {
		for i+8 <= len(b) {
			w := binary.LittleEndian.Uint64(b[i:])
			seen |= w
			if stop := stops(w); stop != 0 {
				i += bits.TrailingZeros64(stop) >> 3
				break
			}
			i += 8
		}
		for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
			seen |= uint64(b[i])
			i++
		}
		if i >= len(b) {
			return i, escaped, faultShort
		}
		switch b[i] {
		case '"':
			if seen&highs != 0 && !utf8.Valid(b[start:i]) {
				return start + validPrefix(b[start:i]), escaped, faultUTF8
			}
			return i + 1, escaped, faultNone
		case '\\':
			escaped = true
			if i, f = scanEscape(b, i); f != faultNone {
				return i, escaped, f
			}
		default:
			return i, escaped, faultControl
		}
	}
}

// plainEnd gives the index of the first quote, backslash or control character
// at or after b[i].
func plainEnd(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		if stop := stops(binary.LittleEndian.Uint64(b[i:])); stop != 0 {
			return i + bits.TrailingZeros64(stop)>>3
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= 0x20 {
		i++
	}
	return i
}

// stops marks, by its high bit, the first byte of eight that is a quote, a
// backslash or a control character; marks after the first mean nothing.
func stops(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

// scanEscape reads the escape at b[i], a surrogate pair as one.
func scanEscape(b []byte, i int) (end int, f fault) {
	if i+1 >= len(b) {
		return i, faultShort
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, faultNone
	case 'u':
	default:
		return i, faultEscape
	}
	r, f := scanHex(b, i)
	if f != faultNone || !utf16.IsSurrogate(r) {
		return min(i+6, len(b)), f // what is cut off ends in it
	}
	if r >= 0xDC00 || i+6 < len(b) && b[i+6] != '\\' || i+7 < len(b) && b[i+7] != 'u' {
		return i, faultSurrogate
	}
	if i+8 > len(b) {
		return i, faultShort
	}
	low, f := scanHex(b, i+6)
	if f == faultNone && (low < 0xDC00 || low > 0xDFFF) {
		f = faultSurrogate
	}
	return min(i+12, len(b)), f
}

// scanHex reads the four digits of the \u escape at b[i].
func scanHex(b []byte, i int) (rune, fault) {
	if i+6 > len(b) {
		return 0, faultShort
	}
	var r rune
	for _, c := range b[i+2 : i+6] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, faultEscape
		}
		r = r<<4 | rune(c)
	}
	return r, faultNone
}

func validPrefix(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(b)
}

// appendUnescaped appends what a string's text (without its quotes) stands for.
// The text has been accepted by scanString.
func appendUnescaped(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		switch c = text[i+1]; c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := scanHex(text, i)
			i += 6
			if utf16.IsSurrogate(r) {
				low, _ := scanHex(text, i)
				r = utf16.DecodeRune(r, low)
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
		i += 2
	}
	return dst
}

// scanNumber reads the number at b[i]. A number that reaches the end of b is
// short: what follows could belong to it. Whole tells that it is written
// without fraction and exponent.
func scanNumber(b []byte, i int) (end int, whole bool, f fault) {
	start := i
	if b[i] == '-' {
		i++
	}
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	if i == len(b) {
		return i, false, faultShort
	}
	if i == first || b[first] == '0' && i > first+1 {
		return start, false, faultNumber
	}
	whole = true
	if b[i] == '.' {
		whole = false
		if i, f = scanDigits(b, i+1); f != faultNone {
			return i, false, f
		}
	}
	exponent := b[i] == 'e' || b[i] == 'E'
	if exponent {
		whole = false
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if i, f = scanDigits(b, i); f != faultNone {
			return i, false, f
		}
	}
	if exponent || i-start > 300 && !whole {
		if _, err := strconv.ParseFloat(string(b[start:i]), 64); err != nil {
			return start, false, faultNumberRange
		}
	}
	return i, whole, faultNone
}

// scanDigits reads one or more digits.
func scanDigits(b []byte, i int) (int, fault) {
	first := i
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	switch {
	case i == len(b):
		return i, faultShort
	case i == first:
		return i, faultNumber
	}
	return i, faultNone
}

// exactInteger tells whether a whole number lies within ±(2^53-1), where every
// reader of JSON sees the same integer.
func exactInteger(text []byte) bool {
	if text[0] == '-' {
		text = text[1:]
	}
	const most = "9007199254740991"
	return len(text) < len(most) || len(text) == len(most) && string(text) <= most
}

// scanLiteral reads true, false or null at b[i].
func scanLiteral(b []byte, i int) (end int, f fault) {
	word := "null"
	switch b[i] {
	case 't':
		word = "true"
	case 'f':
		word = "false"
	case 'n':
	default:
		return i, faultGrammar
	}
	rest := b[i:]
	if len(rest) < len(word) {
		if string(rest) == word[:len(rest)] {
			return len(b), faultShort
		}
		return i, faultLiteral
	}
	if string(rest[:len(word)]) != word {
		return i, faultLiteral
	}
	return i + len(word), faultNone
}

// skipSpace gives the index of the first byte at or after i that is no JSON
// white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}
