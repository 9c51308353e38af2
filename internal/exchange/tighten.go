package exchange

import (
	"context"
	"slices"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// tightening is what a publication makes stricter besides what it brought.
type tightening struct {
	versions []entity                  // of which there are several
	ends     map[entity]handling.Class // of a class that would make others stricter
	formerly []entity                  // of those, what has stood otherwise
	again    []wrote                   // what was weighed with something that is not what counts
	relies   map[entity][]wrote        // what was weighed with something that is not, if somebody else's stands there
	written  map[store.Tick]bool       // by the publication
	past     past                      // of what was stopped
}

func (t *tightening) isNothing() bool {
	return len(t.versions)+len(t.ends)+len(t.formerly)+len(t.again)+len(t.relies) == 0
}

// tightens finds out what publications that are durable may make stricter.
func (x *Exchange) tightens(writings []*writing, classes []string) *tightening {
	t := &tightening{written: map[store.Tick]bool{}, relies: map[entity][]wrote{}}
	for _, w := range writings {
		notNew, over := w.notNew()
		for i, o := range w.outcomes {
			if !isWritten(o.State) {
				continue
			}
			t.written[o.Added] = true
			at := entity{w.collection.Number, w.puts[i].ID}
			one := wrote{at, w.puts[i].Version, w.puts[i].Source, w.isStranger(o)}
			if o.Under || o.State == store.Older {
				t.versions = append(t.versions, at)
				if one.stranger {
					t.relies[at] = append(t.relies[at], one)
				}
			}
			if x.store.MayRefer(at.id) && x.order.bindsAny(w.shownText(i), classes) {
				t.end(at, w.weights[i].shown)
				if o.Under || o.State != store.New {
					t.formerly = append(t.formerly, at)
				}
			}
			if w.reliesOn(i, notNew) != nil {
				t.again = append(t.again, one)
				continue
			}
			for _, id := range w.reliesOn(i, over) {
				on := entity{w.collection.Number, id}
				t.relies[on] = append(t.relies[on], one)
			}
		}
	}
	return t
}

// tighten brings into force what publications make stricter, before they are
// acknowledged; key is of the row that says so. Whoever asked may have gone; it is
// done.
func (x *Exchange) tighten(writings []*writing, key string) error {
	// What is under way may be of classes that the store has not met yet.
	if err := x.underway.wait(x.ctx, brought(writings)); err != nil {
		return err
	}
	t := x.tightens(writings, x.store.Classes())
	if err := x.bring(x.ctx, t); err != nil {
		x.payLater(key, t)
		return err
	}
	if key != "" {
		x.paid.add(key)
	}
	return nil
}

// brought are the ids under which publications wrote something.
func brought(writings []*writing) map[string]struct{} {
	ids := map[string]struct{}{}
	for _, w := range writings {
		for i := range w.outcomes {
			if isWritten(w.outcomes[i].State) {
				ids[w.puts[i].ID] = struct{}{}
			}
		}
	}
	return ids
}

// bring makes stricter the older versions of what their producer marks stricter,
// and what refers to what was written.
func (x *Exchange) bring(ctx context.Context, t *tightening) error {
	if t.isNothing() {
		return nil
	}
	var ids []string
	for _, end := range t.formerly {
		ids = append(ids, end.id)
	}
	for on := range t.relies {
		ids = append(ids, on.id)
	}
	look := x.shownTargets // they wait for what is under way
	if len(t.formerly) == 0 {
		look = func(ctx context.Context, ids []string) (*targets, error) { return x.targets(ctx, ids, &x.markings) }
	}
	now, err := look(ctx, ids)
	if err != nil {
		return err
	}
	again := slices.Clone(t.again)
	for on, by := range t.relies {
		stands := inCollection(now.found[on.id], on.collection)
		for _, one := range by {
			if slices.ContainsFunc(stands, func(s store.Standing) bool { return s.Source != one.source }) {
				again = append(again, one)
			}
		}
	}
	list := moves{}
	for end, class := range t.ends {
		list[end] = move{class: class}
	}
	for _, end := range t.formerly {
		var former []store.Standing
		for _, s := range inCollection(now.found[end.id], end.collection) {
			if !t.written[s.Added] {
				former = append(former, t.past.stood(s))
			}
		}
		list[end] = move{former: former, unsure: t.past.faces[end]}
	}
	if err := x.withdraw(ctx, t.versions); err != nil {
		return err
	}
	return x.propagate(ctx, list, again)
}

// end notes an object that may make others stricter.
func (t *tightening) end(at entity, class handling.Class) {
	if t.ends == nil {
		t.ends = map[entity]handling.Class{}
	}
	t.ends[at] = class
}

// moves are objects that stand differently since.
type moves map[entity]move

// move is how an object stood in its collection; what was not there before is of
// a class.
type move struct {
	former []store.Standing
	class  handling.Class
	unsure bool // what was shown of it is not known any more: it may have been read
}

// ids are those of what has moved.
func (m moves) ids() map[string]struct{} {
	ids := make(map[string]struct{}, len(m))
	for at := range m {
		ids[at.id] = struct{}{}
	}
	return ids
}

// propagate gives another class to what refers to what has become stricter, to
// what refers to that, and so on; and to what else is to be weighed again.
func (x *Exchange) propagate(ctx context.Context, list moves, again []wrote) error {
	for len(list)+len(again) > 0 {
		if err := x.underway.wait(ctx, list.ids()); err != nil {
			return err
		}
		next, err := x.propagateOnce(ctx, list, again)
		if err != nil {
			return err
		}
		list, again = next, nil
	}
	return nil
}

// propagateOnce is one step of it, and tells what has moved by that. Between
// finding what refers and weighing it again, nobody else gives anything another
// class: what has moved meanwhile, or what stands without the face that is to come,
// would be missed.
func (x *Exchange) propagateOnce(ctx context.Context, list moves, again []wrote) (next moves, err error) {
	x.tightening.Lock()
	defer x.tightening.Unlock()
	if err := x.noFacesLeft(ctx); err != nil {
		return nil, err
	}
	places, err := x.referrers(ctx, list)
	if err != nil {
		return nil, err
	}
	more, strangers, err := x.stands(ctx, again)
	if err != nil || len(places)+len(more) == 0 {
		return nil, err
	}
	return x.reweighAll(ctx, append(places, more...), list, strangers)
}

// referrers are where objects stand that refer to what has moved and would be
// stricter for it, and faces that would show less.
func (x *Exchange) referrers(ctx context.Context, list moves) (places []store.Place, err error) {
	var ids []string
	for at, m := range list {
		if m.class.TLP == 0 {
			ids = append(ids, at.id)
		}
	}
	now, err := x.targets(ctx, ids, &x.markings)
	if err != nil {
		return nil, err
	}
	byScope := map[*store.Classes][]store.Target{}
	binding := map[string][]handling.Class{} // by id
	for at, m := range list {
		stands := []handling.Class{m.class}
		if m.class.TLP == 0 {
			stands = stands[:0]
			for _, s := range inCollection(now.found[at.id], at.collection) {
				stands = append(stands, now.class(&s))
			}
		}
		binding[at.id] = append(binding[at.id], stands...)
		for _, scope := range x.boundBy(stands, now.classes) {
			byScope[scope] = append(byScope[scope], store.Target{ID: at.id})
		}
	}
	seen := map[store.Place]bool{}
	for classes, targets := range byScope {
		scope := x.everywhere(classes)
		for len(targets) > 0 {
			const most = 1000
			found, err := x.store.Edges(ctx, targets, scope, most)
			if err != nil {
				return nil, err
			}
			var rest []store.Target
			for i, edges := range found {
				for _, e := range edges {
					if !seen[e.Place] && x.boundByAny(e.Class, binding[targets[i].ID], now.classes) {
						seen[e.Place] = true
						places = append(places, e.Place)
					}
				}
				if len(edges) == most {
					rest = append(rest, store.Target{ID: targets[i].ID, After: edges[most-1]})
				}
			}
			targets = rest
		}
	}
	return places, nil
}

// boundByAny tells whether what is of a class would be stricter for any of some: a
// scope may hold more than that.
func (x *Exchange) boundByAny(id store.ClassID, by []handling.Class, classes []string) bool {
	if int(id) >= len(classes) {
		return true // it came only now
	}
	own := x.order.class(classes[id])
	return slices.ContainsFunc(by, func(c handling.Class) bool { return handling.Binds(own, c) })
}

// boundBy are the classes that any of some would make stricter, in one set or
// several.
func (x *Exchange) boundBy(stands []handling.Class, classes []string) (sets []*store.Classes) {
	for _, c := range stands {
		set := x.order.binds(c, classes)
		if set == nil {
			return []*store.Classes{store.AllClasses()}
		}
		if set.Len() > 0 && !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	return sets
}
