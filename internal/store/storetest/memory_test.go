package storetest

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/sealed"
	"entente/internal/store"
)

// memory makes a store of the model, so that the suite can be tried on it.
// What it holds outlives it in disk, as a file would.
type memory struct {
	*memoryReader
	disk *disk
	now  func() time.Time
}

type disk struct {
	model *model
	open  bool
	keep  func(*model) (number string) // of a backup
}

// memoryReader reads one model; a snapshot is one on a clone.
type memoryReader struct {
	mu     sync.Mutex
	m      *model
	closed bool
}

var _ store.Store = (*memory)(nil)

func openMemory(d *disk, now func() time.Time) (store.Store, error) {
	if d.open {
		return nil, store.ErrLocked
	}
	d.open = true
	return &memory{memoryReader: &memoryReader{m: d.model}, disk: d, now: now}, nil
}

func (s *memory) Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.asked(ctx); err != nil {
		return nil, err
	}
	for _, p := range b.Postings {
		if p.Term == "" || len(p.Term) > store.MaxTerm || strings.IndexByte(p.Term, 0) >= 0 {
			return nil, fmt.Errorf("no term: %q", p.Term)
		}
	}
	tick := max(s.m.now+1, store.Tick(s.now().UnixMicro()))
	ticks := make([]store.Tick, len(b.Puts)+len(b.Removes)+len(b.Reclasses))
	for i := range ticks {
		ticks[i] = tick
		tick += 2 // a face that goes with its object has the one before
	}
	next := s.m.clone()
	out, err := next.commit(b, ticks, tick)
	if err != nil {
		return nil, err
	}
	s.m, s.disk.model = next, next
	return out, nil
}

func (s *memory) Snapshot() (store.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, store.ErrClosed
	}
	return &memoryReader{m: s.m.clone()}, nil
}

func (s *memory) Verify(ctx context.Context, _ func(string)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked(ctx)
}

// MayRefer knows nothing.
func (s *memory) MayRefer(string) bool { return true }

// Erase has nothing to do: what was removed is not kept.
func (s *memory) Erase(ctx context.Context, _ []store.Tick) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked(ctx)
}

// Backup has one part: the number of a clone that the test keeps.
func (s *memory) Backup(ctx context.Context, to store.Sink) (store.Instant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.asked(ctx); err != nil {
		return store.Instant{}, err
	}
	content := s.disk.keep(s.m.clone())
	part := store.Part{Name: "model", Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(content)), nil
	}}
	if err := to(part); err != nil {
		return store.Instant{}, err
	}
	size := int64(len(s.m.leaves))
	root, err := tlog.TreeHash(size, hashes(&memoryReader{m: s.m}))
	return store.Instant{Tick: s.m.now, LogSize: size, Root: root}, err
}

func (s *memory) Close() error {
	s.disk.open = false
	return s.memoryReader.Close()
}

func (r *memoryReader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

// asked answers whether a question is to be answered.
func (r *memoryReader) asked(ctx context.Context) error {
	if r.closed {
		return store.ErrClosed
	}
	return ctx.Err()
}

func (r *memoryReader) Page(ctx context.Context, q store.PageQuery) (*store.Page, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.asked(ctx); err != nil {
		return nil, err
	}
	rows, more := r.m.page(q)
	return &store.Page{Rows: seal(rows), More: more}, nil
}

func (r *memoryReader) Versions(ctx context.Context, c store.Collection, id string, visible *store.Classes) ([]store.Row, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return seal(r.m.versions(c, id, visible)), r.asked(ctx)
}

func (r *memoryReader) Standings(ctx context.Context, ids []string, most int) ([][]store.Standing, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := make([][]store.Standing, len(ids))
	for i, id := range ids {
		found[i] = r.m.standings(id, most)
	}
	return found, r.asked(ctx)
}

func (r *memoryReader) Lookup(ctx context.Context, kind uint8, text string, scope store.Scope, limit int) ([]store.Place, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m.lookup(kind, text, scope, limit), r.asked(ctx)
}

func (r *memoryReader) Lookups(ctx context.Context, values []store.Value, scope store.Scope, limit int) ([][]store.Place, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := make([][]store.Place, len(values))
	for i, v := range values {
		found[i] = r.m.lookup(v.Kind, v.Text, scope, limit)
	}
	return found, r.asked(ctx)
}

func (r *memoryReader) Within(ctx context.Context, in store.Range, scope store.Scope, limit int) ([]store.Carrier, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m.within(in, scope, limit), r.asked(ctx)
}

func (r *memoryReader) Edges(ctx context.Context, targets []store.Target, scope store.Scope, limit int) ([][]store.Edge, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found := make([][]store.Edge, len(targets))
	for i, t := range targets {
		found[i] = r.m.edges(t, scope, limit)
	}
	return found, r.asked(ctx)
}

func (r *memoryReader) Fetch(ctx context.Context, places []store.Place, latest store.Scope) (*store.Page, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.asked(ctx); err != nil {
		return nil, err
	}
	return &store.Page{Rows: seal(r.m.fetch(places, latest))}, nil
}

func (r *memoryReader) Postings(scope store.Scope) (store.Postings, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, store.ErrClosed
	}
	return &modelPostings{m: r.m.clone(), scope: scope}, nil
}

func (r *memoryReader) Changes(ctx context.Context, after store.Tick, limit int) (*store.Changes, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.asked(ctx); err != nil {
		return nil, err
	}
	list, more := r.m.changes(after, limit)
	changes := &store.Changes{More: more}
	for _, c := range list {
		changes.List = append(changes.List, store.Change{Kind: c.Kind, Row: seal([]row{c.Row})[0], Was: c.Was})
	}
	return changes, nil
}

func (r *memoryReader) Now() store.Tick {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m.now
}

func (r *memoryReader) Classes() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.m.classes)
}

func (r *memoryReader) Count(c store.Collection) map[store.ClassID]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m.count(c)
}

func (r *memoryReader) Get(table, key string) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, store.ErrClosed
	}
	return (&modelTx{m: r.m}).Get(table, key)
}

func (r *memoryReader) Rows(table, prefix string) iter.Seq2[store.Keyed, error] {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return func(yield func(store.Keyed, error) bool) { yield(store.Keyed{}, store.ErrClosed) }
	}
	return (&modelTx{m: r.m.clone()}).Rows(table, prefix)
}

func (r *memoryReader) Conflicts(c store.Collection) iter.Seq2[store.Aside, error] {
	r.mu.Lock()
	defer r.mu.Unlock()
	kept := slices.Clone(r.m.aside)
	return func(yield func(store.Aside, error) bool) {
		for _, a := range kept {
			if a.collection == c && !yield(store.Aside{Source: a.source, Class: a.class, Body: sealed.Seal([]byte(a.body))}, nil) {
				return
			}
		}
	}
}

func (r *memoryReader) LogSize() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int64(len(r.m.leaves))
}

func (r *memoryReader) Leaf(n int64) ([32]byte, []byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return [32]byte{}, nil, store.ErrClosed
	}
	if n < 0 || n >= int64(len(r.m.leaves)) {
		return [32]byte{}, nil, fmt.Errorf("leaf %d: %w", n, store.ErrNotFound)
	}
	return r.m.leaves[n].commitment, r.m.leaves[n].opening, nil
}

func (r *memoryReader) ReadHashes(indexes []int64) ([][32]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, store.ErrClosed
	}
	var tree plainTree
	for _, l := range r.m.leaves {
		if err := tree.append(l.commitment); err != nil {
			return nil, err
		}
	}
	hashes, err := tree.ReadHashes(indexes)
	list := make([][32]byte, len(hashes))
	for i, h := range hashes {
		list[i] = h
	}
	return list, err
}

func seal(rows []row) []store.Row {
	var list []store.Row
	for _, r := range rows {
		list = append(list, store.Row{
			Collection: r.Collection, Added: r.Added, Class: r.Class,
			ID: r.ID, Version: r.Version, Spec: r.Spec, Source: r.Source, Body: sealed.Seal([]byte(r.Body)),
		})
	}
	return list
}
