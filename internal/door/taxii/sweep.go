package taxii

import (
	"bytes"
	"context"
	"sync/atomic"
	"time"

	"entente/stix"
)

// A status can be asked for during keepStatus, the day that section 4.3
// suggests, and is forgotten in the sweep after it. The first POST of every
// sweepEvery starts one.
const (
	keepStatus = 24 * time.Hour
	sweepEvery = time.Hour
)

// sweeper remembers when statuses were last looked through.
type sweeper struct{ last atomic.Int64 } // Unix seconds

// due tells, once, that it is time.
func (s *sweeper) due(now time.Time) bool {
	last := s.last.Load()
	return now.Unix()-last >= int64(sweepEvery/time.Second) && s.last.CompareAndSwap(last, now.Unix())
}

// sweep forgets statuses that nobody may still expect, in the background.
func (s *Server) sweep(now time.Time) {
	if !s.sweeper.due(now) {
		return
	}
	s.batches.work.Go(func() {
		n, err := s.exchange.Forget(context.Background(), statusTable, func(row []byte) bool {
			received, ok := receivedAt(row)
			return ok && now.Sub(received) > keepStatus
		})
		if err != nil {
			s.opts.Logger.Warn("taxii: old statuses stay for now", "error", err)
		} else if n > 0 {
			s.opts.Logger.Info("taxii: old statuses are forgotten", "count", n)
		}
	})
}

// receivedAt is the request_timestamp of a status as it is kept.
func receivedAt(row []byte) (time.Time, bool) {
	_, rest, ok := bytes.Cut(row[:min(len(row), 256)], []byte(`"request_timestamp":"`))
	if !ok {
		return time.Time{}, false
	}
	text, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok {
		return time.Time{}, false
	}
	t, err := stix.ParseTimestamp(string(text))
	if err != nil {
		return time.Time{}, false
	}
	return t.Time(), true
}
