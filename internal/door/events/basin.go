package events

import (
	"context"
	"log/slog"
	"sync"

	"golang.org/x/time/rate"
)

// basin is where lines wait for being gone over, so many bytes and no more.
type basin struct {
	limit *rate.Limiter // lines a second

	mu     sync.Mutex
	lines  []byte
	room   *sync.Cond // signalled when there is room again, and at the end
	closed bool
	there  chan struct{} // a place for the news that something waits

	losses
}

const (
	mostWaiting = 1 << 20 // bytes
	longestLine = 64 << 10
)

func newBasin(perSecond float64, log *slog.Logger) *basin {
	b := &basin{losses: losses{log: log}, limit: rate.NewLimiter(rate.Limit(perSecond), max(int(perSecond), 1)), there: make(chan struct{}, 1)}
	if perSecond < 0 {
		b.limit = rate.NewLimiter(rate.Inf, 0)
	}
	b.room = sync.NewCond(&b.mu)
	return b
}

// offer puts a line in, if there is room at once.
func (b *basin) offer(line []byte) {
	if len(line) == 0 {
		return
	}
	if !b.limit.Allow() || !b.put(line, false) {
		b.lost(&b.dropped)
	}
}

// wait puts a line in when there is room; false at the end.
func (b *basin) wait(ctx context.Context, line []byte) bool {
	if len(line) == 0 {
		return ctx.Err() == nil
	}
	return b.limit.Wait(ctx) == nil && b.put(line, true)
}

func (b *basin) put(line []byte, patient bool) bool {
	if len(line) > longestLine {
		b.lost(&b.cut)
		line = line[:longestLine]
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.lines)+len(line)+1 > mostWaiting && patient && !b.closed {
		b.room.Wait()
	}
	if b.closed || len(b.lines)+len(line)+1 > mostWaiting {
		return false
	}
	at := len(b.lines)
	b.lines = append(append(b.lines, line...), '\n')
	for i, c := range b.lines[at : len(b.lines)-1] {
		if c == '\n' || c == '\r' || c == 0 {
			b.lines[at+i] = ' ' // one message is one line
		}
	}
	select {
	case b.there <- struct{}{}:
	default:
	}
	return true
}

// take gives what waits, in the place of what was given before.
func (b *basin) take(before []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines = before[:0]
	b.room.Broadcast()
	return lines
}

// close lets nothing more in, and nobody wait.
func (b *basin) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.room.Broadcast()
}
