package exchange

import (
	"fmt"

	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Foreseen is what would become of an object in a collection.
type Foreseen struct {
	Collection Access
	Class      handling.Class
	Each       []handling.Decision // element i: of readers[i]
}

// Foresee tells what readers would be given of an object in a collection,
// without publishing it. The markings of an object that is not published are
// explained by what the node knows now. It is for accounts of the own member
// that may read or write the collection: ErrForbidden, ErrNotFound; ErrInvalid
// when the object cannot be classed.
func (x *Exchange) Foresee(by account.Principal, collection string, o *stix.Object, readers []account.Principal) (Foreseen, error) {
	c, err := x.access(by, collection)
	if err != nil {
		return Foreseen{}, err
	}
	if !by.Own {
		return Foreseen{}, fmt.Errorf("see who would be given an object: %w: this takes an account of the node's own member", ErrForbidden)
	}
	class, err := handling.Classify(o, c.Marking, &x.markings)
	if err != nil {
		return Foreseen{}, fmt.Errorf("%w: %s: markings: %w", ErrInvalid, o.ID, err)
	}
	f := Foreseen{Collection: c, Class: class, Each: make([]handling.Decision, len(readers))}
	for i, p := range readers {
		if !p.MayRead(c.ID) {
			f.Each[i] = handling.Decision{Reason: "the collection is not open to it"}
			continue
		}
		f.Each[i] = x.gate.Decide(class, handling.ProfileOf(p))
	}
	return f, nil
}
