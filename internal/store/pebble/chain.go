package pebble

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// idState is what a round knows of one id: its chain in each collection that
// has it.
type idState struct {
	id     []byte // as in keys
	chains []*chain
}

func (s *idState) clone() *idState {
	c := &idState{id: s.id, chains: make([]*chain, len(s.chains))}
	for i, ch := range s.chains {
		copied := *ch
		copied.rows = slices.Clone(ch.rows)
		c.chains[i] = &copied
	}
	return c
}

// in is the chain in a collection, empty when the collection lacks the id.
func (s *idState) in(c store.Collection) *chain {
	for _, ch := range s.chains {
		if ch.collection == c {
			return ch
		}
	}
	ch := &chain{id: s.id, collection: c, complete: true}
	s.chains = append(s.chains, ch)
	return ch
}

// chain is the memberships of one id in one collection, newest version first;
// those without version come last, the newest content first. It is read from
// the database only as far down as somebody looks, so that the newest of ten
// thousand versions costs no more than the newest of two.
//
// What must stay true: the newer set of a versioned row is that of the row
// above and the class of the row above. So when a row's set does not change,
// none below it does. That of a row without version is the classes of the newer
// rows without version from its own source.
type chain struct {
	id         []byte
	collection store.Collection
	rows       []chainRow
	low        []byte // key of the lowest row read
	complete   bool   // nothing is left to read
}

// chainRow is one membership; newer, flags and tail are those of its
// membership row once read.
type chainRow struct {
	indexRow
	read  bool
	newer []store.ClassID
	flags byte
	tail  []byte
}

// id gives the state of an id, this transaction's own copy.
func (t *transaction) id(id []byte) (*idState, error) {
	if s := t.ids[string(id)]; s != nil {
		return s, nil
	}
	if s := t.stage.ids[string(id)]; s != nil {
		s = s.clone()
		t.ids[string(id)] = s
		return s, nil
	}
	s := &idState{id: id}
	if db := t.stage.store; !db.may(db.known, id) {
		db.known.add(id)
		t.ids[string(id)] = s
		return s, nil
	}
	t.stage.store.known.add(id)
	it, err := t.stage.forwardIter()
	if err != nil {
		return nil, err
	}
	key := chainKey(t.key[:0], id, 0)
	for ok := it.SeekPrefixGE(key); ok; ok = it.SeekPrefixGE(key) {
		rest := it.Key()[1+len(id):]
		if len(rest) < 4 {
			return nil, damaged("an index row has no collection: %s", keyText(it.Key()))
		}
		c := read32[store.Collection](rest)
		s.chains = append(s.chains, &chain{id: id, collection: c})
		if c+1 == 0 {
			break
		}
		key = chainKey(key[:0], id, c+1)
	}
	t.key = key
	if err := it.Error(); err != nil {
		return nil, err
	}
	t.ids[string(id)] = s
	return s, nil
}

// meet looks up the ids of a batch in their order, in which neighbours share
// what has to be read for them: a third cheaper than in the order they came.
func (t *transaction) meet(puts []prepared) error {
	if len(puts) < 2 {
		return nil
	}
	order := make([][]byte, len(puts))
	for i := range puts {
		order[i] = puts[i].id
	}
	slices.SortFunc(order, bytes.Compare)
	for _, id := range order {
		if _, err := t.id(id); err != nil {
			return err
		}
	}
	return nil
}

// forwardIter looks for ids, most of which are not there: the filters of the
// lowest level, too, save reading a block for each.
func (st *stage) forwardIter() (it *pebble.Iterator, err error) {
	if st.forward == nil {
		st.forward, err = st.store.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindID}, UpperBound: []byte{kindID + 1}, UseL6Filters: true})
	}
	return st.forward, err
}

func (st *stage) backIter() (it *pebble.Iterator, err error) {
	if st.back == nil {
		st.back, err = st.store.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindID}, UpperBound: []byte{kindID + 1}})
	}
	return st.back, err
}

// at is row i of a chain, or nil below its end.
func (t *transaction) at(ch *chain, i int) (*chainRow, error) {
	for i >= len(ch.rows) && !ch.complete {
		if err := t.extend(ch); err != nil {
			return nil, err
		}
	}
	if i >= len(ch.rows) {
		return nil, nil
	}
	return &ch.rows[i], nil
}

// extend reads the next lower row; at the first without version, all of them,
// because the index keeps those in order of their ticks, not of their content.
func (t *transaction) extend(ch *chain) error {
	it, err := t.stage.backIter()
	if err != nil {
		return err
	}
	prefix := chainKey(nil, ch.id, ch.collection)
	low := ch.low
	if low == nil {
		low = after(prefix)
	}
	first := len(ch.rows)
	for ok := it.SeekLT(low); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Prev() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		ch.low = bytes.Clone(it.Key())
		row, valid := readIndexRow(ch.low[len(prefix):], value)
		if !valid {
			return damaged("an index row cannot be read: %s", keyText(ch.low))
		}
		ch.rows = append(ch.rows, chainRow{indexRow: row})
		if row.versioned() {
			return nil
		}
	}
	if err := it.Error(); err != nil {
		return err
	}
	ch.complete = true
	sortBySince(ch.rows[first:])
	return nil
}

// sortBySince puts rows without version in order, the newest content first.
func sortBySince(rows []chainRow) {
	slices.SortFunc(rows, func(a, b chainRow) int { return cmp.Compare(b.since, a.since) })
}

// newer is the newer set of row i, read from its membership when need be.
func (t *transaction) newer(ch *chain, i int) ([]store.ClassID, error) {
	row := &ch.rows[i]
	if row.read {
		return row.newer, nil
	}
	value, err := t.get(memberKey(nil, ch.collection, row.tick))
	if err != nil {
		return nil, err
	}
	m, ok := readMember(value)
	if !ok {
		return nil, damaged("the membership of collection %d at %d cannot be read", ch.collection, row.tick)
	}
	row.read, row.newer, row.flags, row.tail = true, m.newerSet(), m.flags, m.tail
	return row.newer, nil
}

// settle makes the newer sets of row from and those below true again after
// rows came or went at or above it, and rewrites the rows that change.
func (t *transaction) settle(ch *chain, from int) error {
	if _, err := t.at(ch, from); err != nil {
		return err
	}
	for from > 0 && !ch.rows[from-1].versioned() {
		from-- // rows without version are settled together
	}
	var want []store.ClassID
	if from > 0 && from < len(ch.rows) && ch.rows[from].versioned() {
		set, err := t.newer(ch, from-1)
		if err != nil {
			return err
		}
		want = with(set, ch.rows[from-1].class)
	}
	bySource := make(map[string][]store.ClassID)
	for i := from; ; i++ {
		row, err := t.at(ch, i)
		if err != nil || row == nil {
			return err
		}
		have, err := t.newer(ch, i)
		if err != nil {
			return err
		}
		set := want
		if !row.versioned() {
			set = bySource[row.source]
			bySource[row.source] = with(set, row.class)
		}
		if !slices.Equal(set, have) {
			row = &ch.rows[i]
			row.newer = set
			t.writeMember(ch, row)
		} else if row.versioned() {
			return nil
		}
		if row.versioned() {
			want = with(want, row.class)
		}
	}
}

// writeMember writes a row's membership as it now is, in both orders.
func (t *transaction) writeMember(ch *chain, row *chainRow) {
	body := row.body
	if body == row.tick {
		body = 0
	}
	var classes [64]byte
	t.value = appendMember(t.value[:0], row.class, row.flags, appendClasses(classes[:0], row.newer), body, row.tail)
	t.key = memberKey(t.key[:0], ch.collection, row.tick)
	t.batch.Set(t.key, t.value, nil)
	t.key = byClassKey(t.key[:0], ch.collection, row.class, row.tick)
	t.batch.Set(t.key, t.value, nil)
	t.touch(ch.collection, row.tick)
}
