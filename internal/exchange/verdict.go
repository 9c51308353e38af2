package exchange

import (
	"slices"

	"entente/internal/store"
)

// Verdict is what became of one object, as far as its writer may know: where a
// verdict but New comes of something that the writer may not read, it reads New.
type Verdict string

// The verdicts.
const (
	New      Verdict = "new"
	Same     Verdict = "same"     // already there; nothing was written
	Older    Verdict = "older"    // kept, though a newer version is there
	Variant  Verdict = "variant"  // kept beside other content of the same id (no version, another source)
	Conflict Verdict = "conflict" // other content under the same id and version: kept aside for a curator
	Refused  Verdict = "refused"  // not kept; Reason says why
)

// seen is the set of classes that the writer may read in this collection. The
// gate does not know those yet that this batch brings for the first time.
func (w *writing) seen(outcomes []store.Outcome) *store.Classes {
	if !w.by.MayRead(w.collection.ID) {
		return nil
	}
	seen := w.exchange.gate.Clearance(w.profile, w.collection.Number)
	var more *store.Classes
	for i, o := range outcomes {
		if !w.weights[i].readable || o.State == store.Same || o.State == store.Conflict || seen.Has(o.Class) || more.Has(o.Class) {
			continue
		}
		if more == nil {
			more = &store.Classes{}
			seen.Each(more.Add)
		}
		more.Add(o.Class)
	}
	if more != nil {
		return more
	}
	return seen
}

// verdict words an outcome for who sees these classes. A clash with something
// unseen reads as new. Of an object whose face alone the writer sees, what is not
// that face is other content, also when it is the object itself: a guess at what
// is withheld must not be answered.
func (w *writing) verdict(o store.Outcome, seen *store.Classes) (Verdict, string) {
	against := o.Over
	if o.State == store.Same || o.State == store.Conflict {
		against = []store.ClassID{o.Class}
		if o.Beside != 0 && !seen.Has(o.Class) {
			against[0] = o.Beside
			if o.State == store.Same && !w.exchange.isFace(o.Class) {
				o.State = store.Conflict
			}
		}
	}
	if !slices.ContainsFunc(against, seen.Has) {
		return New, ""
	}
	switch o.State {
	case store.Same:
		return Same, ""
	case store.Older:
		return Older, "a newer version is there; this one is kept as history"
	case store.Variant:
		return Variant, "kept beside other content of the same id from another source"
	case store.Conflict:
		return Conflict, "other content is there under the same id and version; this one is kept aside for a curator. Give it a newer modified time to publish it"
	}
	return New, ""
}
