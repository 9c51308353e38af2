package device

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"entente/internal/exchange"
)

// stock is all that the indicators of an account say, in the order of values, as it was at
// a point of the account's view. A list is chosen out of it, and out of what became of
// indicators since, instead of out of all of them (docs/decisions/0029). Forget it when its
// time is over.
type stock struct {
	point exchange.Point
	file  *os.File // nil: there is none
	size  int64
	moved map[string]bool // indicators whose rows in the file do not count any more
	since rows            // what these say by now, in order
}

// worn tells that so much has moved that the stock is better written anew.
func (s *stock) worn() bool {
	return len(s.moved) > 1000+int(s.size)/4096 || len(s.since.bytes) > 1<<20+int(s.size)/16
}

func (s *stock) forget() {
	if s.file != nil {
		discard(s.file)
	}
	*s = stock{}
}

// heardRows are rows of what indicators say, out of a stock or just heard. Close them.
type heardRows struct {
	stock  *stock  // nil where none is kept
	sorted *sorter // what was just heard; nil where it is out of the stock
	point  exchange.Point
	again  bool // some of it was heard before
	temp   string

	file *os.File // what the stock is to be
	w    *bufio.Writer
}

// rows hears what the reader's indicators say, all of it or, with a stock, what became of
// them since.
func (l *listener) rows(ctx context.Context, s *stock) (*heardRows, error) {
	out := &heardRows{stock: s, temp: l.chooser.Temp}
	if s != nil && s.file != nil {
		err := l.catchUp(ctx, s)
		if err == nil {
			out.again = true
			if !s.worn() {
				return out, nil
			}
			out.point = s.point
			return out, out.begin()
		}
		if s.forget(); !errors.Is(err, exchange.ErrAnew) {
			return nil, err
		}
	}
	out.point = l.view.Point()
	out.sorted = &sorter{dir: l.chooser.Temp}
	err := l.all(ctx, out.sorted)
	if err == nil && s != nil {
		err = out.begin()
	}
	if err != nil {
		out.close()
		return nil, err
	}
	return out, nil
}

// catchUp hears what became of a stock's indicators. Errors: exchange.ErrAnew.
func (l *listener) catchUp(ctx context.Context, s *stock) error {
	news, err := l.view.News(ctx, s.point, "indicator")
	if err != nil {
		return err
	}
	s.point = news.To
	ids := news.IDs()
	if len(ids) == 0 {
		return nil
	}
	fresh := &sorter{dir: l.chooser.Temp}
	defer fresh.Close()
	if err := l.some(ctx, ids, fresh); err != nil {
		return err
	}
	moved := map[string]bool{}
	for _, id := range ids {
		moved[id] = true
	}
	for i := range s.since.at {
		if row := s.since.row(i); !moved[string(idOf(row))] {
			if err := fresh.add(row); err != nil {
				return err
			}
		}
	}
	var since rows
	for row, err := range fresh.all() {
		if err != nil {
			return err
		}
		if len(since.bytes) > runBytes {
			return exchange.ErrAnew // so much that reading all is less
		}
		since.add(row)
	}
	s.since = since
	if s.moved == nil {
		s.moved = moved
	}
	for id := range moved {
		s.moved[id] = true
	}
	return nil
}

// begin begins the file that the stock is to be.
func (h *heardRows) begin() (err error) {
	if h.file, err = nameless(h.temp); err == nil {
		h.w = bufio.NewWriterSize(h.file, 256<<10)
	}
	return err
}

// all gives the rows in their order, each until the next is asked for; once.
func (h *heardRows) all() iter.Seq2[[]byte, error] {
	of := h.stock.all
	if h.sorted != nil {
		of = h.sorted.all
	}
	if h.w == nil {
		return of()
	}
	return func(yield func([]byte, error) bool) {
		for row, err := range of() {
			if err == nil {
				writeRow(h.w, row)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// keep makes the stock of what was given, all of it.
func (h *heardRows) keep() error {
	if h.file == nil {
		return nil
	}
	err := h.w.Flush()
	size := int64(0)
	if err == nil {
		size, err = h.file.Seek(0, io.SeekCurrent)
	}
	if err != nil {
		return fmt.Errorf("keep what indicators say: %w", err)
	}
	h.stock.forget()
	*h.stock = stock{point: h.point, file: h.file, size: size}
	h.file = nil
	return nil
}

func (h *heardRows) close() {
	if h.file != nil {
		discard(h.file)
	}
	if h.sorted != nil {
		h.sorted.Close()
	}
}

// all gives the rows of the stock as they are now.
func (s *stock) all() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		file := &source{r: bufio.NewReaderSize(io.NewSectionReader(s.file, 0, s.size), 256<<10), skip: s.moved}
		if err := merge(merging{file, {rows: &s.since}}, yield); err != nil {
			yield(nil, err)
		}
	}
}
