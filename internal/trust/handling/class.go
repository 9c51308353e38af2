package handling

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/stix"
)

// Minute counts minutes since 1970 in UTC. The zero Minute is none.
type Minute int64

// minuteForm is how a Minute is written.
const minuteForm = "2006-01-02T15:04Z"

// MinuteFrom is the first whole minute that is not before t.
func MinuteFrom(t time.Time) Minute {
	m := minuteOf(t)
	if m.Time().Before(t) && m < lastMinute {
		m++
	}
	return m
}

// lastMinute is the last that can be written.
var lastMinute = minuteOf(time.Date(9999, 12, 31, 23, 59, 0, 0, time.UTC))

// minuteOf is the minute that t is in.
func minuteOf(t time.Time) Minute {
	s := t.Unix()
	if s < 0 {
		s -= 59 // whole minutes downwards
	}
	return Minute(s / 60)
}

// Time is when the minute begins.
func (m Minute) Time() time.Time { return time.Unix(int64(m)*60, 0).UTC() }

// String is as "2026-11-26T10:00Z".
func (m Minute) String() string { return m.Time().Format(minuteForm) }

// Class is all of an object that a decision depends on. It is settled: one
// meaning has one form (see normal). Join gives the strictest of two.
type Class struct {
	TLP      Level
	PAP      PAP
	Terms    Terms
	Audience Audience

	// Forbidden are the purposes for which it may not be read, and Unfit the
	// legal grounds that it may not be released on; so more is stricter.
	Forbidden Purposes
	Unfit     Grounds

	Personal   bool // holds data about people
	Unreviewed bool // machine-made, and no person has looked at it

	Opens  Minute // released to others from here on; 0: at once
	Closes Minute // and no longer from here on; 0: without end

	// Unexplained are ids of markings that no known definition explains,
	// sorted. They deny partners until one does.
	Unexplained []string
}

// Bounds of what one object may add to the interned classes.
const (
	maxMarkings  = 64 // distinct unexplained markings
	maxMarkingID = 256
)

// Classify reads an object's class from its markings and from what it says of
// how it was made. The strictest counts throughout; an object without a TLP
// label takes unmarked. Each marking of a part is taken for a part of its own
// that carries the object's markings, too, and the whole object counts as its
// strictest part, which is never looser than exact.
func Classify(o *stix.Object, unmarked Level, defs Definitions) (Class, error) {
	if l, ok := labelled(o, unmarked); ok {
		return Class{TLP: l}, nil
	}
	whole := limitsOf(o, defs)
	c := whole.settled(unmarked)
	for _, id := range o.GranularMarkingRefs {
		part := whole
		part.mark(id, defs)
		c = Join(c, part.settled(unmarked))
	}
	return c, c.check()
}

// labelled is the label of an object that says nothing else, as most do.
func labelled(o *stix.Object, unmarked Level) (Level, bool) {
	if len(o.GranularMarkingRefs) > 0 || o.Type == definitionType || unreviewed(o.Raw) {
		return 0, false
	}
	var strictest Level
	for _, id := range o.MarkingRefs {
		l, ok := wellKnown[id]
		if !ok {
			return 0, false
		}
		strictest = max(strictest, l)
	}
	return cmp.Or(strictest, unmarked), true
}

// limitsOf gathers what limits all of an object.
func limitsOf(o *stix.Object, defs Definitions) (whole Class) {
	for _, id := range o.MarkingRefs {
		whole.mark(id, defs)
	}
	if o.Type == definitionType {
		whole.add(asMarked(o))
	}
	whole.Unreviewed = whole.Unreviewed || unreviewed(o.Raw)
	return whole
}

// check refuses what would make classes without bound.
func (c *Class) check() error {
	if len(c.Unexplained) > maxMarkings {
		return fmt.Errorf("%d markings without a known definition; at most %d are accepted", len(c.Unexplained), maxMarkings)
	}
	for _, id := range c.Unexplained {
		if len(id) > maxMarkingID || strings.ContainsAny(id, " ,\n") {
			return fmt.Errorf("marking reference %.80q is no identifier", id)
		}
	}
	if lists, names := c.Audience.size(); lists > maxLists || names > maxNames {
		return fmt.Errorf("its markings name %d recipients in %d release lists; at most %d in %d are accepted", names, lists, maxNames, maxLists)
	}
	return nil
}

// mark adds the limits of one marking.
func (c *Class) mark(id string, defs Definitions) {
	m := explain(id, defs)
	if !m.Known() {
		if !slices.Contains(c.Unexplained, id) {
			c.Unexplained = append(slices.Clone(c.Unexplained), id)
		}
		if m.contested {
			c.add(Class{TLP: Red, Audience: Audience{To: nobody()}})
		}
		return
	}
	c.add(m.limits)
}

func explain(id string, defs Definitions) Marking {
	if l, ok := wellKnown[id]; ok {
		return Labelled(l)
	}
	if p, ok := wellKnownPAP[id]; ok {
		return Marking{known: true, limits: Class{PAP: p}}
	}
	return defs.Marking(id)
}

// add puts limits on a class that is still being gathered from markings.
func (c *Class) add(b Class) {
	c.TLP = max(c.TLP, b.TLP)
	c.PAP = max(c.PAP, b.PAP)
	c.Terms |= b.Terms
	c.Audience = c.Audience.join(b.Audience)
	c.Forbidden |= b.Forbidden
	c.Unfit |= b.Unfit
	c.Personal = c.Personal || b.Personal
	c.Unreviewed = c.Unreviewed || b.Unreviewed
	c.Opens = max(c.Opens, b.Opens)
	if c.Closes == 0 || b.Closes != 0 && b.Closes < c.Closes {
		c.Closes = b.Closes
	}
	c.Unexplained = union(c.Unexplained, b.Unexplained)
}

// settled is the class of gathered markings.
func (c Class) settled(unmarked Level) Class {
	if c.TLP == 0 {
		c.TLP = unmarked
	}
	slices.Sort(c.Unexplained)
	return c.normal()
}

// normal gives the one form of a class. TLP:RED is for individuals: names of
// organisations and groups mean nobody there, and so does a release list
// without a person. RED that names nobody has no release list.
func (c Class) normal() Class {
	if c.TLP != Red || len(c.Audience.To) == 0 {
		return c
	}
	c.Audience.To = persons(c.Audience.To)
	if len(c.Audience.To[0]) == 0 { // the empty list sorts first, and absorbs the others
		c.Audience.To = nil
	}
	return c
}

// Join is the class of what holds both: each of its limits is the stricter of
// the two, so that whoever may read it may read either.
func Join(a, b Class) Class {
	for _, c := range [...]*Class{&a, &b} {
		if c.TLP == Red && len(c.Audience.To) == 0 {
			c.Audience.To = nobody() // names nobody, and joining with names adds none
		}
	}
	a.Unexplained = union(a.Unexplained, nil)
	a.add(b)
	return a.normal()
}

// Explained is what a class becomes with the definitions known now: a marking
// explained late counts as if it had been known from the start.
func (c Class) Explained(defs Definitions) Class {
	waiting := c.Unexplained
	c.Unexplained = nil
	for _, id := range waiting {
		if c.TLP == Red && len(c.Audience.To) == 0 {
			if m := explain(id, defs); m.Known() { // nobody was named, and a late name opens nothing
				m.limits.Audience.To = nil
				c.add(m.limits)
				continue
			}
		}
		c.mark(id, defs)
	}
	slices.Sort(c.Unexplained)
	return c.normal()
}
