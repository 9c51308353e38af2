package pebble

import (
	"slices"
	"sort"
	"sync"

	"entente/internal/store"
)

// hot keeps runs of memberships, decoded, that pages were lately made of, so
// that what many poll, the newest part of each collection, is not read from
// the database again. It is a cache of views, never a source: a run holds what
// every view since some moment has between two ticks, and is dropped when a
// round that changes one of its rows is shown to readers.
type hot struct {
	mu      sync.Mutex
	runs    map[runKey][]*run // of one key, in order, not overlapping
	queue   []*run            // in the order in which they are looked at for eviction
	bytes   int64
	budget  int64
	changed map[store.Collection]uint64 // rounds shown that changed rows shown before
}

// runKey names an order of rows: all of a collection, or, with a set, those in
// its classes.
type runKey struct {
	collection store.Collection
	set        *store.Classes
}

// touch is a membership that a round changed or took away.
type touch struct {
	collection store.Collection
	tick       store.Tick
}

// hotBytes is the budget. Who has little to do reads no page twice.
func hotBytes(opts *Options) int64 {
	if opts.Brief {
		return 0
	}
	return orDefault(opts.HotBytes, 88<<20)
}

func newHot(budget int64) *hot {
	return &hot{runs: make(map[runKey][]*run), budget: budget, changed: make(map[store.Collection]uint64)}
}

// acquireStamped gives the newest durable view and the stamp that runs must
// have to belong to it.
func (s *Store) acquireStamped(c store.Collection) (*view, uint64, error) {
	s.hot.mu.Lock()
	defer s.hot.mu.Unlock()
	v, err := s.acquire()
	return v, s.hot.changed[c], err
}

// show makes a round's view the newest, and drops the runs that it changes, as
// one step for whoever acquires a view with a stamp. It gives the view that was
// the newest, for the caller to let go: that may have to wait for the disk.
func (h *hot) show(touched []touch, swap func() *view) *view {
	h.mu.Lock()
	defer h.mu.Unlock()
	old := swap()
	for i, t := range touched {
		if i == 0 || t.collection != touched[i-1].collection {
			h.changed[t.collection]++
		}
	}
	if len(touched) == 0 {
		return old
	}
	for key, runs := range h.runs {
		h.runs[key] = slices.DeleteFunc(runs, func(r *run) bool {
			hit := slices.ContainsFunc(touched, func(t touch) bool {
				return t.collection == key.collection && r.lo < t.tick && t.tick <= r.hi
			})
			if hit {
				h.bytes -= r.size
				r.size = 0 // the queue lets it go when it comes by
			}
			return hit
		})
		if len(h.runs[key]) == 0 {
			delete(h.runs, key)
		}
	}
	return old
}

// find gives the run that goes on after a tick, if one is kept, and otherwise
// where the next one begins (0: nowhere). ok is false when the stamp is old.
func (h *hot) find(key runKey, after store.Tick, stamp uint64) (r *run, next store.Tick, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed[key.collection] != stamp {
		return nil, 0, false
	}
	runs := h.runs[key]
	i := sort.Search(len(runs), func(i int) bool { return runs[i].hi > after })
	if i == len(runs) {
		return nil, 0, true
	}
	if runs[i].lo <= after {
		return runs[i], 0, true
	}
	return nil, runs[i].lo, true
}

// keep adds a run, unless the rows have changed since it was read.
func (h *hot) keep(r *run, stamp uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.changed[r.key.collection] != stamp || r.size > h.budget/4 {
		return
	}
	runs := h.runs[r.key]
	i := sort.Search(len(runs), func(i int) bool { return runs[i].hi > r.lo })
	if i < len(runs) && runs[i].lo < r.hi {
		return // somebody was faster
	}
	h.runs[r.key] = slices.Insert(runs, i, r)
	h.queue = append(h.queue, r)
	h.grow(r.size)
}

// grew notes that a kept run has more in memory now.
func (h *hot) grew(r *run, bytes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.size > 0 {
		r.size += bytes
		h.grow(bytes)
	}
}

// grow makes room: runs that were not used since they were last looked at go.
func (h *hot) grow(bytes int64) {
	h.bytes += bytes
	for h.bytes > h.budget && len(h.queue) > 0 {
		r := h.queue[0]
		h.queue = h.queue[1:]
		if r.size == 0 {
			continue // dropped before
		}
		if used := r.used.Load(); used > 0 {
			r.used.Store(min(used, mostUses) - 1)
			h.queue = append(h.queue, r)
			continue
		}
		h.bytes -= r.size
		r.size = 0
		runs := h.runs[r.key]
		if i := slices.Index(runs, r); i >= 0 {
			h.runs[r.key] = slices.Delete(runs, i, i+1)
		}
		if len(h.runs[r.key]) == 0 {
			delete(h.runs, r.key)
		}
	}
}

// mostUses is how often eviction passes a run by, however much it was used.
const mostUses = 4
