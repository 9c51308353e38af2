package pebble

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

const (
	roundBytes = 4 << 20   // a round takes no further batch beyond this
	batchBytes = 512 << 20 // what one batch may be
)

// request is a batch on its way through the committer.
type request struct {
	batch *store.Batch
	puts  []prepared
	posts *pebble.Batch // the postings, encoded; nil without any
	size  int

	taken    atomic.Bool // by the committer, or by a caller who will not wait
	done     chan struct{}
	outcomes []store.Outcome
	err      error
}

// Commit writes one batch. A context that ends while the batch still waits
// takes it back; once the committer has it, Commit answers when it is durable.
// ErrFull from a batch that was already being written says so in words: it
// may still be kept when space returns.
func (s *Store) Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.Health(); err != nil {
		return nil, err
	}
	r := &request{batch: b, done: make(chan struct{})}
	var err error
	if r.posts, err = s.preparePostings(b); err != nil {
		return nil, err
	}
	if r.puts, r.size = prepare(b.Puts); r.posts != nil {
		r.size += r.posts.Len()
	}
	if r.size > batchBytes {
		return nil, fmt.Errorf("store: a batch of %d bytes is more than %d; send it in parts", r.size, batchBytes)
	}
	for i := range r.puts {
		for _, e := range r.puts[i].found.edges {
			s.referred.add(e.key[1:])
		}
	}
	if r.posts != nil {
		s.posting.RLock()
		defer s.posting.RUnlock()
	}
	return s.send(ctx, r)
}

// send puts a batch that is prepared into the queue, and waits for the answer.
func (s *Store) send(ctx context.Context, r *request) ([]store.Outcome, error) {
	select {
	case s.queue <- r:
	case <-s.ended:
		return nil, store.ErrClosed
	case <-s.disk.failed:
		return nil, s.Health()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.await(ctx, r)
}

// await waits for the answer to a batch that is in the queue.
func (s *Store) await(ctx context.Context, r *request) ([]store.Outcome, error) {
	cancelled := ctx.Done()
	for {
		select {
		case <-r.done:
			return r.outcomes, r.err
		case <-cancelled:
			if r.taken.CompareAndSwap(false, true) {
				return nil, ctx.Err()
			}
			cancelled = nil
		case <-s.disk.stalled():
			if r.taken.CompareAndSwap(false, true) {
				return nil, fmt.Errorf("store %s: %w; free some, writing goes on by itself", s.dir, store.ErrFull)
			}
			return nil, fmt.Errorf("store %s: %w; the batch was being written and is kept if space returns: send it again to know", s.dir, store.ErrFull)
		case <-s.disk.failed:
			return nil, s.Health()
		case <-s.ended:
			select {
			case <-r.done:
				return r.outcomes, r.err
			default:
				return nil, store.ErrClosed
			}
		}
	}
}

// writer is what the committer knows of the store as of the round it
// prepares, ahead of what readers see. Only its goroutine touches it.
type writer struct {
	tick    store.Tick
	leaves  int64
	classes []string
	classOf map[string]store.ClassID
	counts  map[countID]int64
}

// round is what one sync makes durable.
type round struct {
	batch    *pebble.Batch
	requests []*request
	counts   map[countID]int64 // changes
	view     *view             // what readers see once the round is durable
	changed  []changedID
	touched  []touch // memberships of earlier rounds that it changes
	err      error
}

// commitRounds is the committer. It ends when the store closes and no batch
// waits any more.
func (s *Store) commitRounds() {
	for {
		var first *request
		select {
		case first = <-s.queue:
		default:
			select {
			case first = <-s.queue:
			case <-s.closing:
				return
			}
		}
		if r := s.prepareRound(first); r != nil {
			s.synced <- r
		}
	}
}

// prepareRound decides the batches that wait and hands them to the log. It is
// nil when no batch came through.
func (s *Store) prepareRound(first *request) *round {
	st := newStage(s)
	defer st.close()
	size := 0
	for next := first; next != nil; {
		if next.taken.CompareAndSwap(false, true) {
			st.run(next)
			size += next.size
		}
		if next = nil; size < roundBytes {
			select {
			case next = <-s.queue:
			default:
			}
		}
	}
	if len(st.requests) == 0 {
		return nil
	}
	r := &round{requests: st.requests, counts: st.counts, touched: st.touched}
	if st.batch.Empty() && !st.ticked {
		st.batch.Close()
		return r
	}
	st.finish()
	r.batch = st.batch
	if s.tap != nil {
		s.tap(r.batch.Repr())
	}
	if err := s.db.ApplyNoSyncWait(r.batch, pebble.Sync); err != nil {
		s.disk.fail(err)
		r.err = err
		return r
	}
	r.view, r.changed = s.newView(), st.changed()
	return r
}

// show makes a round's view what readers see, unless the store was closed
// under a disk that had failed, and lets the former one go.
func (s *Store) show(v *view, touched []touch) {
	s.hot.show(touched, func() *view {
		if old := s.view.Load(); old != nil && s.view.CompareAndSwap(old, v) {
			return old
		}
		return v
	}).release()
}

// publishRounds waits for each round's sync in order, shows it to readers and
// answers its callers.
func (s *Store) publishRounds() {
	for r := range s.synced {
		if r.batch != nil && r.err == nil {
			r.err = r.batch.SyncWait()
			r.batch.Close()
		}
		if r.err != nil {
			s.disk.fail(r.err)
		} else if r.view != nil {
			for id, n := range r.counts {
				s.counts.add(id, n)
			}
			s.stood.show(r.view, r.changed)
			s.show(r.view, r.touched)
		}
		for _, req := range r.requests {
			if r.err != nil {
				req.outcomes, req.err = nil, s.Health()
			}
			close(req.done)
		}
	}
}
