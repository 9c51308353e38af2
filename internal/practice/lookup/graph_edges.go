package lookup

import (
	"context"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/stix"
)

// readAll reads the nodes: what they are called and, if they are to be followed,
// what they refer to.
func (w *walker) readAll(ctx context.Context, ids []string, followed bool) error {
	pages, err := w.view.Objects(ctx, ids)
	if err != nil {
		return err
	}
	for _, page := range pages {
		for i := range page.Len() {
			w.read(page, i)
			if followed {
				w.refer(page.Bytes(i))
			}
		}
		page.Close()
	}
	return nil
}

// read takes what a node shows. Where collections differ on an object, what
// was added last is shown.
func (w *walker) read(page *exchange.Page, i int) {
	w.object = readInto(w.object[:0], page.Bytes(i))
	o := w.object
	node := &w.graph.Nodes[w.at[page.ID(i)]]
	node.Name, node.Says, node.State = o.name(), o.says(), o.state(w.now)
	node.TLP, node.Unknown = page.Class(i).TLP.String(), false
}

// refer takes what an object refers to. Where collections differ on it, the
// references of all are followed.
func (w *walker) refer(raw []byte) {
	o, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return // it was taken once; what cannot be read any more has no edges
	}
	for _, ref := range o.Refs {
		if !slices.Contains(w.out[o.ID], ref) {
			w.out[o.ID] = append(w.out[o.ID], ref)
		}
	}
}

// outward gives the references that the objects of a level hold.
func (w *walker) outward(level []string) (met []Edge) {
	for _, id := range level {
		n := 0
		for _, ref := range w.out[id] {
			if !w.wanted(ref.ID) && !w.known(ref.ID) {
				continue
			}
			if n++; n > w.PerNode {
				w.leave(id)
				break
			}
			met = append(met, Edge{Source: id, Relation: propertyOf(ref.Path), Target: ref.ID})
		}
	}
	return met
}

// propertyOf is the property that a path of references leads into, as
// "object_refs" of "object_refs[3]".
func propertyOf(path string) string {
	path, _, _ = strings.Cut(path, "[")
	return path
}

func (w *walker) leave(id string) {
	w.graph.Nodes[w.at[id]].More, w.graph.More = true, true
}

// mostPages is how many pages of references to one object are read when most of
// them are not of the types that were asked for.
const mostPages = 8

// inward gives what refers to the objects of a level, and the relationships of
// which they are an end.
func (w *walker) inward(ctx context.Context, level []string) (met []Edge, err error) {
	r, err := w.view.Edges(ctx, level, w.PerNode, w.Next)
	if err != nil {
		return nil, err
	}
	w.Next = ""
	for i, id := range level {
		met = append(met, w.referring(r, i, id)...)
		if r.More[i] && r.Next == "" {
			w.leave(id)
		}
	}
	next := r.Next
	r.Close()
	for pages := 1; next != "" && len(met) < w.PerNode && pages < mostPages; pages++ {
		if r, err = w.view.Edges(ctx, level, w.PerNode-len(met), next); err != nil {
			return nil, err
		}
		met = append(met, w.referring(r, 0, level[0])...)
		next = r.Next
		r.Close()
	}
	if next != "" {
		w.leave(level[0])
	}
	if level[0] == w.From {
		w.graph.Next = next
	}
	return met, nil
}

// referring gives the edges of one object from a page of what refers to it.
func (w *walker) referring(r *exchange.Referrers, i int, id string) (met []Edge) {
	for _, ref := range r.Of[i] {
		from := strings.Clone(r.ID(ref.Row))
		e := Edge{Source: from, Relation: propertyOf(ref.Path), Target: id}
		switch {
		case !w.Relations && strings.HasPrefix(from, "relationship--"):
			w.object = readInto(w.object[:0], r.Bytes(ref.Row))
			o := w.object
			e = Edge{Source: o.text("source_ref"), Relation: o.text("relationship_type"), Target: o.text("target_ref"), ID: from}
			if e.Source != id && e.Target != id || w.Direction == Out && e.Source != id || w.Direction == In && e.Target != id {
				continue // who made the relationship, or the end that was not asked for
			}
		case w.Direction == Out:
			continue
		}
		other := e.Source
		if other == id {
			other = e.Target
		}
		if w.wanted(other) || w.known(other) {
			met = append(met, e)
		}
	}
	return met
}
