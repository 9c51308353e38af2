package exchange

import (
	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/internal/trust/personal"
	"entente/stix"
)

// classify is the class of an object as it stands in a collection, and the personal
// data that it holds. What is found counts as if the object said so of itself, unless
// the collection only notes it (docs/decisions/0013).
func classify(o *stix.Object, c *Collection, defs handling.Definitions) (handling.Class, []personal.Found, error) {
	class, err := handling.Classify(o, c.Marking, defs)
	if err != nil {
		return class, nil, err
	}
	found := personal.Find(o, class.Personal)
	class.Personal = class.Personal || c.withholds(found)
	return class, found, nil
}

// weigh is handling.Weigh of an object as it stands in a collection.
func weigh(o *stix.Object, c *Collection, defs handling.Definitions, to handling.Targets) (handling.Weight, error) {
	own, _, err := classify(o, c, defs)
	if err != nil {
		return handling.Weight{Own: own}, err
	}
	return handling.WeighAs(own, o, c.Marking, defs, to), nil
}

// faceOf is the face of what was weighed; nil when it has none. What is left of an
// object counts by what is found in it.
func faceOf(w *handling.Weight, o *stix.Object, c *Collection, also ...string) *handling.Face {
	f, has := w.Face(also...)
	if !has {
		return nil
	}
	f.Shown.Personal = f.Shown.Personal || c.withholds(personal.Find(&stix.Object{Envelope: stix.Envelope{Type: o.Type}, Raw: f.Body}, false))
	if !handling.Binds(f.Shown, f.Whole) {
		return nil
	}
	return &f
}

func (c *Collection) withholds(found []personal.Found) bool {
	return len(found) > 0 && !c.Limits.NotePersonal
}

// Kinds of the values by which a node finds what personal data it holds; they are the
// store's alone, as hostKind is.
const (
	personalKind  = uint8(hostKind) + 1 + iota // the kind of the data
	personalValue                              // the kind, and what was found
)

// indexPersonal says by what personal data an object is found. It depends on the
// content alone: collections that hold the same share one body and its values. What an
// object only says of itself is found by its class.
func indexPersonal(put *store.Put, found []personal.Found) {
	var kinds uint
	for _, f := range found {
		if f.Kind == personal.Stated || f.Kind == personal.Address {
			continue
		}
		if kinds&(1<<f.Kind) == 0 {
			kinds |= 1 << f.Kind
			put.Values = append(put.Values, store.Value{Kind: personalKind, Text: f.Kind.String()})
		}
		put.Values = append(put.Values, valueOf(f))
	}
}

func valueOf(f personal.Found) store.Value {
	return store.Value{Kind: personalValue, Text: string(byte(f.Kind)) + f.Text}
}

// saysPersonal tells whether an object itself says that it holds personal data.
func (x *Exchange) saysPersonal(raw []byte, c *Collection) bool {
	o, err := stix.Read(raw, stix.MaxObject(len(raw)))
	if err != nil {
		return true
	}
	own, err := handling.Classify(&o, c.Marking, &x.markings)
	return err != nil || own.Personal
}
