package storetest

import (
	"bytes"
	"cmp"
	"maps"
	"slices"

	"entente/internal/store"
)

// model is the contract in maps and slices, with nothing clever in it. Ticks
// are given to it, so that it can follow an engine; everything else it decides.
type model struct {
	rows    []entry // in order of added
	bodies  map[[32]byte][]byte
	aside   []aside  // conflicts, each content once
	steps   []step   // in order of at
	classes []string // by ClassID; element 0 is unused
	now     store.Tick
	before  store.Tick // now, before the batch that is being decided
	member  map[member][]byte
	leaves  []leaf
	posted  []store.Posting
}

// aside is a put that was kept aside as a conflict.
type aside struct {
	collection store.Collection
	id         string
	version    string
	digest     [32]byte
	source     string
	class      string
	body       string
}

func (m *model) keepAside(p *store.Put) {
	for i := range m.aside {
		a := &m.aside[i]
		if a.collection == p.Collection && a.id == p.ID && a.digest == p.Digest {
			return
		}
	}
	m.intern(p.Class)
	m.aside = append(m.aside, aside{p.Collection, p.ID, p.Version, p.Digest, p.Source, p.Class, string(p.Body)})
}

// dropAside drops what was kept aside beside a row and is of these classes.
func (m *model) dropAside(e entry, classes *store.Classes) (gone [][32]byte) {
	m.aside = slices.DeleteFunc(slices.Clone(m.aside), func(a aside) bool {
		beside := e.version != "" && a.collection == e.collection && a.id == e.id && compareVersions(a.version, e.version) == 0 && classes.Has(m.intern(a.class))
		if beside {
			gone = append(gone, a.digest)
		}
		return beside
	})
	slices.SortFunc(gone, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return gone
}

// entry is one membership.
type entry struct {
	collection store.Collection
	added      store.Tick
	class      string
	id         string
	version    string
	spec       string
	source     string
	digest     [32]byte
	values     []store.Value
	edges      []store.Ref
	born       store.Tick // when it was put, which a re-classing keeps
	face       bool
}

// beside tells whether one of two rows of a version is the other's face.
func (e *entry) beside(o *entry) bool {
	return e.collection == o.collection && e.id == o.id && e.face != o.face && e.version != "" && o.version != "" && compareVersions(e.version, o.version) == 0
}

// step is one change; row is the row as it was when the step was made.
type step struct {
	kind store.ChangeKind
	at   store.Tick
	was  store.Tick
	row  entry
}

type member struct{ table, key string }

type leaf struct {
	commitment [32]byte
	opening    []byte
}

func newModel() *model {
	return &model{
		bodies:  map[[32]byte][]byte{},
		classes: []string{""},
		member:  map[member][]byte{},
	}
}

func (m *model) clone() *model {
	c := *m
	c.rows = slices.Clone(m.rows)
	c.bodies = maps.Clone(m.bodies)
	c.aside = slices.Clone(m.aside)
	c.steps = slices.Clone(m.steps)
	c.classes = slices.Clone(m.classes)
	c.member = maps.Clone(m.member)
	c.leaves = slices.Clone(m.leaves)
	c.posted = slices.Clone(m.posted)
	return &c
}

// commit applies a batch. Part i gets the tick ticks[i] when it writes
// something; Then sees last. After an error the model is of no use.
func (m *model) commit(b *store.Batch, ticks []store.Tick, last store.Tick) ([]store.Outcome, error) {
	if !m.holds(b.Expects) {
		return nil, store.ErrChanged
	}
	m.before = m.now
	var out []store.Outcome
	next := func() store.Tick { return ticks[len(out)] }
	for _, p := range b.Puts {
		out = append(out, m.put(p, next()))
	}
	for _, r := range b.Removes {
		out = append(out, m.remove(r, next()))
	}
	for _, r := range b.Reclasses {
		out = append(out, m.reclass(r, next()))
	}
	m.post(b)
	if b.Then != nil {
		m.now = max(m.now, last)
		if err := b.Then(&modelTx{m: m, tick: last}, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// holds tells whether the newest versions are those that are expected.
func (m *model) holds(expects []store.Expect) bool {
	for _, x := range expects {
		newest := ""
		for _, e := range m.rows {
			if e.collection == x.Collection && e.id == x.ID && e.version != "" && x.Visible.Has(m.intern(e.class)) &&
				(newest == "" || compareVersions(e.version, newest) > 0) {
				newest = e.version
			}
		}
		if (newest == "") != (x.Version == "") || newest != "" && compareVersions(newest, x.Version) != 0 {
			return false
		}
	}
	return true
}

// beside is the class of a row's face, or of the object whose face it is.
func (m *model) beside(e entry) store.ClassID {
	for _, o := range m.rows {
		if o.beside(&e) {
			return m.intern(o.class)
		}
	}
	return 0
}

// putFace is put of a face; false when that is as of any other content.
func (m *model) putFace(p *store.Put) (store.Outcome, bool) {
	itself := &entry{collection: p.Collection, id: p.ID, version: p.Version}
	of := slices.IndexFunc(m.rows, func(e entry) bool {
		return !e.face && e.collection == p.Collection && e.id == p.ID && e.digest == p.Of && e.version != "" && compareVersions(e.version, p.Version) == 0
	})
	if of < 0 {
		return store.Outcome{State: store.Absent}, true
	}
	for _, e := range m.rows {
		if e.face && e.beside(itself) {
			return store.Outcome{State: store.Same, Added: e.added, Class: m.intern(e.class), Source: e.source}, true
		}
	}
	if !p.Late && m.rows[of].added <= m.before {
		return store.Outcome{State: store.Absent}, true
	}
	return store.Outcome{}, false
}

func (m *model) put(p store.Put, tick store.Tick) store.Outcome {
	if p.Face {
		if out, done := m.putFace(&p); done {
			return out
		}
	}
	state := store.New
	var over []store.ClassID
	for _, e := range m.rows {
		if e.collection != p.Collection || e.id != p.ID {
			continue
		}
		switch {
		case p.Face && !e.face && compareVersions(e.version, p.Version) == 0: // its object
		case e.digest == p.Digest:
			return store.Outcome{State: store.Same, Added: e.added, Class: m.intern(e.class), Beside: m.beside(e), Source: e.source}
		case (e.version == "") != (p.Version == ""):
			// Content with and without a version never meet.
		case p.Version == "":
			if e.source != p.Source {
				state, over = store.Variant, append(over, m.intern(e.class))
			}
		case e.face && compareVersions(e.version, p.Version) == 0:
			// Its object decides.
		case compareVersions(e.version, p.Version) == 0:
			if face := slices.IndexFunc(m.rows, func(o entry) bool { return o.face && o.beside(&e) && o.digest == p.Digest }); face >= 0 {
				return store.Outcome{State: store.Same, Added: m.rows[face].added, Class: m.intern(m.rows[face].class), Beside: m.intern(e.class), Source: m.rows[face].source}
			}
			m.keepAside(&p)
			return store.Outcome{State: store.Conflict, Added: e.added, Class: m.intern(e.class), Beside: m.beside(e)}
		case compareVersions(e.version, p.Version) > 0:
			state, over = store.Older, append(over, m.intern(e.class))
		}
	}
	e := entry{
		collection: p.Collection, added: tick, class: p.Class,
		id: p.ID, version: p.Version, spec: p.Spec, source: p.Source, digest: p.Digest,
		values: slices.Clone(p.Values), edges: slices.Clone(p.Edges), born: tick, face: p.Face,
	}
	if _, kept := m.bodies[p.Digest]; !kept {
		m.bodies[p.Digest] = bytes.Clone(p.Body)
	}
	m.insert(e)
	m.steps = append(m.steps, step{kind: store.ChangeAdded, at: tick, row: e})
	slices.Sort(over)
	return store.Outcome{State: state, Added: tick, Class: m.intern(p.Class), Over: slices.Compact(over), Under: !p.Face && m.under(e)}
}

func (m *model) remove(r store.Remove, tick store.Tick) store.Outcome {
	e, found := m.take(r.Collection, r.Added)
	if !found {
		return store.Outcome{State: store.Absent}
	}
	var shown store.Place
	if face := slices.IndexFunc(m.rows, func(o entry) bool { return o.face && o.beside(&e) }); face >= 0 {
		shown = store.Place{Collection: r.Collection, Class: m.intern(m.rows[face].class), Added: m.rows[face].added}
		if m.rows[face].added > m.before { // of this batch, which cannot take it away again
			m.insert(e)
			return store.Outcome{State: store.Absent}
		}
		m.remove(store.Remove{Collection: r.Collection, Added: m.rows[face].added}, tick-1)
	}
	size := len(m.bodies[e.digest])
	if !slices.ContainsFunc(m.rows, func(o entry) bool { return o.digest == e.digest }) {
		delete(m.bodies, e.digest)
	}
	m.forget(e.added)
	m.now = max(m.now, tick)
	m.steps = append(m.steps, step{kind: store.ChangeRemoved, at: tick, was: e.added, row: e})
	return store.Outcome{State: store.Removed, Added: tick, Class: m.intern(e.class), Source: e.source,
		Gone: m.gone(e, size, shown, r.Aside)}
}

func (m *model) gone(e entry, size int, shown store.Place, aside *store.Classes) *store.Gone {
	g := &store.Gone{Digest: e.digest, Size: size, Face: e.face, Shown: shown, Values: slices.Clone(e.values)}
	if !e.face {
		g.Aside = m.dropAside(e, aside)
	}
	return g
}

func (m *model) reclass(r store.Reclass, tick store.Tick) store.Outcome {
	e, found := m.take(r.Collection, r.Added)
	switch {
	case !found:
		return store.Outcome{State: store.Absent}
	case e.class == r.Class:
		m.insert(e)
		return store.Outcome{State: store.Same, Added: e.added, Class: m.intern(e.class)}
	}
	m.forget(e.added)
	was, class := e.added, m.intern(e.class)
	e.added, e.class = tick, r.Class
	m.insert(e)
	m.steps = append(m.steps, step{kind: store.ChangeReclassed, at: tick, was: was, row: e})
	return store.Outcome{State: store.Reclassed, Added: tick, Class: m.intern(r.Class), Was: class}
}

// forget takes the row that came at a tick out of the history. If it had come
// by re-classing, then what stays is that the row before it went.
func (m *model) forget(at store.Tick) {
	i := slices.IndexFunc(m.steps, func(s step) bool { return s.at == at })
	if m.steps[i].kind == store.ChangeReclassed {
		m.steps[i].kind = store.ChangeRemoved
		return
	}
	m.steps = slices.Delete(slices.Clone(m.steps), i, i+1)
}

func (m *model) insert(e entry) {
	m.rows = append(m.rows, e)
	slices.SortFunc(m.rows, func(a, b entry) int { return cmp.Compare(a.added, b.added) })
	m.now = max(m.now, e.added)
}

func (m *model) take(c store.Collection, added store.Tick) (entry, bool) {
	i := slices.IndexFunc(m.rows, func(e entry) bool { return e.collection == c && e.added == added })
	if i < 0 {
		return entry{}, false
	}
	e := m.rows[i]
	m.rows = slices.Delete(slices.Clone(m.rows), i, i+1)
	return e, true
}

func (m *model) intern(class string) store.ClassID {
	for i := 1; i < len(m.classes); i++ {
		if m.classes[i] == class {
			return store.ClassID(i)
		}
	}
	m.classes = append(m.classes, class)
	return store.ClassID(len(m.classes) - 1)
}

// newer tells whether a makes b no longer the latest for who sees both.
func newer(a, b entry) bool {
	switch {
	case a.collection != b.collection || a.id != b.id:
		return false
	case a.version == "" && b.version == "":
		return a.source == b.source && a.born > b.born
	case a.version == "" || b.version == "":
		return false
	}
	return compareVersions(a.version, b.version) > 0 || a.face && a.beside(&b)
}
