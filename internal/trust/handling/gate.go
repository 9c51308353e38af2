package handling

import (
	"fmt"
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

	released atomic.Int64
	read     parsed
	objects  atomic.Pointer[clearance] // see custody

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

// Decide answers about one class, as the tables do.
func (g *Gate) Decide(c Class, p Profile) Decision {
	if p.Reader().Standing != Partner { // agreements are with others
		return Decide(c, p, nil, time.Time{})
	}
	return Decide(c, p, g.policy().With(p.Reader()), g.now())
}

// Explain is Decide with every step that led to the answer.
func (g *Gate) Explain(c Class, p Profile) Proof {
	return Explain(c, p, g.policy().With(p.Reader()), g.now())
}

// Clearance is the set of classes that the profile may read, complete for
// every class interned by now and true of this moment. No entry means no.
func (g *Gate) Clearance(p Profile) *store.Classes {
	if p == Curator {
		return g.custody()
	}
	return g.table(p).current(g).allowed
}

// Release opens a page for a profile. What it may not read any more since the
// page was asked for is left out; a row that it never might is a fault of the
// floor below, and the whole page is then refused.
func (g *Gate) Release(p Profile, page *store.Page) (*Page, error) {
	if p != Curator {
		if err := g.hold(p, page); err != nil {
			page.Close()
			return nil, err
		}
	}
	g.released.Add(int64(len(page.Rows)))
	return &Page{page, g}, nil
}

// hold holds every row against what the profile may read now.
func (g *Gate) hold(p Profile, page *store.Page) error {
	c := g.table(p).current(g)
	kept := page.Rows[:0]
	for i := range page.Rows {
		switch class := page.Rows[i].Class; {
		case c.allowed.Has(class):
			kept = append(kept, page.Rows[i])
		case !c.once.Has(class):
			return fmt.Errorf("handling: a page held an object of class %d, which its reader may not see; nothing of it was released", class)
		}
	}
	page.Rows = kept
	return nil
}

// Released is how many objects pages have brought to readers.
func (g *Gate) Released() int64 { return g.released.Load() }

// ReleaseChanges opens a run of history, for followers that read as p: as
// curators they take faces, too, since these are shown to others.
func (g *Gate) ReleaseChanges(p Profile, changes *store.Changes) (*Changes, error) {
	allowed := allClasses
	if p != Curator {
		allowed = g.Clearance(p)
	}
	for i := range changes.List {
		if !allowed.Has(changes.List[i].Row.Class) {
			changes.Close()
			return nil, fmt.Errorf("handling: a change was of class %d, which its reader may not see; nothing of it was released", changes.List[i].Row.Class)
		}
	}
	return &Changes{changes: changes}, nil
}
