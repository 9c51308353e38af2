package pebble

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// view is the store as one durable round left it. Readers hold it while they
// read; the last to let go closes its snapshot.
type view struct {
	store   *Store
	snap    *pebble.Snapshot
	tick    store.Tick
	leaves  int64
	classes []string
	refs    atomic.Int32
	its     iterators
	rows    viewRows
}

// newView is what the committer has written so far, held once.
func (s *Store) newView() *view {
	w := &s.writer
	v := &view{store: s, snap: s.db.NewSnapshot(), tick: w.tick, leaves: w.leaves, classes: w.classes[:len(w.classes):len(w.classes)]}
	v.refs.Store(1)
	s.views.Add(1)
	s.mu.Lock()
	s.seen[v] = struct{}{}
	s.mu.Unlock()
	return v
}

// hold takes a reference unless the last one is gone.
func (v *view) hold() bool {
	for {
		n := v.refs.Load()
		if n == 0 {
			return false
		}
		if v.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (v *view) release() {
	if v.refs.Add(-1) == 0 {
		v.store.letGo(v)
	}
}

// letGo closes a snapshot, for which Pebble may want the lock of its manifest:
// a failed write of that one never gives it back, and readers must not wait.
func (s *Store) letGo(v *view) {
	closed := make(chan struct{})
	go func() {
		v.its.close()
		v.snap.Close()
		s.mu.Lock()
		delete(s.seen, v)
		s.mu.Unlock()
		s.views.Done()
		close(closed)
	}()
	select {
	case <-closed:
	case <-s.disk.failed:
	}
}

// acquire gives the newest durable view, held.
func (s *Store) acquire() (*view, error) {
	for {
		v := s.view.Load()
		if v == nil {
			return nil, store.ErrClosed
		}
		if v.hold() {
			return v, nil
		}
	}
}

// reads is store.Reader on whatever view acquire gives.
type reads struct {
	acquire func() (*view, error)
	live    *Store // when acquire gives the newest view, so that runs may be used
}

// acquireFor answers a caller who has left with the context's error.
func (r reads) acquireFor(ctx context.Context) (*view, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return r.acquire()
}

// Snapshot is a Reader on the newest durable instant. Close it.
func (s *Store) Snapshot() (store.Snapshot, error) {
	v, err := s.acquire()
	if err != nil {
		return nil, err
	}
	snap := &snapshot{view: v}
	snap.reads.acquire = snap.acquire
	s.mu.Lock()
	defer s.mu.Unlock()
	s.snapshots[snap] = struct{}{}
	return snap, nil
}

// snapshot is one view, held.
type snapshot struct {
	reads
	mu   sync.Mutex
	view *view // nil when closed
}

func (s *snapshot) acquire() (*view, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view == nil || !s.view.hold() {
		return nil, store.ErrClosed
	}
	return s.view, nil
}

// Close lets the instant go.
func (s *snapshot) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.view != nil {
		st := s.view.store
		st.mu.Lock()
		delete(st.snapshots, s)
		st.mu.Unlock()
		s.view.release()
		s.view = nil
	}
	return nil
}
