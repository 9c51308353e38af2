package pebble

import (
	"bytes"
	"slices"

	"entente/internal/store"
)

// put decides what one object version is to its collection and writes it.
func (t *transaction) put(p *prepared) (store.Outcome, error) {
	state, err := t.id(p.id)
	if err != nil {
		return store.Outcome{}, err
	}
	ch := state.in(p.Collection)
	of := store.Tick(0)
	if p.Face {
		if of, err = t.objectOf(ch, p); err != nil || of == 0 {
			return store.Outcome{State: store.Absent}, err
		}
	}
	i, known, err := t.find(ch, p)
	if err != nil {
		return store.Outcome{}, err
	}
	if known != nil && p.Face {
		return store.Outcome{State: store.Same, Added: known.tick, Class: known.class, Source: known.source}, nil
	}
	if p.Face && !p.Late && of <= t.began {
		return store.Outcome{State: store.Absent}, nil
	}
	beside := store.ClassID(0)
	if face := ch.faceOf(i); known != nil && face != nil {
		beside = face.class
		if face.digest == p.Digest { // brought back by one who was shown no more
			known, beside = face, known.class
		}
	}
	if known != nil {
		outcome := store.Outcome{State: store.Same, Added: known.tick, Class: known.class, Beside: beside, Source: known.source}
		if known.digest != p.Digest {
			outcome.State, outcome.Source = store.Conflict, ""
			return outcome, t.keepAside(p)
		}
		return outcome, nil
	}
	body, err := t.share(state, p)
	if err != nil {
		return store.Outcome{}, err
	}
	row := chainRow{read: true, flags: p.flags, tail: p.tail}
	row.version, row.digest, row.class, row.source = p.version, p.Digest, t.intern(p.Class), p.Source
	row.tick = t.next()
	row.since, row.body = row.tick, row.tick
	if body != 0 {
		row.body = body
	}
	ch.rows = slices.Insert(ch.rows, i, row)
	if err := t.place(ch, i, &p.found); err != nil {
		return store.Outcome{}, err
	}
	outcome := store.Outcome{Added: row.tick, Class: row.class}
	outcome.State, outcome.Over = ch.standing(i)
	outcome.Under = !p.Face && i+1 < len(ch.rows) && ch.rows[i+1].versioned() // settling has read it
	if body == 0 {
		t.key = bodyKey(t.key[:0], row.tick)
		t.batch.Set(t.key, p.body, nil)
		return outcome, nil
	}
	t.writeStep(row.tick, &step{kind: store.ChangeAdded, collection: p.Collection, class: row.class})
	return outcome, nil
}

// objectOf gives the tick of the object of a face; 0 when it is not there.
func (t *transaction) objectOf(ch *chain, p *prepared) (store.Tick, error) {
	for i := 0; ; i++ {
		row, err := t.at(ch, i)
		if err != nil || row == nil || bytes.Compare(row.version, p.plain) < 0 {
			return 0, err
		}
		if bytes.Equal(row.version, p.plain) {
			if row.versioned() && row.digest == p.Of {
				return row.tick, nil
			}
			return 0, nil
		}
	}
}

// faceOf is the face of the object in row i; nil when it has none.
func (ch *chain) faceOf(i int) *chainRow {
	if i == 0 || i >= len(ch.rows) {
		return nil
	}
	face := &ch.rows[i-1]
	if n := plainLen(face.version); n == len(face.version) || !bytes.Equal(face.version[:n], ch.rows[i].version) {
		return nil
	}
	return face
}

// find gives the place of a put in its chain, or the row that stands in its
// way: the same version, or for an object without version the same content.
func (t *transaction) find(ch *chain, p *prepared) (i int, known *chainRow, err error) {
	unversioned := p.version[0] == versionNone
	place := -1
	for i := 0; ; i++ {
		row, err := t.at(ch, i)
		if err != nil {
			return 0, nil, err
		}
		if row == nil {
			if place < 0 {
				place = i
			}
			return place, nil, nil
		}
		order := bytes.Compare(row.version, p.version)
		if order == 0 && (!unversioned || row.digest == p.Digest) {
			return i, row, nil
		}
		if order <= 0 && place < 0 {
			place = i
		}
		if order < 0 && !unversioned {
			return place, nil, nil
		}
	}
}

// standing tells what row i, newly placed, is to its chain, and the classes of
// what makes it so.
func (ch *chain) standing(i int) (store.State, []store.ClassID) {
	row := &ch.rows[i]
	if row.versioned() {
		if i > 0 {
			return store.Older, row.newer
		}
		return store.New, nil
	}
	var others []store.ClassID
	for j := range ch.rows {
		if other := &ch.rows[j]; !other.versioned() && other.source != row.source {
			others = with(others, other.class)
		}
	}
	if others == nil {
		return store.New, nil
	}
	return store.Variant, others
}

// share finds the same content in another collection; 0 when there is none.
func (t *transaction) share(state *idState, p *prepared) (store.Tick, error) {
	for _, ch := range state.chains {
		if ch.collection == p.Collection {
			continue
		}
		if _, row, err := t.find(ch, p); err != nil {
			return 0, err
		} else if row != nil && row.digest == p.Digest {
			return row.body, nil
		}
	}
	return 0, nil
}

// place writes row i of a chain with its index rows, and settles the chain.
func (t *transaction) place(ch *chain, i int, f *found) error {
	row := &ch.rows[i]
	if i > 0 && row.versioned() {
		set, err := t.newer(ch, i-1)
		if err != nil {
			return err
		}
		row.newer = with(set, ch.rows[i-1].class)
	}
	t.writeMember(ch, row)
	t.key = idKey(t.key[:0], ch.id, ch.collection, row.version, row.tick)
	t.value = row.indexRow.append(t.value[:0])
	t.batch.Set(t.key, t.value, nil)
	t.writeFound(store.Place{Collection: ch.collection, Class: row.class, Added: row.tick}, f)
	if len(ch.rows) == 1 && ch.complete {
		return nil
	}
	if row.versioned() {
		return t.settle(ch, i+1)
	}
	return t.settle(ch, i)
}

// writeFound writes the rows by which a membership is found.
func (t *transaction) writeFound(at store.Place, f *found) {
	for _, v := range f.values {
		t.key = appendPlace(append(t.key[:0], v...), at)
		t.batch.Set(t.key, nil, nil)
	}
	for _, e := range f.edges {
		t.key = appendPlace(append(t.key[:0], e.key...), at)
		t.batch.Set(t.key, e.paths, nil)
	}
	t.counts[countID{at.Collection, at.Class}]++
}

// dropFound takes away what writeFound wrote.
func (t *transaction) dropFound(at store.Place, f *found) {
	for _, v := range f.values {
		t.key = appendPlace(append(t.key[:0], v...), at)
		t.batch.Delete(t.key, nil)
	}
	for _, e := range f.edges {
		t.key = appendPlace(append(t.key[:0], e.key...), at)
		t.batch.Delete(t.key, nil)
	}
	t.counts[countID{at.Collection, at.Class}]--
}

func (t *transaction) writeStep(at store.Tick, s *step) {
	t.key = stepKey(t.key[:0], at)
	t.value = s.append(t.value[:0])
	t.batch.Set(t.key, t.value, nil)
}
