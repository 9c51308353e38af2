package device

import (
	"iter"
	"sync"
)

// inTurn does something with each of a sequence, several at once, and gives what comes of
// each in the order of the sequence. An error ends it.
func inTurn[A, B any](of iter.Seq2[A, error], do func(A) B) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		type task struct {
			of    A
			fault error
			done  chan B
		}
		todo, order, left := make(chan *task), make(chan *task, workers), make(chan struct{})
		var work sync.WaitGroup
		for range workers {
			work.Go(func() {
				for t := range todo {
					t.done <- do(t.of)
				}
			})
		}
		work.Go(func() {
			defer close(order)
			defer close(todo)
			for one, err := range of {
				t := &task{one, err, make(chan B, 1)}
				select {
				case order <- t:
				case <-left:
					return
				}
				if err != nil {
					return
				}
				todo <- t
			}
		})
		defer work.Wait()
		defer close(left)
		for t := range order {
			if t.fault != nil {
				var none B
				yield(none, t.fault)
				return
			}
			if !yield(<-t.done, nil) {
				return
			}
		}
	}
}

// rowsAtOnce are so many bytes of rows.
const rowsAtOnce = 64 << 10

// blocksOf gives rows, each of which is there until the next is asked for, many at once.
func blocksOf(of iter.Seq2[[]byte, error]) iter.Seq2[*rows, error] {
	return func(yield func(*rows, error) bool) {
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
}
