package device

import (
	"io"
	"iter"
	"os"
)

// shelves give rows back by a number from 0 to 255 that comes with each, and those of
// one number in the order in which they came. Close them.
type shelves struct {
	dir    string
	file   *os.File
	end    int64
	open   [256][]byte
	stored [256][]stretch
}

// stretch is rows that stand in the file.
type stretch struct{ at, n int64 }

// shelfBytes is how much of one number is kept in memory.
const shelfBytes = 64 << 10

func (s *shelves) add(number uint8, row []byte) error {
	b := s.open[number]
	b = append(b, byte(len(row)>>8), byte(len(row)))
	b = append(b, row...)
	if s.open[number] = b; len(b) < shelfBytes {
		return nil
	}
	if s.file == nil {
		f, err := nameless(s.dir)
		if err != nil {
			return err
		}
		s.file = f
	}
	if _, err := s.file.WriteAt(b, s.end); err != nil {
		return err
	}
	s.stored[number] = append(s.stored[number], stretch{s.end, int64(len(b))})
	s.end += int64(len(b))
	s.open[number] = b[:0]
	return nil
}

// all gives the rows, each until the next is asked for.
func (s *shelves) all() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		var buf []byte
		for number := range s.open {
			for _, part := range s.stored[number] {
				if int64(cap(buf)) < part.n {
					buf = make([]byte, part.n)
				}
				buf = buf[:part.n]
				if _, err := s.file.ReadAt(buf, part.at); err != nil && err != io.EOF {
					yield(nil, err)
					return
				}
				if !each(buf, yield) {
					return
				}
			}
			if !each(s.open[number], yield) {
				return
			}
		}
	}
}

func each(b []byte, yield func([]byte, error) bool) bool {
	for len(b) > 0 {
		n := int(b[0])<<8 | int(b[1])
		if !yield(b[2:2+n], nil) {
			return false
		}
		b = b[2+n:]
	}
	return true
}

func (s *shelves) Close() {
	if s.file != nil {
		discard(s.file)
	}
	*s = shelves{dir: s.dir}
}
