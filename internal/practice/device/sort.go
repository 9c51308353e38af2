package device

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"slices"
)

// runBytes is how much a sorter keeps in memory before it goes to a file.
const runBytes = 16 << 20

// sorter gives rows back in the order of their bytes. Close it.
type sorter struct {
	dir  string
	rows rows
	runs []*os.File
	busy chan error // the answer of the run that is being written; nil when none is
}

// rows stand one after the other.
type rows struct {
	bytes []byte
	at    []span
}

// span is where a row stands. Its first bytes decide most comparisons.
type span struct {
	first    uint64
	from, to uint32
}

func (r *rows) add(row []byte) {
	from := len(r.bytes)
	r.bytes = append(r.bytes, row...)
	r.mark(from)
}

// mark notes the row that was written from some place on.
func (r *rows) mark(from int) {
	var first [8]byte
	copy(first[:], r.bytes[from:])
	r.at = append(r.at, span{binary.BigEndian.Uint64(first[:]), uint32(from), uint32(len(r.bytes))})
}

func (r *rows) clear() { r.bytes, r.at = r.bytes[:0], r.at[:0] }

func (r *rows) row(i int) []byte { return r.bytes[r.at[i].from:r.at[i].to] }

func (r *rows) sort() {
	slices.SortFunc(r.at, func(a, b span) int {
		if a.first != b.first {
			if a.first < b.first {
				return -1
			}
			return 1
		}
		return bytes.Compare(r.bytes[a.from:a.to], r.bytes[b.from:b.to])
	})
}

// add takes a row; the bytes are the caller's again afterwards.
func (s *sorter) add(row []byte) error {
	s.rows.add(row)
	if len(s.rows.bytes) < runBytes {
		return nil
	}
	return s.spill()
}

// addAll takes many rows; they are the caller's again afterwards.
func (s *sorter) addAll(r *rows) error {
	if n := len(s.rows.bytes); n > 0 && n+len(r.bytes) > runBytes {
		if err := s.spill(); err != nil {
			return err
		}
	}
	at := uint32(len(s.rows.bytes))
	s.rows.bytes = append(s.rows.bytes, r.bytes...)
	for _, one := range r.at {
		s.rows.at = append(s.rows.at, span{one.first, at + one.from, at + one.to})
	}
	return nil
}

// spill lets the rows be sorted and written beside what comes next.
func (s *sorter) spill() error {
	if err := s.wait(); err != nil {
		return err
	}
	f, err := nameless(s.dir)
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	full := s.rows
	s.rows = rows{bytes: make([]byte, 0, runBytes+4096), at: make([]span, 0, len(full.at)+len(full.at)/8)}
	busy := make(chan error, 1)
	s.busy = busy
	go func() {
		full.sort()
		w := bufio.NewWriterSize(f, 256<<10)
		for i := range full.at {
			writeRow(w, full.row(i))
		}
		busy <- w.Flush()
	}()
	return nil
}

func (s *sorter) wait() error {
	if s.busy == nil {
		return nil
	}
	err := <-s.busy
	if s.busy = nil; err != nil {
		return fmt.Errorf("keep a list aside: %w", err)
	}
	return nil
}

// all gives the rows in order, each until the next is asked for; once.
func (s *sorter) all() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s.rows.sort() // while the last run may still be written
		if err := s.wait(); err != nil {
			yield(nil, err)
			return
		}
		if len(s.runs) == 0 {
			for i := range s.rows.at {
				if !yield(s.rows.row(i), nil) {
					return
				}
			}
			return
		}
		if err := s.merge(yield); err != nil {
			yield(nil, err)
		}
	}
}

// merge gives the rows of all runs and of memory.
func (s *sorter) merge(yield func([]byte, error) bool) error {
	var of []*source
	for _, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		of = append(of, &source{r: bufio.NewReaderSize(f, 128<<10)})
	}
	return merge(append(of, &source{rows: &s.rows}), yield)
}

// merge gives the rows of several sources in their order.
func merge(m merging, yield func([]byte, error) bool) error {
	for i := 0; i < len(m); {
		if err := m[i].next(); errors.Is(err, io.EOF) {
			m = slices.Delete(m, i, i+1)
			continue
		} else if err != nil {
			return err
		}
		i++
	}
	heap.Init(&m)
	for len(m) > 0 {
		if !yield(m[0].row, nil) {
			return nil
		}
		if err := m[0].next(); errors.Is(err, io.EOF) {
			heap.Pop(&m)
			continue
		} else if err != nil {
			return err
		}
		heap.Fix(&m, 0)
	}
	return nil
}

func (s *sorter) Close() {
	_ = s.wait()
	for _, f := range s.runs {
		discard(f)
	}
	s.runs, s.rows = nil, rows{}
}

// source is where sorted rows come from: a file, or memory.
type source struct {
	r    *bufio.Reader
	skip map[string]bool // indicators whose rows in the file do not count
	rows *rows
	i    int
	row  []byte
}

func (s *source) next() (err error) {
	if s.rows == nil {
		for s.row, err = readRow(s.r, s.row); err == nil && len(s.skip) > 0 && s.skip[string(idOf(s.row))]; {
			s.row, err = readRow(s.r, s.row)
		}
		return err
	}
	if s.i == len(s.rows.at) {
		return io.EOF
	}
	s.row = s.rows.row(s.i)
	s.i++
	return nil
}

type merging []*source

func (m merging) Len() int           { return len(m) }
func (m merging) Less(i, j int) bool { return bytes.Compare(m[i].row, m[j].row) < 0 }
func (m merging) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *merging) Push(x any)        { *m = append(*m, x.(*source)) }
func (m *merging) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}

// writeRow writes a row so that readRow reads it; an error stays in w.
func writeRow(w *bufio.Writer, row []byte) {
	w.Write(binary.AppendUvarint(w.AvailableBuffer(), uint64(len(row))))
	w.Write(row)
}

func readRow(r *bufio.Reader, into []byte) ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return into, err // io.EOF where a row would begin
	}
	into = slices.Grow(into[:0], int(n))[:n]
	if _, err := io.ReadFull(r, into); err != nil {
		return into, fmt.Errorf("read back a list kept aside: %w", io.ErrUnexpectedEOF)
	}
	return into, nil
}

// nameless makes a file that is gone as soon as nobody has it open, where the system
// has such files.
func nameless(dir string) (*os.File, error) {
	f, err := os.CreateTemp(dir, "list-*")
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o700); err == nil {
			f, err = os.CreateTemp(dir, "list-*")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("keep a list aside: %w", err)
	}
	_ = os.Remove(f.Name()) // elsewhere discard does it
	return f, nil
}

func discard(f *os.File) {
	f.Close()
	_ = os.Remove(f.Name())
}
