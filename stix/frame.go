package stix

// framer finds where a JSON value ends by its brackets and strings alone, in
// pieces and in constant memory. It serves to get an object that crosses the
// end of the buffer whole, to pass over one that is refused, and to skip what
// nobody asked for; whether the value is good JSON it does not say.
type framer struct {
	depth  int
	arrays [framerDepth / 64]uint64 // a bit per open bracket: whether it is '['

	inString  bool
	inEscape  bool
	breakable bool // a line break in a string ends all sense: the input is JSON Lines
}

// framerDepth is how deep brackets are told apart; below it they are counted.
const framerDepth = 4096

type framing uint8

const (
	framingMore   framing = iota // the value goes on
	framingDone                  // n is the index after the value
	framingBroken                // n is where brackets do not match
)

// feed reads on in the value. The first byte ever fed is its first one: a quote
// or an opening bracket.
func (f *framer) feed(b []byte) (n int, _ framing) {
	for i := 0; i < len(b); i++ {
		if f.inString {
			if i = f.string(b, i); i == len(b) {
				break
			}
			if f.inString {
				return i, framingBroken
			}
			if f.depth == 0 {
				return i + 1, framingDone
			}
			continue
		}
		switch c := b[i]; c {
		case '"':
			f.inString = true
		case '{', '[':
			f.open(c)
		case '}', ']':
			if !f.close(c) {
				return i, framingBroken
			}
			if f.depth == 0 {
				return i + 1, framingDone
			}
		}
	}
	return len(b), framingMore
}

// string reads on in a string, to its closing quote or, with inString still
// set, to a line break that it may not hold.
func (f *framer) string(b []byte, i int) int {
	if f.inEscape && i < len(b) {
		f.inEscape = false
		i++
	}
	for {
		if i = plainEnd(b, i); i >= len(b) {
			return len(b)
		}
		switch {
		case b[i] == '"':
			f.inString = false
			return i
		case b[i] == '\\' && i+1 == len(b):
			f.inEscape = true
			return len(b)
		case b[i] == '\\':
			i += 2
		case b[i] == '\n' && f.breakable:
			return i
		default:
			i++
		}
	}
}

func (f *framer) open(c byte) {
	if f.depth < framerDepth {
		bit := uint64(1) << (f.depth & 63)
		if f.arrays[f.depth>>6] &^= bit; c == '[' {
			f.arrays[f.depth>>6] |= bit
		}
	}
	f.depth++
}

func (f *framer) close(c byte) bool {
	f.depth--
	if f.depth < 0 || f.depth >= framerDepth {
		return f.depth >= 0
	}
	return f.arrays[f.depth>>6]>>(f.depth&63)&1 == 1 == (c == ']')
}
