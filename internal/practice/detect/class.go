package detect

import "strings"

// Characters that values consist of, beside letters and digits.
const (
	nameBytes  = ".-_"
	wordBytes  = "-_"
	localBytes = ".-_+~!#$&*^" // before the @ of a mail address
)

// weights say what a byte is, so that their sum over a run says what is in it:
// digits, dots, letters (hyphens and underscores, too), and what needs a closer
// look (colons, at signs, bytes of other scripts), in sixteen bits each. Zero is
// what stands between runs.
var weights = weigh()

const (
	digit  = 1
	dot    = 1 << 16
	letter = 1 << 32
	closer = 1 << 48
)

// after says what a byte after a run may begin: an escape, a name whose labels are counted,
// or something that was made harmless.
var after = [256]byte{'[': opens, '(': opens | counts, '{': opens, '%': percent, '\\': escapes, '#': escapes}

const (
	opens   = 1 << iota // a bracket, as of [.]
	percent             // %2F
	escapes             // \n, #011
	counts              // (3)www
)

// urlEnds are bytes that no URL in a line holds.
var urlEnds = only("\"'<>`{}|^")

// cuts are bytes that a long line may be cut after: no value holds any.
var cuts = only("\"'<>`,;")

// only are spaces, control characters and some others.
func only(others string) (is [256]bool) {
	for c := range is {
		is[c] = c <= ' ' || c == 0x7f || c < 0x80 && strings.IndexByte(others, byte(c)) >= 0
	}
	return is
}

func weigh() (w [256]uint64) {
	for i := range w {
		switch c := byte(i); {
		case c-'0' <= 9:
			w[i] = digit
		case c == '.':
			w[i] = dot
		case (c|0x20)-'a' < 26 || c == '-' || c == '_':
			w[i] = letter
		case c == ':' || c == '@' || c >= 0x80:
			w[i] = closer
		}
	}
	return w
}

func isURLEnd(r rune) bool { return r < 256 && urlEnds[byte(r)] }

// isWordOf tells whether a text consists of ASCII letters, digits and the others.
func isWordOf(text, others string) bool {
	for i := range len(text) {
		c := text[i]
		if c-'0' > 9 && (c|0x20)-'a' >= 26 && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return text != ""
}

func isHex(c byte) bool { return c-'0' <= 9 || (c|0x20)-'a' <= 5 }

// wordLengths is a set of lengths.
type wordLengths [4]uint64

func (l *wordLengths) has(n int) bool { return l[n>>6&3]>>(n&63)&1 != 0 && n < 256 }

func (l *wordLengths) set(n int, has bool) {
	l[n>>6&3] &^= 1 << (n & 63)
	if has {
		l[n>>6&3] |= 1 << (n & 63)
	}
}
