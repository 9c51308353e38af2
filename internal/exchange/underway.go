package exchange

import (
	"context"
	"sync"
)

// underway are the publications between looking at what their objects refer to
// and having written them. Each says to what they refer before it looks. Whoever
// makes something stricter waits, once that can be read, for those that refer to
// it: each has then either seen it, or can be found by its references. The others
// are let go on, since they look at none of it, or only from now on.
type underway struct {
	mu   sync.Mutex
	open map[*publishing]struct{}
}

// publishing is one of them.
type publishing struct {
	in   *underway
	refs []map[string]struct{} // guarded by in.mu; the ids live as long as it is open
	done chan struct{}
	end  func() // once or more often
}

// begin notes a publication until it ends.
func (u *underway) begin() *publishing {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open == nil {
		u.open = map[*publishing]struct{}{}
	}
	p := &publishing{in: u, done: make(chan struct{})}
	p.end = sync.OnceFunc(func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		delete(u.open, p)
		close(p.done)
	})
	u.open[p] = struct{}{}
	return p
}

// refer says what the publication is about to look at, before it does.
func (p *publishing) refer(ids map[string]struct{}) {
	if len(ids) == 0 {
		return
	}
	p.in.mu.Lock()
	defer p.in.mu.Unlock()
	p.refs = append(p.refs, ids)
}

// wait returns when all have ended that refer now to any of these.
func (u *underway) wait(ctx context.Context, ids map[string]struct{}) error {
	for _, p := range u.referring(ids) {
		select {
		case <-p.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (u *underway) referring(ids map[string]struct{}) (list []*publishing) {
	if len(ids) == 0 {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	for p := range u.open {
		for _, refs := range p.refs {
			if meet(refs, ids) {
				list = append(list, p)
				break
			}
		}
	}
	return list
}

// meet tells whether two sets have anything in common.
func meet(a, b map[string]struct{}) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for id := range a {
		if _, both := b[id]; both {
			return true
		}
	}
	return false
}
