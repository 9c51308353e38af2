package detect

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync"

	"entente/stix"
)

// Hit is one place in a text where something of an indicator stands.
type Hit struct {
	Line, Column int64 // from 1; columns count bytes
	Value        string
	How          How
	Matched      stix.Value   // what the indicator asks for
	With         []stix.Value // what else it asks for, which stands in the same line
	Field        string       // what the log calls the field that it stands in; of a URL in two, both
	Start        string       // how the line begins, at most 256 bytes of it
	After        []Place      // of an indicator that asks for several observations, the other lines that serve
	Indicator    Indicator
}

// Stats say how much was read.
type Stats struct {
	Lines, Bytes, Hits int64
	Unnamed            int64 // lines that were to be asked what no text tells, and have no fields that are known
	Unasked            int64 // lines of which not all could be asked in time that fields tell
	Untimed            int64 // lines that satisfy a part of a pattern that depends on time, and tell none
	Forgotten          int64 // lines that were to be remembered, and more than are
}

// Chunks are what is looked at in one piece. A line may be longer.
const (
	chunkSize = 1 << 19
	cutWithin = 2 * longest // from its end, where a longer line may be cut
)

// chunk is a piece of text on its way.
type chunk struct {
	b      []byte
	within bool // it begins within a run of characters that is no value
	fields bool // its text has fields
	spots  []spot
	heads  []int // where lines begin that may name columns
	done   chan struct{}
}

// Scan goes over a text of a name and gives its hits in order, as they are found, until the
// text ends or hit returns an error. It reads ahead while hit runs. The text may be
// anything; what it costs in memory does not depend on it.
func (s *Set) Scan(ctx context.Context, name string, r io.Reader, hit func(Hit) error) (Stats, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *chunk, workers+2)
	for range cap(free) {
		free <- &chunk{b: make([]byte, 0, chunkSize), done: make(chan struct{}, 1)}
	}
	work, inOrder := make(chan *chunk, cap(free)), make(chan *chunk, cap(free))
	var fault error
	var all sync.WaitGroup
	all.Go(func() {
		defer close(inOrder)
		defer close(work)
		fault = cutUp(ctx, inUTF8(r), free, func(c *chunk) {
			work <- c
			inOrder <- c
		})
	})
	for range workers {
		all.Go(func() {
			f := finder{Set: s}
			for c := range work {
				f.chunk(c)
				c.done <- struct{}{}
			}
		})
	}
	l := lines{name: name, set: s, hit: hit}
	var err error
	for c := range inOrder {
		<-c.done
		if err == nil {
			if err = l.take(c); err != nil {
				stop()
			}
		}
		free <- c
	}
	all.Wait()
	if err == nil {
		err = l.end()
	}
	if err == nil {
		err = fault
	}
	return l.stats, err
}

// cutUp reads a text in chunks that end with a line, or, where a line is longer,
// between values.
func cutUp(ctx context.Context, r io.Reader, free chan *chunk, give func(*chunk)) error {
	var rest []byte
	within, fields, first := false, false, true
	begun := func(c *chunk) {
		if first {
			first, fields = false, headed(c.b)
		}
		c.fields = fields
		give(c)
	}
	for {
		var c *chunk
		select {
		case c = <-free:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		c.b = append(c.b[:0], rest...)
		c.within = within
		if err := fill(c, r); err != nil {
			if len(c.b) > 0 {
				begun(c)
			}
			if err == io.EOF {
				return nil
			}
			return err
		}
		var at int
		at, within = cutAt(c.b)
		rest = append(rest[:0], c.b[at:]...)
		c.b = c.b[:at]
		begun(c)
	}
}

// chunk finds what is in a chunk.
func (f *finder) chunk(c *chunk) {
	f.spots, f.hosts = c.spots[:0], c.fields && f.kinds[stix.ValueURL] > 0
	f.find(c.b, c.within)
	if f.kinds[kindPiece] > 0 {
		f.findPieces()
	}
	c.spots = f.spots
	if c.heads = nil; c.fields {
		c.heads = heads(c.b)
	}
}

// fill reads into a chunk until it is full, or holds a line and nothing more is there
// at once, as from a pipe.
func fill(c *chunk, r io.Reader) error {
	for empty := 0; len(c.b) < chunkSize; {
		space := c.b[len(c.b):chunkSize]
		n, err := r.Read(space)
		c.b = c.b[:len(c.b)+n]
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case err != nil:
			return err
		case empty > 100:
			return io.ErrNoProgress
		case n < len(space) && bytes.IndexByte(space[:n], '\n') >= 0:
			return nil
		}
	}
	return nil
}

// cutAt is where a full chunk ends; within tells that this is within a run of
// characters that is too long for a value.
func cutAt(b []byte) (at int, within bool) {
	if n := bytes.LastIndexByte(b, '\n'); n >= 0 {
		return n + 1, false
	}
	for i := len(b) - 1; i >= len(b)-cutWithin; i-- {
		if cuts[b[i]] {
			return i + 1, false
		}
	}
	for i := len(b) - 1; i >= len(b)-cutWithin; i-- {
		if weights[b[i]] == 0 {
			return i + 1, false
		}
	}
	return len(b), true
}
