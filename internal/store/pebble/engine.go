package pebble

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"entente/internal/store"
)

// maxOpenFiles bounds the sorted files that are held open.
const maxOpenFiles = 1000

// guarded runs f in a goroutine of its own, because Pebble ends the goroutine,
// by panic or through Logger.Fatalf, when it meets what it cannot go on from.
func (s *Store) guarded(f func() error) error {
	err := errors.New("opening ended without an answer")
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			switch r := recover().(type) {
			case nil:
			case error:
				err = r
			default:
				err = damaged("%v", r)
			}
		}()
		err = f()
	}()
	select {
	case <-done:
	case <-s.disk.failed: // what runs there may wait for ever
		return s.openError(s.disk.reason())
	}
	if fatal := s.disk.reason(); fatal != nil {
		err = fatal
	}
	return s.openError(err)
}

func orDefault[T int | int64 | uint64](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}

// listBytes is how long the list of files, in which each file stands with its first and
// last key, grows before a new one begins: so short that an erasure gets rid of one.
const listBytes = 4 << 10

// mostSublevels is how many runs of files may lie above the sorted levels where a store is
// opened for little and left as it is: each is one more to look into, and at
// L0StopWritesThreshold writes stop.
const mostSublevels = 12

// beginCompactions lets them run; where little is done, once a memory table was flushed.
func (s *Store) beginCompactions(brief bool) {
	if brief && s.db.Metrics().Levels[0].Sublevels < mostSublevels {
		s.compactions.await()
		return
	}
	s.compactions.begin()
}

// engineOptions are the settings that were measured. Blocks of 16 KiB: with 32
// a page of one class in 300 costs twice as much when cold, with 8 the disk
// takes a tenth more. MinLZ (Fastest) instead of Zstd: a page costs half.
// Values apart from their keys (blob files) won nothing that could be measured:
// what compactions rewrite most are the look-up rows, which come in no order.
// With 256 MiB in the base level and 8 files before it is touched they rewrite
// a fifth less than with a quarter and a half of that.
func (s *Store) engineOptions(opts Options) *pebble.Options {
	o := &pebble.Options{
		FS:                          s.disk,
		Lock:                        s.lock,
		Cache:                       s.cache,
		FileCache:                   s.files,
		Comparer:                    comparer(),
		Merger:                      listMerger(),
		FormatMajorVersion:          engineFormat,
		MemTableSize:                orDefault(opts.MemTable, 24<<20),
		MemTableStopWritesThreshold: 4,
		L0CompactionThreshold:       8,
		L0StopWritesThreshold:       24,
		LBaseMaxBytes:               256 << 20,
		MaxOpenFiles:                maxOpenFiles,
		BytesPerSync:                1 << 20,
		MaxManifestFileSize:         listBytes,
		CompactionConcurrencyRange:  func() (int, int) { return 1, 2 },
		Logger:                      engineLog{s.log, s.disk},
	}
	tableOptions(o)
	o.EventListener = &pebble.EventListener{
		FlushEnd: func(pebble.FlushInfo) {
			if !s.disk.closing.Load() {
				s.compactions.flushed()
			}
		},
		BackgroundError: func(err error) {
			s.disk.say("store: background work failed and will be tried again: " + plain{err}.Error())
		},
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			s.log.Error("store: a file is damaged", "file", info.Path, "error", plain{info.Details}.Error())
			s.disk.damage(info.Path)
		},
	}
	o.Experimental.CompactionScheduler = s.compactions
	if opts.tune != nil {
		opts.tune(o)
	}
	return o
}

// tableOptions are those of the sorted files.
func tableOptions(o *pebble.Options) {
	for i := range o.Levels {
		o.Levels[i].BlockSize = 16 << 10
		o.Levels[i].IndexBlockSize = 64 << 10
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	o.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
}

const engineFormat = pebble.FormatTableFormatV6

// engineLog passes Pebble's words on. What is fatal to Pebble makes the store
// read-only and ends the goroutine that met it, not the process.
type engineLog struct {
	log  *slog.Logger
	disk *disk
}

func (l engineLog) Infof(string, ...any) {} // a line for each flush and compaction

func (l engineLog) Errorf(format string, args ...any) {
	l.disk.say("store: " + fmt.Sprintf(format, args...))
}

func (l engineLog) Fatalf(format string, args ...any) {
	err := fatalError{text: fmt.Sprintf(format, args...)}
	for _, arg := range args {
		if cause, ok := arg.(error); ok {
			err.cause = cause
		}
	}
	l.disk.fail(err)
	runtime.Goexit()
}

// fatalError is what Pebble said before it gave up.
type fatalError struct {
	text  string
	cause error
}

func (e fatalError) Error() string { return e.text }
func (e fatalError) Unwrap() error { return e.cause }

// damaged is an error about content that is not as it was written.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{store.ErrDamaged}, args...)...)
}

// readError says what an error of Pebble's means.
func (s *Store) readError(err error) error {
	switch {
	case err == nil || errors.Is(err, store.ErrDamaged):
		return err
	case errors.Is(err, pebble.ErrClosed):
		return store.ErrClosed
	case pebble.IsCorruptionError(err) || errors.Is(err, os.ErrNotExist):
		err = plain{err}
		if file := s.disk.damagedFile(); file != "" && !strings.Contains(err.Error(), file) {
			return fmt.Errorf("%w: file %s: %w; restore it from a backup", store.ErrDamaged, file, err)
		}
		return fmt.Errorf("%w: %w; restore it from a backup", store.ErrDamaged, err)
	}
	return err
}

// plain leaves out of an error what Pebble's libraries say to themselves.
type plain struct{ error }

func (p plain) Unwrap() error { return p.error }

func (p plain) Error() string {
	return strings.ReplaceAll(p.error.Error(), "\n<corruption detail carrier>", "")
}

func (s *Store) openError(err error) error {
	if err != nil && noSpace(err) {
		return fmt.Errorf("%w: %w; free some and start again", store.ErrFull, err)
	}
	if err != nil && strings.Contains(err.Error(), "unknown format major version") {
		return fmt.Errorf("%w: %w; use the newer program", store.ErrTooNew, err)
	}
	if err != nil && strings.Contains(err.Error(), "replaying WAL") {
		return fmt.Errorf("%w: in the write-ahead log (%s): %w; restore it from a backup", store.ErrDamaged, s.logFiles(), err)
	}
	return s.readError(err)
}

// logFiles names the files of the write-ahead log, since Pebble does not.
func (s *Store) logFiles() string {
	names, _ := s.disk.List(s.dir)
	return strings.Join(slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".log") }), ", ")
}

// lockError tells a directory in use from one that cannot be locked.
func lockError(err error) error {
	if isLocked(err) {
		return fmt.Errorf("%w: another entente process works on it; stop that one, or give another --data", store.ErrLocked)
	}
	return fmt.Errorf("its lock file cannot be taken: %w", err)
}

func isLocked(err error) bool {
	const sharingViolation = syscall.Errno(32) // what Windows answers
	return errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "lock held by current process") ||
		runtime.GOOS == "windows" && errors.Is(err, sharingViolation)
}
