package exchange

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// index says by what an object is found.
func index(put *store.Put, o *stix.Object) {
	for _, v := range o.Values {
		put.Values = append(put.Values, kept(v))
		if host := hostOf(v.Text); v.Kind == stix.ValueURL && host != "" {
			put.Values = append(put.Values, kept(OnHost(host)))
		}
	}
	for _, r := range o.Refs {
		put.Edges = append(put.Edges, store.Ref{Path: r.Path, ID: r.ID})
	}
}

// face adds what of an object is shown to those who may not see all of its parts.
// It is found by what it holds, and by nothing else.
func (w *writing) face(o *stix.Object, of *store.Put, defs handling.Definitions) error {
	f, has, err := handling.FaceOf(o, w.collection.Marking, defs)
	if err != nil || !has {
		return err
	}
	put, err := facePut(&f, of)
	if err == nil {
		w.faces = append(w.faces, put)
	}
	return err
}

// facePut is the store's part of a face of an object.
func facePut(f *handling.Face, of *store.Put) (store.Put, error) {
	shown, err := stix.Read(f.Body, stix.MaxObject(len(f.Body)))
	if err != nil {
		return store.Put{}, fmt.Errorf("without the parts that are marked stricter: %w", err)
	}
	put := *of
	put.Class, put.Body, put.Values, put.Edges = f.Canonical(), f.Body, nil, nil
	put.Digest, put.Face, put.Of = sha256.Sum256(f.Body), true, of.Digest // the body is canonical
	index(&put, &shown)
	return put, nil
}

// version is an object's version as it stands in a collection, and its face; each
// nil where there is none.
type version struct {
	object, face *shape
}

// shape is what stands there.
type shape struct {
	added store.Tick
	class string
	spec  string
	raw   []byte
}

// versionOf reads the object and the face of the version that a row is of.
func (x *Exchange) versionOf(ctx context.Context, row *store.Row) (v version, err error) {
	page, err := x.store.Page(ctx, store.PageQuery{Collection: row.Collection, Visible: store.AllClasses(), IDs: []string{row.ID},
		Limit: MaxBatch, Versions: store.VersionFilter{Exact: []string{row.Version}}, Bodies: true})
	if err != nil {
		return v, err
	}
	rows := page.Rows
	released, err := x.gate.Release(handling.Curator, page)
	if err != nil {
		return v, err
	}
	defer released.Close()
	for i := range released.Len() {
		s := &shape{rows[i].Added, x.store.Classes()[rows[i].Class], strings.Clone(rows[i].Spec), slices.Clone(released.Bytes(i))}
		if released.Parts(i) {
			v.face = s
		} else {
			v.object = s
		}
	}
	return v, nil
}

// behind is where the object stands that a row is the face of.
func (x *Exchange) behind(ctx context.Context, face *store.Row) (store.Tick, error) {
	v, err := x.versionOf(ctx, face)
	if err != nil || v.object == nil {
		return face.Added, err
	}
	return v.object.added, nil
}

// renew classes a version afresh, and makes its face anew where that is another by
// now: which parts are stricter than the whole depends on what is known of both.
// What was shown before goes in the batch in which the object changes.
func (x *Exchange) renew(ctx context.Context, row *store.Row) error {
	c, id := row.Collection, strings.Clone(row.ID)
	v, err := x.versionOf(ctx, row)
	if err != nil || v.object == nil {
		return err
	}
	o, err := stix.Read(v.object.raw, stix.MaxObject(len(v.object.raw)))
	if err != nil {
		return nil // it was taken in by other rules; it stays as strict as it is
	}
	marking := x.collections.marking(c)
	class, err := handling.Classify(&o, marking, &x.markings)
	if err != nil {
		return nil
	}
	f, has, err := handling.FaceOf(&o, marking, &x.markings)
	if err != nil {
		return nil
	}
	var b store.Batch
	if now := class.Canonical(); now != v.object.class {
		b.Reclasses = append(b.Reclasses, store.Reclass{Collection: c, Added: v.object.added, Class: now})
	}
	switch {
	case v.face == nil:
	case !has || !bytes.Equal(f.Body, v.face.raw):
		b.Removes = append(b.Removes, store.Remove{Collection: c, Added: v.face.added})
		v.face = nil
	case f.Canonical() != v.face.class:
		b.Reclasses = append(b.Reclasses, store.Reclass{Collection: c, Added: v.face.added, Class: f.Canonical()})
	}
	if len(b.Reclasses)+len(b.Removes) > 0 {
		if _, err := x.commit(ctx, &b); err != nil {
			return err
		}
	}
	if !has || v.face != nil {
		return nil
	}
	digest, err := stix.Digest(v.object.raw)
	if err != nil {
		return nil
	}
	put, err := facePut(&f, &store.Put{Collection: c, ID: id, Version: o.Version(), Spec: v.object.spec, Source: x.opts.Own, Digest: digest, Revoked: o.Revoked})
	if err == nil {
		_, err = x.commit(ctx, &store.Batch{Puts: []store.Put{put}})
	}
	return err
}
