package main

import (
	"context"
	"io"
)

// letGo reads what r gives until ctx ends, also while r waits for more, as an idle
// pipe does. The read that waits is then left to the end of the process.
func letGo(ctx context.Context, r io.Reader) io.Reader {
	return &idle{done: ctx.Done(), r: r, reads: make(chan read, 1)}
}

type idle struct {
	done  <-chan struct{}
	r     io.Reader
	b     []byte // belongs to the read under way, if there is one
	reads chan read
	rest  []byte
	err   error
}

// read is what one read gave.
type read struct {
	n   int
	err error
}

// atOnce is how much is read at once, in bytes.
const atOnce = 1 << 18

func (i *idle) Read(p []byte) (int, error) {
	if len(i.rest) == 0 && i.err == nil {
		i.more()
	}
	if len(i.rest) == 0 {
		return 0, i.err
	}
	n := copy(p, i.rest)
	i.rest = i.rest[n:]
	return n, nil
}

// more waits for one read.
func (i *idle) more() {
	if i.b == nil {
		i.b = make([]byte, atOnce)
	}
	go func() {
		n, err := i.r.Read(i.b)
		i.reads <- read{n, err}
	}()
	select {
	case got := <-i.reads:
		i.rest, i.err = i.b[:got.n], got.err
	case <-i.done:
		i.err = context.Canceled // for good: the buffer is the read's
	}
}
