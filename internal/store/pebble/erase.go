package pebble

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// What is deleted stays on the disk in four ways: in sorted files below its tombstone,
// in the index of words, in the write-ahead log, whose files are used again with their
// ends as they were, and as the first or last key of a file in the list of files.

// eraseEvery is how often an erasure looks whether what it waits for has come.
const eraseEvery = 20 * time.Millisecond

// mostRotations bounds how often an erasure makes a log and a list of files anew.
const mostRotations = 20_000

// Erase takes what was removed off the disk.
func (s *Store) Erase(ctx context.Context, gone []store.Tick) error {
	s.erasing.Lock()
	defer s.erasing.Unlock()
	held, err := s.acquireFor(ctx)
	if err != nil {
		return err
	}
	s.views.Add(1) // Close waits for it
	defer s.views.Done()
	held.release()
	if err := s.eraseAll(ctx, gone); err != nil {
		return fmt.Errorf("store %s: take off the disk what was removed: %w", s.dir, s.readError(err))
	}
	return nil
}

func (s *Store) eraseAll(ctx context.Context, gone []store.Tick) error {
	if err := s.unpost(ctx, gone); err != nil {
		return err
	}
	at, err := s.turn(ctx)
	if err != nil {
		return err
	}
	// A snapshot keeps what it sees, also through compactions.
	if err := s.awaitFor(ctx, "reads that began before", func() (bool, error) { return s.oldestView() >= at, nil }); err != nil {
		return err
	}
	s.disk.afresh.Store(true)
	defer s.disk.afresh.Store(false)
	if err := s.aside(ctx, "", func() error { return s.compactAll(ctx) }); err != nil {
		return err
	}
	// The view of now may have lent iterators, which hold the files of before.
	if _, err := s.turn(ctx); err != nil {
		return err
	}
	err = s.awaitFor(ctx, "files that are still read", func() (bool, error) {
		left, err := s.obsolete()
		return len(left) == 0, err
	})
	if err != nil {
		return err
	}
	return s.rotate(ctx)
}

// turn writes a row, so that a view begins that has nothing of what was removed, and
// tells its tick.
func (s *Store) turn(ctx context.Context) (at store.Tick, err error) {
	_, err = s.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		at = tx.Tick()
		tx.Set("erase", "turn", binary.BigEndian.AppendUint64(nil, uint64(at)))
		return nil
	}})
	return at, err
}

// compactAll merges every tombstone with what is below it.
func (s *Store) compactAll(ctx context.Context) error {
	s.compactions.begin()
	if err := s.db.Flush(); err != nil {
		return err
	}
	return s.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
}

// oldestView is the tick of the oldest view that is open.
func (s *Store) oldestView() store.Tick {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := store.Tick(1<<63 - 1)
	for v := range s.seen {
		oldest = min(oldest, v.tick)
	}
	return oldest
}

// awaitFor waits until something is done, as long as the context and the store last.
func (s *Store) awaitFor(ctx context.Context, what string, done func() (bool, error)) error {
	tick := time.NewTicker(eraseEvery)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("it waits for %s: %w", what, ctx.Err())
		case <-s.closing:
			return store.ErrClosed
		case <-s.disk.failed:
			return s.disk.health()
		}
	}
}

// obsolete are the sorted files on the disk that the store has no use for.
func (s *Store) obsolete() ([]string, error) {
	levels, err := s.db.SSTables()
	if err != nil {
		return nil, err
	}
	live := map[string]bool{}
	for _, level := range levels {
		for i := range level {
			live[fmt.Sprintf("%06d.sst", uint64(level[i].BackingSSTNum))] = true
		}
	}
	names, err := s.disk.List(s.dir)
	return slices.DeleteFunc(names, func(n string) bool { return !strings.HasSuffix(n, ".sst") || live[n] }), err
}

// rotate begins new logs and lists of files until those that are there now are gone.
func (s *Store) rotate(ctx context.Context) error {
	former, err := s.disk.List(s.dir)
	if err != nil {
		return err
	}
	former = slices.DeleteFunc(former, func(n string) bool { return !strings.HasSuffix(n, ".log") && !strings.HasPrefix(n, "MANIFEST-") })
	for range mostRotations {
		now, err := s.disk.List(s.dir)
		if err != nil {
			return err
		}
		if former = slices.DeleteFunc(former, func(n string) bool { return !slices.Contains(now, n) }); len(former) == 0 {
			return nil
		}
		if _, err := s.turn(ctx); err != nil {
			return err
		}
		if err := s.aside(ctx, "", s.db.Flush); err != nil {
			return err
		}
	}
	return errors.New("its files " + strings.Join(former, ", ") + " do not go; it is tried again")
}

// unpost takes ticks out of the index of words: first it looks for the lists that hold
// any, then it writes these anew, some at a time, while nobody posts.
func (s *Store) unpost(ctx context.Context, gone []store.Tick) error {
	if len(gone) == 0 {
		return nil
	}
	set := make(map[store.Tick]struct{}, len(gone))
	for _, t := range gone {
		set[t] = struct{}{}
	}
	in := func(t store.Tick) bool { _, is := set[t]; return is }
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	const some = 1000
	var keys [][]byte
	var ticks []store.Tick
	err = eachUntil(ctx, v.snap, []byte{kindPosting}, func(key, value []byte) error {
		ticks, _ = readTicks(ticks[:0], value)
		if !slices.ContainsFunc(ticks, in) {
			return nil
		}
		if keys = append(keys, bytes.Clone(key)); len(keys) < some {
			return nil
		}
		err := s.repost(ctx, keys, in)
		keys = keys[:0]
		return err
	})
	if err != nil {
		return err
	}
	return s.repost(ctx, keys, in)
}

// repost writes lists anew without some ticks.
func (s *Store) repost(ctx context.Context, keys [][]byte, gone func(store.Tick) bool) error {
	s.posting.Lock()
	defer s.posting.Unlock()
	v, err := s.acquire()
	if err != nil {
		return err
	}
	defer v.release()
	posts := s.db.NewBatch()
	for _, key := range keys {
		value, closer, err := v.snap.Get(key)
		if errors.Is(err, pebble.ErrNotFound) {
			continue // the index was dropped meanwhile
		}
		if err != nil {
			return errors.Join(err, posts.Close())
		}
		ticks, _ := readTicks(nil, value)
		err = closer.Close()
		if ticks = slices.DeleteFunc(ticks, gone); len(ticks) == 0 {
			err = errors.Join(err, posts.Delete(key, nil))
		} else {
			err = errors.Join(err, posts.Set(key, appendTicks(nil, ticks), nil))
		}
		if err != nil {
			return errors.Join(err, posts.Close())
		}
	}
	if posts.Empty() {
		return posts.Close()
	}
	_, err = s.send(ctx, &request{batch: &store.Batch{}, done: make(chan struct{}), posts: posts, size: posts.Len()})
	return err
}

// eachUntil is each, until the context ends.
func eachUntil(ctx context.Context, r pebble.Reader, prefix []byte, f func(key, value []byte) error) error {
	n := 0
	return each(r, prefix, func(key, value []byte) error {
		if n++; n&1023 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return f(key, value)
	})
}
