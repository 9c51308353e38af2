package exchange

import (
	"context"
	"crypto/sha256"
	"math"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// withdraw makes older versions as strict as their producer, or the own member,
// has marked newer ones: what was withdrawn must not be read in the history. A
// newer version by anybody else changes nothing of them, since those who do not
// see it would see them go.
func (x *Exchange) withdraw(ctx context.Context, list []entity) error {
	if len(list) == 0 {
		return nil
	}
	x.tightening.Lock()
	defer x.tightening.Unlock()
	if err := x.noFacesLeft(ctx); err != nil {
		return err
	}
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].id
	}
	now, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return err
	}
	w := withdrawal{x: x, now: now}
	done := map[entity]bool{}
	for _, at := range list {
		if done[at] {
			continue
		}
		done[at] = true
		versions := inCollection(now.found[at.id], at.collection)
		if len(versions) >= mostStandings {
			if versions, err = w.every(ctx, at); err != nil {
				return err
			}
		}
		if err := w.one(ctx, versions); err != nil {
			return err
		}
	}
	return w.write(ctx)
}

// withdrawal is older versions on their way to what newer ones ask for.
type withdrawal struct {
	x     *Exchange
	now   *targets
	newer map[string]*withdrawn // by source, of the object that is gone through
	batch []store.Reclass
	moves []*store.Standing // of batch; nil for a face
}

// every gives all versions of an object.
func (w *withdrawal) every(ctx context.Context, at entity) ([]store.Standing, error) {
	all, err := w.x.store.Standings(ctx, []string{at.id}, math.MaxInt)
	if err != nil {
		return nil, err
	}
	w.now.classes = w.x.store.Classes()
	return inCollection(all[0], at.collection), nil
}

func (w *withdrawal) class(id store.ClassID) handling.Class {
	return w.x.order.class(w.now.classes[id])
}

// one goes through the versions of one object from the newest down.
func (w *withdrawal) one(ctx context.Context, versions []store.Standing) error {
	w.newer = map[string]*withdrawn{}
	for i := range versions {
		older := &versions[i]
		if older.Bare {
			break
		}
		class, asked := w.class(older.Class), older.Class
		next, err := w.whole(ctx, older, class)
		if err != nil {
			return err
		}
		if handling.Binds(class, next) {
			w.reclass(older, older.Added, next.Canonical())
		}
		if older.Face != 0 {
			if err := w.face(ctx, older, next); err != nil {
				return err
			}
		}
		if w.newer[older.Source] == nil {
			w.newer[older.Source] = &withdrawn{}
		}
		w.newer[older.Source].later(older, asked)
		if len(w.batch) >= mostRemade {
			if err := w.write(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *withdrawal) reclass(s *store.Standing, added store.Tick, class string) {
	w.batch = append(w.batch, store.Reclass{Collection: s.Collection, Added: added, Class: class})
	if added != s.Added {
		s = nil
	}
	w.moves = append(w.moves, s)
}

// write brings it into force, and notes where the versions stand from then on.
func (w *withdrawal) write(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	outcomes, err := w.x.commit(ctx, &store.Batch{Reclasses: w.batch})
	if err != nil {
		return err
	}
	for i, o := range outcomes {
		if s := w.moves[i]; s != nil && o.State == store.Reclassed {
			s.Class, s.Added = o.Class, o.Added
		}
	}
	w.now.classes = w.x.store.Classes()
	w.batch, w.moves = nil, nil
	return nil
}

// above are the newer versions that an older one has to be as strict as.
func (w *withdrawal) above(older *store.Standing) (list []*withdrawn) {
	for _, source := range []string{older.Source, w.x.opts.Own} {
		if n := w.newer[source]; n != nil && (len(list) == 0 || list[0] != n) {
			list = append(list, n)
		}
	}
	return list
}

// whole gives the class of a version, with what newer ones ask for.
func (w *withdrawal) whole(ctx context.Context, older *store.Standing, next handling.Class) (handling.Class, error) {
	for _, n := range w.above(older) {
		for i := range n.read {
			next = handling.With(next, n.read[i].whole)
		}
		for m, err := range n.readAll(ctx, w, &next) {
			if err != nil {
				return next, err
			}
			next = handling.With(next, m.whole)
		}
	}
	return next, nil
}

// face makes the face of a version as strict as newer versions are in what they
// show. Where those mark other parts than it does, the face may show what is a part
// of theirs, and is as strict as all of them.
func (w *withdrawal) face(ctx context.Context, older *store.Standing, whole handling.Class) error {
	f := handling.Face{Shown: w.class(older.Face), Whole: whole}
	own, err := w.marked(ctx, older)
	if err != nil {
		return err
	}
	add := func(m *marked) {
		if asks := m.whole; m.parts != own.parts || m.several {
			f.Shown = handling.With(f.Shown, asks)
		} else {
			f.Shown = handling.With(f.Shown, m.shown)
		}
	}
	for _, n := range w.above(older) {
		for i := range n.read {
			add(&n.read[i])
		}
		for m, err := range n.readAll(ctx, w, &f.Shown) {
			if err != nil {
				return err
			}
			add(m)
		}
	}
	if text := f.Canonical(); text != w.now.classes[older.Face] {
		v, err := w.x.versionAt(ctx, older)
		if err != nil || v.face == nil {
			return err
		}
		w.reclass(older, v.face.added, text)
	}
	return nil
}

// marked is what a version's own markings ask for: what it refers to is not the
// producer's marking, and says nothing of older versions.
type marked struct {
	whole, shown handling.Class
	parts        [sha256.Size]byte // of the markings of its parts, as they are written
	several      bool              // versions with other parts each
}

// marked reads what a version's own markings ask for. What cannot be told is as
// strict as the version stands.
func (w *withdrawal) marked(ctx context.Context, s *store.Standing) (*marked, error) {
	class := w.class(s.Class)
	m := &marked{whole: class, shown: class}
	c := w.x.collections.numbered(s.Collection)
	v, err := w.x.versionAt(ctx, s)
	if err != nil || v.object == nil {
		return m, err
	}
	weight, err := weigh(&v.read, &c, &w.x.markings, nil)
	if err != nil {
		return m, nil
	}
	m.whole, m.shown = weight.Whole, weight.Whole
	if f := faceOf(&weight, &v.read, &c); f != nil {
		m.shown = f.Shown
	}
	for name, value := range stix.Split(v.object.raw) {
		if string(name) == "granular_markings" {
			m.parts = sha256.Sum256(value)
		}
	}
	return m, nil
}

// versionAt reads the version that stands somewhere.
func (x *Exchange) versionAt(ctx context.Context, s *store.Standing) (version, error) {
	list, _, err := x.versionsAt(ctx, []store.Place{s.Place})
	if err != nil || len(list) == 0 {
		return version{}, err
	}
	return list[0].version, nil
}
