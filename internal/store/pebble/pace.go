package pebble

import (
	"time"

	"entente/internal/store"
)

// pace is how a backup gives way to those who write. To read, to take checksums
// and to hand on what was read keeps a core busy for as long as it goes on, and a
// backup has time: while something is written it works a part of the time only.
// One goroutine uses it.
type pace struct {
	store   *Store
	tick    store.Tick // the newest when it was looked last
	written time.Time  // when it was seen to have moved
	resumed time.Time  // since when the backup has worked
}

const (
	paceBytes    = 256 << 10              // after how much it looks whether somebody writes
	besideWrites = 4                      // then it works one part of so many
	longestWork  = 20 * time.Millisecond  // what took longer was waiting for who takes the backup
	stillWritten = 200 * time.Millisecond // this long after a commit; those of an import follow each other faster
)

func (s *Store) newPace() *pace {
	return &pace{store: s, tick: s.newest(), resumed: time.Now()}
}

// newest is the tick of the newest durable view; 0 when the store is closed.
func (s *Store) newest() store.Tick {
	if v := s.view.Load(); v != nil {
		return v.tick
	}
	return 0
}

// giveWay waits when something was written lately, for some times as long as the
// backup has worked since.
func (p *pace) giveWay() {
	if wait := p.due(time.Now()); wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-p.store.closing:
		}
	}
	p.resumed = time.Now()
}

// due is for how long the backup has to give way.
func (p *pace) due(now time.Time) time.Duration {
	if tick := p.store.newest(); tick != p.tick {
		p.tick, p.written = tick, now
	}
	if now.Sub(p.written) >= stillWritten {
		return 0
	}
	return (besideWrites - 1) * min(now.Sub(p.resumed), longestWork)
}
