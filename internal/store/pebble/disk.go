package pebble

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// disk stands between Pebble and the file system, because Pebble takes a
// failed write to its log or manifest as the end of the process (a panic under
// a mutex it has let go of, which nothing can recover from). Here
//
//   - a write that finds no space waits and is tried again when there is some,
//     while reads go on and new batches are refused (ErrFull);
//   - any other failed write of the log, manifest or directory stops all
//     writing: the goroutine that met it never gets an answer, and what was
//     acknowledged stands on the disk for the next Open;
//   - other failed writes (sorted files) are answered, since Pebble discards
//     the file and tries again; not too fast, when they fail in a row, and not
//     for ever: too many in a row stop all writing, too.
//
// While the store is being opened a write does not wait for space. Opening and
// closing end without Pebble when it has been stopped. A write to a backup's
// folder is none of this: whoever makes the backup is answered.
type disk struct {
	vfs.FS
	dir string
	log *slog.Logger

	serving atomic.Bool
	closing atomic.Bool
	afresh  atomic.Bool   // a log takes no former one's place, whose end it would keep
	failed  chan struct{} // closed by the write that stops the store
	space   space

	mu      sync.Mutex
	waiting int           // writes that wait for space
	stall   chan struct{} // closed while any waits
	said    string        // the last fault logged
	saidAt  time.Time
	cause   error  // why failed is closed
	file    string // the file last seen to be damaged
	inARow  int    // answered errors since the last write that went well
}

func newDisk(fs vfs.FS, dir string, log *slog.Logger) *disk {
	d := &disk{FS: fs, dir: dir, log: log, failed: make(chan struct{}), stall: make(chan struct{})}
	d.space.disk = d
	return d
}

// serve begins the time in which a write waits for space.
func (d *disk) serve() { d.serving.Store(true) }

// fail makes the store read-only; the first cause counts.
func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cause == nil {
		d.cause = err
		close(d.failed)
		d.log.Error("store: writing has stopped; mend the disk and restart", "error", err.Error())
	}
}

// say logs a fault, once a minute while nothing else is said: what is tried
// again at once would otherwise fill the log.
func (d *disk) say(text string) {
	d.mu.Lock()
	again := text == d.said && time.Since(d.saidAt) < time.Minute
	if !again {
		d.said, d.saidAt = text, time.Now()
	}
	d.mu.Unlock()
	if !again {
		d.log.Error(text)
	}
}

func (d *disk) reason() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cause
}

func (d *disk) damage(file string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.file = file
}

func (d *disk) damagedFile() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.file
}

// health is why the next write would be refused, or nil.
func (d *disk) health() error {
	if err := d.reason(); err != nil {
		return fmt.Errorf("store %s: read-only since a write failed; mend the disk and restart: %w", d.dir, err)
	}
	select {
	case <-d.stalled():
		return fmt.Errorf("store %s: %w; free some, writing goes on by itself", d.dir, store.ErrFull)
	default:
	}
	if !d.space.enough() {
		return fmt.Errorf("store %s: %w; free some, writing goes on by itself", d.dir, store.ErrFull)
	}
	return nil
}

func noSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// retryEvery is how often a write that found no space is tried again.
const retryEvery = 200 * time.Millisecond

// guard runs one operation on a file as the comment on disk says.
func (d *disk) guard(name string, op func() error) error {
	if d.ofBackup(name) {
		return op()
	}
	if d.reason() != nil {
		select {} // nothing is written any more, also by what Pebble had begun
	}
	err := op()
	if err == nil {
		d.settle(nil)
		return nil
	}
	if noSpace(err) && d.serving.Load() {
		err = d.awaitSpace(op)
	}
	if err == nil {
		return nil
	}
	if d.vital(name) || d.settle(err) {
		d.fail(fmt.Errorf("%s: %w", name, err))
		select {} // see the comment on disk
	}
	return err
}

// awaitSpace tries op until it finds space, fails otherwise, or the store closes.
func (d *disk) awaitSpace(op func() error) error {
	d.wait(1)
	defer d.wait(-1)
	d.space.forget()
	tick := time.NewTicker(retryEvery)
	defer tick.Stop()
	for {
		<-tick.C
		if d.reason() != nil {
			select {} // the store is closed, and another may be open
		}
		if err := op(); err == nil || !noSpace(err) {
			return err
		}
	}
}

// wait counts the writes that wait for space.
func (d *disk) wait(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting += n; d.waiting == 1 && n == 1 {
		close(d.stall)
	} else if d.waiting == 0 {
		d.stall = make(chan struct{})
	}
}

// How many answered errors in a row a store takes, which is about six seconds,
// and one that is being closed, about a quarter of one. Pebble would try for
// ever, and let writers wait.
const (
	manyErrors        = 15
	manyErrorsClosing = 8
)

// settle slows answered errors that come in a row, to 1 s each, and tells when
// they are too many.
func (d *disk) settle(err error) (tooMany bool) {
	d.mu.Lock()
	if err == nil {
		d.inARow = 0
		d.mu.Unlock()
		return false
	}
	pause := min(time.Millisecond<<min(d.inARow, 10), time.Second)
	d.inARow++
	tooMany = d.inARow > manyErrors || d.inARow > manyErrorsClosing && d.closing.Load()
	d.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	<-timer.C
	return tooMany
}

// vital tells the files whose failed writes Pebble does not survive.
func (d *disk) vital(name string) bool {
	base := filepath.Base(name)
	return strings.HasSuffix(base, ".log") || strings.HasPrefix(base, "MANIFEST") ||
		isMarker(name) || name == d.dir
}

// ofBackup tells the folders of backups and what is in them.
func (d *disk) ofBackup(name string) bool {
	return strings.HasPrefix(name, d.FS.PathJoin(d.dir, backupPrefix))
}

func isMarker(name string) bool { return strings.HasPrefix(filepath.Base(name), "marker.") }

// The rest puts guard around the calls of vfs.FS and vfs.File that write.

func (d *disk) Unwrap() vfs.FS { return d.FS }

func (d *disk) Create(name string, category vfs.DiskWriteCategory) (f vfs.File, err error) {
	if isMarker(name) && !d.ofBackup(name) {
		if err := d.syncDir(); err != nil {
			return nil, err
		}
	}
	err = d.guard(name, func() error {
		f, err = d.FS.Create(name, category)
		return err
	})
	return d.writable(name, f), err
}

func (d *disk) ReuseForWrite(old, name string, category vfs.DiskWriteCategory) (f vfs.File, err error) {
	err = d.guard(name, func() error {
		if d.afresh.Load() {
			if err := d.FS.Remove(old); err != nil {
				return err
			}
			f, err = d.FS.Create(name, category)
			return err
		}
		f, err = d.FS.ReuseForWrite(old, name, category)
		return err
	})
	return d.writable(name, f), err
}

func (d *disk) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	f, err := d.FS.OpenReadWrite(name, category, opts...)
	return d.writable(name, f), err
}

func (d *disk) OpenDir(name string) (f vfs.File, err error) {
	err = d.guard(name, func() error {
		f, err = d.FS.OpenDir(name)
		return err
	})
	return d.writable(name, f), err
}

func (d *disk) Remove(name string) error {
	if isMarker(name) && !d.ofBackup(name) {
		if err := d.syncDir(); err != nil {
			return err
		}
	}
	return d.FS.Remove(name)
}

// syncDir makes durable what the directory lists. A marker names the file that
// is in force, and Pebble syncs the directory only after it has made the new
// marker and removed the old: without a sync before each, a loss of power
// could leave a marker of a file that is not there, or no marker.
func (d *disk) syncDir() error {
	return d.guard(d.dir, func() error {
		dir, err := d.FS.OpenDir(d.dir)
		if err != nil {
			return err
		}
		return errors.Join(dir.Sync(), dir.Close())
	})
}

func (d *disk) Link(old, name string) error {
	return d.guard(name, func() error { return d.FS.Link(old, name) })
}

func (d *disk) Rename(old, name string) error {
	return d.guard(name, func() error { return d.FS.Rename(old, name) })
}

func (d *disk) Lock(name string) (io.Closer, error) { return d.FS.Lock(name) }

func (d *disk) writable(name string, f vfs.File) vfs.File {
	if f == nil {
		return nil
	}
	return &diskFile{File: f, disk: d, name: name}
}

// diskFile is a file that is written.
type diskFile struct {
	vfs.File
	disk *disk
	name string
}

func (f *diskFile) Write(p []byte) (n int, err error) {
	err = f.disk.guard(f.name, func() error {
		m, err := f.File.Write(p[n:])
		n += m
		return err
	})
	f.disk.space.wrote(n)
	return n, err
}

func (f *diskFile) Sync() error {
	return f.disk.guard(f.name, f.File.Sync)
}

func (f *diskFile) SyncData() error {
	return f.disk.guard(f.name, f.File.SyncData)
}

func (f *diskFile) SyncTo(length int64) (full bool, err error) {
	err = f.disk.guard(f.name, func() error {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

func (f *diskFile) Close() error {
	return f.disk.guard(f.name, f.File.Close)
}

// stalled is closed when a write has begun to wait for space; the next call
// after space returned gives a new channel.
func (d *disk) stalled() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stall
}
