package pebble

import (
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// scheduler lets compactions run, as many at once as Pebble asks for, from
// begin on, or from the first flush after await. Pebble's own scheduler starts them while Open is still at work,
// and Open then waits for their end: seconds, after an import.
type scheduler struct {
	db   pebble.DBForCompaction
	wake chan struct{}
	stop chan struct{}
	loop sync.WaitGroup

	mu      sync.Mutex
	begun   bool
	awaits  bool // begins when a memory table was flushed
	ended   bool
	running int
}

var _ pebble.CompactionScheduler = (*scheduler)(nil)

func newScheduler() *scheduler {
	return &scheduler{wake: make(chan struct{}, 1), stop: make(chan struct{})}
}

// begin ends the time in which none may run.
func (s *scheduler) begin() {
	s.mu.Lock()
	s.begun = true
	s.mu.Unlock()
	s.UpdateGetAllowedWithoutPermission()
}

// await has compactions begin when a memory table was flushed.
func (s *scheduler) await() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.awaits = true
}

// flushed tells that a memory table was.
func (s *scheduler) flushed() {
	s.mu.Lock()
	awaited := s.awaits
	s.mu.Unlock()
	if awaited {
		s.begin()
	}
}

// Register is called by Pebble when it opens.
func (s *scheduler) Register(_ int, db pebble.DBForCompaction) {
	s.db = db
	s.loop.Go(s.grant)
}

// Unregister is called by Pebble when it closes.
func (s *scheduler) Unregister() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	close(s.stop)
	s.loop.Wait()
}

// TrySchedule is asked by Pebble, which holds its own lock meanwhile.
func (s *scheduler) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	if !s.take() {
		return false, nil
	}
	return true, s
}

// take counts one compaction more, if there is room.
func (s *scheduler) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun || s.ended || s.running >= s.db.GetAllowedWithoutPermission() {
		return false
	}
	s.running++
	return true
}

func (s *scheduler) give() {
	s.mu.Lock()
	s.running--
	s.mu.Unlock()
}

// UpdateGetAllowedWithoutPermission tells that more may be allowed now.
func (s *scheduler) UpdateGetAllowedWithoutPermission() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// grant starts what Pebble could not start when it asked. How many it allows
// also changes without a word, hence the ticker.
func (s *scheduler) grant() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case <-s.wake:
		case <-tick.C:
		}
		for s.take() {
			if waiting, _ := s.db.GetWaitingCompaction(); !waiting || !s.db.Schedule(s) {
				s.give()
				break
			}
		}
	}
}

// A compaction that runs holds the scheduler as its grant.

func (s *scheduler) Started()                                            {}
func (s *scheduler) MeasureCPU(pebble.CompactionGoroutineKind)           {}
func (s *scheduler) CumulativeStats(_ pebble.CompactionGrantHandleStats) {}
func (s *scheduler) Done() {
	s.give()
	s.UpdateGetAllowedWithoutPermission()
}
