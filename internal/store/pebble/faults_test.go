package pebble_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"entente/internal/store"
)

// every plays all faults instead of a sample: ENTENTE_TEST_EVERY=1.
var every = os.Getenv("ENTENTE_TEST_EVERY") != ""

// phases of the history: the store is opened, written and closed in each.
var phases = [][2]int{{0, 12}, {12, 20}}

// fault fails the n-th call of the file system, once.
type fault struct {
	n     int64
	calls atomic.Int64
	what  atomic.Value // string: the call that failed
}

func (f *fault) String() string { return fmt.Sprintf("fault %d", f.n) }

func (f *fault) call() string {
	what, _ := f.what.Load().(string)
	return fmt.Sprintf("call %d (%s)", f.n, what)
}

func (f *fault) MaybeError(op errorfs.Op) error {
	if f.calls.Add(1) != f.n {
		return nil
	}
	f.what.Store(fmt.Sprintf("%s of %s", opNames[op.Kind], op.Path))
	return errorfs.ErrInjected
}

var opNames = map[errorfs.OpKind]string{
	errorfs.OpCreate: "create", errorfs.OpLink: "link", errorfs.OpOpen: "open", errorfs.OpOpenDir: "open directory",
	errorfs.OpRemove: "remove", errorfs.OpRemoveAll: "remove all", errorfs.OpRename: "rename",
	errorfs.OpReuseForWrite: "reuse", errorfs.OpMkdirAll: "make directory", errorfs.OpLock: "lock",
	errorfs.OpList: "list", errorfs.OpFilePreallocate: "preallocate", errorfs.OpStat: "stat",
	errorfs.OpGetDiskUsage: "disk usage", errorfs.OpFileClose: "close", errorfs.OpFileRead: "read",
	errorfs.OpFileReadAt: "read at", errorfs.OpFileWrite: "write", errorfs.OpFileWriteAt: "write at",
	errorfs.OpFileStat: "stat file", errorfs.OpFileSync: "sync", errorfs.OpFileSyncData: "sync data",
	errorfs.OpFileSyncTo: "sync to", errorfs.OpFileFlush: "flush",
}

// Every call of the file system fails once. Whatever the store answers, what
// it acknowledged is there after the next start, and nothing by half: after
// the end of the process, and after a loss of power that takes all that was
// not synced.
func TestEachCallOfTheFileSystemMayFailOnce(t *testing.T) {
	whole := &fault{n: -1}
	playHistory(t, whole, crashOf(0))
	calls := whole.calls.Load()
	t.Logf("the history makes %d calls", calls)
	step := max(1, calls/120)
	if every {
		step = 1
	}
	for n := int64(1); n <= calls; n += step {
		f := &fault{n: n}
		t.Run(f.String(), func(t *testing.T) {
			playHistory(t, f, crashOf(int(n/step)%3*50))
		})
	}
}

// crashOf is a crash that keeps some percent of what was not synced.
func crashOf(percent int) vfs.CrashCloneCfg {
	return vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rand.New(rand.NewPCG(1, uint64(percent)))}
}

func playHistory(t *testing.T, f *fault, crash vfs.CrashCloneCfg) {
	t.Helper()
	l := newLedger()
	fs := vfs.NewCrashableMem()
	for _, phase := range phases {
		for started := false; !started; {
			inTime(t, f.call, func() { started = playPhase(t, l, errorfs.Wrap(fs, f), phase) })
			// A store that a fault has stopped may still hold files; the next
			// start is on what a crash leaves, as it would be.
			fs = fs.CrashClone(crash)
		}
	}
	s, err := openOn(fs)
	if err != nil {
		t.Fatalf("%s failed; the next start answers %v; before: %v", f.call(), err, l.errs)
	}
	judge(t, s, l.acknowledged)
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if t.Failed() {
		t.Logf("%s failed; answers: %v", f.call(), l.errs)
	}
	if len(l.errs) > 0 && f.what.Load() == nil {
		t.Errorf("nothing failed, and yet: %v", l.errs)
	}
}

// playPhase tells whether the store could be started.
func playPhase(t *testing.T, l *ledger, fs vfs.FS, phase [2]int) bool {
	s, err := openOn(fs)
	if err != nil {
		if l.errs = append(l.errs, fmt.Errorf("open: %w", err)); len(l.errs) > 1 {
			t.Errorf("one call failed, and twice the store did not start: %v", l.errs)
			return true
		}
		return false // the next start meets no fault
	}
	for n := phase[0]; n < phase[1]; n++ {
		_ = l.write(s, n) // kept in l.errs
		if n%5 == 4 {
			auditStill(t, s, l.acknowledged)
			backUp(t, s, l)
		}
	}
	if err := s.Close(); err != nil {
		l.errs = append(l.errs, fmt.Errorf("close: %w", err))
	}
	return true
}

// auditStill audits a store that may still be writing what it answered an
// error to. It may answer errors, but nothing wrong.
func auditStill(t *testing.T, s store.Store, acknowledged []int) {
	t.Helper()
	snap, err := s.Snapshot()
	if err != nil {
		return
	}
	defer snap.Close()
	if err := audit(snap, acknowledged); errors.As(err, new(errWrong)) {
		t.Errorf("after the batches %v: %v", acknowledged, err)
	}
}

// inTime ends the test when what should answer hangs.
func inTime(t *testing.T, what func() string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(15 * time.Second):
		t.Fatalf("%s: no answer in 15 s", what())
	}
}
