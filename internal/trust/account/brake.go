package account

import (
	"context"
	"sync"
	"time"
)

// brake holds failed attempts back, per account name and source address. It
// bounds how fast tokens can be guessed; what authenticates is never held back,
// also from an address that fails at the same time.
type brake struct {
	mu      sync.Mutex
	failed  map[attempt]*failures
	waiting int
}

// attempt is who is held back.
type attempt struct{ name, source string }

// failures is what is remembered of an attempt's past.
type failures struct {
	count int
	last  time.Time
}

// Bounds of what attackers can make a node hold. Beyond maxWaiting, failures
// are answered at once: a guess costs the attacker a request in any case, and
// 178 random bits are not found by requests.
const (
	maxAttempts = 10_000
	maxWaiting  = 1_000
	forgetAfter = 10 * time.Minute
)

func newBrake() *brake { return &brake{failed: make(map[attempt]*failures)} }

// attemptOf keeps of a name only what an account's can be, so that what is
// remembered of strangers is small.
func attemptOf(name, source string) attempt {
	if checkName(name) != nil {
		name = ""
	}
	return attempt{nameKey(name), source}
}

// wait holds a failure back for a time that grows with the failures before it.
// It ends early with the context's error.
func (b *brake) wait(ctx context.Context, name, source string, now time.Time) error {
	d, ok := b.enter(attemptOf(name, source), now)
	if !ok {
		return nil
	}
	defer b.leave()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter counts a failure and gives the time to wait; not ok when too many wait.
func (b *brake) enter(who attempt, now time.Time) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.failed[who]
	if f == nil || now.Sub(f.last) > forgetAfter {
		b.makeRoom(now)
		f = &failures{}
		b.failed[who] = f
	}
	d := delay(f.count)
	f.count++
	f.last = now
	if b.waiting >= maxWaiting {
		return 0, false
	}
	b.waiting++
	return d, true
}

func (b *brake) leave() {
	b.mu.Lock()
	b.waiting--
	b.mu.Unlock()
}

// makeRoom keeps the table bounded: old failures go first, then any.
func (b *brake) makeRoom(now time.Time) {
	if len(b.failed) < maxAttempts {
		return
	}
	for who, f := range b.failed {
		if now.Sub(f.last) > forgetAfter {
			delete(b.failed, who)
		}
	}
	for who := range b.failed {
		if len(b.failed) < maxAttempts {
			return
		}
		delete(b.failed, who)
	}
}

// delay is how long the n-th failure in a row (from 0) is held back.
func delay(n int) time.Duration {
	const first, last = 25 * time.Millisecond, 2 * time.Second
	if n > 6 {
		return last
	}
	return min(first<<n, last)
}
