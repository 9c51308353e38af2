package pebble_test

import (
	"context"
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
)

// volume is a file system with little space. What does not fit is written in
// part, as the kernel does, and answers ENOSPC. Removed files give nothing
// back: space returns when the test says so.
type volume struct {
	vfs.FS
	total uint64
	free  atomic.Int64
	// silent hides how little is left, so that only a write finds out.
	silent bool
}

func (v *volume) GetDiskUsage(string) (vfs.DiskUsage, error) {
	if v.silent {
		return vfs.DiskUsage{}, vfs.ErrUnsupported
	}
	free := uint64(max(0, v.free.Load()))
	return vfs.DiskUsage{AvailBytes: free, TotalBytes: v.total, UsedBytes: v.total - free}, nil
}

func (v *volume) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := v.FS.Create(name, c)
	return v.bounded(f), err
}

func (v *volume) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := v.FS.ReuseForWrite(old, name, c)
	return v.bounded(f), err
}

func (v *volume) bounded(f vfs.File) vfs.File {
	if f == nil {
		return nil
	}
	return &boundedFile{f, v}
}

type boundedFile struct {
	vfs.File
	on *volume
}

func (f *boundedFile) Write(p []byte) (int, error) {
	left := f.on.free.Add(-int64(len(p)))
	if left >= 0 {
		return f.File.Write(p)
	}
	f.on.free.Add(int64(len(p)))
	fits := max(0, min(left+int64(len(p)), int64(len(p))))
	n, err := f.File.Write(p[:fits])
	f.on.free.Add(-int64(n))
	if err == nil {
		err = &vfsError{syscall.ENOSPC}
	}
	return n, err
}

// vfsError is how the kernel's answer reaches a caller: wrapped.
type vfsError struct{ error }

func (e *vfsError) Unwrap() error { return e.error }

func openVolume(t *testing.T, v *volume) *pebble.Store {
	t.Helper()
	s, err := openOn(v)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill writes batches until the store refuses one, and says how far it came.
func fill(t *testing.T, s *pebble.Store, l *ledger, from int) int {
	t.Helper()
	for n := from; n < from+3000; n++ {
		if err := l.write(s, n); err != nil {
			if !errors.Is(err, store.ErrFull) {
				t.Fatalf("a full disk answers %v, want ErrFull", err)
			}
			return n + 1
		}
	}
	t.Fatal("the disk is never full")
	return 0
}

// resume writes until the store takes batches again.
func resume(t *testing.T, s *pebble.Store, l *ledger, from int) int {
	t.Helper()
	deadline := time.After(20 * time.Second)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for n := from; ; n++ {
		err := l.write(s, n)
		if err == nil {
			return n + 1
		}
		if !errors.Is(err, store.ErrFull) {
			t.Fatalf("while space returns: %v", err)
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("space has returned, and the store still answers %v", err)
		}
	}
}

func TestAFullDiskRefusesWritesAndGoesOnByItself(t *testing.T) {
	for _, kind := range []struct {
		name   string
		silent bool
	}{{"SeenComing", false}, {"FoundByAWrite", true}} {
		t.Run(kind.name, func(t *testing.T) {
			fs := vfs.NewCrashableMem()
			v := &volume{FS: fs, total: 10 << 20, silent: kind.silent}
			v.free.Store(3 << 20)
			s, l := openVolume(t, v), newLedger()
			next := fill(t, s, l, 0)
			if len(l.acknowledged) < 20 {
				t.Errorf("full after %d batches", len(l.acknowledged))
			}
			if err := s.Health(); !errors.Is(err, store.ErrFull) {
				t.Errorf("health of a full store: %v, want ErrFull", err)
			}
			auditStill(t, s, l.acknowledged)
			if _, err := s.Get("batch", "0"); err != nil {
				t.Errorf("a read while the disk is full: %v", err)
			}
			v.free.Add(4 << 20)
			next = resume(t, s, l, next)
			if err := s.Health(); err != nil {
				t.Errorf("health when space has returned: %v", err)
			}
			for range 20 {
				if err := l.write(s, next); err != nil {
					t.Fatalf("after space has returned: %v", err)
				}
				next++
			}
			judge(t, s, l.acknowledged)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			v.free.Store(1 << 30)
			s = openVolume(t, v)
			judge(t, s, l.acknowledged)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// The process may end while the disk is full: nothing hangs, nothing is lost.
func TestAStoreClosesOnAFullDisk(t *testing.T) {
	for _, silent := range []bool{false, true} {
		fs := vfs.NewCrashableMem()
		v := &volume{FS: fs, total: 10 << 20, silent: silent}
		v.free.Store(2 << 20)
		s, l := openVolume(t, v), newLedger()
		fill(t, s, l, 0)
		inTime(t, func() string { return "closing on a full disk" }, func() {
			_ = s.Close() // may tell that the disk is full
		})
		after := &volume{FS: fs.CrashClone(crashOf(0)), silent: true}
		after.free.Store(1 << 30)
		s = openVolume(t, after)
		judge(t, s, l.acknowledged)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// A refused batch is refused whole: one that was being written may be kept
// when space returns, but by half never.
func TestManyWritersMeetAFullDisk(t *testing.T) {
	v := &volume{FS: vfs.NewCrashableMem(), total: 10 << 20, silent: true}
	v.free.Store(1 << 20)
	s := openVolume(t, v)
	ledgers := make(chan *ledger)
	for w := range 8 {
		go func() {
			l := newLedger()
			defer func() { ledgers <- l }()
			for n := 10_000 * w; n < 10_000*w+2000; n++ {
				if err := l.write(s, n); err != nil {
					return
				}
			}
		}()
	}
	var acknowledged []int
	for range 8 {
		l := <-ledgers
		acknowledged = append(acknowledged, l.acknowledged...)
		for _, err := range l.errs {
			if !errors.Is(err, store.ErrFull) {
				t.Errorf("a full disk answers %v, want ErrFull", err)
			}
		}
	}
	auditStill(t, s, acknowledged)
	v.free.Add(10 << 20)
	resume(t, s, newLedger(), 90_000)
	judge(t, s, acknowledged)
	if _, err := s.Commit(context.Background(), newLedger().batch(99_999)); err != nil {
		t.Errorf("after space has returned: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A warning comes while writes still are taken, and goes when space returns.
func TestLittleSpaceIsToldBeforeWritesAreRefused(t *testing.T) {
	const gib = 1 << 30
	v := &volume{FS: vfs.NewMem(), total: 100 * gib}
	v.free.Store(50 * gib)
	s := openVolume(t, v)
	defer s.Close()
	for _, c := range []struct {
		free int64
		low  bool
	}{{50 * gib, false}, {gib + 1<<20, false}, {gib - 1<<20, true}, {2 * gib, false}} {
		v.free.Store(c.free)
		if got := s.LowOnSpace(); got != c.low {
			t.Errorf("with %d MiB free it tells %v", c.free>>20, got)
		}
		if err := s.Health(); err != nil {
			t.Errorf("with %d MiB free writes are refused: %v", c.free>>20, err)
		}
	}
}
