package detect

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"slices"
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
	Start        string       // how the line begins, at most 256 bytes of it
	Indicator    Indicator
}

// Stats say how much was read.
type Stats struct {
	Lines, Bytes, Hits int64
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
	spots  []spot
	done   chan struct{}
}

// Scan goes over a text and gives its hits in order, as they are found, until the
// text ends or hit returns an error. It reads ahead while hit runs. The text may be
// anything; what it costs in memory does not depend on it.
func (s *Set) Scan(ctx context.Context, r io.Reader, hit func(Hit) error) (Stats, error) {
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
		fault = cutUp(ctx, r, free, func(c *chunk) {
			work <- c
			inOrder <- c
		})
	})
	for range workers {
		all.Go(func() {
			f := finder{Set: s}
			for c := range work {
				f.spots = c.spots[:0]
				f.find(c.b, c.within)
				c.spots = f.spots
				c.done <- struct{}{}
			}
		})
	}
	l := lines{set: s, hit: hit}
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
	within := false
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
				give(c)
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
		give(c)
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

// lines puts spots together line by line.
type lines struct {
	set   *Set
	hit   func(Hit) error
	stats Stats

	before int64  // bytes of the line that came in earlier chunks
	start  []byte // how it begins
	line   []found
}

// found is a spot with its place and its text.
type found struct {
	spot
	column int64
	text   string
}

// mostInLine is how many values of one line are put together for indicators that ask
// for several. What is beyond is told by itself alone.
const mostInLine = 1 << 14

// take tells the hits of a chunk, but for the line that it does not end.
func (l *lines) take(c *chunk) error {
	b, from := c.b, 0 // from is where the line begins
	for _, s := range c.spots {
		var err error
		if from, err = l.goOn(b, from, int(s.at)); err != nil {
			return err
		}
		if l.before == 0 && len(l.line) == 0 {
			l.begin(b[from:])
		}
		l.line = append(l.line, found{s, l.before + int64(s.at) - int64(from) + 1, string(b[s.at : s.at+s.n])})
		if len(l.line) == mostInLine {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	from, err := l.goOn(b, from, len(b))
	if err != nil {
		return err
	}
	if l.before == 0 && from < len(b) && len(l.line) == 0 {
		l.begin(b[from:])
	}
	l.before += int64(len(b) - from)
	l.stats.Bytes += int64(len(b))
	return nil
}

// begin keeps how a line begins. So much of it stands in one chunk: none is cut before.
func (l *lines) begin(b []byte) {
	b = b[:min(len(b), startSize)]
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		b = b[:n]
	}
	l.start = append(l.start[:0], bytes.TrimSuffix(b, []byte("\r"))...)
}

// goOn gives where the line begins that goes on at a place, and tells the hits of the
// one that began at from if that is another.
func (l *lines) goOn(b []byte, from, at int) (int, error) {
	n := bytes.Count(b[from:max(from, at)], []byte{'\n'})
	if n == 0 {
		return from, nil
	}
	if err := l.flush(); err != nil {
		return from, err
	}
	l.stats.Lines += int64(n)
	l.before = 0
	return bytes.LastIndexByte(b[:at], '\n') + 1, nil
}

func (l *lines) end() error {
	err := l.flush()
	if l.before > 0 {
		l.stats.Lines++ // the last one, without a line feed
	}
	return err
}

// flush tells the hits of a line.
func (l *lines) flush() error {
	if len(l.line) == 0 {
		return nil
	}
	slices.SortStableFunc(l.line, func(a, b found) int { return int(a.column - b.column) })
	var in map[uint32]bool
	var told map[[2]uint64]bool // each indicator once at a place, or once a line
	if len(l.line) > 1 || l.set.length(l.line[0].entry) > 1 {
		told = map[[2]uint64]bool{}
	}
	for i := range l.line {
		f := &l.line[i]
		for at := l.set.entries.at(f.entry).head; at != 0; at = l.set.links.at(at - 1).ofEntry {
			k := l.set.links.at(at - 1)
			key := [2]uint64{uint64(k.indicator), uint64(f.column)}
			var g []uint32
			if k.group != 0 {
				g = l.set.groups[k.group-1].entries
				if in == nil {
					in = l.entries()
				}
				key[1] = 1<<63 | uint64(k.group) // once a line
				if slices.ContainsFunc(g, func(e uint32) bool { return !in[e] }) {
					continue
				}
			}
			if told[key] {
				continue
			}
			if told != nil {
				told[key] = true
			}
			if err := l.tell(f, k.indicator, g); err != nil {
				return err
			}
		}
	}
	l.line = l.line[:0]
	return nil
}

func (l *lines) entries() map[uint32]bool {
	in := map[uint32]bool{}
	for i := range l.line {
		in[l.line[i].entry] = true
	}
	return in
}

func (l *lines) tell(f *found, indicator uint32, group []uint32) error {
	h := Hit{Line: l.stats.Lines + 1, Column: f.column, Value: f.text, How: f.how, Start: string(l.start),
		Matched: l.set.value(f.entry), Indicator: l.set.indicator(indicator)}
	for _, e := range group {
		if e != f.entry {
			h.With = append(h.With, l.set.value(e))
		}
	}
	l.stats.Hits++
	return l.hit(h)
}

func (s *Set) value(ref uint32) stix.Value {
	e := s.entries.at(ref)
	return stix.Value{Kind: e.kind, Text: string(s.text(e))}
}
