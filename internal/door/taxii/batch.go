package taxii

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// batch is the objects of one POST on their way into a collection, and what is
// known of each.
type batch struct {
	id         string // of the status resource
	by         account.Principal
	collection string
	received   store.Tick

	objects []stix.Object // that can be read
	element []int         // of objects[i], the element of the envelope

	mu       sync.Mutex
	details  []detail // one per element; what is settled is durable
	recorded bool     // the whole status is

	ended time.Time // guarded by batches.mu
}

// detail is a status-details record (section 4.3.1).
type detail struct {
	state   state
	id      string
	version string // empty: that of the date added
	message string
	added   store.Tick
}

type state uint8

const (
	pending state = iota
	succeeded
	failed
)

// newBatch reads an envelope. An element that cannot be read has failed
// already; the others are not touched by it.
func newBatch(body []byte, largest int, by account.Principal, collection string, now time.Time) (*batch, error) {
	elements, err := splitEnvelope(body)
	if err != nil {
		return nil, err
	}
	b := &batch{
		id:         uuid.NewString(),
		by:         by,
		collection: collection,
		received:   store.Tick(now.UnixMicro()),
		objects:    make([]stix.Object, 0, len(elements)),
		element:    make([]int, 0, len(elements)),
		details:    make([]detail, len(elements)),
	}
	for i, raw := range elements {
		o, err := stix.Read(raw, stix.MaxObject(largest))
		if err != nil {
			b.details[i] = unreadable(i, raw, err)
			continue
		}
		b.details[i] = detail{id: o.ID, version: versionOf(&o)}
		b.objects = append(b.objects, o)
		b.element = append(b.element, i)
	}
	return b, nil
}

func versionOf(o *stix.Object) string {
	if o.Modified != "" {
		return o.Modified
	}
	return o.Created
}

// publish brings the batch in, in as many parts as it takes, each with the
// status so far in the same transaction. An error means that nothing was kept;
// of what fails later, the status tells.
func (b *batch) publish(ctx context.Context, x *exchange.Exchange) error {
	for start := 0; ; start += exchange.MaxBatch {
		end := min(start+exchange.MaxBatch, len(b.objects))
		results, err := x.Publish(ctx, b.by, exchange.Publication{
			Collection: b.collection,
			Objects:    b.objects[start:end],
			Record: func(results []exchange.Result) (table, key string, value []byte) {
				return statusTable, b.key(), b.status(start, results)
			},
		})
		if err != nil && start == 0 {
			return err
		}
		if err != nil {
			b.abandon(start, err)
			return nil
		}
		b.settle(start, results, end == len(b.objects))
		if end == len(b.objects) {
			return nil
		}
	}
}

// settle notes what became of the objects from start on.
func (b *batch) settle(start int, results []exchange.Result, last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recorded = last
	for i := range results {
		b.details[b.element[start+i]] = outcome(&results[i])
	}
}

// abandon fails the objects from start on.
func (b *batch) abandon(start int, err error) {
	_, text := statusOf(err)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, i := range b.element[start:] {
		b.details[i].state, b.details[i].message = failed, text
	}
}

// outcome is what a writer is told of one object. The same content again is a
// success (section 5.5).
func outcome(r *exchange.Result) detail {
	d := detail{state: succeeded, id: r.ID, version: r.Version, message: cmp.Or(r.Reason, r.Warning), added: r.Added}
	if r.Verdict == exchange.Refused || r.Verdict == exchange.Conflict {
		d.state = failed
	}
	return d
}

// batches are those in progress.
type batches struct {
	work sync.WaitGroup

	mu   sync.Mutex
	late map[string]*batch // answered "pending", and not wholly recorded; by key
}

func newBatches() batches { return batches{late: map[string]*batch{}} }

// Batches that failed after they were answered "pending" have a status in
// memory alone, for a day (section 4.3) and at most so many.
const (
	keepFailed = 24 * time.Hour
	maxFailed  = 1000
)

// run publishes a batch and waits for its end, but not longer than patience:
// then it is left to go on by itself, which late tells.
func (bs *batches) run(ctx context.Context, b *batch, x *exchange.Exchange, patience time.Duration, done func()) (late bool, err error) {
	end := make(chan error, 1)
	bs.work.Go(func() {
		defer done()
		err := b.publish(ctx, x)
		bs.finish(b, err)
		end <- err
	})
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case err := <-end:
		return false, err
	case <-t.C:
	}
	bs.mu.Lock()
	if b.ended.IsZero() {
		bs.late[b.key()] = b
		bs.mu.Unlock()
		return true, nil
	}
	bs.mu.Unlock()
	return false, <-end
}

// finish forgets a late batch whose status is recorded, and keeps one that failed.
func (bs *batches) finish(b *batch, err error) {
	if err != nil {
		b.abandon(0, err)
	}
	bs.mu.Lock()
	defer bs.mu.Unlock()
	b.ended = time.Now()
	if _, late := bs.late[b.key()]; !late {
		return
	}
	if b.recorded {
		delete(bs.late, b.key())
		return
	}
	failures := 0
	for key, other := range bs.late {
		if other.ended.IsZero() {
			continue
		}
		if failures++; failures > maxFailed || b.ended.Sub(other.ended) > keepFailed {
			delete(bs.late, key)
		}
	}
}

// find gives a late batch.
func (bs *batches) find(key string) *batch {
	bs.mu.Lock()
	defer bs.mu.Unlock()
	return bs.late[key]
}

// wait waits for all batches, as long as the context allows.
func (bs *batches) wait(ctx context.Context) error {
	done := make(chan struct{})
	go func() { bs.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
