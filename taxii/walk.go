package taxii

import (
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"net/url"
	"time"
)

// margin is how far before a run's first answer the next run starts when the
// server gives no dates: long enough for what was being added meanwhile.
const margin = 10 * time.Minute

// mostEmptyPages is how many pages without objects a server may send in a row
// while it says that more follows.
const mostEmptyPages = 1000

// walk asks for the pages of one run, in order, from where a cursor stands to
// the end of the collection. It decides by what servers say (next, more, dates,
// status codes), never by which objects they send, so that it can run ahead of
// the one who takes them.
//
// It goes by next while that works. When there is no next, or it is no good, it
// goes by date: from a little before the last date seen, so that objects which
// share it are not lost; and when a page by date does not get beyond its own
// first date, with twice the limit.
type walk struct {
	c                             *Client
	objects, manifest, collection *url.URL
	filter                        Filter

	after     string    // the added_after of this run's requests; empty from the beginning
	afterTime time.Time // the same
	next      string
	limit     int

	latest  stamp     // newest date added that the server told
	undated bool      // objects came without dates
	started time.Time // the server's clock when the run began

	begun  bool // a page was read
	byDate bool // next was found to be no good
	empty  int  // pages without objects in a row
	stuck  int  // objects of the page by date that did not move; 0 while moving
	size   int  // bytes of the last page

	seed   maphash.Seed
	nexts  map[uint64]bool // that were followed in this run
	pages  map[uint64]bool // contents of the pages read by next
	faults []error         // got around since the last page
}

// page is one page of a run.
type page struct {
	url      string
	split            // its objects
	from, to place   // where a cursor stands before it and after it
	reach    stamp   // date added of its last object, zero when unknown
	faults   []error // of the server, got around
	last     bool    // the run ends with it
}

// place is the part of a Cursor that a walk knows.
type place struct{ addedAfter, runAfter, next string }

func (c *Client) newWalk(root *url.URL, from Cursor, filter Filter) (*walk, error) {
	w := &walk{
		c: c, filter: filter, limit: c.pageLimit, latest: readStamp(from.AddedAfter),
		seed: maphash.MakeSeed(), nexts: make(map[uint64]bool), pages: make(map[uint64]bool),
	}
	for _, e := range []struct {
		at   **url.URL
		last []string
	}{{&w.objects, []string{"objects"}}, {&w.manifest, []string{"manifest"}}, {&w.collection, nil}} {
		u, err := below(root, append([]string{"collections", from.Collection}, e.last...)...)
		if err != nil {
			return nil, err
		}
		*e.at = u
	}
	if from.Next != "" {
		w.next, w.after = from.Next, from.RunAfter
		w.afterTime = readStamp(from.RunAfter).at
		w.novel(w.nexts, []byte(w.next))
	} else {
		w.startByDate()
	}
	return w, nil
}

// startByDate goes on from the last date seen; without one, the run begins
// again where it began.
func (w *walk) startByDate() {
	w.next = ""
	if w.latest.known() {
		w.afterTime = w.latest.overlap()
		w.after = FormatTime(w.afterTime)
	}
}

// novel notes what in set and reports whether it was not there before.
func (w *walk) novel(set map[uint64]bool, what []byte) bool {
	h := maphash.Bytes(w.seed, what)
	before := set[h]
	set[h] = true
	return !before
}

func (w *walk) place() place {
	p := place{addedAfter: w.latest.text}
	if w.next != "" {
		p.runAfter, p.next = w.after, w.next
	}
	return p
}

func (w *walk) fault(fault, effect string) *ServerFault {
	return &ServerFault{URL: w.objects.Redacted(), Fault: fault, Effect: effect}
}

// around notes a fault that the walk gets around.
func (w *walk) around(fault string) {
	w.faults = append(w.faults, w.fault(fault, "reading goes on by date"))
}

// step reads one page and plans the next.
func (w *walk) step(ctx context.Context) (page, error) {
	for {
		a, s, err := w.fetch(ctx)
		if err != nil {
			again, end, err := w.recover(ctx, err)
			if err != nil {
				return w.going(page{url: w.objects.Redacted(), from: w.place()}), err
			}
			if again {
				continue
			}
			if end {
				return w.finish(page{url: w.objects.Redacted(), from: w.place()}), nil
			}
		}
		if len(a.body) == 0 && w.next != "" {
			w.around("it answers a next that it gave with an empty body")
			w.byDate = true
			w.startByDate()
			continue
		}
		if s.count > 0 && !w.novel(w.pages, s.objects) && w.next != "" {
			w.around("a page that its next leads to is one that came before")
			w.byDate = true
			w.startByDate()
			continue
		}
		return w.plan(ctx, a, s)
	}
}

func (w *walk) fetch(ctx context.Context) (answer, split, error) {
	var s split
	q := Query{Filter: w.filter, AddedAfter: w.after, Next: w.next, Limit: w.limit}
	a, err := w.c.do(ctx, request{
		method: http.MethodGet,
		url:    q.at(w.objects),
		into:   make([]byte, 0, w.size+w.size/8+512),
		accept: func(a answer) (err error) {
			if s, err = splitEnvelope(a.body); err != nil {
				err = &brokenError{a.url, err}
			}
			return err
		},
	})
	if err == nil {
		w.size = len(a.body)
	}
	return a, s, err
}

// plan takes a page that was read and decides what to ask for next.
func (w *walk) plan(ctx context.Context, a answer, s split) (page, error) {
	p := page{url: a.url, split: s, from: w.place()}
	w.noteStart(a.header)
	first, last := readStamp(a.header.Get(HeaderDateAddedFirst)), readStamp(a.header.Get(HeaderDateAddedLast))
	p.reach = later(first, last)
	w.latest = later(w.latest, p.reach)
	w.undated = w.undated || s.count > 0 && !p.reach.known()
	w.empty++
	if s.count > 0 {
		w.empty = 0
	}
	more := s.more || !s.moreGiven && s.next != "" && s.count > 0
	switch {
	case !more:
		return w.finish(p), nil
	case w.empty > mostEmptyPages:
		return w.going(p), w.fault(fmt.Sprintf("it sent %d pages without objects and says that more follow", w.empty), "reading stopped; ask its operator")
	case s.next != "" && !w.byDate && w.novel(w.nexts, []byte(s.next)):
		w.next = s.next
		return w.going(p), nil
	case s.next != "" && !w.byDate:
		w.around("its next repeats one that it gave before")
		w.byDate = true
	}
	w.next = ""
	if s.count == 0 {
		return w.going(p), w.fault("it says that more follow, without objects and without a next that leads on", "reading stopped; ask its operator")
	}
	if first.at.After(last.at) && last.known() {
		return w.going(p), w.fault("it sends the newest objects first and no next that leads on", "reading stopped, for by date the older ones would be lost; ask its operator")
	}
	return w.byDateFrom(ctx, p)
}

// noteStart keeps the time at which the run began: by the server's clock, or
// ours when it tells none.
func (w *walk) noteStart(h http.Header) {
	if w.begun {
		return
	}
	w.begun = true
	w.started = w.c.now()
	if at, err := http.ParseTime(h.Get("Date")); err == nil {
		w.started = at
	}
}

// going closes a page that others follow.
func (w *walk) going(p page) page {
	p.to = w.place()
	p.faults, w.faults = w.faults, nil
	return p
}

// finish closes the last page of a run. Where objects came without dates, the
// next run starts from when this one began.
func (w *walk) finish(p page) page {
	w.next = ""
	if w.undated {
		at := w.started.Add(-margin)
		w.latest = later(w.latest, stamp{FormatTime(at), at})
	}
	p.last = true
	return w.going(p)
}
