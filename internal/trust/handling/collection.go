package handling

import (
	"fmt"
	"slices"

	"entente/internal/store"
)

// maxCollections bounds the collections that one agreement is for.
const maxCollections = 256

// covers tells whether the agreement is for a collection: for all when it names none.
func (a *Agreement) covers(c store.Collection) bool {
	return len(a.Collections) == 0 || slices.Contains(a.Collections, c)
}

// checkCollections refuses what is no list of collections.
func (a *Agreement) checkCollections() error {
	if len(a.Collections) > maxCollections {
		return fmt.Errorf("%d collections; at most %d are taken", len(a.Collections), maxCollections)
	}
	for i, c := range a.Collections {
		if c == 0 || i > 0 && c <= a.Collections[i-1] {
			return fmt.Errorf("its collections are not in order, or there is none of a number")
		}
	}
	return nil
}

// singled are the collections that agreements name, former ones included: what was
// released in one by an agreement that is over tells since when it may be read.
func singled(agreements []Agreement, changes []Change) map[store.Collection][]Agreement {
	var by map[store.Collection][]Agreement
	note := func(a *Agreement) {
		for _, c := range a.Collections {
			if by == nil {
				by = map[store.Collection][]Agreement{}
			}
			by[c] = append(by[c], *a)
		}
	}
	for i := range agreements {
		note(&agreements[i])
	}
	for i := range changes {
		for _, a := range [...]*Agreement{changes[i].Was, changes[i].Is} {
			if a != nil {
				note(a)
			}
		}
	}
	return by
}

// singles tells whether the agreements with a reader may say something else of a
// collection than of others.
func (p *Policy) singles(c store.Collection, r *Reader) bool {
	return slices.ContainsFunc(p.singled[c], func(a Agreement) bool { return a.with(r) })
}

// namedFor are the collections that agreements with a reader name.
func (p *Policy) namedFor(r *Reader) []store.Collection {
	var list []store.Collection
	for c := range p.singled {
		if p.singles(c, r) {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// Within is the profile of a partner as it reads in a collection that an agreement
// names; of others it is the same.
func (p Profile) Within(c store.Collection) Profile {
	r := p.Reader()
	if r.Standing != Partner {
		return p
	}
	r.In = c
	return r.Profile()
}

// where says what the agreement is for, for people.
func (a *Agreement) where() string {
	if len(a.Collections) == 0 {
		return "here"
	}
	return "in its collections"
}

// collectionFaults are why an agreement may not release what it is for, as far as the
// collections go that there are.
func (a *Agreement) collectionFaults(on *Premises) (says []string) {
	for _, c := range a.Collections {
		if _, there := on.Within[c]; !there {
			says = append(says, fmt.Sprintf("it names collection #%d, which is no more", c))
		}
	}
	return says
}
