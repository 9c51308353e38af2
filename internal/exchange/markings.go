package exchange

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// explainer is the follower that re-classes what was withheld for a marking
// that nothing explained, once a definition is there. A re-classed object has
// a new date, so that those who poll by date get it.
//
// It frees by definitions that it has swept for, and by no others, so that what
// waited longest for one goes first.
type explainer struct {
	x     *Exchange
	defs  meanings
	swept atomic.Int64 // for which of what markings learned
}

// explainerName is the follower's name in its cursor row.
const explainerName = "markings"

// Name is the follower's name.
func (e *explainer) Name() string { return explainerName }

// Reset has nothing to drop: what it derives are classes.
func (e *explainer) Reset(context.Context) error { return nil }

// due tells whether something was learned that it has not swept for yet, and that
// explains something.
func (e *explainer) due() bool {
	defs, learned := e.x.markings.now()
	return e.swept.Load() != int64(learned) && slices.ContainsFunc(e.x.store.Classes(), func(text string) bool {
		_, differs := handling.ExplainedText(text, defs)
		return differs
	})
}

// attend re-classes what waited for what was learned since it last did. A definition
// can be learned without any change of the objects: when somebody else had brought it.
func (e *explainer) attend(ctx context.Context) error {
	defs, learned := e.x.markings.now()
	if e.swept.Load() == int64(learned) {
		return nil
	}
	e.defs = defs
	if err := e.sweep(ctx); err != nil {
		return err
	}
	e.swept.Store(int64(learned))
	return nil
}

// Follow re-classes objects that arrived with a class that has been explained
// meanwhile. It remembers where objects stood that were moved or removed, for the audit.
func (e *explainer) Follow(ctx context.Context, changes *handling.Changes) (func(store.Tx) error, error) {
	var gone []stood
	for i := range changes.Len() {
		change := changes.Change(i)
		row := change.Row
		if change.Kind != store.ChangeAdded {
			was := e.x.standingOf(&row)
			was.Added = change.Was
			gone = append(gone, was)
		}
		if change.Kind == store.ChangeRemoved {
			continue
		}
		if next, ok := e.explained(row.Class); ok {
			if err := e.settle(ctx, []waiting{{&row, changes.Bytes(i), next}}); err != nil {
				return nil, err
			}
		}
	}
	if gone == nil {
		return nil, nil
	}
	return func(tx store.Tx) error { return keepFormer(tx, gone) }, nil
}

// explained gives the class that a class becomes with the definitions known
// now, and whether that changes what anybody may read. Where it does not, the
// object stays as it is: a new date would only show it twice to those who poll.
func (e *explainer) explained(id store.ClassID) (string, bool) {
	classes := e.x.store.Classes()
	if int(id) >= len(classes) {
		return "", false
	}
	return handling.ExplainedText(classes[id], e.defs)
}

// sweep re-classes the objects of every class that can now be explained, in the order
// in which they came: that of the classes tells which of them there were first, also
// of what a reader may not see.
func (e *explainer) sweep(ctx context.Context) error {
	only, next := &store.Classes{}, map[store.ClassID]string{}
	for id := range e.x.store.Classes() {
		if text, ok := e.explained(store.ClassID(id)); ok {
			only.Add(store.ClassID(id))
			next[store.ClassID(id)] = text
		}
	}
	if len(next) == 0 {
		return nil
	}
	for _, c := range e.x.collections.all() {
		if err := e.sweepCollection(ctx, c.Number, only, next); err != nil {
			return err
		}
	}
	return nil
}

func (e *explainer) sweepCollection(ctx context.Context, c store.Collection, only *store.Classes, next map[store.ClassID]string) error {
	for after := store.Tick(0); ; {
		rows, released, err := e.x.opened(e.x.store.Page(ctx, store.PageQuery{Collection: c, Visible: only, After: after, Limit: 1000, MaxBytes: 4 << 20, Bodies: true,
			Versions: store.VersionFilter{All: true}}))
		if err != nil {
			return err
		}
		list := make([]waiting, released.Len())
		for i := range list {
			list[i] = waiting{&rows[i], released.Bytes(i), next[rows[i].Class]}
			after = rows[i].Added
		}
		err = e.settle(ctx, list)
		released.Close()
		if err != nil || len(list) == 0 {
			return err
		}
	}
}

// waiting is a row of a class that can be explained by now.
type waiting struct {
	row  *store.Row
	raw  []byte
	next string // what its class becomes
}

// settle classes what waited as if it came only now: its class alone does not
// tell which of its parts a marking was on, so what is made of that, next, can
// be stricter than it has to be. Then what refers to it is.
func (e *explainer) settle(ctx context.Context, list []waiting) error {
	ids := make([]string, len(list))
	for i, w := range list {
		ids[i] = strings.Clone(w.row.ID)
	}
	before, err := e.x.shownTargets(ctx, ids)
	if err != nil {
		return err
	}
	moved := moves{}
	for _, w := range list {
		at := entity{w.row.Collection, strings.Clone(w.row.ID)}
		moved[at] = move{former: inCollection(before.found[at.id], at.collection)}
	}
	if err := e.reclass(ctx, list); err != nil {
		return err
	}
	return e.x.propagate(ctx, moved, nil)
}

func (e *explainer) reclass(ctx context.Context, list []waiting) error {
	e.x.tightening.Lock()
	defer e.x.tightening.Unlock()
	if err := e.x.noteHoldings(ctx, list); err != nil {
		return err
	}
	var b store.Batch
	write := func() error { // in the order of the list, whatever else is in it
		if len(b.Reclasses) == 0 {
			return nil
		}
		_, err := e.x.commit(ctx, &b)
		b = store.Batch{}
		return err
	}
	for _, w := range list {
		if class, simply := e.simply(w); simply {
			b.Reclasses = append(b.Reclasses, store.Reclass{Collection: w.row.Collection, Added: w.row.Added, Class: class})
			continue
		}
		if err := write(); err != nil {
			return err
		}
		if err := e.x.renew(ctx, w.row.Place()); err != nil {
			return err
		}
	}
	return write()
}

// simply gives the class of what has no parts and refers to nothing, and stands as
// its own markings asked for.
func (e *explainer) simply(w waiting) (class string, ok bool) {
	o, err := stix.Read(w.raw, stix.MaxObject(len(w.raw)))
	if err != nil {
		return w.next, true
	}
	c := e.x.collections.numbered(w.row.Collection)
	if handling.IsFace(w.next) || len(o.GranularMarkingRefs) > 0 || refers(&o) {
		return "", false
	}
	text := e.x.store.Classes()[w.row.Class]
	before, _, err := classify(&o, &c, waitingFor{&e.x.markings, e.x.order.class(text).Unexplained})
	if err != nil || before.Canonical() != text {
		return "", false
	}
	now, _, err := classify(&o, &c, &e.x.markings)
	return now.Canonical(), err == nil
}
