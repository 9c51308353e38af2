package pebble

import (
	"bytes"
	"slices"

	"entente/internal/store"
)

// remove takes a membership away and leaves its tombstone.
func (t *transaction) remove(r store.Remove) (store.Outcome, error) {
	target, err := t.target(r.Collection, r.Added)
	if err != nil || target == nil {
		return store.Outcome{State: store.Absent}, err
	}
	face := target.flags&flagFace != 0
	var shown store.Place
	if !face {
		var gone bool
		if shown, gone, err = t.removeFace(target); err != nil || !gone {
			return store.Outcome{State: store.Absent}, err
		}
	}
	row, at := target.row, t.next()
	t.unplace(target)
	shared, err := t.shared(target.state, target.chain, &row.indexRow)
	if err != nil {
		return store.Outcome{}, err
	}
	if !shared {
		t.key = bodyKey(t.key[:0], row.body)
		t.batch.Delete(t.key, nil)
	}
	if err := t.settle(target.chain, target.index); err != nil {
		return store.Outcome{}, err
	}
	gone := &store.Gone{Digest: row.digest, Size: target.size, Face: face, Shown: shown, Values: target.values}
	if !face {
		if gone.Aside, err = t.dropAside(target, r.Aside); err != nil {
			return store.Outcome{}, err
		}
	}
	target.step.kind = store.ChangeRemoved
	t.writeStep(at, &target.step)
	return store.Outcome{State: store.Removed, Added: at, Class: row.class, Source: row.source, Gone: gone}, nil
}

// removeFace takes away the face of an object that goes, the row above its own, and
// tells where it stood. What of the chain the target knows is true again afterwards.
// False when the face is of this round, so that its object cannot go in it.
func (t *transaction) removeFace(of *target) (stood store.Place, gone bool, err error) {
	face := of.chain.faceOf(of.index)
	if face == nil {
		return stood, true, nil
	}
	stood = store.Place{Collection: of.chain.collection, Added: face.tick}
	out, err := t.remove(store.Remove{Collection: stood.Collection, Added: stood.Added})
	if err != nil || out.State == store.Absent {
		return stood, false, err
	}
	of.index--
	_, err = t.newer(of.chain, of.index)
	of.row, stood.Class = of.chain.rows[of.index], out.Class
	return stood, true, err
}

// reclass gives a membership another class and a new date; its place among
// the versions stays.
func (t *transaction) reclass(r store.Reclass) (store.Outcome, error) {
	target, err := t.target(r.Collection, r.Added)
	if err != nil || target == nil {
		return store.Outcome{State: store.Absent}, err
	}
	class := t.intern(r.Class)
	if target.row.class == class {
		return store.Outcome{State: store.Same, Added: target.row.tick, Class: class}, nil
	}
	t.unplace(target)
	row, was := target.row, target.row.class
	row.class, row.tick = class, t.next()
	ch := target.chain
	ch.rows = slices.Insert(ch.rows, target.index, row)
	if err := t.place(ch, target.index, &target.found); err != nil {
		return store.Outcome{}, err
	}
	target.step.kind, target.step.class = store.ChangeReclassed, class
	t.writeStep(row.tick, &target.step)
	return store.Outcome{State: store.Reclassed, Added: row.tick, Class: class, Was: was}, nil
}

// target is a membership that a batch names.
type target struct {
	state *idState
	chain *chain
	index int
	row   chainRow
	flags byte
	found found
	size  int // of the body

	values []store.Value // as they were put
	step   step
}

// target looks a membership up; nil when there is none, or when an earlier
// batch of this round has moved it.
func (t *transaction) target(c store.Collection, added store.Tick) (*target, error) {
	value, err := t.get(memberKey(nil, c, added))
	if err != nil || value == nil {
		return nil, err
	}
	m, ok := readMember(value)
	if !ok {
		return nil, damaged("the membership of collection %d at %d cannot be read", c, added)
	}
	idText := string(m.appendID(nil))
	state, err := t.id(appendID(nil, idText))
	if err != nil {
		return nil, err
	}
	version := m.appendVersion(nil)
	tg := &target{state: state, chain: state.in(c), flags: m.flags}
	for ; ; tg.index++ {
		row, err := t.at(tg.chain, tg.index)
		if err != nil || row == nil || bytes.Compare(row.version, version) < 0 {
			return nil, err
		}
		if row.tick == added {
			break
		}
	}
	if _, err := t.newer(tg.chain, tg.index); err != nil {
		return nil, err
	}
	tg.row = tg.chain.rows[tg.index]
	tg.step = step{collection: c, was: added, class: m.class, id: idText, version: string(m.version), spec: m.specText()}
	return tg, t.readFound(tg)
}

// readFound reads what the object of a target is found by, and its length.
func (t *transaction) readFound(tg *target) error {
	body := tg.row.body
	value, err := t.get(bodyKey(nil, body))
	if err != nil {
		return err
	}
	header, raw, ok := cutBody(value)
	if !ok {
		return damaged("the body at %d cannot be read", body)
	}
	_, values, edges, ok := readBodyHeader(header)
	if !ok {
		return damaged("the header of the body at %d cannot be read", body)
	}
	tg.found, _ = findable(values, edges, nil)
	tg.values, tg.size = values, len(raw)
	return nil
}

// unplace takes a target out of its chain and deletes its rows.
func (t *transaction) unplace(tg *target) {
	row, ch := &tg.row, tg.chain
	t.batch.Delete(memberKey(nil, ch.collection, row.tick), nil)
	t.touch(ch.collection, row.tick)
	t.batch.Delete(byClassKey(nil, ch.collection, row.class, row.tick), nil)
	t.batch.Delete(idKey(nil, ch.id, ch.collection, row.version, row.tick), nil)
	t.dropFound(store.Place{Collection: ch.collection, Class: row.class, Added: row.tick}, &tg.found)
	ch.rows = slices.Delete(ch.rows, tg.index, tg.index+1)
}

// shared tells whether another collection still holds the body of a row.
func (t *transaction) shared(state *idState, but *chain, gone *indexRow) (bool, error) {
	for _, ch := range state.chains {
		if ch == but {
			continue
		}
		for i := 0; ; i++ {
			row, err := t.at(ch, i)
			if err != nil {
				return false, err
			}
			if row == nil || bytes.Compare(row.version, gone.version) < 0 {
				break
			}
			if row.body == gone.body {
				return true, nil
			}
		}
	}
	return false, nil
}
