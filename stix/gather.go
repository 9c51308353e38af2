package stix

import (
	"bytes"
	"io"
	"iter"
	"runtime"
	"sync"
)

// Gather reads the objects of r as Scan does, on all cores where each stands on a line of
// its own, for who wants little of each: their envelopes come without markings, Refs and
// Values. Add puts what is wanted into a batch; beside the object it is given its properties,
// as Split gives them. It is called at once from several goroutines, for different batches,
// and what it is given is valid until it returns.
//
// The batches come in the order of their objects, and between them what Scan would yield as an
// error. A batch is used again after the next step, as it was left: empty it.
func Gather[B any](r io.Reader, add func(*B, *Object, []Member), opts ...ScanOption) iter.Seq2[*B, error] {
	return func(yield func(*B, error) bool) {
		g := gatherer[B]{r: r, limit: limitsOf(opts), add: add, yield: yield}
		if rest := g.lines(); rest != nil {
			g.others(rest)
		}
	}
}

// Member is one property of an object, with its value as its producer wrote it.
type Member struct{ Name, Value []byte }

// pieceSize is how much of the input goes to one core at once, in bytes; inBatch is how many
// objects of what is no JSON Lines come in one batch.
const (
	pieceSize = 256 << 10
	inBatch   = 256
)

type gatherer[B any] struct {
	r     io.Reader
	limit limits
	add   func(*B, *Object, []Member)
	yield func(*B, error) bool

	// What was read up to now.
	offset         int64
	breaks, number int // of lines, and of objects
}

// piece is some lines of the input on their way.
type piece[B any] struct {
	b       []byte
	batch   B
	size    int // of the lines that hold one good object each, which are in batch
	breaks  int
	objects int
	done    chan struct{}
}

// lines gathers from the input as long as each line holds one good object or none, and gives
// what is left; nil when no more is wanted.
func (g *gatherer[B]) lines() io.Reader {
	workers := runtime.GOMAXPROCS(0)
	free := make(chan *piece[B], workers+2)
	for range cap(free) {
		free <- &piece[B]{done: make(chan struct{}, 1)}
	}
	work, inOrder := make(chan *piece[B], cap(free)), make(chan *piece[B], cap(free))
	stop := make(chan struct{})
	var behind io.Reader // the last piece
	var all sync.WaitGroup
	all.Go(func() {
		defer close(inOrder)
		defer close(work)
		behind = cutLines(g.r, free, stop, func(p *piece[B]) {
			work <- p
			inOrder <- p
		})
	})
	for range workers {
		all.Go(func() {
			var o Object
			p := parser{bare: true}
			for piece := range work {
				piece.read(&p, &o, g)
				piece.done <- struct{}{}
			}
		})
	}
	wanted := true
	var left []io.Reader // once a line was another
	for p := range inOrder {
		<-p.done
		if len(left) > 0 || !wanted {
			left = append(left, bytes.NewReader(p.b))
			continue
		}
		if p.objects > 0 && !g.yield(&p.batch, nil) {
			wanted = false
			close(stop)
			continue
		}
		g.offset += int64(p.size)
		g.breaks += p.breaks
		g.number += p.objects
		if p.size < len(p.b) {
			left = append(left, bytes.NewReader(p.b[p.size:]))
			close(stop)
			continue
		}
		free <- p
	}
	all.Wait()
	if !wanted {
		return nil
	}
	return io.MultiReader(append(left, behind)...)
}

// cutLines gives the input in pieces of whole lines until it ends or is to stop, and
// what is left of it then.
func cutLines[B any](r io.Reader, free <-chan *piece[B], stop <-chan struct{}, give func(*piece[B])) io.Reader {
	var rest []byte
	for {
		var p *piece[B]
		select {
		case p = <-free:
		case <-stop:
			return io.MultiReader(bytes.NewReader(rest), r)
		}
		if cap(p.b) == 0 {
			p.b = make([]byte, 0, pieceSize)
		}
		n := copy(p.b[:pieceSize], rest)
		more, err := io.ReadFull(r, p.b[n:pieceSize])
		p.b = p.b[:n+more]
		at := bytes.LastIndexByte(p.b, '\n') + 1
		if rest = append(rest[:0], p.b[at:]...); at > 0 {
			p.b = p.b[:at]
			give(p)
		}
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return bytes.NewReader(rest)
		case err != nil:
			return io.MultiReader(bytes.NewReader(rest), failing{err})
		case at == 0:
			return io.MultiReader(bytes.NewReader(rest), r)
		}
	}
}

// failing is a reader that nothing comes from any more.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// read adds the objects of the lines up to one that is another.
func (p *piece[B]) read(parser *parser, o *Object, g *gatherer[B]) {
	p.size, p.breaks, p.objects = 0, 0, 0
	for p.size < len(p.b) {
		line := p.b[p.size:]
		line = line[:bytes.IndexByte(line, '\n')]
		if start := skipSpace(line, 0); start < len(line) {
			size := -1
			if line[start] == '{' {
				size = parser.parse(line[start:], g.limit, true)
			}
			if size < 0 || size > g.limit.object || skipSpace(line, start+size) < len(line) {
				return
			}
			parser.fill(o, line[start:start+size])
			g.add(&p.batch, o, parser.own)
			p.objects++
		}
		p.size += len(line) + 1
		p.breaks++
	}
}

// gathered is a step of what is not, or no longer, JSON Lines.
type gathered[B any] struct {
	batch *B
	err   error
}

// others gathers as Scan scans, from where lines ended.
func (g *gatherer[B]) others(r io.Reader) {
	batches, free := make(chan gathered[B], 4), make(chan *B, 8)
	for range cap(free) {
		free <- new(B)
	}
	stop := make(chan struct{})
	go func() {
		defer close(batches)
		g.scan(r, free, batches, stop)
	}()
	wanted := true
	for s := range batches {
		if !wanted {
			continue
		}
		if wanted = g.yield(s.batch, s.err); !wanted {
			close(stop)
		}
		if s.batch != nil && wanted {
			free <- s.batch
		}
	}
}

// scan goes over the objects one after the other.
func (g *gatherer[B]) scan(r io.Reader, free <-chan *B, give chan<- gathered[B], stop <-chan struct{}) {
	var batch *B
	n := 0
	flush := func() {
		if n > 0 {
			give <- gathered[B]{batch: batch}
			batch, n = nil, 0
		}
	}
	s := scanner{
		window: window{r: r, buf: make([]byte, firstBuffer), keep: -1, most: g.limit.object, base: g.offset, lines: g.breaks, before: '\n'},
		limit:  g.limit,
		parser: parser{bare: true},
		index:  g.number,
	}
	if g.number > 0 {
		s.alone = g.breaks
	}
	s.yield = func(o *Object, err error) bool {
		if err != nil {
			flush()
			give <- gathered[B]{err: err}
		} else {
			if batch == nil {
				select {
				case batch = <-free:
				case <-stop:
					return false
				}
			}
			g.add(batch, o, s.parser.own)
			if n++; n == inBatch {
				flush()
			}
		}
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	s.run()
	flush()
}
