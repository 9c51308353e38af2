package handling

import (
	"slices"
	"strings"

	"entente/stix"
)

// Targets gives the class of what an object refers to; false where that is not
// there, or does not count. Nil counts nothing.
type Targets func(id string) (Class, bool)

// Weight is an object on the scales: what its own markings ask for, and what
// the things that it refers to do.
type Weight struct {
	Own   Class // by the markings of the object and of its parts
	Whole Class // of all of the object
	Shown Class // of what is left when all stricter parts are left out

	// Stricter are the references by which Whole is stricter than Own, in the
	// order of the object.
	Stricter []Reference

	stricter []stix.Ref // the references that are parts stricter than Shown
	o        *stix.Object
	defs     Definitions
	gathered Class // the object's own markings, before they are settled
	unmarked Level
}

// Reference is one reference to something stricter.
type Reference struct {
	stix.Ref
	Class Class // of what it leads to
	End   bool  // the object is nothing without it, and is as strict
}

// Weigh classes an object with what it refers to. A relationship is as strict as
// the objects at its ends, a sighting as what was sighted: neither says anything
// without. Any other reference to something stricter than the object is a part
// of its own, with the class of that. Who made an object and what marks it are no
// such references. An error is that of Classify.
func Weigh(o *stix.Object, unmarked Level, defs Definitions, to Targets) (Weight, error) {
	own, err := Classify(o, unmarked, defs)
	if err != nil {
		return Weight{Own: own}, err
	}
	return WeighAs(own, o, unmarked, defs, to), nil
}

// WeighAs is Weigh of an object that is classed already; own is of that or stricter.
func WeighAs(own Class, o *stix.Object, unmarked Level, defs Definitions, to Targets) (w Weight) {
	w.Own, w.o, w.defs, w.unmarked = own, o, defs, unmarked
	w.Whole, w.Shown = w.Own, w.Own
	if len(o.GranularMarkingRefs) > 0 {
		w.gathered = limitsOf(o, defs)
		w.Shown = w.gathered.settled(unmarked)
	}
	if to == nil {
		return w
	}
	var parts []Reference
	for _, r := range o.Refs {
		if !Counts(o, r) {
			continue
		}
		c, ok := to(r.ID)
		if !ok {
			continue
		}
		ref := Reference{r, c, isEnd(o.Type, r.Path)}
		if Binds(w.Own, c) {
			w.Stricter = append(w.Stricter, ref)
		} else if len(o.GranularMarkingRefs) == 0 {
			continue // what is shown is no looser than the whole
		}
		if ref.End {
			w.Shown, w.Whole = w.Shown.with(c), w.Whole.with(c)
		} else {
			parts = append(parts, ref)
		}
	}
	for _, part := range parts { // once the ends are known
		if Binds(w.Shown, part.Class) {
			w.Whole = w.Whole.with(part.Class)
			w.stricter = append(w.stricter, part.Ref)
		}
	}
	return w
}

// Counts tells whether a reference has any say in what class its object is of.
func Counts(o *stix.Object, r stix.Ref) bool { return r.Path != "created_by_ref" && r.ID != o.ID }

// isEnd tells the references without which an object of a type says nothing.
func isEnd(typ, path string) bool {
	switch typ {
	case "relationship":
		return path == "source_ref" || path == "target_ref"
	case "sighting":
		return path == "sighting_of_ref"
	}
	return false
}

// Binds tells whether what is of class a would be stricter if it were also of b.
// What is for nobody cannot become stricter.
func Binds(a, b Class) bool {
	if a.TLP == Red && len(a.Audience.To) == 0 {
		return false
	}
	if a.isLabel() && b.isLabel() {
		return b.TLP > a.TLP || b.PAP > a.PAP
	}
	if a.is(&b) {
		return false
	}
	return Join(a, b).Canonical() != a.Canonical()
}

// is tells whether two classes are the same, as most are that meet.
func (c *Class) is(b *Class) bool {
	return c.TLP == b.TLP && c.PAP == b.PAP && c.Terms == b.Terms && c.Forbidden == b.Forbidden && c.Unfit == b.Unfit &&
		c.Personal == b.Personal && c.Unreviewed == b.Unreviewed && c.Opens == b.Opens && c.Closes == b.Closes &&
		slices.Equal(c.Unexplained, b.Unexplained) && slices.Equal(c.Audience.Not, b.Audience.Not) &&
		slices.EqualFunc(c.Audience.To, b.Audience.To, slices.Equal[[]Name])
}

// isLabel tells a class of TLP and PAP alone, as most are. RED is never: whom it
// names counts.
func (c *Class) isLabel() bool {
	return c.TLP != Red && c.Terms == 0 && len(c.Audience.To)+len(c.Audience.Not) == 0 && c.Forbidden == 0 && c.Unfit == 0 &&
		!c.Personal && !c.Unreviewed && c.Opens == 0 && c.Closes == 0 && len(c.Unexplained) == 0
}

// With is Join for classes of different objects, which nobody has bounded
// together: what would name more than one object may is for nobody.
func With(a, b Class) Class { return a.with(b) }

func (c Class) with(b Class) Class {
	if !Binds(c, b) {
		return c
	}
	joined := Join(c, b)
	if joined.check() != nil {
		return Class{TLP: Red}
	}
	return joined
}

// Face gives the face of the object, of which Shown and Whole are as they are
// now; false when it has none: no part is stricter than the whole, or such a part
// cannot be left out without breaking the object, which is then withheld as a
// whole. What has no versions has no face. Also are ids of which it is known that
// no reference to them may show.
func (w *Weight) Face(also ...string) (f Face, ok bool) {
	if len(w.o.GranularMarkingRefs)+len(w.stricter)+len(also) == 0 || w.o.Version() == "" {
		return f, false
	}
	f.Shown, f.Whole = w.Shown, w.Whole
	hidden, more, known := slices.Clip(w.stricter), map[string]bool{}, map[stix.Ref]bool{}
	for _, id := range also {
		more[id] = true
	}
	for _, r := range w.stricter {
		known[r] = true
	}
	for _, r := range w.o.Refs {
		if Counts(w.o, r) && more[r.ID] && !known[r] {
			known[r] = true
			hidden = append(hidden, r)
		}
	}
	f.Body, f.Lacks, ok = redact(w.o, stricter(w.gathered, w.Shown, w.unmarked, w.defs), hidden)
	return f, ok
}

// selectorOf is a reference's path as a selector of granular markings.
func selectorOf(path string) string { return strings.ReplaceAll(path, "[", ".[") }
