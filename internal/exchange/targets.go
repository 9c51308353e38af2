package exchange

import (
	"context"
	"errors"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// mostStandings is of how many of its newest versions each is looked at to tell of
// what class an object is. Of those below, one of each kind is as good as all.
const mostStandings = 64

// entity is an object in a collection, whatever versions of it stand there.
type entity struct {
	collection store.Collection
	id         string
}

// targets tells of what class objects are that others refer to.
type targets struct {
	x         *Exchange
	classes   []string
	defs      handling.Definitions
	found     map[string][]store.Standing
	moved     moves                 // what has become stricter just now
	strangers map[store.Tick]string // what came just now, by somebody who may be one
	writes    map[string]bool       // of a source and a collection: it has brought something there
}

// targets looks objects up, for one instant.
func (x *Exchange) targets(ctx context.Context, ids []string, defs handling.Definitions) (*targets, error) {
	t := &targets{x: x, defs: defs, found: make(map[string][]store.Standing, len(ids))}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 {
		standings, err := x.store.Standings(ctx, ids, mostStandings)
		if err != nil {
			return nil, err
		}
		for i, s := range standings {
			if len(s) > 0 {
				t.found[ids[i]] = s
			}
		}
	}
	t.classes = x.store.Classes()
	return t, nil
}

// shownTargets looks objects up while no face of one is still to come: without it what is
// shown would look hidden.
func (x *Exchange) shownTargets(ctx context.Context, ids []string) (*targets, error) {
	x.tightening.Lock()
	defer x.tightening.Unlock()
	if err := x.noFacesLeft(ctx); err != nil {
		return nil, err
	}
	return x.targets(ctx, ids, &x.markings)
}

// class is that of an object for those who would refer to it: that of its face
// where it has one, since whoever is shown that knows of the object.
func (t *targets) class(s *store.Standing) handling.Class {
	id := s.Class
	if s.Face != 0 {
		id = s.Face
	}
	c := t.x.order.class(t.classes[id])
	if len(c.Unexplained) > 0 {
		c = c.Explained(t.defs)
	}
	return c
}

// of gives the class of what an object in a collection refers to, by what its
// writer may go by.
func (t *targets) of(k knowledge, c store.Collection) handling.Targets {
	return func(id string) (handling.Class, bool) {
		all := t.found[id]
		here := inCollection(all, c)
		switch {
		case !k.custodian:
			return t.join(t.known(k, here, id, c))
		case len(here) > 0:
			return t.join(here)
		}
		joined, any := handling.Class{}, false
		for len(all) > 0 { // it stands elsewhere
			one := inCollection(all, all[0].Collection)
			all = all[len(one):]
			class, counts := t.join(t.elsewhere(one, c))
			if !counts {
				continue
			}
			if any {
				class = handling.With(joined, class)
			}
			joined, any = class, true
		}
		return joined, any
	}
}

// producer is the class of what stands under the id of a version that somebody else
// brought than who brought the object, as far as its writer may go by that: a version
// by a stranger is no looser than what refers to the object would be. What comes under
// the id later changes nothing of it.
func (t *targets) producer(k knowledge, c store.Collection, v *version, source string) (asks handling.Class, any bool) {
	here := inCollection(t.found[v.read.ID], c)
	if !k.noted || source == "" || source == t.x.opts.Own || v.read.Version() == "" {
		return asks, false
	}
	if !k.custodian {
		here = t.known(k, here, v.read.ID, c)
	}
	if bare := slices.IndexFunc(here, func(s store.Standing) bool { return s.Bare }); bare >= 0 {
		here = here[:bare]
	}
	if len(here) == 0 || earliest(here).Source == source {
		return asks, false
	}
	return t.join(here)
}

// earliest is what came first, by which an object is somebody's: dates that a version
// gives itself may be any.
func earliest(here []store.Standing) *store.Standing {
	first := &here[0]
	for i := range here {
		if here[i].Since < first.Since {
			first = &here[i]
		}
	}
	return first
}

// sourceOf is who brought a version; empty when it is not among those looked at.
func (t *targets) sourceOf(c store.Collection, v *version) string {
	for _, s := range inCollection(t.found[v.read.ID], c) {
		if s.Added == v.object.added {
			return s.Source
		}
	}
	return ""
}

// inCollection gives the standings of one collection, which lie together.
func inCollection(all []store.Standing, c store.Collection) []store.Standing {
	from := slices.IndexFunc(all, func(s store.Standing) bool { return s.Collection == c })
	if from < 0 {
		return nil
	}
	to := from
	for to < len(all) && all[to].Collection == c {
		to++
	}
	return all[from:to]
}

// known gives what a writer may go by: what he may read, and what has become of
// that.
func (t *targets) known(k knowledge, here []store.Standing, id string, c store.Collection) (list []store.Standing) {
	if !k.reads {
		return nil
	}
	moved := t.moved[entity{c, id}]
	for i := range here {
		if s := &here[i]; t.may(k, s) || moved.unsure || t.could(k, s, moved.former) {
			list = append(list, *s)
		}
	}
	return list
}

// could tells whether a writer could read what something has become of: what it was
// itself, or, of what was not there, something that it takes the place of. What was
// hidden and has stayed so says nothing, beside whatever he could read.
func (t *targets) could(k knowledge, s *store.Standing, stood []store.Standing) bool {
	was := slices.IndexFunc(stood, func(f store.Standing) bool { return f.Since == s.Since && f.Source == s.Source })
	if was >= 0 {
		return t.may(k, &stood[was])
	}
	return slices.ContainsFunc(stood, func(f store.Standing) bool { return t.x.follows(s, &f) && t.may(k, &f) })
}

func (t *targets) may(k knowledge, s *store.Standing) bool {
	return t.x.gate.Decide(t.class(s), k.profile, s.Collection).Allow
}

// follows tells whether what stands somewhere takes the place of what stood there
// before: it is of the same source, or a version of the own member's.
func (x *Exchange) follows(s, former *store.Standing) bool {
	return s.Bare == former.Bare && (s.Source == former.Source || !s.Bare && s.Source == x.opts.Own)
}

// elsewhere gives what counts of what stands in another collection for those who
// refer to it in one: what the own member brought, or who brings things here, too.
// Who may write there only must not be able to hide what is here.
func (t *targets) elsewhere(there []store.Standing, here store.Collection) []store.Standing {
	return slices.DeleteFunc(slices.Clone(there), func(s store.Standing) bool {
		return s.Source != t.x.opts.Own && !t.writesTo(s.Source, here)
	})
}

// writesTo tells whether a source has brought anything to a collection. What
// cannot be read counts.
func (t *targets) writesTo(source string, c store.Collection) bool {
	key := usageKey(t.x.collections.numbered(c), source)
	writes, known := t.writes[key]
	if !known {
		_, err := t.x.store.Get(usageTable, key)
		writes = !errors.Is(err, store.ErrNotFound)
		if t.writes == nil {
			t.writes = map[string]bool{}
		}
		t.writes[key] = writes
	}
	return writes
}

// join is the class of an object by what stands of it in a collection: that of
// its newest version by who brought it or the own member, and of the newest
// content without a version by each of the two. What somebody else brings changes
// nothing of what was there, and so neither for what refers to it.
func (t *targets) join(here []store.Standing) (joined handling.Class, any bool) {
	bare := slices.IndexFunc(here, func(s store.Standing) bool { return s.Bare })
	if bare < 0 {
		bare = len(here)
	}
	add := func(all []store.Standing, by string) {
		newest := slices.IndexFunc(all, func(s store.Standing) bool {
			return s.Source == by || !s.Bare && s.Source == t.x.opts.Own
		})
		if newest < 0 {
			return
		}
		if c := t.class(&all[newest]); any {
			joined = handling.With(joined, c)
		} else {
			joined, any = c, true
		}
	}
	if bare > 0 {
		add(here[:bare], earliest(here[:bare]).Source)
	}
	if bare < len(here) {
		add(here[bare:], earliest(here[bare:]).Source)
		add(here[bare:], t.x.opts.Own)
	}
	return joined, any
}
