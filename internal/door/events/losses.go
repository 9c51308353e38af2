package events

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// losses count what of syslog was not taken, and have the log tell it: whoever sends is not
// answered, so that nobody else can.
type losses struct {
	log                   *slog.Logger // nil for none
	dropped, cut, refused atomic.Int64
	next                  atomic.Int64 // Unix nanoseconds from when on it is told again
	told                  atomic.Int64 // how many have been
}

// tellEvery is how often the log tells of losses at most.
const tellEvery = time.Minute

// lost counts one.
func (l *losses) lost(what *atomic.Int64) {
	what.Add(1)
	now, next := time.Now().UnixNano(), l.next.Load()
	if now >= next && l.next.CompareAndSwap(next, now+int64(tellEvery)) {
		l.tell()
	}
}

// tell has the log say how much was lost, when that is more than it said before.
func (l *losses) tell() {
	dropped, cut, refused := l.dropped.Load(), l.cut.Load(), l.refused.Load()
	if all := dropped + cut + refused; l.log == nil || l.told.Swap(all) == all {
		return
	}
	l.log.Warn("syslog was not all taken, counted since the start: lines that were too many at once, lines of which only the start was looked at, connections that were too many or spoke no syslog (--syslog-rate, docs/howto.md)",
		"dropped", dropped, "cut", cut, "refused", refused)
}
