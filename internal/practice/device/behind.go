package device

import (
	"errors"
	"io"

	"entente/internal/abreast"
)

// behindBytes is how much goes at once from who writes to what is written behind him.
const behindBytes = 128 << 10

// behind lets somebody write, and brings what he writes to w beside him: he waits only
// where w is slower than he. It ends with his error, or the first of w.
func behind(w io.Writer, write func(io.Writer) error) error {
	b := &blocks{full: make(chan []byte), used: make(chan block, 2), gone: make(chan struct{})}
	b.used <- block{}
	b.used <- block{}
	var fault error
	err := abreast.Two(func() error {
		defer close(b.full)
		if err := write(b); err != nil {
			return err
		}
		return b.give()
	}, func() error {
		defer close(b.gone)
		for some := range b.full {
			if fault == nil {
				_, fault = w.Write(some)
			}
			b.used <- block{some[:0], fault}
		}
		return nil
	})
	if err == nil {
		err = fault
	}
	return err
}

// errEnded is by a panic, which abreast.Two brings to the caller.
var errEnded = errors.New("what takes a list has ended early")

// block is room to write into, with the error that w had until it was free.
type block struct {
	room  []byte
	fault error
}

type blocks struct {
	open []byte
	full chan []byte
	used chan block
	gone chan struct{} // nobody takes what is full any more
}

func (b *blocks) Write(p []byte) (int, error) {
	if len(b.open) > 0 && len(b.open)+len(p) > behindBytes {
		if err := b.give(); err != nil {
			return 0, err
		}
	}
	b.open = append(b.open, p...)
	return len(p), nil
}

// give sends what there is, and goes on in another block.
func (b *blocks) give() error {
	select {
	case b.full <- b.open:
	case <-b.gone:
		return errEnded
	}
	select {
	case next := <-b.used:
		b.open = next.room
		return next.fault
	case <-b.gone:
		return errEnded
	}
}
