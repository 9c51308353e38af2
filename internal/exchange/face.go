package exchange

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

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
	shown, err := stix.Read(f.Body, stix.MaxObject(len(f.Body)))
	if err != nil {
		return fmt.Errorf("without the parts that are marked stricter: %w", err)
	}
	put := *of
	put.Class, put.Body, put.Values, put.Edges = f.Canonical(), f.Body, nil, nil
	put.Digest, put.Face, put.Of = sha256.Sum256(f.Body), true, of.Digest // the body is canonical
	index(&put, &shown)
	w.faces = append(w.faces, put)
	return nil
}

// objectOf gives the bytes of the object that a row is the face of; nil when it is
// gone.
func (x *Exchange) objectOf(ctx context.Context, face *store.Row) ([]byte, error) {
	page, err := x.store.Page(ctx, store.PageQuery{Collection: face.Collection, Visible: store.AllClasses(), IDs: []string{face.ID},
		Limit: MaxBatch, Versions: store.VersionFilter{Exact: []string{face.Version}}, Bodies: true})
	if err != nil {
		return nil, err
	}
	released, err := x.gate.Release(handling.Curator, page)
	if err != nil {
		return nil, err
	}
	defer released.Close()
	for i := range released.Len() {
		if !released.Parts(i) {
			return slices.Clone(released.Bytes(i)), nil
		}
	}
	return nil, nil
}
