package events

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

// errFrame says that a stream is no syslog.
var errFrame = errors.New("a message of more bytes than any has")

// frames reads the messages of a stream, each either behind the count of its bytes or up
// to a line feed or a NUL (RFC 6587, sections 3.4.1 and 3.4.2); senders mix both. Of one
// that is too long, the start is given. It belongs to one goroutine.
type frames struct {
	in  *bufio.Reader
	buf []byte
	cut func()
}

// mostCounted is the largest count that is believed.
const mostCounted = 16 << 20

// next gives the next message; it holds until the next is asked for. At the end what has
// come of the last one is given, and then io.EOF.
func (f *frames) next() ([]byte, error) {
	if n, digits := f.counted(); digits > 0 {
		if n > mostCounted {
			return nil, errFrame
		}
		_, _ = f.in.Discard(digits + 1) // they were peeked at
		return f.read(n)
	}
	return f.line()
}

// counted is the count that comes next, and of how many digits; none when a line does.
func (f *frames) counted() (n, digits int) {
	for digits = 1; digits <= 9; digits++ {
		b, err := f.in.Peek(digits)
		if err != nil {
			return 0, 0
		}
		c := b[digits-1]
		if c == ' ' && digits > 1 {
			n, _ = strconv.Atoi(string(b[:digits-1]))
			return n, digits - 1
		}
		if c-'0' > 9 || digits == 1 && c == '0' {
			return 0, 0
		}
	}
	return 0, 0
}

// read gives n bytes, or of more the first.
func (f *frames) read(n int) ([]byte, error) {
	kept := min(n, longestLine)
	if cap(f.buf) < kept {
		f.buf = make([]byte, kept)
	}
	got, err := io.ReadFull(f.in, f.buf[:kept])
	if err == nil && n > kept {
		f.cut()
		_, err = f.in.Discard(n - kept)
	}
	if err != nil && got > 0 {
		err = nil // the end comes again
	}
	return f.buf[:got], err
}

// line gives what comes up to a line feed or a NUL.
func (f *frames) line() ([]byte, error) {
	f.buf = f.buf[:0]
	long := false
	for {
		c, err := f.in.ReadByte()
		switch {
		case err != nil && len(f.buf) > 0:
			return f.buf, nil
		case err != nil:
			return nil, err
		case c == '\n' || c == 0:
			if long {
				f.cut()
			}
			return f.buf, nil
		case len(f.buf) < longestLine:
			f.buf = append(f.buf, c)
		default:
			long = true
		}
	}
}
