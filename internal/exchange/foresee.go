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
	Lacks      []int               // element i: how many parts the copy lacks that readers[i] is given; 0 when it is the object
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
	face, has, err := handling.FaceOf(o, c.Marking, &x.markings)
	if err != nil {
		return Foreseen{}, fmt.Errorf("%w: %s: markings: %w", ErrInvalid, o.ID, err)
	}
	f := Foreseen{Collection: c, Class: class, Each: make([]handling.Decision, len(readers)), Lacks: make([]int, len(readers))}
	for i, p := range readers {
		if !p.MayRead(c.ID) {
			f.Each[i] = handling.Decision{Reason: "the collection is not open to it"}
			continue
		}
		profile := handling.ProfileOf(p)
		if f.Each[i] = x.gate.Decide(class, profile); f.Each[i].Allow || !has {
			continue
		}
		if d := x.gate.Decide(face.Shown, profile); d.Allow {
			f.Each[i], f.Lacks[i] = d, face.Lacks
		}
	}
	return f, nil
}
