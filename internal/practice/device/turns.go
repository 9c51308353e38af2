package device

import (
	"fmt"
	"iter"
	"sync"
)

// inTurn does something with each of a sequence, several at once, and gives what comes of
// each in the order of the sequence. An error ends it, and so does a panic, which is brought to
// whoever takes. What nobody takes any more is not done: then yield tells the sequence so.
func inTurn[A, B any](of iter.Seq2[A, error], do func(A) B) iter.Seq2[B, error] {
	return func(yield func(B, error) bool) {
		todo, order, left := make(chan *task[A, B]), make(chan *task[A, B], workers), make(chan struct{})
		var work sync.WaitGroup
		for range workers {
			work.Go(func() {
				for t := range todo {
					t.run(do)
				}
			})
		}
		work.Go(func() {
			defer close(order)
			defer close(todo)
			next := func(t *task[A, B]) bool {
				select {
				case order <- t:
					return true
				case <-left:
					return false
				}
			}
			defer func() {
				if p := recover(); p != nil {
					t := &task[A, B]{panic: p, done: make(chan struct{})}
					close(t.done)
					next(t)
				}
			}()
			for one, err := range of {
				t := &task[A, B]{of: one, fault: err, done: make(chan struct{})}
				if !next(t) || err != nil {
					return
				}
				todo <- t
			}
		})
		defer work.Wait()
		defer close(left)
		for t := range order {
			if come, err := t.wait(); !yield(come, err) || err != nil {
				return
			}
		}
	}
}

// task is one of a sequence, and what comes of it.
type task[A, B any] struct {
	of    A
	fault error
	come  B
	panic any
	done  chan struct{}
}

func (t *task[A, B]) run(do func(A) B) {
	defer close(t.done)
	defer func() { t.panic = recover() }()
	t.come = do(t.of)
}

func (t *task[A, B]) wait() (come B, err error) {
	if t.fault != nil {
		return come, t.fault
	}
	if <-t.done; t.panic != nil {
		panic(fmt.Sprintf("beside its caller: %v", t.panic))
	}
	return t.come, nil
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
