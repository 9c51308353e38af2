package handling

import (
	"fmt"
	"sync"
	"sync/atomic"

	"entente/internal/sealed"
	"entente/internal/store"
)

// Gate is the one door out: it turns decisions into what the store may page
// over, and sealed rows into released ones.
type Gate struct {
	classes func() []string // the store's interned classes; it only grows

	released atomic.Int64

	mu        sync.RWMutex
	clearance map[Profile]*clearance
}

// clearance is the filled table of one profile.
type clearance struct {
	allowed *store.Classes
	decided int // classes[1:decided] are in the table
}

// NewGate makes a gate over a store's classes.
func NewGate(classes func() []string) *Gate {
	return &Gate{classes: classes, clearance: map[Profile]*clearance{}}
}

// Clearance is the set of classes that the profile may read, complete for
// every class interned by now. No entry means no.
func (g *Gate) Clearance(p Profile) *store.Classes {
	if p == Curator {
		return allClasses
	}
	classes := g.classes()
	g.mu.RLock()
	c := g.clearance[p]
	g.mu.RUnlock()
	if c != nil && c.decided == len(classes) {
		return c.allowed
	}
	return g.fill(p, classes)
}

var allClasses = store.AllClasses()

// fill decides on the classes that came since the table was made. Readers hold
// the former set, so a new one is made rather than the old one changed.
func (g *Gate) fill(p Profile, classes []string) *store.Classes {
	g.mu.Lock()
	defer g.mu.Unlock()
	old := g.clearance[p]
	if old != nil && old.decided >= len(classes) {
		return old.allowed
	}
	next := &clearance{allowed: &store.Classes{}, decided: len(classes)}
	first := 1 // element 0 is no class
	if old != nil {
		old.allowed.Each(next.allowed.Add)
		first = old.decided
	}
	for id := first; id < len(classes); id++ {
		c, err := ParseClass(classes[id])
		if err != nil {
			continue // not understood: no entry, so denied
		}
		if Decide(c, p).Allow {
			next.allowed.Add(store.ClassID(id))
		}
	}
	g.clearance[p] = next
	return next.allowed
}

// Release opens a page for a profile. A row of a class that the profile may
// not read is a fault of the floor below; the whole page is then refused.
func (g *Gate) Release(p Profile, page *store.Page) (*Page, error) {
	allowed := g.Clearance(p)
	for i := range page.Rows {
		if !allowed.Has(page.Rows[i].Class) {
			page.Close()
			return nil, fmt.Errorf("handling: a page held an object of class %d, which its reader may not see; nothing of it was released", page.Rows[i].Class)
		}
	}
	g.released.Add(int64(len(page.Rows)))
	return &Page{page, g}, nil
}

// Released is how many objects pages have brought to readers.
func (g *Gate) Released() int64 { return g.released.Load() }

// ReleaseChanges opens a run of history, for followers that read as p.
func (g *Gate) ReleaseChanges(p Profile, changes *store.Changes) (*Changes, error) {
	allowed := g.Clearance(p)
	for i := range changes.List {
		if !allowed.Has(changes.List[i].Row.Class) {
			changes.Close()
			return nil, fmt.Errorf("handling: a change was of class %d, which its reader may not see; nothing of it was released", changes.List[i].Row.Class)
		}
	}
	return &Changes{changes: changes}, nil
}

// Page is objects that a handling decision has released to one reader: the
// only thing encoders accept. Its strings and bytes are valid until Close.
type Page struct {
	page *store.Page
	gate *Gate
}

// Nothing is a page without objects, which needs no decision.
func Nothing() *Page { return &Page{page: &store.Page{}} }

// Len is the number of objects.
func (p *Page) Len() int { return len(p.page.Rows) }

// More tells whether further objects match.
func (p *Page) More() bool { return p.page.More }

// ID of object i.
func (p *Page) ID(i int) string { return p.page.Rows[i].ID }

// Version of object i as its producer wrote it; empty where it has none.
func (p *Page) Version(i int) string { return p.page.Rows[i].Version }

// Spec is the STIX version of object i, "2.1" or "2.0".
func (p *Page) Spec(i int) string { return p.page.Rows[i].Spec }

// Added is the date added of object i.
func (p *Page) Added(i int) store.Tick { return p.page.Rows[i].Added }

// Collection of object i, by its number.
func (p *Page) Collection(i int) store.Collection { return p.page.Rows[i].Collection }

// Place of object i in the store, for those who ask it again.
func (p *Page) Place(i int) store.Place {
	r := &p.page.Rows[i]
	return store.Place{Collection: r.Collection, Class: r.Class, Added: r.Added}
}

// Class is what the decision on object i depended on.
func (p *Page) Class(i int) Class {
	c, _ := ParseClass(p.gate.classes()[p.page.Rows[i].Class])
	return c
}

// Bytes are object i as its producer wrote it; empty on a manifest page. The
// caller must not change them nor keep them past Close.
func (p *Page) Bytes(i int) []byte { return sealed.Open(p.page.Rows[i].Body) }

// Close gives the page's buffers back.
func (p *Page) Close() { p.page.Close() }

// Changes is a released run of history. Its strings and bytes are valid until Close.
type Changes struct {
	changes *store.Changes
}

// Len is the number of changes.
func (c *Changes) Len() int { return len(c.changes.List) }

// More tells whether later changes are there already.
func (c *Changes) More() bool { return c.changes.More }

// Change is step i without its body.
func (c *Changes) Change(i int) store.Change { return c.changes.List[i] }

// Bytes are the object of change i; empty for removals.
func (c *Changes) Bytes(i int) []byte { return sealed.Open(c.changes.List[i].Row.Body) }

// Close gives the buffers back.
func (c *Changes) Close() { c.changes.Close() }
