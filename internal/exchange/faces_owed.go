package exchange

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// facesOwedTable has what is shown of objects from when they become stricter until
// their faces are there, which is in a later transaction: a kill in between must
// not leave them without. The rows are by the collection and the content's digest;
// they come with what makes an object stricter, and go with the face's coming.
const facesOwedTable = "face-owed"

// faceOwed is a face that is to come. It is made again from the object, so that it
// need not be kept meanwhile, and is no looser than this says.
type faceOwed struct {
	Collection store.Collection `json:"collection"`
	ID         string           `json:"id"`
	Version    string           `json:"version"`
	Class      string           `json:"class"`  // of the face
	Hidden     []string         `json:"hidden"` // ids to which it does not refer
	Order      store.Tick       `json:"order"`  // where the object stood
}

// owing is a row of facesOwedTable on its way into it.
type owing struct {
	key string
	row faceOwed
}

// owe notes that a face is to come. What cannot be read has none.
func (r *remake) owe(c Collection, o *stix.Object, v *version, f *handling.Face) {
	shown, err := stix.Read(f.Body, stix.MaxObject(len(f.Body)))
	if err != nil {
		return
	}
	r.owes = append(r.owes, owing{knownKey(c, v.digest), faceOwed{Collection: c.Number, ID: o.ID, Version: o.Version(),
		Class: f.Canonical(), Hidden: hiddenIn(o, &shown), Order: v.object.added}})
}

// hiddenIn gives the ids to which an object refers and its face does not.
func hiddenIn(o, face *stix.Object) (hidden []string) {
	left := make(map[string]bool, len(face.Refs))
	for _, ref := range face.Refs {
		left[ref.ID] = true
	}
	for _, ref := range o.Refs {
		if !left[ref.ID] {
			left[ref.ID] = true
			hidden = append(hidden, ref.ID)
		}
	}
	return hidden
}

// owedFace is what is to be shown of an object that has no face yet; nil when
// nothing is.
func (x *Exchange) owedFace(c Collection, digest [32]byte) (*faceOwed, error) {
	row, err := store.GetJSON[faceOwed](x.store, facesOwedTable, knownKey(c, digest))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &row, err
}

// bringFaces puts the faces that rows say are to come, in the order of the rows.
// Tightening is held.
func (x *Exchange) bringFaces(ctx context.Context, keys []string) error {
	for len(keys) > 0 {
		n, err := x.bringSomeFaces(ctx, keys)
		if err != nil {
			return err
		}
		keys = keys[n:]
	}
	return nil
}

func (x *Exchange) bringSomeFaces(ctx context.Context, keys []string) (n int, err error) {
	var versions []placed
	var ids []string
	for size := 0; n < len(keys) && n < mostRemade && size < mostRemadeBytes; n++ {
		row, err := store.GetJSON[faceOwed](x.store, facesOwedTable, keys[n])
		if errors.Is(err, store.ErrNotFound) {
			continue // it went with its object
		}
		if err != nil {
			return 0, err
		}
		v, err := x.versionOf(ctx, &store.Row{Collection: row.Collection, ID: row.ID, Version: row.Version})
		if err != nil {
			return 0, err
		}
		if v.object == nil || v.face != nil || knownKey(x.collections.numbered(row.Collection), v.digest) != keys[n] {
			continue
		}
		size += len(v.object.raw)
		ids = append(slices.AppendSeq(ids, counting(&v.read)), row.ID)
		versions = append(versions, placed{v, row.Collection, row.ID})
	}
	t, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return 0, err
	}
	var faces store.Batch
	for i := range versions {
		if err := x.bringFace(&versions[i], t, &faces); err != nil {
			return 0, err
		}
	}
	faces.Then = func(tx store.Tx, _ []store.Outcome) error {
		for _, key := range keys[:n] {
			tx.Delete(facesOwedTable, key)
		}
		return nil
	}
	_, err = x.commit(ctx, &faces)
	return n, err
}

// bringFace makes a face that is to come; none, when nothing may be shown by now.
// The object stays of its class: if it has to be stricter by now, whoever sees to
// that sees to what refers to it, too.
func (x *Exchange) bringFace(v *placed, t *targets, faces *store.Batch) error {
	c := x.collections.numbered(v.collection)
	w, err := x.reweigh(c, &v.version, t)
	if err != nil {
		return err
	}
	w.hold()
	w.Whole = w.floor
	f := w.face()
	if f == nil {
		return nil
	}
	put, err := facePut(f, &store.Put{Collection: c.Number, ID: v.id, Version: v.read.Version(), Spec: v.object.spec, Source: x.opts.Own, Digest: v.digest, Revoked: v.read.Revoked})
	put.Late = true
	if err == nil { // else it is withheld as a whole
		faces.Puts = append(faces.Puts, put)
	}
	return nil
}

// noFacesLeft puts the faces that an error left to come, so that whoever asks what
// refers to something, or withdraws it, finds them, too. Tightening is held: its holder does not let
// it go until the faces that it owes are there, or it has failed.
func (x *Exchange) noFacesLeft(ctx context.Context) error {
	if !x.facesLeft {
		return nil
	}
	type left struct {
		key   string
		order store.Tick
	}
	var list []left
	for row, err := range store.RowsJSON[faceOwed](x.store, facesOwedTable, "") {
		if err != nil {
			return err
		}
		list = append(list, left{row.Key, row.Value.Order})
	}
	slices.SortFunc(list, func(a, b left) int { return cmp.Compare(a.order, b.order) })
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].key
	}
	if err := x.bringFaces(ctx, keys); err != nil {
		return err
	}
	x.facesLeft = false
	return nil
}

func (x *Exchange) bringLeftFaces(ctx context.Context) error {
	x.tightening.Lock()
	defer x.tightening.Unlock()
	return x.noFacesLeft(ctx)
}

// bringFacesLater tries again to put what faces an error leaves to come, until they
// are there. Tightening is held.
func (x *Exchange) bringFacesLater() {
	if x.facesLeft {
		return // somebody does
	}
	x.facesLeft = true
	x.again("what is shown of objects that have become stricter is not there yet", x.bringLeftFaces)
}
