package exchange

import (
	"context"
	"fmt"
	"slices"

	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Foreseen is what would become of an object in a collection.
type Foreseen struct {
	Collection Access
	Class      handling.Class
	Own        handling.Class      // by its own markings alone
	Each       []handling.Decision // element i: of readers[i]
	Held       []string            // selectors of stricter parts that no copy can lack
	Told       []handling.Telling  // of stricter parts, in what is left without them
	Lacks      []int               // element i: how many parts the copy lacks that readers[i] is given; 0 when it is the object
}

// Foresee tells what readers would be given of an object in a collection,
// without publishing it. The markings of an object that is not published are
// explained by what the node knows now, and what the object refers to counts as if
// by published it. It is for accounts of the own member
// that may read or write the collection: ErrForbidden, ErrNotFound; ErrInvalid
// when the object cannot be classed.
func (x *Exchange) Foresee(ctx context.Context, by account.Principal, collection string, o *stix.Object, readers []account.Principal) (Foreseen, error) {
	c, err := x.access(by, collection)
	if err != nil {
		return Foreseen{}, err
	}
	if !by.Own {
		return Foreseen{}, fmt.Errorf("see who would be given an object: %w: this takes an account of the node's own member", ErrForbidden)
	}
	t, err := x.targets(ctx, slices.Collect(counting(o)), &x.markings)
	if err != nil {
		return Foreseen{}, err
	}
	w, err := weigh(o, &c.Collection, &x.markings, t.of(knowledgeOf(by, c.Collection), c.Number))
	if err != nil {
		return Foreseen{}, fmt.Errorf("%w: %s: markings: %w", ErrInvalid, o.ID, err)
	}
	class, face := w.Whole, faceOf(&w, o, &c.Collection)
	f := Foreseen{Collection: c, Class: class, Own: w.Own, Held: x.Held(&c.Collection, o), Each: make([]handling.Decision, len(readers)), Lacks: make([]int, len(readers))}
	if face != nil {
		f.Told = handling.Tells(o, face.Body)
	}
	for i, p := range readers {
		if !p.MayRead(c.ID) {
			f.Each[i] = handling.Decision{Reason: "the collection is not open to it"}
			continue
		}
		profile := handling.ProfileOf(p)
		if f.Each[i] = x.gate.Decide(class, profile, c.Number); f.Each[i].Allow || face == nil {
			continue
		}
		if d := x.gate.Decide(face.Shown, profile, c.Number); d.Allow {
			f.Each[i], f.Lacks[i] = d, face.Lacks
		}
	}
	return f, nil
}

// Held are selectors of what in an object is marked stricter than the whole and cannot
// be left out of a copy in a collection, so that who may not read it is given nothing.
func (x *Exchange) Held(c *Collection, o *stix.Object) []string {
	return handling.HeldParts(o, c.Marking, &x.markings)
}
