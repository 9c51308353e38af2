package exchange

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// weighing classes the objects of a publication with what they refer to: first
// to each other, then to what is there.
type weighing struct {
	w      *writing
	defs   handling.Definitions
	stored handling.Targets
	byID   map[string][]int          // puts that count under an id: the newest
	joined map[string]handling.Class // of all those, once it is known
	open   map[int]bool              // puts that are being weighed
	asks   []bool                    // of puts: something may make it stricter
	done   []*handling.Weight
	faces  []*handling.Face
}

// weigh gives all puts their classes, and faces to those that have some. What
// cannot be shown without its stricter parts is refused.
func (w *writing) weigh(ctx context.Context, defs handling.Definitions) error {
	n := len(w.puts)
	s := &weighing{w: w, defs: defs, asks: make([]bool, n), done: make([]*handling.Weight, n), faces: make([]*handling.Face, n), open: map[int]bool{}}
	any := s.ask()
	if any {
		if err := s.lookUp(ctx); err != nil {
			return err
		}
	}
	for i := 0; i < len(w.puts); i++ {
		if s.asks[i] || len(w.at(i).GranularMarkingRefs) > 0 {
			s.weighed(i)
		}
	}
	var refused []int
	for i, f := range s.faces {
		if s.done[i] == nil {
			continue
		}
		if handling.Binds(w.weights[i].class, s.done[i].Whole) {
			w.puts[i].Class = s.done[i].Whole.Canonical()
			w.weights[i].class = s.done[i].Whole
		}
		w.weights[i].shown = s.shown(i)
		w.weights[i].asks, w.weights[i].faced = s.asks[i], f != nil
		if f == nil {
			continue
		}
		put, err := facePut(f, &w.puts[i])
		if err != nil {
			r := &w.results[w.object[i]]
			r.Verdict, r.Reason, r.Warning = Refused, err.Error(), ""
			refused = append(refused, i)
			continue
		}
		w.faces = append(w.faces, put)
	}
	for _, i := range slices.Backward(refused) {
		w.leaveOut(i)
	}
	return nil
}

// at is the object of a put.
func (w *writing) at(put int) *stix.Object { return &w.publication.Objects[w.object[put]] }

// leaveOut takes a put out of the publication; its result has been told.
func (w *writing) leaveOut(put int) {
	w.puts = slices.Delete(w.puts, put, put+1)
	w.weights = slices.Delete(w.weights, put, put+1)
	w.object = slices.Delete(w.object, put, put+1)
}

// ask finds out which objects have to be looked at: those that refer to
// something and that some class here or there would make stricter.
func (s *weighing) ask() (any bool) {
	w := s.w
	classes, order := w.exchange.store.Classes(), w.exchange.order
	texts := map[string]handling.Class{}
	for i := range w.puts {
		texts[w.puts[i].Class] = w.weights[i].class
	}
	asks := make(map[string]bool, len(texts))
	for text, own := range texts {
		asks[text] = order.anyBinds(text, classes) || len(texts) > mostCompared || anyOfBinds(own, texts)
	}
	for i := range w.puts {
		// What is shown of an object with stricter parts is not as strict as it is.
		s.asks[i] = w.weights[i].refers && (asks[w.puts[i].Class] || len(w.at(i).GranularMarkingRefs) > 0)
		any = any || s.asks[i]
	}
	return any
}

// anyOfBinds tells whether any of some classes would make one stricter.
func anyOfBinds(own handling.Class, others map[string]handling.Class) bool {
	for _, other := range others {
		if handling.Binds(own, other) {
			return true
		}
	}
	return false
}

// counting gives the ids of what an object refers to that has a say in its class.
func counting(o *stix.Object) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, r := range o.Refs {
			if handling.Counts(o, r) && !yield(r.ID) {
				return
			}
		}
	}
}

// refers tells whether anything that an object refers to has a say in its class.
func refers(o *stix.Object) bool {
	for range counting(o) {
		return true
	}
	return false
}

// refersTo are the ids that have a say in the classes of a publication's objects.
func (w *writing) refersTo() map[string]struct{} {
	ids := map[string]struct{}{}
	for i := range w.puts {
		if w.weights[i].refers {
			for id := range counting(w.at(i)) {
				ids[id] = struct{}{}
			}
		}
	}
	return ids
}

// lookUp reads of what class what is referred to is.
func (s *weighing) lookUp(ctx context.Context) error {
	w := s.w
	s.byID, s.joined = make(map[string][]int, len(w.puts)), map[string]handling.Class{}
	for i := range w.puts {
		s.count(i)
	}
	var ids []string
	for i := range w.puts {
		if !s.asks[i] {
			continue
		}
		for id := range counting(w.at(i)) {
			if _, here := s.byID[id]; !here {
				ids = append(ids, id)
			}
		}
	}
	t, err := w.exchange.targets(ctx, ids, s.defs)
	if err != nil {
		return fmt.Errorf("what the objects refer to: %w", err)
	}
	s.stored = t.of(w.knows, w.collection.Number)
	return nil
}

// count puts an object among those that count under its id: the newest version, the
// first of those that say they are it, or all content without one.
func (s *weighing) count(i int) {
	p := &s.w.puts[i]
	here := s.byID[p.ID]
	order := 0
	if len(here) > 0 {
		order = stix.CompareVersions(p.Version, s.w.puts[here[0]].Version)
	}
	switch {
	case order > 0:
		s.byID[p.ID] = []int{i}
	case order < 0:
	case p.Version != "" && slices.ContainsFunc(here, func(j int) bool { return s.w.puts[j].Version == p.Version }):
	default:
		s.byID[p.ID] = append(here, i)
	}
}

// target is the class of what an object refers to. What comes along counts
// whoever brings it, who knows of it.
func (s *weighing) target(id string) (joined handling.Class, any bool) {
	here := s.byID[id]
	if len(here) == 0 {
		return s.stored(id)
	}
	if c, known := s.joined[id]; known {
		return c, true
	}
	under := false // of those under the id, one is being weighed just now
	for _, i := range here {
		s.weighed(i)
		under = under || s.open[i]
		if c := s.shown(i); any {
			joined = handling.With(joined, c)
		} else {
			joined, any = c, true
		}
	}
	if any && !under {
		s.joined[id] = joined
	}
	return joined, any
}

// shown is the class of a put for those who would refer to it. What refers to
// itself, over others, is met while it is weighed, by its own markings.
func (s *weighing) shown(i int) handling.Class {
	switch w := s.done[i]; {
	case w == nil:
		return s.w.weights[i].class
	case s.faces[i] != nil:
		return s.faces[i].Shown
	default:
		return w.Whole
	}
}

// weighed weighs one put, once.
func (s *weighing) weighed(i int) {
	if s.done[i] != nil || !s.asks[i] && len(s.w.at(i).GranularMarkingRefs) == 0 {
		return
	}
	own := s.w.weights[i].class
	s.done[i] = &handling.Weight{Whole: own, Shown: own}
	var to handling.Targets
	if s.asks[i] {
		to = s.target
	}
	s.open[i] = true
	w := handling.WeighAs(own, s.w.at(i), s.w.collection.Marking, s.defs, to)
	delete(s.open, i)
	s.done[i] = &w
	s.faces[i] = faceOf(&w, s.w.at(i), &s.w.collection)
}

// shownText is the text of the class of a put for those who would refer to it.
func (w *writing) shownText(put int) string {
	if w.weights[put].faced {
		return w.weights[put].shown.Canonical()
	}
	return w.puts[put].Class
}

// weight is what is known of the class of a put.
type weight struct {
	class    handling.Class // of all of it
	shown    handling.Class // for those who would refer to it
	faced    bool           // it has a face, which is what shows
	refers   bool           // to something that has a say in its class
	asks     bool           // it was looked at what that is
	readable bool           // handling lets the writer read it
}

// reliesOn gives those of some ids of the publication with which a put was weighed.
func (w *writing) reliesOn(put int, ids map[string]bool) (on []string) {
	if len(ids) == 0 || !w.weights[put].asks {
		return nil
	}
	for id := range counting(w.at(put)) {
		if ids[id] {
			on = append(on, strings.Clone(id))
		}
	}
	return on
}

// notNew are the ids of a publication under which something newer, or something
// else, stands; over those that had older versions.
func (w *writing) notNew() (notNew, over map[string]bool) {
	notNew, over = map[string]bool{}, map[string]bool{}
	for i, o := range w.outcomes {
		switch {
		case o.State != store.New:
			notNew[strings.Clone(w.puts[i].ID)] = true
		case o.Under:
			over[strings.Clone(w.puts[i].ID)] = true
		}
	}
	return notNew, over
}
