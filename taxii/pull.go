package taxii

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"entente/stix"
)

// Batch is the next few objects of a collection, in the server's order.
type Batch struct {
	// Objects may be kept; Clone those that you keep for long, because each
	// holds the memory of its whole page.
	Objects []stix.Object

	// Problems tell what a reader should know and could be got around: objects
	// left out (*BadObjectError) and faults of the server (*ServerFault).
	Problems []error

	// Cursor stands behind Objects. Store it after them, or in one transaction
	// with them.
	Cursor Cursor
}

// Pull reads what a collection holds beyond from, which a zero Cursor makes
// everything, in batches (see WithBatchSize). The last batch of a run may be
// without objects; its cursor is where the next run begins. When nothing is
// new a run takes one request.
//
// An object is delivered once as long as every batch's cursor is stored with
// it. Where cursors were lost, or a server gives no dates, objects may come
// twice; none is left out. That holds for servers that page by date although
// many objects share one, that round dates, that repeat or forget their next,
// and for connections cut anywhere: errors of that kind are waited out as
// Retry says. What cannot be got around ends the run with an error, after all
// that could be read was delivered; a run from the last cursor then goes on.
//
// The filter's zero value is each object's latest version. A mirror asks for
// Filter{Versions: []string{"all"}}.
//
// The next page is fetched while the loop's body works on the present one.
// Breaking out of the loop ends that too, before the loop is left.
func (c *Client) Pull(ctx context.Context, collection string, from Cursor, filter Filter) iter.Seq2[Batch, error] {
	return func(yield func(Batch, error) bool) {
		ctx, cancel := c.bounded(ctx)
		defer cancel()
		p, err := c.newPull(ctx, collection, from, filter)
		if err != nil {
			yield(Batch{}, fmt.Errorf("pull %s: %w", collection, err))
			return
		}
		p.run(ctx, yield)
	}
}

// bounded applies the client's time limit.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if c.timeLimit <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, c.timeLimit, fmt.Errorf("the time limit of %s is over", c.timeLimit))
}

// pull takes the pages that a walk brings, leaves out what was delivered
// before, and hands the rest on.
type pull struct {
	walk    *walk
	size    int // of a batch
	scan    []stix.ScanOption
	cursor  Cursor // of whom and what
	window  *window
	byDate  bool // the run began by date
	scratch []byte
}

func (c *Client) newPull(ctx context.Context, collection string, from Cursor, filter Filter) (*pull, error) {
	hint := ""
	if from.Address == c.given.String() {
		hint = from.Server
	}
	root, err := c.apiRoot(ctx, hint)
	if err != nil {
		return nil, err
	}
	if err := from.bind(c.given.String(), root.String(), collection, filter); err != nil {
		return nil, err
	}
	w, err := c.newWalk(root, from, filter)
	if err != nil {
		return nil, err
	}
	return &pull{
		walk:   w,
		size:   c.batchSize,
		scan:   c.scan,
		cursor: from,
		window: newWindow(from.Seen, readStamp(from.AddedAfter).at),
		byDate: from.Next == "",
	}, nil
}

// fetched is what the walking goroutine passes on.
type fetched struct {
	page page
	err  error
}

func (p *pull) run(ctx context.Context, yield func(Batch, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	pages := make(chan fetched)
	var walking sync.WaitGroup
	walking.Go(func() { p.walk.run(ctx, pages) })
	defer walking.Wait()
	defer cancel()
	for f := range pages {
		// A page that could be read is delivered even when nothing can follow.
		if !p.deliver(f.page, yield) {
			return
		}
		if f.err != nil {
			yield(Batch{}, fmt.Errorf("pull %s: %w", p.cursor.Collection, f.err))
			return
		}
	}
}

// run sends pages until the run ends; the last one has an error or is the last.
func (w *walk) run(ctx context.Context, pages chan<- fetched) {
	defer close(pages)
	for {
		p, err := w.step(ctx)
		select {
		case pages <- fetched{p, err}:
		case <-ctx.Done():
			return
		}
		if err != nil || p.last {
			return
		}
	}
}

// deliver hands the objects of a page on that are new.
func (p *pull) deliver(page page, yield func(Batch, error) bool) bool {
	batch := Batch{Problems: page.faults}
	index := 0
	for raw, err := range page.elements() {
		if err != nil {
			break // split has looked before: there is none
		}
		object, err := stix.Read(raw, p.scan...)
		if err != nil {
			batch.Problems = append(batch.Problems, &BadObjectError{page.url, fmt.Errorf("element %d: %w", index, err)})
			index++
			continue
		}
		index++
		var k key
		if k, p.scratch = keyOf(&object, p.scratch); !p.window.add(k) {
			continue
		}
		if batch.Objects == nil {
			batch.Objects = make([]stix.Object, 0, min(p.size, page.count))
		}
		batch.Objects = append(batch.Objects, object)
		if len(batch.Objects) == p.size && index < page.count {
			batch.Cursor = p.at(page.from)
			if !yield(batch, nil) {
				return false
			}
			batch = Batch{}
		}
	}
	p.endPage(page)
	if len(batch.Objects) == 0 && len(batch.Problems) == 0 && !page.last {
		return true
	}
	batch.Cursor = p.at(page.to)
	return yield(batch, nil)
}

// endPage moves the window on.
func (p *pull) endPage(page page) {
	if page.last {
		p.window.release(p.byDate)
	}
	after := readStamp(page.to.addedAfter)
	var from time.Time
	if after.known() {
		from = after.overlap()
	}
	p.window.end(page.reach.at, from)
}

func (p *pull) at(place place) Cursor {
	c := p.cursor
	c.AddedAfter, c.RunAfter, c.Next = place.addedAfter, place.runAfter, place.next
	c.Seen = p.window.seen()
	return c
}
