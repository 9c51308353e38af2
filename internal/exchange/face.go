package exchange

import (
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
		if v.Kind != stix.ValueURL {
			continue
		}
		if host, ok := stix.HostOf(v.Text); ok {
			put.Values = append(put.Values, kept(OnHost(host.Text)))
		}
	}
	for _, r := range o.Refs {
		put.Edges = append(put.Edges, store.Ref{Path: r.Path, ID: r.ID})
	}
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
	read         stix.Object // the object
	digest       [32]byte
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
	if row.Version == "" { // it has no face, and others may stand under its id
		return x.versionOn(x.store.Fetch(ctx, []store.Place{{Collection: row.Collection, Class: row.Class, Added: row.Added}}, nil))
	}
	return x.versionOn(x.store.Page(ctx, store.PageQuery{Collection: row.Collection, Visible: store.AllClasses(), IDs: []string{row.ID},
		Limit: MaxBatch, Versions: store.VersionFilter{Exact: []string{row.Version}}, Bodies: true}))
}

// versionOn is the version whose object and face are on a page.
func (x *Exchange) versionOn(page *store.Page, err error) (v version, _ error) {
	rows, released, err := x.opened(page, err)
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
	if v.object == nil {
		return v, nil
	}
	if v.read, err = stix.Read(v.object.raw, stix.MaxObject(len(v.object.raw))); err != nil {
		return version{}, nil // it was taken in by other rules
	}
	v.digest, err = stix.Digest(v.object.raw)
	return v, err
}

// behind is where the object stands that a row is the face of.
func (x *Exchange) behind(ctx context.Context, face *store.Row) (store.Tick, error) {
	v, err := x.versionOf(ctx, face)
	if err != nil || v.object == nil {
		return face.Added, err
	}
	return v.object.added, nil
}
