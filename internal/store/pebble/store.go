package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// cacheBytes is shared by blocks and memory tables, which Pebble counts against
// the cache: with less than two or three of those besides, an import leaves no
// room for the filters by which it finds that an id is new.
const cacheBytes = 128 << 20

// Options configure a store. The zero value is right for a node.
type Options struct {
	FS         vfs.FS           // the disk when nil
	CacheBytes int64            // of blocks read and of memory tables; 128 MiB when 0
	HotBytes   int64            // of pages' rows and bodies, ready to be given again; 88 MiB when 0
	MemTable   uint64           // bytes written before they go to a sorted file; 24 MiB when 0
	Now        func() time.Time // time.Now when nil
	Logger     *slog.Logger     // discards when nil
	Brief      bool             // it is closed soon: compactions, for which Close waits, begin when much was written

	// Tap, when set, is given each round as Pebble's batch representation, in
	// order, before it is written; for measuring. It must not keep the bytes.
	Tap func(repr []byte)

	// Upgrade, when set, has a store of an older format brought to the newest,
	// and is told how that goes on. Without it such a store is refused.
	Upgrade Upgrade

	tune       func(*pebble.Options) // of benchmarks that compare settings
	migrations []migration           // of a test; those of the package when nil
	apart      int                   // of a test: memberships taken out of a copy in one batch; mostApart when 0
}

// Store is one directory of intelligence. Its methods are safe for concurrent
// use.
type Store struct {
	reads // of the newest durable view

	dir   string
	db    *pebble.DB
	lock  *pebble.Lock
	disk  *disk
	cache *pebble.Cache
	files *pebble.FileCache

	compactions *scheduler

	hot      *hot
	lately   lately
	stood    *stood
	referred *idFilter // what anything refers to
	known    *idFilter // what is here
	now      func() time.Time
	log      *slog.Logger
	tap      func(repr []byte)
	tune     func(*pebble.Options)
	apart    int // memberships taken out of a copy in one batch

	queue   chan *request
	synced  chan *round
	closing chan struct{}
	ended   chan struct{} // closed when committer and syncer have ended
	close   func() error

	view    atomic.Pointer[view]
	views   sync.WaitGroup // those whose snapshot is open
	backups atomic.Int64   // begun so far
	counts  counts

	mu        sync.Mutex
	snapshots map[*snapshot]struct{} // not yet closed
	seen      map[*view]struct{}     // whose snapshot is open
	erasing   sync.Mutex             // held by an Erase
	posting   sync.RWMutex           // by each batch with postings; by who writes lists anew

	writer writer // the committer's own
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir, and makes it when there is none. A second
// process on one directory gets ErrLocked, a directory written by a newer
// program ErrTooNew, by an older one ErrTooOld, and one whose files fail their
// checksums ErrDamaged.
func Open(ctx context.Context, dir string, opts Options) (*Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if opts.FS == nil {
		opts.FS = vfs.Default
	}
	if opts.migrations == nil {
		opts.migrations = migrations
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		dir: dir, now: opts.Now, log: opts.Logger, tap: opts.Tap, tune: opts.tune, apart: orDefault(opts.apart, mostApart),
		disk: newDisk(opts.FS, dir, opts.Logger),

		compactions: newScheduler(),

		queue:   make(chan *request, 1024),
		synced:  make(chan *round, 4),
		closing: make(chan struct{}),
		ended:   make(chan struct{}),

		snapshots: make(map[*snapshot]struct{}),
		seen:      make(map[*view]struct{}),
	}
	s.close = sync.OnceValue(s.shut)
	s.hot, s.lately = newHot(hotBytes(&opts)), newLately(latelyBytes)
	s.stood, s.referred, s.known = newStood(), newIDFilter(kindEdge), newIDFilter(kindID)
	s.reads.acquire, s.reads.live = s.acquire, s
	if err := s.open(ctx, opts); err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, opts Options) error {
	if err := makeDir(opts.FS, s.dir); err != nil {
		return fmt.Errorf("its directory cannot be made: %w", err)
	}
	lock, err := pebble.LockDirectory(s.dir, opts.FS)
	if err != nil {
		return lockError(err)
	}
	s.lock = lock
	s.cache = pebble.NewCache(orDefault(opts.CacheBytes, cacheBytes))
	s.files = pebble.NewFileCache(runtime.GOMAXPROCS(0), maxOpenFiles)
	err = s.guarded(func() (err error) {
		if err := checkWritable(opts.FS, s.dir); err != nil {
			return err
		}
		if err := checkFiles(opts.FS, s.dir); err != nil {
			return err
		}
		if err := clearBackups(opts.FS, s.dir); err != nil {
			return err
		}
		if s.db, err = pebble.Open(s.dir, s.engineOptions(opts)); err != nil {
			return err
		}
		return s.load(ctx, opts)
	})
	if err != nil {
		s.abandon()
		return err
	}
	s.disk.serve()
	s.beginCompactions(opts.Brief)
	go s.run()
	return nil
}

// abandon gives back what a failed open had taken. Pebble cannot be closed
// when a write has stopped it; and the caches stay, because what Pebble had
// begun in the background still reads by them.
func (s *Store) abandon() {
	if s.disk.reason() == nil && s.db != nil {
		s.db.Close()
	}
	s.lock.Close()
}

// checkWritable refuses a directory that can be read and not written: Pebble
// would open it and then try to flush for ever.
func checkWritable(fs vfs.FS, dir string) error {
	name := fs.PathJoin(dir, "WRITABLE")
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return fmt.Errorf("it must be writable, for reading, too: %w", err)
	}
	return errors.Join(f.Close(), fs.Remove(name))
}

// makeDir makes a directory so that it is there after a power cut, too.
func makeDir(fs vfs.FS, dir string) error {
	var made []string
	for at := dir; ; at = fs.PathDir(at) {
		if _, err := fs.Stat(at); err == nil || at == fs.PathDir(at) {
			break
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
		made = append(made, at)
	}
	if err := fs.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, child := range made {
		parent, err := fs.OpenDir(fs.PathDir(child))
		if err != nil {
			return err
		}
		if err := errors.Join(parent.Sync(), parent.Close()); err != nil {
			return err
		}
	}
	return nil
}

// run is the life of the two goroutines that write.
func (s *Store) run() {
	var syncer sync.WaitGroup
	syncer.Go(s.publishRounds)
	s.commitRounds()
	close(s.synced)
	syncer.Wait()
	close(s.ended)
}

// load reads what the committer keeps in memory and publishes the first view.
func (s *Store) load(ctx context.Context, opts Options) error {
	if err := s.checkFormat(ctx, opts); err != nil {
		return err
	}
	w := &s.writer
	if tick, err := metaOf(s.db, metaTick); err == nil {
		w.tick = store.Tick(tick)
	} else if !errors.Is(err, pebble.ErrNotFound) {
		return err
	}
	w.classes, w.classOf = []string{""}, make(map[string]store.ClassID)
	err := each(s.db, []byte{kindClass}, func(key, value []byte) error {
		if int(read32[store.ClassID](key[1:])) != len(w.classes) {
			return damaged("class %d is missing", len(w.classes))
		}
		w.classOf[string(value)] = store.ClassID(len(w.classes))
		w.classes = append(w.classes, string(value))
		return nil
	})
	if err != nil {
		return err
	}
	w.counts = make(map[countID]int64)
	err = each(s.db, []byte{kindCount}, func(key, value []byte) error {
		id := countID{read32[store.Collection](key[1:]), read32[store.ClassID](key[5:])}
		w.counts[id] = int64(binary.BigEndian.Uint64(value))
		s.counts.add(id, w.counts[id])
		return nil
	})
	if err != nil {
		return err
	}
	if w.leaves, err = countLeaves(s.db); err != nil {
		return err
	}
	for _, f := range []*idFilter{s.referred, s.known} {
		if err := s.gatherFrom(s.db, f, true); err != nil {
			return err
		}
	}
	v := s.newView()
	s.view.Store(v)
	s.stood.show(v, nil)
	return nil
}

func metaOf(r pebble.Reader, name string) (uint64, error) {
	value, closer, err := r.Get(metaKey(name))
	if err != nil {
		return 0, err
	}
	defer closer.Close()
	if len(value) != 8 {
		return 0, damaged("the %s number has %d bytes", name, len(value))
	}
	return binary.BigEndian.Uint64(value), nil
}

func countLeaves(r pebble.Reader) (int64, error) {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: []byte{kindLeaf}, UpperBound: []byte{kindLeaf + 1}})
	if err != nil {
		return 0, err
	}
	defer it.Close()
	if !it.Last() {
		return 0, it.Error()
	}
	return int64(binary.BigEndian.Uint64(it.Key()[1:])) + 1, nil
}

// Close ends the committer after the batches that wait, waits for reads that
// are under way, ends open snapshots and gives the directory free. When a
// failed write has stopped the store, or no space is left, it answers that;
// what Pebble still holds in memory then stays until the process ends.
func (s *Store) Close() error { return s.close() }

func (s *Store) shut() error {
	close(s.closing)
	s.disk.closing.Store(true)
	closed := make(chan error, 1)
	go func() { closed <- s.guarded(s.closeDB) }()
	for {
		select {
		case err := <-closed:
			if s.disk.reason() == nil {
				s.files.Unref()
				s.cache.Unref()
			}
			if err == nil {
				err = writeClosedNote(s.disk.FS, s.dir)
			}
			return errors.Join(err, s.lock.Close())
		case <-s.disk.stalled(): // what was acknowledged is in the log
			s.disk.fail(fmt.Errorf("the store was closed: %w", store.ErrFull))
		case <-s.disk.failed: // what Pebble was still writing never ends
			s.view.Store(nil)
			return errors.Join(s.disk.reason(), s.lock.Close())
		}
	}
}

// closeDB ends Pebble when the last round was answered and reads have ended.
// What lies in the log goes to sorted files first, whose every block has a
// checksum: a fault in the log could be taken for the torn end of a crash.
func (s *Store) closeDB() error {
	<-s.ended
	err := s.db.Flush()
	if v := s.view.Swap(nil); v != nil {
		v.release()
	}
	for _, snap := range s.openSnapshots() {
		snap.Close()
	}
	s.views.Wait()
	return errors.Join(err, s.db.Close())
}

func (s *Store) openSnapshots() []*snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.snapshots))
}

// Health is nil while the store takes writes, and else says why not:
// ErrFull, which ends by itself when space returns, or the failed write that
// has made it read-only until the next Open.
func (s *Store) Health() error {
	select {
	case <-s.closing:
		return store.ErrClosed
	default:
		return s.disk.health()
	}
}

// Damage names the file that was last seen to be damaged, or is nil. What can
// be read without it still is.
func (s *Store) Damage() error {
	if file := s.disk.damagedFile(); file != "" {
		return fmt.Errorf("%w: file %s; restore it from a backup", store.ErrDamaged, file)
	}
	return nil
}

// each calls f for each row whose key starts with prefix.
func each(r pebble.Reader, prefix []byte, f func(key, value []byte) error) error {
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: after(prefix)})
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := f(it.Key(), value); err != nil {
			return err
		}
	}
	return it.Error()
}
