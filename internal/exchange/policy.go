package exchange

import (
	"context"
	"errors"
	"fmt"

	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// Explanation is why a reader may or may not read one version of an object in
// one collection.
type Explanation struct {
	Collection  Collection
	Version     string
	Class       handling.Class
	Granted     bool // the reader has a grant to read the collection
	Proof       handling.Proof
	Stricter    []string // what made it stricter than its own markings, for people
	Unexplained []string // why markings are not explained of which a definition is here, for people
	Lacks       int      // how many parts the copy lacks that the reader is given in its stead; 0 when none is
	Copy        *Copy    // what is decided of that copy, of a reader who may not read all of it; nil when there is none
}

// Copy is why a reader may or may not read an object without its stricter parts.
type Copy struct {
	Class handling.Class
	Proof handling.Proof
}

// Allows tells whether the reader gets it.
func (e *Explanation) Allows() bool { return e.Granted && e.Proof.Allow }

// mostExplained bounds the versions of an object in one collection that are
// explained; the newest are.
const mostExplained = 100

// Explain says of each version of an object, as far as the asker sees it,
// whether a reader may read it and why. Curators may ask about anybody, others
// about themselves. MayRead says what is granted to the reader. Errors:
// ErrForbidden, ErrNotFound.
func (x *Exchange) Explain(ctx context.Context, by account.Principal, id string, reader handling.Profile, mayRead func(collection string) bool) ([]Explanation, error) {
	if !by.Curates() && reader != handling.ProfileOf(by) {
		return nil, fmt.Errorf("explain what somebody else may read: %w: this takes a curator of the node's own member", ErrForbidden)
	}
	view := x.View(by)
	var all []Explanation
	for _, c := range view.Readable() {
		page, err := view.Versions(ctx, c.ID, id)
		if errors.Is(err, ErrNotFound) {
			continue
		} else if err != nil {
			return nil, err
		}
		for i := max(page.Len()-mostExplained, 0); i < page.Len(); i++ {
			class := page.Class(i)
			e := Explanation{Collection: c.Collection, Version: page.Version(i), Class: class,
				Granted: mayRead(c.ID), Proof: x.gate.Explain(class, reader, c.Number)}
			if err := x.why(ctx, by, &e, page.Place(i), reader); err != nil {
				page.Close()
				return nil, err
			}
			all = append(all, e)
		}
		page.Close()
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("object %q: %w", id, ErrNotFound)
	}
	return all, nil
}

// Decide answers whether a reader may read a class now in a collection, 0 for none in
// particular, for curators. ErrForbidden for others.
func (x *Exchange) Decide(by account.Principal, c handling.Class, reader handling.Profile, in store.Collection) (handling.Decision, error) {
	if !by.Curates() {
		return handling.Decision{}, fmt.Errorf("ask what others may read: %w", ErrForbidden)
	}
	return x.gate.Decide(c, reader, in), nil
}

// Classes are those that objects have had here, for curators. ErrForbidden for
// others: they tell what there is.
func (x *Exchange) Classes(by account.Principal) ([]handling.Class, error) {
	if !by.Curates() {
		return nil, fmt.Errorf("list the handling classes: %w", ErrForbidden)
	}
	var all []handling.Class
	for _, text := range x.store.Classes() {
		if c, err := handling.ParseClass(text); err == nil {
			all = append(all, c)
		}
	}
	return all, nil
}

// ClassesInUse are those that an object has now, and those in each collection, for
// curators. ErrForbidden for others.
func (x *Exchange) ClassesInUse(by account.Principal) (all []handling.Class, within map[store.Collection][]handling.Class, err error) {
	if !by.Curates() {
		return nil, nil, fmt.Errorf("list the handling classes: %w", ErrForbidden)
	}
	where := map[store.ClassID][]store.Collection{}
	within = map[store.Collection][]handling.Class{}
	for _, c := range x.collections.all() {
		within[c.Number] = nil
		for id, n := range x.store.Count(c.Number) {
			if n > 0 {
				where[id] = append(where[id], c.Number)
			}
		}
	}
	for id, text := range x.store.Classes() {
		in := where[store.ClassID(id)]
		if in == nil {
			continue
		}
		if c, err := handling.ParseClass(text); err == nil {
			all = append(all, c)
			for _, one := range in {
				within[one] = append(within[one], c)
			}
		}
	}
	return all, within, nil
}
