package author

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// copy makes an object of the own member out of somebody's, and says that it is
// derived from it.
func (d *Desk) copy(ctx context.Context, by account.Principal, s *standing, c Edit) (Written, error) {
	if s.Modified == "" || s.CreatedByRef == d.member.ID {
		return Written{}, bad("a copy is for the objects of others, which have an author and versions; %s needs none", s.ID)
	}
	base, err := content(s.raw)
	if err != nil {
		return Written{}, err
	}
	o, _, err := d.changed(base, c) // a copy keeps no markings of parts
	if err != nil {
		return Written{}, err
	}
	unname(o)
	delete(o, "granular_markings")
	if err := passOn(s.ID, base, o); err != nil {
		return Written{}, err
	}
	told, err := noLooser(o, s, c.TLP)
	if err != nil {
		return Written{}, err
	}
	raw, err := canonical(o)
	if err != nil {
		return Written{}, bad("%w", err)
	}
	r := NewObject{Properties: raw, Collection: cmp.Or(c.Collection, s.home()), follows: "copy of " + s.ID, about: []*standing{s}}
	return d.derive(ctx, by, s, r, told, "")
}

// derive writes an object that is made of another, and a relationship that says so;
// told comes before what is told of it, more behind what is said of the relationship.
func (d *Desk) derive(ctx context.Context, by account.Principal, s *standing, r NewObject, told []string, more string) (Written, error) {
	w, err := d.New(ctx, by, r)
	w.Told = append(told, w.Told...)
	if err != nil {
		return w, err
	}
	edge, err := d.Relate(ctx, by, Relation{Source: w.ID, Type: "derived-from", Target: s.ID, Collection: r.Collection})
	if err == nil {
		w.tell("%s says that it is derived from %s%s", edge.ID, s.ID, more)
	}
	return w, err
}

// unname takes away what makes an object the one it is.
func unname(o map[string]any) {
	for _, name := range []string{"id", "created", "modified", "created_by_ref", "revoked"} {
		delete(o, name)
	}
}

// noLooser marks a copy at least as strictly as what it is made of: markings of
// parts, which a copy does not keep, go over to the whole.
func noLooser(o map[string]any, s *standing, asked string) (told []string, err error) {
	refs, ok := o["object_marking_refs"].([]any)
	if !ok && o["object_marking_refs"] != nil {
		return nil, bad("object_marking_refs holds %s, not a list", kindOf(o["object_marking_refs"]))
	}
	level := strictestOf(refs)
	refs = addMarkings(slices.Clone(refs), s)
	if len(refs) > 0 {
		o["object_marking_refs"] = refs
	}
	if level >= s.level {
		return nil, nil
	}
	if asked != "" {
		return nil, bad("a copy is no looser than what it is made of: %s counts as %s", s.ID, label(s.level))
	}
	return []string{"marked " + label(s.level) + ", as the strictest part of what it is a copy of"}, remark(o, s.level)
}

// strictestOf is the strictest label of some markings; 0 when there is none.
func strictestOf(refs []any) (level handling.Level) {
	for _, ref := range refs {
		id, _ := ref.(string)
		l, _ := handling.LevelOf(id)
		level = max(level, l)
	}
	return level
}

// addMarkings adds the markings of an object and of its parts that are no
// labels.
func addMarkings(refs []any, s *standing) []any {
	for _, id := range slices.Concat(s.MarkingRefs, s.GranularMarkingRefs) {
		if _, tlp := handling.LevelOf(id); !tlp && !slices.Contains(refs, any(id)) {
			refs = append(refs, id)
		}
	}
	return refs
}

// home is the first collection that holds the object and that the writer may
// write to; empty when there is none.
func (s *standing) home() string {
	if places, _ := s.writable(); len(places) > 0 {
		return places[0].Alias
	}
	return ""
}

// clone copies a JSON value.
func clone(v any) any {
	switch at := v.(type) {
	case map[string]any:
		o := maps.Clone(at)
		for k := range o {
			o[k] = clone(o[k])
		}
		return o
	case []any:
		list := slices.Clone(at)
		for i := range list {
			list[i] = clone(list[i])
		}
		return list
	}
	return v
}

// mergePatch is RFC 7396: null takes away, objects are merged, all else is put
// in the place of what is there.
func mergePatch(o, patch map[string]any) {
	for name, v := range patch {
		if v == nil {
			delete(o, name)
			continue
		}
		inner, ok := v.(map[string]any)
		if !ok {
			o[name] = v
			continue
		}
		target, ok := o[name].(map[string]any)
		if !ok {
			target = map[string]any{}
		}
		mergePatch(target, inner)
		o[name] = target
	}
}
