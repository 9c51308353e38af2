package pebble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/batchrepr"

	"entente/internal/store"
)

// What is kept apart from a backup is taken out of its copy by the same transactions
// that remove it from a store, so that all that refers to it is as true without it. How
// to put it back is what stood under each key before: the rows of the objects, and those
// that say something of them, as counts, neighbours and lists of words.

var _ store.Parter = (*Store)(nil)

// mostApart is how many memberships are taken out in one batch.
const mostApart = 500

// takeApart opens the copy in a folder, has some taken out, and rewrites the copy so
// that none of its files has any of that.
func (s *Store) takeApart(ctx context.Context, dir string, take func(context.Context, store.Copy) error) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	}()
	tune := func(o *pebble.Options) {
		if s.tune != nil {
			s.tune(o)
		}
		o.MaxManifestFileSize = 1 // so that the first flush gets rid of one
	}
	inner, err := Open(ctx, dir, Options{FS: unsynced{s.disk.FS}, CacheBytes: 48 << 20, MemTable: 8 << 20, HotBytes: 1, Now: s.now, Logger: s.log, tune: tune, apart: s.apart})
	if err != nil {
		return fmt.Errorf("the backup's copy: %w", err)
	}
	defer func() { err = errors.Join(err, inner.Close()) }()
	c := &backupCopy{Store: inner}
	if err := take(ctx, c); err != nil {
		return err
	}
	if !c.taken {
		return nil
	}
	return inner.Erase(ctx, nil) // the lists of words were written anew already
}

// backupCopy is the copy of a backup, open.
type backupCopy struct {
	*Store
	taken bool // its files still have what it has no more
}

// Erase takes ticks out of the index of words; the files are written anew once all is
// taken out.
func (c *backupCopy) Erase(ctx context.Context, gone []store.Tick) error {
	c.taken = true
	return c.unpost(ctx, gone)
}

func (c *backupCopy) TakeApart(ctx context.Context, groups []store.Apart) error {
	undos := make([]*undo, len(groups))
	of := map[store.Tick]int{} // the group of each tick that goes
	for i := range groups {
		undos[i] = newUndo(c.db, &groups[i])
		err := c.noting(undos[i], func() error { return c.takeGroup(ctx, &groups[i]) })
		if err != nil {
			return err
		}
		for _, t := range append(undos[i].gone, groups[i].Words...) {
			of[t] = i
		}
		c.taken = true
	}
	lists, err := c.listsOf(ctx, of, len(groups))
	if err != nil {
		return err
	}
	for i, keys := range lists {
		in := func(t store.Tick) bool { group, goes := of[t]; return goes && group == i }
		for some := range slices.Chunk(keys, 1000) {
			if err := c.noting(undos[i], func() error { return c.repost(ctx, some, in) }); err != nil {
				return err
			}
		}
		if err := undos[i].flush(); err != nil {
			return err
		}
	}
	return nil
}

func (c *backupCopy) takeGroup(ctx context.Context, g *store.Apart) error {
	for some := range slices.Chunk(g.Removes, c.apart) {
		b := &store.Batch{Removes: some}
		if g.Then != nil {
			b.Then = func(tx store.Tx, outcomes []store.Outcome) error { return g.Then(tx, some, outcomes) }
		}
		outcomes, err := c.Commit(ctx, b)
		if err != nil {
			return err
		}
		for i, o := range outcomes {
			if o.State != store.Removed {
				return fmt.Errorf("collection %d has nothing at %d that could be kept apart from the backup", some[i].Collection, some[i].Added)
			}
		}
	}
	return nil
}

// noting notes what the batches of f, which nobody else's are beside, change.
func (c *backupCopy) noting(u *undo, f func() error) error {
	c.tap = u.note // the committer reads it once a batch has reached it
	err := f()
	return errors.Join(err, u.err)
}

// listsOf looks once through the index of words for the lists that hold ticks of groups,
// and gives the keys of those of each group.
func (c *backupCopy) listsOf(ctx context.Context, of map[store.Tick]int, groups int) ([][][]byte, error) {
	lists := make([][][]byte, groups)
	v, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer v.release()
	var ticks []store.Tick
	err = eachUntil(ctx, v.snap, []byte{kindPosting}, func(key, value []byte) error {
		ticks, _ = readTicks(ticks[:0], value)
		var kept []byte
		for _, t := range ticks {
			i, goes := of[t]
			if !goes {
				continue
			}
			if kept == nil {
				kept = bytes.Clone(key)
			}
			if n := len(lists[i]); n == 0 || !bytes.Equal(lists[i][n-1], kept) {
				lists[i] = append(lists[i], kept)
			}
		}
		return nil
	})
	return lists, err
}

// undo writes down what stood under the keys that batches change, before they do.
type undo struct {
	db   *pebble.DB
	to   *bytes.Buffer
	out  *store.Apart
	seen map[string]struct{} // keys that may come again
	gone []store.Tick        // memberships that went
	err  error
}

func newUndo(db *pebble.DB, out *store.Apart) *undo {
	return &undo{db: db, to: &bytes.Buffer{}, out: out, seen: map[string]struct{}{}}
}

// oneTime tells the kinds of keys that are changed at most once while a group is taken
// out: those of the objects themselves, which are many, and of lists of words.
func oneTime(kind byte) bool {
	switch kind {
	case kindBody, kindID, kindValue, kindEdge, kindStep, kindPosting:
		return true
	}
	return false
}

// note is given each round before it is written, as a Tap.
func (u *undo) note(repr []byte) {
	if u.err != nil {
		return
	}
	r := batchrepr.Read(repr)
	for {
		kind, key, _, ok, err := r.Next()
		if err != nil || !ok {
			u.err = err
			return
		}
		if kind != pebble.InternalKeyKindSet && kind != pebble.InternalKeyKindDelete {
			u.err = fmt.Errorf("a change of kind %v cannot be undone", kind)
			return
		}
		if u.err = u.keep(key, kind == pebble.InternalKeyKindDelete); u.err != nil {
			return
		}
	}
}

func (u *undo) keep(key []byte, deleted bool) error {
	if !oneTime(key[0]) {
		if _, again := u.seen[string(key)]; again {
			return nil
		}
		u.seen[string(key)] = struct{}{}
	}
	value, closer, err := u.db.Get(key)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		appendUndo(u.to, key, nil, false)
	case err != nil:
		return err
	default:
		appendUndo(u.to, key, value, true)
		if err := closer.Close(); err != nil {
			return err
		}
		if deleted && key[0] == kindMember && len(key) == 13 {
			u.gone = append(u.gone, readTick(key[5:]))
		}
	}
	if u.to.Len() < 1<<20 {
		return nil
	}
	return u.flush()
}

func (u *undo) flush() error {
	_, err := u.to.WriteTo(u.out.To)
	return err
}
