package taxii

import (
	"slices"
	"time"
)

// How many keys of accepted objects are remembered: beyond, the oldest go,
// and an object may then be delivered twice. None is ever left out.
const (
	mostInMemory = 1 << 20
	mostInCursor = 100_000
)

// window remembers the objects accepted lately: those of pages that reach
// into the span which the next request by date reads again.
type window struct {
	newest map[key]int // number of the newest page that held the object
	pages  []windowPage
	number int // of the page being read
}

type windowPage struct {
	number int
	keys   []key
	last   time.Time // date added of its last object; zero when unknown: kept
	held   bool      // out of the cursor: kept until the run ends
}

// newWindow starts from the keys of a cursor.
func newWindow(seen []byte, last time.Time) *window {
	w := &window{newest: make(map[key]int)}
	if len(seen) >= len(key{}) {
		w.begin()
		for k := range slices.Chunk(seen[:len(seen)-len(seen)%len(key{})], len(key{})) {
			w.add(key(k))
		}
		w.pages[0].held, w.pages[0].last = true, last
	}
	w.begin()
	return w
}

// begin starts a page.
func (w *window) begin() {
	w.number++
	w.pages = append(w.pages, windowPage{number: w.number})
}

// add puts an object on the present page and reports whether it is new.
func (w *window) add(k key) bool {
	page, known := w.newest[k]
	if known && page == w.number {
		return false
	}
	w.newest[k] = w.number
	p := &w.pages[len(w.pages)-1]
	p.keys = append(p.keys, k)
	return !known
}

// end closes the present page, whose last object was added at last, and
// forgets the pages that ended before from.
func (w *window) end(last, from time.Time) {
	w.pages[len(w.pages)-1].last = last
	total := 0
	for _, p := range w.pages {
		total += len(p.keys)
	}
	w.pages = slices.DeleteFunc(w.pages, func(p windowPage) bool {
		passed := !p.held && !p.last.IsZero() && p.last.Before(from)
		if !passed && total <= mostInMemory {
			return false
		}
		total -= len(p.keys)
		w.forget(p)
		return true
	})
	w.begin()
}

// release ends the special keeping of what came out of the cursor. A run that
// began by date has read again all of it that may still come; of one that
// began in the middle, by next, the dates decide.
func (w *window) release(beganByDate bool) {
	if len(w.pages) == 0 || !w.pages[0].held {
		return
	}
	w.pages[0].held = false
	if beganByDate {
		w.forget(w.pages[0])
		w.pages = w.pages[1:]
	}
}

func (w *window) forget(p windowPage) {
	for _, k := range p.keys {
		if w.newest[k] == p.number {
			delete(w.newest, k)
		}
	}
}

// seen is the window as a cursor keeps it: the newest keys.
func (w *window) seen() []byte {
	most := min(len(w.newest), mostInCursor) * len(key{})
	out := make([]byte, 0, most)
	for _, p := range slices.Backward(w.pages) {
		for _, k := range p.keys {
			if len(out) == most {
				return out
			}
			if w.newest[k] == p.number {
				out = append(out, k[:]...)
			}
		}
	}
	return out
}
