package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// Follower derives something from the store's history. What it keeps can be
// dropped and rebuilt at any time, and is never on the path of a write.
type Follower interface {
	// Name is its name in its cursor row and in verbs; it never changes.
	Name() string

	// Follow takes a run of history. The function it gives, if any, writes rows
	// in the same transaction as the cursor, so that each change counts once.
	// An error ends the follower until the next start or rebuild.
	Follow(ctx context.Context, changes *handling.Changes) (func(tx store.Tx) error, error)

	// Reset drops all that the follower keeps.
	Reset(ctx context.Context) error
}

// followers are those that run, and how they learn of changes.
type followers struct {
	mu      sync.Mutex
	changed chan struct{} // closed and replaced at every commit
	woken   time.Time     // when that last was
	read    int64         // objects that readers had been given when giveWay last looked
	running []*following
}

type following struct {
	Follower
	rebuild chan chan error
	ahead   store.Tick // newest change that a Poster took without writing; 0 when there is none

	mu    sync.Mutex
	fault error
}

// attentive is a follower that has something to do also when nothing has changed.
type attentive interface {
	Follower
	attend(ctx context.Context) error
	due() bool // attend has something to do
}

const followerTable = "follower"

func (f *followers) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.changed)
	f.changed = make(chan struct{})
	f.woken = time.Now()
}

func (f *followers) wait() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Follow starts followers, those of the exchange itself among them, and the
// recall of what collections' limits exclude. They run until Close.
func (x *Exchange) Follow(more ...Follower) {
	x.work.Go(x.retain)
	x.work.Go(x.offDisk)
	for _, f := range append([]Follower{&explainer{x: x}}, more...) {
		fo := &following{Follower: f, rebuild: make(chan chan error)}
		x.followers.mu.Lock()
		x.followers.running = append(x.followers.running, fo)
		x.followers.mu.Unlock()
		x.work.Go(func() { x.run(fo) })
	}
}

// run feeds one follower: what is there already, then what comes.
func (x *Exchange) run(f *following) {
	for x.ctx.Err() == nil {
		changed := x.followers.wait() // before looking, so that nothing is missed
		began := time.Now()
		more, err := x.step(f)
		if err != nil && x.ctx.Err() == nil {
			x.opts.Logger.Error("a follower stopped; rebuild it when the cause is mended", "follower", f.Name(), "err", err)
			f.fail(err)
			more, changed = false, nil
		}
		if more {
			changed = closed
		}
		if _, posts := f.Follower.(Poster); posts && more {
			x.giveWay(time.Since(began))
		}
		select {
		case <-x.ctx.Done():
		case answer := <-f.rebuild:
			err := x.reset(f)
			f.fail(err)
			answer <- err
		case <-changed:
		}
	}
}

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

func (f *following) fail(err error) {
	f.mu.Lock()
	f.fault = err
	f.mu.Unlock()
}

// failed is why it stopped, if it has.
func (f *following) failed() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fault
}

// follower is the one of a name that runs; nil when none does.
func (x *Exchange) follower(name string) *following {
	x.followers.mu.Lock()
	defer x.followers.mu.Unlock()
	i := slices.IndexFunc(x.followers.running, func(f *following) bool { return f.Name() == name })
	if i < 0 {
		return nil
	}
	return x.followers.running[i]
}

// step takes one run of history to a follower and moves its cursor.
func (x *Exchange) step(f *following) (more bool, err error) {
	run := 1000
	poster, posts := f.Follower.(Poster)
	if posts {
		run = 256 // what keeps a processor for a few milliseconds
	}
	if a, ok := f.Follower.(attentive); ok {
		if err := a.attend(x.ctx); err != nil {
			return false, err
		}
	}
	after, err := x.followed(f.Name())
	if err != nil {
		return false, err
	}
	after = max(after, f.ahead)
	sealed, err := x.store.Changes(x.ctx, after, run)
	if err != nil {
		return false, err
	}
	changes, err := x.gate.ReleaseChanges(handling.Curator, sealed)
	if err != nil {
		return false, err
	}
	defer changes.Close()
	if changes.Len() == 0 && f.ahead == 0 {
		return false, nil
	}
	var b store.Batch
	if b.Then, err = x.take(f, changes, after); err != nil {
		return false, err
	}
	if posts {
		var ready bool
		if b.Postings, ready = poster.Post(changes.More()); !ready {
			f.ahead = lastOfRun(changes, after)
			return changes.More(), nil
		}
	}
	f.ahead = 0
	_, err = x.store.Commit(x.ctx, &b)
	return changes.More(), err
}

// take gives a run to a follower, and what is to be written in the transaction
// that moves its cursor.
func (x *Exchange) take(f *following, changes *handling.Changes, after store.Tick) (func(store.Tx, []store.Outcome) error, error) {
	var write func(store.Tx) error
	if changes.Len() > 0 {
		var err error
		if write, err = f.Follow(x.ctx, changes); err != nil {
			return nil, err
		}
	}
	last := lastOfRun(changes, after)
	return func(tx store.Tx, _ []store.Outcome) error {
		tx.Set(followerTable, f.Name(), strconv.AppendInt(nil, int64(last), 10))
		if write == nil {
			return nil
		}
		return write(tx)
	}, nil
}

func lastOfRun(changes *handling.Changes, after store.Tick) store.Tick {
	if n := changes.Len(); n > 0 {
		return changes.Change(n - 1).Row.Added
	}
	return after
}

// followed is the cursor of a follower; 0 when it has none yet.
func (x *Exchange) followed(name string) (store.Tick, error) {
	row, err := x.store.Get(followerTable, name)
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(row), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("cursor of follower %s: %w; rebuild it", name, err)
	}
	return store.Tick(n), nil
}

func (x *Exchange) reset(f *following) error {
	if err := f.Reset(x.ctx); err != nil {
		return err
	}
	_, posts := f.Follower.(Poster)
	f.ahead = 0
	_, err := x.store.Commit(x.ctx, &store.Batch{DropPostings: posts, Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Delete(followerTable, f.Name())
		return nil
	}})
	return err
}

// FollowerState is where a follower stands.
type FollowerState struct {
	Name   string     `json:"name"`
	Cursor store.Tick `json:"cursor"`          // newest change it has taken
	Newest store.Tick `json:"newest"`          // newest change there is
	Waits  store.Tick `json:"waits,omitempty"` // oldest change that it has not taken; 0 when it is up to date
	Fault  string     `json:"fault,omitempty"` // why it stopped
}

// Followers tells where each follower stands, by name.
func (x *Exchange) Followers() ([]FollowerState, error) {
	x.followers.mu.Lock()
	running := slices.Clone(x.followers.running)
	x.followers.mu.Unlock()
	var out []FollowerState
	for _, f := range running {
		cursor, err := x.followed(f.Name())
		if err != nil {
			return nil, err
		}
		s := FollowerState{Name: f.Name(), Cursor: cursor, Newest: cursor}
		if s.Waits, err = x.firstAfter(cursor); err != nil {
			return nil, err
		}
		if s.Waits > 0 {
			s.Newest = x.store.Now()
		}
		if a, ok := f.Follower.(attentive); ok && s.Waits == 0 && a.due() {
			s.Waits = x.store.Now() // nothing older is known to wait
		}
		if err := f.failed(); err != nil {
			s.Fault = err.Error()
		}
		out = append(out, s)
	}
	return out, nil
}

// firstAfter is the tick of the first change after another; 0 when none is. Not
// every tick is a change: rows of members take some, too.
func (x *Exchange) firstAfter(tick store.Tick) (store.Tick, error) {
	changes, err := x.store.Changes(x.ctx, tick, 1)
	if err != nil {
		return 0, err
	}
	defer changes.Close()
	if len(changes.List) == 0 {
		return 0, nil
	}
	return changes.List[0].Row.Added, nil
}

// Rebuild drops what a follower keeps and lets it read history from the start.
// It returns when the rebuilding has begun. ErrNotFound when none has the name.
func (x *Exchange) Rebuild(ctx context.Context, name string) error {
	f := x.follower(name)
	if f == nil {
		return fmt.Errorf("follower %q: %w", name, ErrNotFound)
	}
	answer := make(chan error, 1)
	select {
	case f.rebuild <- answer:
	case <-ctx.Done():
		return ctx.Err()
	case <-x.ctx.Done():
		return x.ctx.Err()
	}
	return <-answer
}
