package stix

import (
	"bytes"
	"io"
)

// window is the part of the input that is in memory.
type window struct {
	r   io.Reader
	err error // of r, io.EOF included; sticky

	buf  []byte // buf[pos:end] is read and not yet consumed
	pos  int
	end  int
	keep int // where what must stay in memory starts; -1 when that is pos
	most int // bytes that skip lets stay for keep's sake

	base   int64 // place of buf[0] in the input
	lines  int   // line breaks before buf[lineAt]
	lineAt int
	before byte // the byte before buf[0], if there was one
}

// firstBuffer is the size that a window starts with, in bytes; it grows with
// the objects.
const firstBuffer = 64 << 10

func (w *window) rest() []byte { return w.buf[w.pos:w.end] }

// more reads at least one byte; false at the end of the input. Indexes into buf
// other than the window's own are void after it.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	if w.end == len(w.buf) {
		w.shift()
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		w.end += n
		w.err = err
		if n > 0 {
			return true
		}
		if err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// shift makes room at the end, by forgetting what was consumed or by growing.
func (w *window) shift() {
	from := w.pos
	if w.keep >= 0 {
		from = w.keep
	}
	if w.lineAt < from {
		w.line(from)
	}
	if from > 0 {
		w.before = w.buf[from-1]
	}
	buf := w.buf
	if from < len(buf)/2 {
		buf = make([]byte, 2*len(buf))
	}
	w.end = copy(buf, w.buf[from:w.end])
	w.buf = buf
	w.base += int64(from)
	w.pos -= from
	w.lineAt -= from
	if w.keep >= 0 {
		w.keep = 0
	}
}

// line is the number, from 1, of the line on which buf[i] stands.
func (w *window) line(i int) int {
	if i >= w.lineAt {
		w.lines += bytes.Count(w.buf[w.lineAt:i], []byte{'\n'})
	} else {
		w.lines -= bytes.Count(w.buf[i:w.lineAt], []byte{'\n'})
	}
	w.lineAt = i
	return w.lines + 1
}

// space goes to the next byte that is no white space; false at the end.
func (w *window) space() bool {
	for {
		w.pos = skipSpace(w.buf[:w.end], w.pos)
		if w.pos < w.end {
			return true
		}
		if !w.more() {
			return false
		}
	}
}

// startsLine tells whether buf[pos] is the first byte of a line.
func (w *window) startsLine() bool {
	if w.pos == 0 {
		return w.base == 0 || w.before == '\n'
	}
	return w.buf[w.pos-1] == '\n'
}

// nextLine goes to the first byte of the next line; false at the end.
func (w *window) nextLine() bool {
	for {
		if n := bytes.IndexByte(w.rest(), '\n'); n >= 0 {
			w.pos += n + 1
			return w.pos < w.end || w.more()
		}
		w.pos = w.end
		if !w.more() {
			return false
		}
	}
}

// frame finds the end of the object at pos and keeps it in memory up to there.
// It gives up when it has seen more than limit bytes (framingMore and a size
// above limit), or when the input ends.
func (w *window) frame(f *framer, limit int) (size int, state framing) {
	for {
		n, state := f.feed(w.buf[w.pos+size : w.end])
		if size += n; state != framingMore || size > limit || !w.more() {
			return size, state
		}
	}
}

// skip goes behind the value at pos, or the rest of it that f has not seen, or
// to where it breaks or the input ends.
func (w *window) skip(f *framer) framing {
	for {
		n, state := f.feed(w.rest())
		w.pos += n
		if w.keep >= 0 && w.pos-w.keep > w.most {
			w.keep = -1
		}
		if state != framingMore || !w.more() {
			return state
		}
	}
}
