package handling

import (
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

// clearance is a filled table: the answers on all classes. It is never changed, since
// readers hold it.
type clearance struct {
	answers
	personal *answers       // of those, on the classes that name somebody
	once     *store.Classes // allowed now or in a former table
	policy   *Policy        // under which it was decided
	agreed   string         // what is agreed with a partner until then, as Page.Agreed has it
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
	return c != nil && c.policy == policy && c.decided >= classes && (c.until.IsZero() || now().Before(c.until))
}

// fill decides: on the classes that came since, or on all when the agreements
// or the time have changed.
func (t *table) fill(g *Gate, old *clearance, classes []string, policy *Policy) *clearance {
	asks := policy.asking(t.profile.Reader(), g.now())
	read, named, _ := g.read.all(classes)
	next := &clearance{policy: policy}
	var former *answers
	if old != nil && old.policy == policy {
		former = old.personal
	}
	next.personal = asks.answers(former, read, slices.Values(named))
	next.answers = g.commons.of(asks, policy, read, g.now).and(next.personal)
	if asks.reader.Standing == Partner {
		next.agree(asks.agreements(), asks.reader.In, asks.now)
	}
	next.once = next.allowed
	if old != nil {
		next.once = old.once.With(next.allowed)
	}
	return next
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
	named []store.ClassID // those that name somebody
	faces int             // how many of them are classes of faces
}

// readClass is a class, or that of a face: then whole is of all of the object.
type readClass struct {
	Class
	whole *Class
}

// names tells whether anybody is named in it.
func (c *readClass) names() bool {
	return c.Audience.names() || c.whole != nil && c.whole.Audience.names()
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

// all gives the classes of the texts, by their numbers; those of them that name somebody,
// and how many are those of faces.
func (p *parsed) all(texts []string) (list []*readClass, named []store.ClassID, faces int) {
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
		if read != nil && read.names() {
			p.named = append(p.named, store.ClassID(id))
		}
	}
	to, _ := slices.BinarySearch(p.named, store.ClassID(len(texts)))
	return p.list[:len(texts):len(texts)], p.named[:to:to], p.faces
}

// custody is what curators are shown: all objects as they are, and no faces.
func (g *Gate) custody() *store.Classes {
	read, _, faces := g.read.all(g.classes())
	if faces == 0 {
		return allClasses
	}
	if c := g.objects.Load(); c != nil && c.decided == len(read) {
		return c.allowed
	}
	c := &answers{allowed: &store.Classes{}, decided: len(read)}
	for id := 1; id < len(read); id++ {
		if read[id] == nil || read[id].whole == nil {
			c.allowed.Add(store.ClassID(id))
		}
	}
	g.objects.Store(c)
	return c.allowed
}
