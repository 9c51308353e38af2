package device

import (
	"iter"

	"entente/internal/abreast"
)

// ahead gives what a sequence has, and reads the next of it beside whoever takes, so many
// at once: nothing that it gives may be written over by that.
func ahead[T any](of iter.Seq2[T, error], atOnce int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		full, used, left := make(chan []T), make(chan []T, 2), make(chan struct{})
		used <- nil
		used <- nil
		var fault error // after all that was read; full is closed behind it
		give := func(some []T) bool {
			select {
			case full <- some:
				return true
			case <-left:
				return false
			}
		}
		read := func() error {
			defer close(full)
			some := <-used
			for one, err := range of {
				if err != nil {
					fault = err
					break
				}
				if some = append(some, one); len(some) < atOnce {
					continue
				}
				if !give(some) {
					return nil
				}
				some = <-used
			}
			give(some)
			return nil
		}
		err := abreast.Two(func() error {
			defer close(left)
			for some := range full {
				for i := range some {
					if !yield(some[i], nil) {
						return nil
					}
				}
				used <- some[:0]
			}
			if fault != nil {
				var none T
				yield(none, fault)
			}
			return nil
		}, read)
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}

// What goes at once from who reads ahead to who takes.
const (
	entriesAtOnce = 512
	rowsAtOnce    = 64 << 10 // bytes
)

// rowsAhead is ahead of rows that are there until the next is asked for.
func rowsAhead(of iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
	blocks := func(yield func(*rows, error) bool) {
		var b *rows
		for row, err := range of {
			if b == nil {
				b = &rows{bytes: make([]byte, 0, rowsAtOnce+rowsAtOnce/8), at: make([]span, 0, rowsAtOnce/64)}
			}
			if err != nil {
				_ = yield(b, nil) && yield(nil, err)
				return
			}
			if b.add(row); len(b.bytes) < rowsAtOnce {
				continue
			}
			if !yield(b, nil) {
				return
			}
			b = nil
		}
		if b != nil {
			yield(b, nil)
		}
	}
	return func(yield func([]byte, error) bool) {
		for b, err := range ahead(blocks, 1) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range b.at {
				if !yield(b.row(i), nil) {
					return
				}
			}
		}
	}
}
