package pebble_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"entente/internal/store"
)

// crashes takes the file system as a loss of power would leave it, at every
// so-many-th call, with what had been acknowledged by then.
type crashes struct {
	fs    *crashable
	every int

	mu           sync.Mutex
	calls        int
	acknowledged []int
	left         []crashed
}

// crashable keeps a crash out of MemFS.ReuseForWrite, which takes a lock for
// reading twice and waits for ever when CrashClone comes between.
type crashable struct {
	*vfs.MemFS
	reuse sync.Mutex
}

func (c *crashable) ReuseForWrite(old, name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	c.reuse.Lock()
	defer c.reuse.Unlock()
	return c.MemFS.ReuseForWrite(old, name, category)
}

func (c *crashable) crash(percent int) *vfs.MemFS {
	c.reuse.Lock()
	defer c.reuse.Unlock()
	return c.CrashClone(crashOf(percent))
}

type crashed struct {
	fs           *vfs.MemFS
	acknowledged []int
	call         errorfs.Op
	percent      int
}

func (c *crashes) String() string { return "crashes" }

func (c *crashes) MaybeError(op errorfs.Op) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls++; c.calls%c.every == 0 {
		percent := c.calls / c.every % 3 * 50
		acknowledged := slices.Clone(c.acknowledged) // before the clone: at most what it must hold
		c.left = append(c.left, crashed{c.fs.crash(percent), acknowledged, op, percent})
	}
	return nil
}

// Between any two calls of the file system the power may go. Several writers
// share commits meanwhile.
func TestWhatWasAcknowledgedSurvivesALossOfPower(t *testing.T) {
	c := &crashes{fs: &crashable{MemFS: vfs.NewCrashableMem()}, every: 29}
	if every {
		c.every = 1
	}
	for phase := range 2 {
		s, err := openOn(errorfs.Wrap(c.fs, c))
		if err != nil {
			t.Fatal(err)
		}
		var writers sync.WaitGroup
		for w := range 4 {
			writers.Go(func() { c.write(t, s, 1000*w+100*phase, 12) })
		}
		writers.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d crashes in %d calls", len(c.left), c.calls)
	for _, at := range c.left {
		s, err := openOn(at.fs)
		if err != nil {
			t.Fatalf("after a crash before the %s of %s: %v", opNames[at.call.Kind], at.call.Path, err)
		}
		judge(t, s, at.acknowledged)
		if _, err := s.Commit(context.Background(), newLedger().batch(99_999)); err != nil {
			t.Errorf("after a crash nothing can be written: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("after a crash before the %s of %s that keeps %d %% of what was not synced", opNames[at.call.Kind], at.call.Path, at.percent)
		}
	}
}

func (c *crashes) write(t *testing.T, s store.Store, from, n int) {
	l := newLedger()
	for i := from; i < from+n; i++ {
		if err := l.write(s, i); err != nil {
			t.Error(err)
			return
		}
		c.mu.Lock()
		c.acknowledged = append(c.acknowledged, i)
		c.mu.Unlock()
	}
}
