package pebble

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// reserve is the space that batches leave to what Pebble writes behind them:
// memory tables that go to disk, and files that are merged.
const reserve = 256 << 20

// space remembers how much the disk has, and asks again after a second or
// after a good part of the reserve was written.
type space struct {
	disk    *disk
	askedAt atomic.Int64 // nanoseconds; 0: ask now
	since   atomic.Int64 // bytes written since
	short   atomic.Bool
}

func (s *space) wrote(n int) { s.since.Add(int64(n)) }
func (s *space) forget()     { s.askedAt.Store(0) }

// enough tells whether a batch may be written. On a small volume the reserve
// is a tenth of it.
func (s *space) enough() bool {
	now := time.Now().UnixNano()
	asked := s.askedAt.Load()
	fresh := now-asked < int64(time.Second) && s.since.Load() < reserve/8
	if s.short.Load() {
		fresh = now-asked < int64(retryEvery)
	}
	if asked != 0 && fresh {
		return !s.short.Load()
	}
	if !s.askedAt.CompareAndSwap(asked, now) {
		return !s.short.Load() // another is asking
	}
	s.since.Store(0)
	usage, err := s.disk.FS.GetDiskUsage(s.disk.dir)
	if err != nil {
		if !errors.Is(err, vfs.ErrUnsupported) {
			s.disk.log.Warn("store: the free space cannot be read", "error", err)
		}
		s.short.Store(false)
		return true
	}
	s.short.Store(usage.AvailBytes < min(reserve, usage.TotalBytes/10))
	return !s.short.Load()
}
