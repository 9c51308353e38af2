package stix

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// input reads what is validated piece by piece and knows its place in it.
type input struct {
	r       io.Reader
	buf     []byte // buf[pos:] is read but not yet consumed
	pos     int
	err     error   // of the reader, once it has given one
	at      origin  // of buf[pos]
	limit   int     // bytes that one value may have
	nesting nesting // of the value whose end is being looked for
}

// inputChunk is how much is read at once, in bytes.
const inputChunk = 64 << 10

// more reads on; false when there is no more.
func (in *input) more() bool {
	if in.err != nil || in.r == nil {
		return false
	}
	if in.pos > 0 && len(in.buf)-in.pos <= in.pos {
		in.buf = in.buf[:copy(in.buf, in.buf[in.pos:])]
		in.pos = 0
	}
	if cap(in.buf)-len(in.buf) < inputChunk {
		in.buf = append(make([]byte, 0, 2*cap(in.buf)+inputChunk), in.buf...)
	}
	for range 100 { // a reader may return nothing a few times
		n, err := in.r.Read(in.buf[len(in.buf) : len(in.buf)+inputChunk])
		in.buf = in.buf[:len(in.buf)+n]
		in.err = err
		if n > 0 || err != nil {
			return n > 0
		}
	}
	in.err = io.ErrNoProgress
	return false
}

// ended tells that everything is consumed.
func (in *input) ended() bool { return in.pos == len(in.buf) && !in.more() }

// peek is the next byte; 0 at the end.
func (in *input) peek() byte {
	if in.ended() {
		return 0
	}
	return in.buf[in.pos]
}

// bytes are the next n bytes, or as many of them as have been read.
func (in *input) bytes(n int) []byte { return in.buf[in.pos:min(in.pos+n, len(in.buf))] }

// advance consumes n bytes that have been read.
func (in *input) advance(n int) {
	in.at.line, in.at.column = in.at.after(in.buf[in.pos : in.pos+n])
	in.pos += n
}

// space consumes white space between values.
func (in *input) space() {
	for !in.ended() {
		n := skipSpace(in.buf, in.pos) - in.pos
		in.advance(n)
		if in.pos < len(in.buf) {
			return
		}
	}
}

// skipMark consumes a byte order mark.
func (in *input) skipMark() {
	const mark = "\xef\xbb\xbf"
	for len(in.bytes(len(mark))) < len(mark) && in.more() {
	}
	if string(in.bytes(len(mark))) == mark {
		in.pos += len(mark)
	}
}

// valueEnd looks for the end of the value that the input stands at, n bytes
// on; fits tells that it is no larger than it may be. When it does not fit, n is
// how far was looked, and discard consumes the rest.
func (in *input) valueEnd(from int) (n int, fits bool, f fault) {
	in.nesting = nesting{}
	n = from
	for {
		k, done, f := in.nesting.feed(in.buf[in.pos+n:])
		n += k
		switch {
		case f != faultNone:
			return n, true, f
		case n > in.limit:
			return n, false, faultNone
		case done:
			return n, true, faultNone
		case !in.more():
			if in.nesting.scalar {
				return n, true, faultNone
			}
			return n, true, faultShort
		}
	}
}

// discard consumes a value that does not fit, of which n bytes have been looked
// at, without keeping it.
func (in *input) discard(n int) fault {
	in.advance(n)
	for !in.nesting.done {
		k, _, f := in.nesting.feed(in.buf[in.pos:])
		in.advance(k)
		if f != faultNone {
			return f
		}
		if !in.nesting.done && !in.more() {
			return faultShort
		}
	}
	return faultNone
}

// nesting follows the brackets of one value.
type nesting struct {
	open   uint64 // the brackets that are open, innermost lowest: 1 for {, 0 for [
	depth  int
	scalar bool // a value without brackets
	quoted bool // inside a string
	escape bool // after a backslash
	done   bool
}

// feed goes on through b; k is how far, all of it unless the value ends or is
// at fault.
func (s *nesting) feed(b []byte) (k int, done bool, f fault) {
	for i := 0; i < len(b); i++ {
		if s.quoted {
			i = s.inString(b, i)
			continue
		}
		switch c := b[i]; c {
		case '"':
			if s.depth == 0 {
				s.scalar = true
			}
			s.quoted = true
		case '{', '[':
			if s.depth++; s.depth > maxTreeDepth {
				return i, false, faultDepth
			}
			s.open <<= 1
			if c == '{' {
				s.open |= 1
			}
		case '}', ']':
			if s.depth == 0 {
				s.done = s.scalar
				return i, s.done, faultUnlessDone(s.done)
			}
			if s.open&1 == 1 != (c == '}') {
				return i, false, faultGrammar
			}
			s.open >>= 1
			if s.depth--; s.depth == 0 {
				s.done = true
				return i + 1, true, faultNone
			}
		case ',', ':', ' ', '\n', '\r', '\t':
			if s.depth == 0 {
				s.done = s.scalar
				return i, s.done, faultUnlessDone(s.done)
			}
		default:
			if s.depth == 0 {
				s.scalar = true
			}
		}
	}
	return len(b), false, faultNone
}

func faultUnlessDone(done bool) fault {
	if done {
		return faultNone
	}
	return faultGrammar
}

// inString goes to the end of a string, or of b.
func (s *nesting) inString(b []byte, i int) int {
	if s.escape {
		s.escape = false
		return i
	}
	j := bytes.IndexByte(b[i:], '"')
	if j < 0 {
		j = len(b) - i
	}
	if k := bytes.IndexByte(b[i:i+j], '\\'); k >= 0 {
		s.escape = true
		return i + k
	}
	if i+j == len(b) {
		return len(b) - 1
	}
	s.quoted = false
	return i + j
}

// after is the place that follows the text.
func (o origin) after(text []byte) (line, column int) {
	last := bytes.LastIndexByte(text, '\n')
	if last < 0 {
		return o.line, o.column + utf8.RuneCount(text)
	}
	return o.line + bytes.Count(text[:last+1], []byte{'\n'}), 1 + utf8.RuneCount(text[last+1:])
}
