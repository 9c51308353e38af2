package exchange

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entente/internal/store"
	"entente/stix"
)

// Speakers tells for whom objects speak: an organisation, where it brought the object
// itself and the identity that the object is created by has its name. So nobody speaks
// for another by naming its identity, and who passes on what others made does not speak
// for them. It is for the own member's accounts, who may know who brought what, and
// answers nobody else. It is used by one goroutine.
type Speakers struct {
	view    *View
	names   map[string][]string // of identities, in all versions that the reader sees
	sources map[entity]map[store.Tick]string
	kept    int // sources
}

// mostSources is of how many versions who brought them is remembered: one of ten
// thousand versions of an object is asked about that often.
const mostSources = 1 << 16

// Speakers are those of what the reader sees.
func (v *View) Speakers() *Speakers { return &Speakers{view: v, names: map[string][]string{}} }

// Of is the organisation that an object of a page speaks for; empty when that is none.
func (s *Speakers) Of(ctx context.Context, p *Page, i int) (org string, err error) {
	org, _, err = s.By(ctx, p, i)
	return org, err
}

// By is Of, and who brought the object.
func (s *Speakers) By(ctx context.Context, p *Page, i int) (org, source string, err error) {
	if !s.view.reader.Own {
		return "", "", nil
	}
	source, err = s.sourceOf(ctx, entity{p.Collection(i), p.ID(i)}, p.Added(i))
	if err != nil {
		return "", "", err
	}
	org, err = s.of(ctx, p, i, source)
	return org, source, err
}

// of is for whom an object speaks that somebody brought.
func (s *Speakers) of(ctx context.Context, p *Page, i int, source string) (org string, err error) {
	x := s.view.x
	author := property(p.Bytes(i), "created_by_ref")
	switch {
	case source == "" || author == "":
		return "", nil
	case source == x.opts.Own:
		if author == x.opts.Identity {
			return x.opts.Own, nil
		}
		return "", nil // somebody else's, as the own member has it from somewhere
	}
	names, err := s.namesOf(ctx, author)
	for _, name := range names {
		if strings.EqualFold(name, source) {
			return source, err
		}
	}
	return "", err
}

// sourceOf is who brought a version.
func (s *Speakers) sourceOf(ctx context.Context, at entity, added store.Tick) (string, error) {
	if sources, known := s.sources[at]; known {
		return sources[added], nil
	}
	rows, err := s.view.x.store.Versions(ctx, at.collection, at.id, s.view.scope()[at.collection])
	if err != nil {
		return "", err
	}
	if s.kept += len(rows); s.kept > mostSources || s.sources == nil {
		s.sources, s.kept = map[entity]map[store.Tick]string{}, len(rows)
	}
	sources := make(map[store.Tick]string, len(rows))
	for i := range rows {
		sources[rows[i].Added] = strings.Clone(rows[i].Source)
	}
	s.sources[entity{at.collection, strings.Clone(at.id)}] = sources
	return sources[added], nil
}

// property is one of an object that is a text; empty when it has none of the name.
func property(raw []byte, name string) string {
	for key, value := range stix.Split(raw) {
		if string(key) == name {
			return stix.Text(value)
		}
	}
	return ""
}

// mostNames is of how many versions of an identity that one organisation brought, the
// first that came, the name counts: neither later ones nor those of others take any of
// them away.
const mostNames = 100

// namesOf gives the names that an identity has had.
func (s *Speakers) namesOf(ctx context.Context, id string) ([]string, error) {
	if names, known := s.names[id]; known {
		return names, nil
	}
	names := []string{}
	for _, c := range s.view.Readable() {
		places, err := s.firstOfEach(ctx, c.Number, id)
		if err != nil {
			return nil, err
		}
		page, err := s.view.x.store.Fetch(ctx, places, nil)
		if err != nil {
			return nil, err
		}
		released, err := s.view.x.gate.Release(s.view.profile, page) // what does not leave is not accounted for
		if err != nil {
			return nil, err
		}
		for i := range released.Len() {
			names = append(names, property(released.Bytes(i), "name"))
		}
		released.Close()
	}
	s.names[strings.Clone(id)] = names
	return names, nil
}

// firstOfEach is where the first versions of an object stand that each organisation
// brought, of those that the reader sees.
func (s *Speakers) firstOfEach(ctx context.Context, c store.Collection, id string) ([]store.Place, error) {
	rows, err := s.view.x.store.Versions(ctx, c, id, s.view.scope()[c])
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b store.Row) int { return cmp.Compare(a.Added, b.Added) })
	var places []store.Place
	of := map[string]int{}
	for i := range rows {
		source := strings.ToLower(rows[i].Source)
		if of[source]++; of[source] <= mostNames {
			places = append(places, rows[i].Place())
		}
	}
	return places, nil
}
