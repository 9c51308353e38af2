package exchange

import (
	"bytes"
	"context"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// remake gives objects that stand other classes, and other faces where those are
// others by now. What was shown before goes in the batch in which the object
// changes; what is shown from then on comes in the next.
type remake struct {
	x     *Exchange
	first store.Batch
	owes  []owing // the faces of the next
}

// mostRemade is how many objects are remade in one batch, and mostRemadeBytes about
// how long they are together.
const (
	mostRemade      = 256
	mostRemadeBytes = 8 << 20
)

// version makes a version of a class, with a face or none. It tells whether
// either is another by that.
func (r *remake) version(c Collection, o *stix.Object, v *version, class string, f *handling.Face) (differs bool) {
	before := len(r.first.Reclasses) + len(r.first.Removes) + len(r.owes)
	if class != v.object.class {
		r.first.Reclasses = append(r.first.Reclasses, store.Reclass{Collection: c.Number, Added: v.object.added, Class: class})
	}
	switch {
	case v.face == nil:
	case f == nil || !bytes.Equal(f.Body, v.face.raw):
		r.first.Removes = append(r.first.Removes, store.Remove{Collection: c.Number, Added: v.face.added})
	case f.Canonical() != v.face.class:
		r.first.Reclasses = append(r.first.Reclasses, store.Reclass{Collection: c.Number, Added: v.face.added, Class: f.Canonical()})
	}
	if f != nil && (v.face == nil || !bytes.Equal(f.Body, v.face.raw)) {
		r.owe(c, o, v, f)
	}
	return len(r.first.Reclasses)+len(r.first.Removes)+len(r.owes) != before
}

// write brings into force what becomes of the objects, and gives the keys of the
// faces that are owed from then on.
func (r *remake) write(ctx context.Context) (owed []string, err error) {
	if len(r.first.Removes)+len(r.first.Reclasses)+len(r.owes) == 0 {
		return nil, nil
	}
	r.first.Then = func(tx store.Tx, _ []store.Outcome) error {
		for _, o := range r.owes {
			if err := store.SetJSON(tx, facesOwedTable, o.key, o.row); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := r.x.commit(ctx, &r.first); err != nil {
		return nil, err
	}
	for _, o := range r.owes {
		owed = append(owed, o.key)
	}
	return owed, nil
}

// reweighed is a version that stands, on the scales again.
type reweighed struct {
	object     *stix.Object
	collection Collection
	handling.Weight
	floor, shown handling.Class  // as it stands
	hidden       []string        // ids to which its face does not refer
	producer     *handling.Class // of what its producer has brought, of a stranger's version
}

// reweigh weighs what stands, with what it refers to by now.
func (x *Exchange) reweigh(c Collection, v *version, t *targets) (*reweighed, error) {
	r := &reweighed{object: &v.read, collection: c, floor: x.order.class(v.object.class)}
	r.shown = r.floor
	k, err := x.knowledge(c, v.digest)
	if err != nil {
		return nil, err
	}
	if r.Weight, err = weigh(&v.read, &c, t.defs, t.of(k, c.Number)); err != nil { // it was classed by other rules
		r.Whole, r.Shown = handling.Class{TLP: handling.Red}, handling.Class{TLP: handling.Red}
	}
	source, entry := t.strangers[v.object.added]
	if !entry {
		source = t.sourceOf(c.Number, v)
	}
	if asks, any := t.producer(k, c.Number, v, source); any {
		r.producer = &asks
		if entry {
			r.Whole, r.Shown = handling.With(r.Whole, asks), handling.With(r.Shown, asks)
		}
	}
	if v.face == nil {
		owed, err := x.owedFace(c, v.digest)
		if owed != nil {
			r.shown, r.hidden = x.order.class(owed.Class), owed.Hidden
		}
		return r, err
	}
	r.shown = x.order.class(v.face.class)
	f, err := stix.Read(v.face.raw, stix.MaxObject(len(v.face.raw)))
	if err != nil {
		r.Shown = r.Whole // so that there is no face
		return r, nil
	}
	r.hidden = hiddenIn(&v.read, &f)
	return r, nil
}

// hold makes it no looser than it stands.
func (r *reweighed) hold() {
	r.Whole, r.Shown = handling.With(r.Whole, r.floor), handling.With(r.Shown, r.shown)
}

// face is the face it has now; nil when none.
func (r *reweighed) face() *handling.Face {
	return faceOf(&r.Weight, r.object, &r.collection, r.hidden...)
}

// renew classes a version afresh, as if it came only now, with what is known of
// its markings and of what it refers to: which parts are stricter than the whole
// depends on both. What made it stricter that is not to be seen any more, a newer
// version, an end that has gone, goes on to.
func (x *Exchange) renew(ctx context.Context, at store.Place) error {
	if err := x.noFacesLeft(ctx); err != nil {
		return err
	}
	versions, ids, err := x.versionsAt(ctx, []store.Place{at})
	if err != nil || len(versions) == 0 {
		return err
	}
	v := &versions[0].version
	c := x.collections.numbered(at.Collection)
	t, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return err
	}
	r, err := x.reweigh(c, v, t)
	if err != nil {
		return err
	}
	if x.byItself(c, r, v) {
		r.hidden = nil
	} else {
		r.floor, r.shown = r.floor.Explained(&x.markings), r.shown.Explained(&x.markings)
		r.hold()
	}
	remake := remake{x: x}
	remake.version(c, r.object, v, r.Whole.Canonical(), r.face())
	owed, err := remake.write(ctx)
	if err != nil {
		return err
	}
	if err := x.bringFaces(ctx, owed); err != nil {
		x.bringFacesLater()
		return err
	}
	return nil
}

// byItself tells whether a version stands as its own markings ask for, by what
// was known of them.
func (x *Exchange) byItself(c Collection, r *reweighed, v *version) bool {
	before := waitingFor{&x.markings, r.floor.Unexplained}
	own, err := weigh(r.object, &c, before, nil)
	if err != nil || own.Whole.Canonical() != v.object.class {
		return false
	}
	f := faceOf(&own, r.object, &c)
	return (f != nil) == (v.face != nil) && (f == nil || f.Canonical() == v.face.class && bytes.Equal(f.Body, v.face.raw))
}

// waitingFor explains markings as they were before some were.
type waitingFor struct {
	handling.Definitions
	ids []string
}

func (w waitingFor) Marking(id string) handling.Marking {
	if slices.Contains(w.ids, id) {
		return handling.Marking{}
	}
	return w.Definitions.Marking(id)
}
