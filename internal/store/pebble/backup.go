package pebble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

// backupPrefix begins the names of the folders, in the store's own, in which
// backups stand while they are read. What a killed process left of them is
// taken away when the store is opened.
const backupPrefix = "backup-"

// backupSpace is what the disk must have free for a backup, or a tenth of a
// small one: sorted files are linked, but the log and the list of files are
// copied.
const backupSpace = 128 << 20

// Backup hands the store's files as of one durable instant to a sink: the
// sorted files, which never change once they are written, the list of them and
// the write-ahead log. Pebble links what never changes into a folder of its
// own and copies the rest, so that writes go on. The copy is opened, for
// reading, before it is given: it tells itself which instant it is of.
//
// While a backup is read the disk keeps the files that it links, also those
// that compactions have replaced meanwhile.
func (s *Store) Backup(ctx context.Context, to store.Sink) (store.Instant, error) {
	return s.BackupWithout(ctx, nil, to)
}

// BackupWithout has some taken out of the copy, opened as a store of its own, before it
// is given.
func (s *Store) BackupWithout(ctx context.Context, take func(context.Context, store.Copy) error, to store.Sink) (store.Instant, error) {
	v, err := s.acquireFor(ctx)
	if err != nil {
		return store.Instant{}, err
	}
	s.views.Add(1) // Close waits for it
	defer s.views.Done()
	v.release()
	at, err := s.backup(ctx, take, to)
	if err != nil {
		return store.Instant{}, s.backupError(err)
	}
	return at, nil
}

func (s *Store) backupError(err error) error {
	if noSpace(err) && !errors.Is(err, store.ErrFull) {
		return fmt.Errorf("store %s: %w for a backup: %w", s.dir, store.ErrFull, err)
	}
	return s.readError(err)
}

func (s *Store) backup(ctx context.Context, take func(context.Context, store.Copy) error, to store.Sink) (store.Instant, error) {
	if usage, err := s.disk.FS.GetDiskUsage(s.dir); err == nil {
		need := min(backupSpace, usage.TotalBytes/10)
		if take != nil {
			need += s.db.Metrics().DiskSpaceUsage() // the copy is written anew
		}
		if usage.AvailBytes < need {
			return store.Instant{}, fmt.Errorf("store %s: %w; a backup needs %d MB there for a while, free some", s.dir, store.ErrFull, need>>20)
		}
	}
	dir := s.disk.FS.PathJoin(s.dir, fmt.Sprintf("%s%d", backupPrefix, s.backups.Add(1)))
	defer func() {
		if err := s.disk.RemoveAll(dir); err != nil {
			s.log.Warn("store: what a backup was read from stays until the next start", "folder", dir, "error", err)
		}
	}()
	if err := s.aside(ctx, dir, func() error { return s.checkpoint(dir) }); err != nil {
		return store.Instant{}, err
	}
	if take != nil {
		if err := s.aside(ctx, dir, func() error { return s.takeApart(ctx, dir, take) }); err != nil {
			return store.Instant{}, err
		}
	}
	var at store.Instant
	if err := s.aside(ctx, dir, func() (err error) { at, err = s.instantOf(dir); return err }); err != nil {
		if bad := Sound(ctx, s.disk, dir); errors.Is(bad, store.ErrDamaged) {
			err = bad // which names the file
		}
		return store.Instant{}, err
	}
	return at, s.give(ctx, dir, to)
}

// checkpoint copies the store into a folder. What the log holds is written to
// sorted files first, so that little of it is copied.
func (s *Store) checkpoint(dir string) error {
	if err := s.db.Flush(); err != nil {
		return err
	}
	return s.db.Checkpoint(dir, pebble.WithFlushedWAL())
}

// aside runs a part of a backup's making, or of an erasure, that may wait for as long as the disk
// is full, or for ever when a failed write has stopped the store. When nobody
// waits for it any more it takes its folder away itself. Close waits for it.
func (s *Store) aside(ctx context.Context, dir string, f func() error) error {
	if err := s.disk.health(); err != nil {
		return err
	}
	answer, gone := make(chan error), make(chan struct{})
	s.views.Add(1)
	go func() {
		defer s.views.Done()
		err := errors.New("the backup ended without an answer")
		defer func() {
			if r := recover(); r != nil {
				err = damaged("%v", r)
			}
			select {
			case answer <- err:
			case <-gone:
				if dir != "" {
					_ = s.disk.RemoveAll(dir) // else the next start does
				}
			}
		}()
		err = f()
	}()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		close(gone)
		return ctx.Err()
	case <-s.disk.stalled():
		close(gone)
		return fmt.Errorf("store %s: %w; free some, then back it up", s.dir, store.ErrFull)
	case <-s.disk.failed:
		close(gone)
		return s.disk.health()
	}
}

// instantOf opens a backup for reading and looks which instant it holds.
func (s *Store) instantOf(dir string) (store.Instant, error) { return instantIn(s.disk, dir) }

func instantIn(fs vfs.FS, dir string) (at store.Instant, err error) {
	cache := pebble.NewCache(1 << 20)
	defer cache.Unref()
	db, err := pebble.Open(dir, &pebble.Options{
		FS: fs, ReadOnly: true, Cache: cache, Comparer: comparer(),
		FormatMajorVersion: engineFormat, Logger: quietLog{},
	})
	if err != nil {
		return at, fmt.Errorf("the backup cannot be opened: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tick, err := metaOf(db, metaTick)
	if err != nil && !errors.Is(err, pebble.ErrNotFound) {
		return at, err
	}
	at.Tick = store.Tick(tick)
	if at.LogSize, err = countLeaves(db); err != nil {
		return at, err
	}
	root, err := tlog.TreeHash(at.LogSize, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		return hashesOf(db, indexes)
	}))
	at.Root = root
	return at, err
}

// give hands the files of a backup to the sink, in order of their names.
func (s *Store) give(ctx context.Context, dir string, to store.Sink) error {
	names, err := s.disk.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	goesOn := func() error {
		select {
		case <-s.closing:
			return store.ErrClosed
		default:
			return ctx.Err()
		}
	}
	pace := s.newPace()
	for _, name := range names {
		if name == "LOCK" || name == closedNote {
			continue
		}
		if err := goesOn(); err != nil {
			return err
		}
		path := s.disk.PathJoin(dir, name)
		info, err := s.disk.Stat(path)
		if err != nil {
			return err
		}
		open := func() (io.ReadCloser, error) {
			if strings.HasSuffix(name, sortedFile) {
				if err := soundIn(ctx, s.disk, dir, name); err != nil {
					return nil, fmt.Errorf("store %s: %w; no backup was made of it: restore an earlier one", s.dir, err)
				}
			}
			f, err := s.disk.Open(path, vfs.SequentialReadsOption)
			return &partReader{File: f, goesOn: goesOn, pace: pace}, err
		}
		if err := to(store.Part{Name: name, Size: info.Size(), Open: open}); err != nil {
			return err
		}
	}
	return nil
}

// partReader ends when its backup does, and gives way to those who write.
type partReader struct {
	vfs.File
	goesOn func() error
	pace   *pace
	read   int // since way was given last
}

func (r *partReader) Read(p []byte) (int, error) {
	if err := r.goesOn(); err != nil {
		return 0, err
	}
	if r.read >= paceBytes {
		r.read = 0
		r.pace.giveWay()
	}
	n, err := r.File.Read(p)
	r.read += n
	return n, err
}

// quietLog is of a copy that is opened for reading: what goes wrong with it is
// the answer to whoever asked for the backup.
type quietLog struct{}

func (quietLog) Infof(string, ...any)  {}
func (quietLog) Errorf(string, ...any) {}
func (quietLog) Fatalf(string, ...any) { runtime.Goexit() }

// clearBackups takes away what backups of a process that was killed have left.
func clearBackups(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, backupPrefix) {
			if err := fs.RemoveAll(fs.PathJoin(dir, name)); err != nil {
				return fmt.Errorf("what an earlier backup left cannot be removed: %w", err)
			}
		}
	}
	return nil
}
