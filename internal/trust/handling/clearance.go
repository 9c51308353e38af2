package handling

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/store"
)

// maxTables bounds the profiles whose answers are kept; beyond it they are
// gathered anew.
const maxTables = 4096

var allClasses = store.AllClasses()

// table keeps the answers of one profile.
type table struct {
	profile Profile
	filled  atomic.Pointer[clearance]

	filling sync.Mutex // held by the one reader that decides; others of the profile wait for it
}

// clearance is a filled table. It is never changed, since readers hold it.
type clearance struct {
	allowed *store.Classes
	once    *store.Classes // allowed now or in a former table
	decided int            // classes[1:decided] are in it
	runs    []Run          // by when
	policy  *Policy        // under which it was decided
	until   time.Time      // from here on time changes an answer, or what is agreed; zero: never
	agreed  string         // what is agreed with a partner until then, as Page.Agreed has it
}

// Run is classes that were opened to a profile at one moment, after objects of
// them had been added.
type Run struct {
	At      store.Tick
	Classes *store.Classes
}

// Opened is Clearance in a collection with what of it was opened later than the objects may
// have been added, by when: who reads on from a date has not had those before.
func (g *Gate) Opened(p Profile, in store.Collection) (allowed *store.Classes, runs []Run) {
	if p == Curator {
		return g.custody(), nil
	}
	c := g.table(g.in(p, in)).current(g)
	return c.allowed, c.runs
}

// table is the table of a profile, which may have to be filled yet.
func (g *Gate) table(p Profile) *table {
	g.mu.RLock()
	t := g.tables[p]
	g.mu.RUnlock()
	if t != nil {
		return t
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t = g.tables[p]; t != nil {
		return t
	}
	if len(g.tables) >= maxTables {
		clear(g.tables)
	}
	t = &table{profile: p}
	g.tables[p] = t
	return t
}

// current gives the profile's answers as they are at this moment.
func (t *table) current(g *Gate) *clearance {
	classes, policy := g.classes(), g.policy()
	if c := t.filled.Load(); c.holds(len(classes), policy, g.now) {
		return c
	}
	t.filling.Lock()
	defer t.filling.Unlock()
	old := t.filled.Load()
	if old.holds(len(classes), policy, g.now) {
		return old
	}
	c := t.fill(g, old, classes, policy)
	t.filled.Store(c)
	return c
}

// holds tells whether a table still answers for all classes, under these
// agreements, now.
func (c *clearance) holds(classes int, policy *Policy, now func() time.Time) bool {
	return c != nil && c.decided >= classes && c.policy == policy && (c.until.IsZero() || now().Before(c.until))
}

// fill decides: on the classes that came since, or on all when the agreements
// or the time have changed.
func (t *table) fill(g *Gate, old *clearance, classes []string, policy *Policy) *clearance {
	now := g.now()
	next := &clearance{allowed: &store.Classes{}, once: &store.Classes{}, decided: len(classes), policy: policy}
	first := 1 // element 0 is no class
	if old != nil {
		old.once.Each(next.once.Add)
		if old.holds(0, policy, func() time.Time { return now }) {
			old.allowed.Each(next.allowed.Add)
			first, next.until = old.decided, old.until
		}
	}
	reader := t.profile.Reader()
	eras := policy.eras(&reader)
	if reader.Standing == Partner {
		next.agree(eras[len(eras)-1].agreements, reader.In, now)
	}
	turns := turnsOf(eras, now)
	q := question{reader: &reader}
	opened := map[store.Tick]*store.Classes{}
	if old != nil && first > 1 {
		for _, run := range old.runs {
			opened[run.At] = &store.Classes{}
			run.Classes.Each(opened[run.At].Add)
		}
	}
	read, _ := g.read.all(classes)
	for id := first; id < len(read); id++ {
		if read[id] == nil {
			continue // not understood: no entry, so denied
		}
		q.agreements = eras[len(eras)-1].agreements
		d := read[id].decision(&q, now)
		next.note(store.ClassID(id), d)
		q.class = &read[id].Class
		if !d.Allow || reader.Standing != Partner || d.isBuiltIn() && q.class.Opens == 0 {
			continue // refused, or allowed from the start
		}
		if t := q.since(eras, turns); !t.IsZero() {
			at := store.Tick(t.UnixMicro())
			if opened[at] == nil {
				opened[at] = &store.Classes{}
			}
			opened[at].Add(store.ClassID(id))
		}
	}
	for _, at := range slices.Sorted(maps.Keys(opened)) {
		next.runs = append(next.runs, Run{at, opened[at]})
	}
	return next
}

// note enters a decision.
func (c *clearance) note(id store.ClassID, d Decision) {
	if d.Allow {
		c.allowed.Add(id)
		c.once.Add(id)
	}
	c.until = earlier(earlier(c.until, d.Opens), d.Ends)
}

// agree enters what is in force of the agreements with a reader in a collection, and that
// it is for so long: the same answers may be by other agreements then.
func (c *clearance) agree(agreements []Agreement, where store.Collection, now time.Time) {
	var in []string
	for i := range agreements {
		a := &agreements[i]
		if !a.covers(where) {
			continue
		}
		for t := range a.turns {
			if t.After(now) {
				c.until = earlier(c.until, t)
			}
		}
		if !now.Before(a.From) && !a.isOver(now) {
			in = append(in, a.editionAt(now))
		}
	}
	c.agreed = strings.Join(in, ",")
}

// parsed are the classes as they were read from their texts, once for all
// profiles. Those that are no class are nil.
type parsed struct {
	mu    sync.Mutex
	list  []*readClass
	faces int // how many of them are classes of faces
}

// readClass is a class, or that of a face: then whole is of all of the object.
type readClass struct {
	Class
	whole *Class
}

// decision is that on a class. Of a face it is yes where what it shows may be
// read and all of the object may not.
func (c *readClass) decision(q *question, now time.Time) Decision {
	q.class = &c.Class
	d := q.decision(now)
	if c.whole == nil || !d.Allow {
		return d
	}
	q.class = c.whole
	whole := q.decision(now)
	if whole.Allow {
		return Decision{Reason: "all of the object may be read", Opens: whole.Ends, Ends: whole.Opens}
	}
	d.Ends = earlier(d.Ends, whole.Opens)
	return d
}

// earlier is the earlier of two times that may not come.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// all gives the classes of the texts, by their numbers, and tells how many are
// those of faces.
func (p *parsed) all(texts []string) (list []*readClass, faces int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id := len(p.list); id < len(texts); id++ {
		var read *readClass
		if c, err := ParseClass(texts[id]); err == nil {
			read = &readClass{Class: c}
		} else if f, err := parseFace(texts[id]); err == nil {
			read = &readClass{f.Shown, &f.Whole}
			p.faces++
		}
		p.list = append(p.list, read)
	}
	return p.list[:len(texts):len(texts)], p.faces
}

// custody is what curators are shown: all objects as they are, and no faces.
func (g *Gate) custody() *store.Classes {
	read, faces := g.read.all(g.classes())
	if faces == 0 {
		return allClasses
	}
	if c := g.objects.Load(); c != nil && c.decided == len(read) {
		return c.allowed
	}
	c := &clearance{allowed: &store.Classes{}, decided: len(read)}
	for id := 1; id < len(read); id++ {
		if read[id] == nil || read[id].whole == nil {
			c.allowed.Add(store.ClassID(id))
		}
	}
	g.objects.Store(c)
	return c.allowed
}
