package author

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/stix"
)

// Tagging puts labels on many of the own member's objects, and takes others
// off. The filters add up; with none at all nothing is meant.
type Tagging struct {
	Add        []string `json:"add,omitempty" doc:"labels to put on"`
	Remove     []string `json:"remove,omitempty" doc:"labels to take off"`
	IDs        []string `json:"ids,omitempty" doc:"objects, by id"`
	Types      []string `json:"types,omitempty" doc:"types of objects"`
	Collection string   `json:"collection,omitempty" doc:"id or alias"`
	Where      []string `json:"where,omitempty" doc:"conditions, as labels=phishing (is, or has) or name~invoice (contains)"`
	Apply      bool     `json:"apply,omitempty" doc:"write; else only tell what would be written"`
}

// Tagged tells what a Tagging changes, or would change.
type Tagged struct {
	Matching int        `json:"matching"` // own objects that the filters find
	Changing int        `json:"changing"` // of these, the ones whose labels change
	Others   int        `json:"others"`   // objects of others that the filters find; they are left as they are
	Sample   []TagLine  `json:"sample"`   // the first that change
	Applied  bool       `json:"applied"`
	Refused  []TagFault `json:"refused,omitempty"` // objects that were left as they are, and why
}

// TagLine is an object whose labels change.
type TagLine struct {
	ID     string   `json:"id"`
	Type   string   `json:"type"`
	Name   string   `json:"name,omitempty"`
	Was    []string `json:"was"`
	Labels []string `json:"labels"`
}

// TagFault is an object whose labels could not be changed.
type TagFault struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

const (
	tagSample = 20   // objects that are shown
	tagBatch  = 1000 // objects of one atomic batch
)

// Tag changes labels in bulk, a batch of objects at a time, each batch whole or
// not at all. Nothing is written unless Apply is set.
func (d *Desk) Tag(ctx context.Context, by account.Principal, t Tagging) (Tagged, error) {
	out := Tagged{Sample: []TagLine{}}
	if err := d.mayWrite(by); err != nil {
		return out, err
	}
	filters, err := t.check()
	if err != nil {
		return out, err
	}
	ids, err := d.tagging(ctx, by, t, filters, &out)
	if err != nil || !t.Apply {
		return out, err
	}
	out.Changing = 0
	for part := range slices.Chunk(ids, tagBatch) {
		n, err := d.tagPart(ctx, by, t, part, &out)
		for tries := 0; errors.Is(err, exchange.ErrStale) && tries < 5; tries++ {
			n, err = d.tagPart(ctx, by, t, part, &out) // labels go on top of whatever is there now
		}
		if err != nil {
			return out, fmt.Errorf("after %d objects: %w", out.Changing, err)
		}
		out.Changing += n
	}
	out.Applied = true
	return out, nil
}

func (t Tagging) check() ([]condition, error) {
	if len(t.Add)+len(t.Remove) == 0 {
		return nil, bad("name a label to add or to remove")
	}
	for _, l := range append(slices.Clone(t.Add), t.Remove...) {
		if strings.TrimSpace(l) != l || l == "" || len(l) > 250 {
			return nil, bad("%q is no label; use 1 to 250 characters, no spaces at its ends", shorten(l))
		}
	}
	if len(t.IDs)+len(t.Types)+len(t.Where) == 0 && t.Collection == "" {
		return nil, bad("say which objects are meant: by id, type, collection or --where")
	}
	if err := exchange.CheckTypes(t.Types); err != nil {
		return nil, err
	}
	var filters []condition
	for _, text := range t.Where {
		f, err := parseCondition(text)
		if err != nil {
			return nil, bad("%w", err)
		}
		filters = append(filters, f)
	}
	return filters, nil
}

// tagging walks what the filters find and gives the ids of what is to change.
func (d *Desk) tagging(ctx context.Context, by account.Principal, t Tagging, filters []condition, out *Tagged) ([]string, error) {
	view, seen := d.x.View(by), map[string]bool{}
	collections := view.Collections()
	if t.Collection != "" {
		c, err := view.Collection(t.Collection)
		if err != nil {
			return nil, err
		}
		collections = []exchange.Access{c}
	}
	var ids []string
	for _, c := range collections {
		if !c.CanRead || !c.CanWrite {
			continue
		}
		q := exchange.Query{IDs: t.IDs, Types: t.Types, Limit: 1000, MaxBytes: 8 << 20, Bodies: true}
		for page, err := range view.Pages(ctx, c.ID, q) {
			if err != nil {
				return nil, err
			}
			for i := range page.Len() {
				if id := strings.Clone(page.ID(i)); !seen[id] && d.meets(page.Bytes(i), filters, t, out) {
					ids = append(ids, id)
					seen[id] = true
				}
			}
		}
	}
	return ids, nil
}

// meets tells whether an object is to change, and counts it.
func (d *Desk) meets(raw []byte, filters []condition, t Tagging, out *Tagged) bool {
	o, err := decodeObject(raw)
	if err != nil {
		return false
	}
	for _, f := range filters {
		if !f.holds(o) {
			return false
		}
	}
	if by, _ := o["created_by_ref"].(string); by != d.member.ID || o["modified"] == nil || o["revoked"] == true {
		out.Others++
		return false
	}
	out.Matching++
	was, is := t.relabel(o)
	if slices.Equal(was, is) {
		return false
	}
	if out.Changing++; len(out.Sample) < tagSample {
		line := TagLine{Was: was, Labels: is}
		line.Type, line.Name = title(o)
		line.ID, _ = o["id"].(string)
		out.Sample = append(out.Sample, line)
	}
	return true
}

// relabel gives the labels that an object has, and those that it is to have.
func (t Tagging) relabel(o map[string]any) (was, is []string) {
	was, is = []string{}, []string{}
	list, _ := o["labels"].([]any)
	for _, l := range list {
		if s, ok := l.(string); ok {
			was = append(was, s)
			if !slices.Contains(t.Remove, s) {
				is = append(is, s)
			}
		}
	}
	for _, l := range t.Add {
		if !slices.Contains(is, l) {
			is = append(is, l)
		}
	}
	return was, is
}

// tagPart publishes new versions of one batch of objects.
func (d *Desk) tagPart(ctx context.Context, by account.Principal, t Tagging, ids []string, out *Tagged) (int, error) {
	found, err := d.standings(ctx, by, ids)
	if err != nil {
		return 0, err
	}
	var all batch
	var refused []TagFault
	changed := 0
	for _, id := range ids {
		s := found[id]
		if s == nil {
			continue // taken away meanwhile
		}
		if s.parts {
			refused = append(refused, TagFault{id, withheld(by)})
			continue
		}
		o, err := d.retagged(s, t)
		if err != nil {
			refused = append(refused, TagFault{id, err.Error()})
			continue
		}
		if o == nil {
			continue
		}
		changed++
		places, _ := s.writable()
		for _, p := range places {
			all.put(p.ID, *o, p.version)
		}
	}
	if len(all) > 0 {
		_, err = d.x.PublishAll(ctx, by, all, func(tx store.Tx, results [][]exchange.Result) error {
			if err := whole(tx, results); err != nil {
				return err
			}
			audit.Add(tx, audit.Act{Who: by.Account, What: "tag", On: fmt.Sprintf("%d objects", changed),
				Detail: fmt.Sprintf("added %q, removed %q", t.Add, t.Remove)})
			return nil
		})
	}
	if err == nil {
		out.Refused = append(out.Refused, refused...)
	}
	return changed, err
}

// retagged is the version of an object with other labels; nil when they are
// those that it has.
func (d *Desk) retagged(s *standing, t Tagging) (*stix.Object, error) {
	o, err := decodeObject(s.raw)
	if err != nil {
		return nil, err
	}
	was, is := t.relabel(o)
	if slices.Equal(was, is) || s.Revoked {
		return nil, nil
	}
	base := maps.Clone(o)
	delete(o, "labels")
	if len(is) > 0 {
		labels := make([]any, len(is))
		for i := range is {
			labels[i] = is[i]
		}
		o["labels"] = labels
	}
	raw, err := d.next(s, base, o)
	if err != nil {
		return nil, err
	}
	object, err := stix.Read(raw)
	return &object, err
}

// condition holds for an object that has a value at a path.
type condition struct {
	path     Path
	text     string
	contains bool
}

// parseCondition reads PATH=TEXT or PATH~TEXT.
func parseCondition(s string) (condition, error) {
	path, rest, err := cutPath(s)
	if err != nil {
		return condition{}, err
	}
	if text, ok := strings.CutPrefix(rest, "="); ok {
		return condition{path: path, text: text}, nil
	}
	if text, ok := strings.CutPrefix(rest, "~"); ok {
		return condition{path: path, text: strings.ToLower(text), contains: true}, nil
	}
	return condition{}, fmt.Errorf("%q is no condition; write %s=VALUE (is, or has) or %s~TEXT (contains)", shorten(s), path, path)
}

func (c condition) holds(o map[string]any) bool {
	v, ok := c.path.get(o)
	if !ok {
		return false
	}
	list, many := v.([]any)
	if !many {
		list = []any{v}
	}
	return slices.ContainsFunc(list, func(v any) bool {
		text := fmt.Sprint(v)
		if c.contains {
			return strings.Contains(strings.ToLower(text), c.text)
		}
		return text == c.text
	})
}
