package handling

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/store"
)

// Gate is the one door out: it turns decisions into what the store may page
// over, and sealed rows into released ones. Its methods are safe for concurrent
// use.
type Gate struct {
	classes func() []string  // the store's interned classes; it only grows
	policy  func() *Policy   // the agreements of this moment
	now     func() time.Time // for embargoes and agreements

	// reviewed tells which collections release to partners nothing that a machine made
	// and no person has reviewed; nil for none.
	reviewed func(store.Collection) bool

	released atomic.Int64
	read     parsed
	commons  commons
	objects  atomic.Pointer[answers] // see custody

	mu     sync.RWMutex
	tables map[Profile]*table
}

// NewGate makes a gate over a store's classes. A nil policy has no agreements,
// a nil clock is time.Now.
func NewGate(classes func() []string, policy func() *Policy, now func() time.Time) *Gate {
	if policy == nil {
		none := NewPolicy(nil)
		policy = func() *Policy { return none }
	}
	if now == nil {
		now = time.Now
	}
	return &Gate{classes: classes, policy: policy, now: now, tables: map[Profile]*table{}}
}

// Ask lets the gate release to partners nothing that a machine made and no person has
// reviewed, out of the collections of which this is true at each moment. It is set
// before the gate is asked for anything.
func (g *Gate) Ask(reviewed func(store.Collection) bool) { g.reviewed = reviewed }

// in is a profile as it reads in a collection; 0 is none in particular.
func (g *Gate) in(p Profile, c store.Collection) Profile {
	if c == 0 || p == Curator {
		return p
	}
	if policy := g.policy(); len(policy.singled) > 0 {
		if r := p.Reader(); policy.singles(c, &r) {
			p = p.Within(c)
		}
	}
	if g.reviewed != nil && g.reviewed(c) {
		p = p.strictly()
	}
	return p
}

// Decide answers about one class in a collection, as the tables do; collection 0 is none
// in particular.
func (g *Gate) Decide(c Class, p Profile, in store.Collection) Decision {
	p = g.in(p, in)
	if p.Reader().Standing != Partner { // agreements are with others
		return Decide(c, p, nil, time.Time{})
	}
	return Decide(c, p, g.policy().With(p.Reader()), g.now())
}

// Explain is Decide with every step that led to the answer.
func (g *Gate) Explain(c Class, p Profile, in store.Collection) Proof {
	p = g.in(p, in)
	return Explain(c, p, g.policy().With(p.Reader()), g.now())
}

// Clearance is the set of classes that the profile may read in a collection, complete
// for every class interned by now and true of this moment. No entry means no.
func (g *Gate) Clearance(p Profile, in store.Collection) *store.Classes {
	if p == Curator {
		return g.custody()
	}
	return g.table(g.in(p, in)).current(g).allowed
}

// Release opens a page for a profile. What it may not read any more since the
// page was asked for is left out; a row that it never might is a fault of the
// floor below, and the whole page is then refused.
func (g *Gate) Release(p Profile, page *store.Page) (*Page, error) {
	out := &Page{page: page, gate: g}
	if p != Curator {
		if err := g.hold(p, out); err != nil {
			page.Close()
			return nil, err
		}
	}
	g.released.Add(int64(len(page.Rows)))
	return out, nil
}

// hold holds every row against what the profile may read now in its collection, and
// notes what is agreed.
func (g *Gate) hold(p Profile, out *Page) error {
	page := out.page
	kept := page.Rows[:0]
	var c *clearance
	var in store.Collection
	for i := range page.Rows {
		row := &page.Rows[i]
		if c == nil || row.Collection != in {
			in = row.Collection
			c = g.table(g.in(p, in)).current(g)
			out.agreed.note(len(kept), c.agreed)
		}
		switch {
		case c.allowed.Has(row.Class):
			if len(kept) == i { // it stands there already, as mostly
				kept = page.Rows[:i+1]
			} else {
				kept = append(kept, *row)
			}
		case !c.once.Has(row.Class) && !g.otherwise(p, in, row.Class):
			return fmt.Errorf("handling: a page held an object of class %d, which its reader may not see; nothing of it was released", row.Class)
		}
	}
	page.Rows = kept
	return nil
}

// otherwise tells whether a profile might ever read a class in a collection: what the
// collection asks for, and what agreements say of it, may have changed since the page was
// asked for.
func (g *Gate) otherwise(p Profile, in store.Collection, class store.ClassID) bool {
	within := p.Within(in)
	return slices.ContainsFunc([]Profile{p, p.strictly(), within, within.strictly()}, func(p Profile) bool {
		return g.table(p).current(g).once.Has(class)
	})
}

// Released is how many objects pages have brought to readers.
func (g *Gate) Released() int64 { return g.released.Load() }

// ReleaseChanges opens a run of history, for followers that read as p: as
// curators they take faces, too, since these are shown to others.
func (g *Gate) ReleaseChanges(p Profile, changes *store.Changes) (*Changes, error) {
	for i := range changes.List {
		row := &changes.List[i].Row
		if p != Curator && !g.Clearance(p, row.Collection).Has(row.Class) {
			changes.Close()
			return nil, fmt.Errorf("handling: a change was of class %d, which its reader may not see; nothing of it was released", row.Class)
		}
	}
	return &Changes{changes: changes}, nil
}
