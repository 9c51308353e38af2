package pebble

import (
	"encoding/binary"
	"errors"
	"maps"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

// stage is a round while it is prepared: its writes so far, and what they
// change in what later batches of the round find. The database itself does
// not have them yet.
type stage struct {
	store    *Store
	writer   *writer
	batch    *pebble.Batch
	requests []*request
	counts   map[countID]int64
	ids      map[string]*idState
	rows     map[string]rowState
	asides   map[string]map[[32]byte]store.ClassID // what stands aside under an id and version, where the round changes it
	hashes   map[int64]tlog.Hash
	forward  *pebble.Iterator // with Bloom filters: only SeekPrefixGE and Next
	back     *pebble.Iterator // SeekLT and Prev
	apart    *pebble.Iterator // over what was kept aside
	ticked   bool             // a batch was told its tick, which must not come again
	base     store.Tick       // newest tick of the rounds before
	touched  []touch          // memberships of those that this round changes
	key      []byte
}

// rowState is a member row as the round leaves it; nil when deleted.
type rowState = []byte

func newStage(s *Store) *stage {
	return &stage{
		store: s, writer: &s.writer, batch: s.db.NewBatch(),
		counts: make(map[countID]int64), ids: make(map[string]*idState), rows: make(map[string]rowState),
		asides: make(map[string]map[[32]byte]store.ClassID), hashes: make(map[int64]tlog.Hash), base: s.writer.tick,
	}
}

func (st *stage) close() {
	for _, it := range []*pebble.Iterator{st.forward, st.back, st.apart} {
		if it != nil {
			it.Close()
		}
	}
}

// run decides one batch. A batch that fails leaves nothing behind but the ticks
// it had been given.
func (st *stage) run(r *request) {
	t := newTransaction(st)
	outcomes, err := t.apply(r)
	if err != nil {
		t.batch.Close()
		r.err = err
		if errors.Is(err, store.ErrChanged) {
			st.requests = append(st.requests, r) // what changed may be of this round, and is to be seen first
			return
		}
		close(r.done)
		return
	}
	r.outcomes = outcomes
	st.requests = append(st.requests, r)
	t.merge()
}

// finish adds the rows that a round writes once.
func (st *stage) finish() {
	w := st.writer
	for id, n := range st.counts {
		if n == 0 {
			continue
		}
		w.counts[id] += n
		key := countKey(st.key[:0], id.collection, id.class)
		st.key = key
		if w.counts[id] == 0 {
			delete(w.counts, id)
			st.batch.Delete(key, nil)
			continue
		}
		st.batch.Set(key, binary.BigEndian.AppendUint64(nil, uint64(w.counts[id])), nil)
	}
	st.batch.Set(metaKey(metaTick), binary.BigEndian.AppendUint64(nil, uint64(w.tick)), nil)
}

// transaction is one batch while it is decided, on top of its stage.
type transaction struct {
	stage   *stage
	batch   *pebble.Batch
	counts  map[countID]int64
	ids     map[string]*idState
	rows    map[string]rowState
	asides  map[string]map[[32]byte]store.ClassID
	classes []string // interned by this batch
	classOf map[string]store.ClassID
	leaves  int64 // after this batch
	hashes  map[int64]tlog.Hash
	failed  error // of AppendLeaf, which has no error of its own
	touched []touch
	tick    store.Tick // of Tx.Tick, once asked for
	began   store.Tick // all that it writes is newer
	key     []byte
	value   []byte
}

func newTransaction(st *stage) *transaction {
	return &transaction{
		stage: st, batch: st.store.db.NewBatch(), leaves: st.writer.leaves, began: st.writer.tick,
		counts: make(map[countID]int64), ids: make(map[string]*idState), rows: make(map[string]rowState),
		asides: make(map[string]map[[32]byte]store.ClassID), hashes: make(map[int64]tlog.Hash), classOf: make(map[string]store.ClassID), key: st.key,
	}
}

// apply decides all parts of a batch in the order of its fields.
func (t *transaction) apply(r *request) ([]store.Outcome, error) {
	b := r.batch
	var outcomes []store.Outcome
	if n := len(r.puts) + len(b.Removes) + len(b.Reclasses); n > 0 {
		outcomes = make([]store.Outcome, 0, n)
	}
	add := func(o store.Outcome, err error) error {
		outcomes = append(outcomes, o)
		return t.stage.store.readError(err)
	}
	for i := range b.Expects {
		if err := t.expect(&b.Expects[i]); err != nil {
			return nil, t.stage.store.readError(err)
		}
	}
	if err := t.meet(r.puts); err != nil {
		return nil, t.stage.store.readError(err)
	}
	for i := range r.puts {
		if err := add(t.put(&r.puts[i])); err != nil {
			return nil, err
		}
	}
	for _, part := range b.Removes {
		if err := add(t.remove(part)); err != nil {
			return nil, err
		}
	}
	for _, part := range b.Reclasses {
		if err := add(t.reclass(part)); err != nil {
			return nil, err
		}
	}
	if r.posts != nil {
		if err := t.batch.Apply(r.posts, nil); err != nil {
			return nil, err
		}
		r.posts.Close()
	}
	if b.Then != nil {
		if err := b.Then(t, outcomes); err != nil {
			return nil, err
		}
	}
	return outcomes, t.failed
}

// merge makes the batch part of its round.
func (t *transaction) merge() {
	st, w := t.stage, t.stage.writer
	if st.batch.Empty() {
		st.batch.Close()
		st.batch = t.batch
	} else {
		st.batch.Apply(t.batch, nil)
		t.batch.Close()
	}
	for id, n := range t.counts {
		st.counts[id] += n
	}
	if len(st.ids) == 0 {
		st.ids = t.ids
	} else {
		maps.Copy(st.ids, t.ids)
	}
	maps.Copy(st.rows, t.rows)
	maps.Copy(st.asides, t.asides)
	maps.Copy(st.hashes, t.hashes)
	for _, class := range t.classes {
		w.classOf[class] = store.ClassID(len(w.classes))
		w.classes = append(w.classes, class)
	}
	w.leaves = t.leaves
	st.ticked = st.ticked || t.tick != 0
	st.touched = append(st.touched, t.touched...)
	st.key = t.key
}

// touch notes that a membership is changed or goes. Those of the round itself
// no reader has seen.
func (t *transaction) touch(c store.Collection, tick store.Tick) {
	if tick <= t.stage.base {
		t.touched = append(t.touched, touch{c, tick})
	}
}

// next is a tick newer than all before it, also when the clock steps back.
func (t *transaction) next() store.Tick {
	w := t.stage.writer
	w.tick = max(w.tick+1, store.Tick(t.stage.store.now().UnixMicro()))
	return w.tick
}

// intern gives a class its number.
func (t *transaction) intern(class string) store.ClassID {
	w := t.stage.writer
	if id, ok := w.classOf[class]; ok {
		return id
	}
	if id, ok := t.classOf[class]; ok {
		return id
	}
	id := store.ClassID(len(w.classes) + len(t.classes))
	t.classes, t.classOf[class] = append(t.classes, class), id
	t.batch.Set(classKey(nil, id), []byte(class), nil)
	return id
}

// get reads a row that no batch of this round can have changed; nil when there
// is none, which an empty row is not.
func (t *transaction) get(key []byte) ([]byte, error) {
	value, closer, err := t.stage.store.db.Get(key)
	if err != nil {
		if errors.Is(err, pebble.ErrNotFound) {
			return nil, nil
		}
		return nil, err
	}
	value = append([]byte{}, value...)
	return value, closer.Close()
}
