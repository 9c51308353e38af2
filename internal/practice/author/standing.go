package author

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

const clear = handling.Clear

// standing is an object as a writer sees it: its newest version, and where it
// stands.
type standing struct {
	stix.Envelope
	raw    []byte
	level  handling.Level // the strictest it counts as anywhere, for its parts and where it is unmarked
	places []place
	parts  bool // somewhere the writer is given a copy without some of its parts
}

// place is a collection that holds an object.
type place struct {
	exchange.Access
	version string // the newest one there
	class   handling.Class
	raw     []byte // likewise
}

// standing finds an object in all collections that the writer reads.
func (d *Desk) standing(ctx context.Context, by account.Principal, id string) (*standing, error) {
	found, err := d.standings(ctx, by, []string{id})
	if err != nil {
		return nil, err
	}
	if s := found[id]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("object %q: %w", shorten(id), exchange.ErrNotFound)
}

// standings finds many; what is not there is left out.
func (d *Desk) standings(ctx context.Context, by account.Principal, ids []string) (map[string]*standing, error) {
	view, found := d.x.View(by), map[string]*standing{}
	for _, c := range view.Readable() {
		for part := range slices.Chunk(ids, 500) {
			page, err := view.Page(ctx, c.ID, exchange.Query{IDs: part, Limit: 4 * len(part), Bodies: true})
			if err != nil {
				return nil, err
			}
			err = stand(found, c, page)
			page.Close()
			if err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// stand adds a page of one collection to what is known of its objects.
func stand(found map[string]*standing, c exchange.Access, page *exchange.Page) error {
	for i := range page.Len() {
		raw := bytes.Clone(page.Bytes(i))
		o, err := stix.Read(raw, stix.MaxObject(len(raw)))
		if err != nil {
			return fmt.Errorf("object %s in collection %s: %w", page.ID(i), c.Alias, err)
		}
		s := found[o.ID]
		if s == nil {
			s = &standing{Envelope: o.Envelope, raw: raw}
			found[o.ID] = s
		} else if stix.CompareVersions(o.Version(), s.Version()) > 0 {
			s.Envelope, s.raw = o.Envelope, raw
		}
		s.level = max(s.level, page.Class(i).TLP)
		s.parts = s.parts || page.Parts(i)
		if n := len(s.places); n > 0 && s.places[n-1].ID == c.ID { // a variant of what has no version
			continue
		}
		s.places = append(s.places, place{Access: c, version: o.Version(), class: page.Class(i), raw: raw})
	}
	return nil
}

// lastOwn is the newest version that the own member itself made of what stands: whoever
// else may write there can put another on top. It is nil when there is none, or nothing
// stands.
func (d *Desk) lastOwn(ctx context.Context, by account.Principal, s *standing) (raw []byte, err error) {
	switch {
	case s == nil:
		return nil, nil
	case s.CreatedByRef == d.member.ID:
		return s.raw, nil
	}
	view, version := d.x.View(by), ""
	for _, p := range s.places {
		q := exchange.Query{IDs: []string{s.ID}, Limit: 1000, MaxBytes: 8 << 20, Bodies: true}
		q.Versions.All = true
		for page, err := range view.Pages(ctx, p.ID, q) {
			if err != nil {
				return nil, err
			}
			for i := range page.Len() {
				if page.Parts(i) || version != "" && stix.CompareVersions(page.Version(i), version) <= 0 {
					continue
				}
				if o, err := stix.Read(page.Bytes(i), stix.MaxObject(len(page.Bytes(i)))); err == nil && o.CreatedByRef == d.member.ID {
					raw, version = bytes.Clone(page.Bytes(i)), strings.Clone(page.Version(i))
				}
			}
		}
	}
	return raw, nil
}

// own is what stands as the own member itself made it last, where somebody else's version
// may be on top; what stands when the own member made none.
func (d *Desk) own(ctx context.Context, by account.Principal, s *standing) (*standing, error) {
	raw, err := d.lastOwn(ctx, by, s)
	if err != nil || raw == nil || s.CreatedByRef == d.member.ID {
		return s, err
	}
	o, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return nil, err
	}
	own := *s
	own.Envelope, own.raw = o.Envelope, raw
	return &own, nil
}

// holds tells whether the writer sees the object in a collection.
func (d *Desk) holds(ctx context.Context, by account.Principal, c exchange.Access, id string) (bool, error) {
	if !c.CanRead {
		return false, nil
	}
	page, err := d.x.View(by).Page(ctx, c.ID, exchange.Query{IDs: []string{id}, Limit: 1})
	if err != nil {
		return false, err
	}
	defer page.Close()
	return page.Len() > 0, nil
}

// in tells whether the object stands in a collection.
func (s *standing) in(collection string) bool {
	return slices.ContainsFunc(s.places, func(p place) bool { return p.ID == collection })
}

// writable are the places that the writer may write to, and the names of those
// that are left as they are.
func (s *standing) writable() (places []place, left []string) {
	for _, p := range s.places {
		if p.CanWrite {
			places = append(places, p)
		} else {
			left = append(left, p.Alias)
		}
	}
	return places, left
}

// title is what an object is called, for people: its type and its name, or what
// it has instead of one.
func title(o map[string]any) (typ, name string) {
	typ, _ = o["type"].(string)
	for _, property := range []string{"name", "value", "path", "key", "product", "opinion", "content", "pattern", "relationship_type"} {
		if s, ok := o[property].(string); ok && s != "" {
			return typ, shorten(firstLine(s))
		}
	}
	return typ, ""
}

// called is the title of an object by its bytes, for sentences: indicator
// "Known control server".
func called(raw []byte) string {
	o, err := decodeObject(raw)
	if err != nil {
		return "object"
	}
	return calledObject(o)
}

// calledObject is called, of an object that is read.
func calledObject(o map[string]any) string {
	typ, name := title(o)
	if name == "" {
		id, _ := o["id"].(string)
		return id
	}
	return fmt.Sprintf("%s %q", typ, name)
}

func firstLine(s string) string {
	line, _, _ := bytes.Cut([]byte(s), []byte("\n"))
	return string(line)
}
