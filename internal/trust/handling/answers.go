package handling

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"entente/internal/store"
)

// answers are those that one reader has on some of the classes. They are never changed,
// since readers hold them.
type answers struct {
	allowed *store.Classes
	runs    []Run     // what of it was opened later, by when
	decided int       // of the classes[1:decided], all that they are about are in them
	until   time.Time // from here on time changes one of them; zero: never
}

// holds tells whether they are all there are of so many classes, and still true.
func (a *answers) holds(classes int, now time.Time) bool {
	return a != nil && a.decided >= classes && (a.until.IsZero() || now.Before(a.until))
}

// and gives the answers of both, which are about other classes.
func (a *answers) and(b *answers) answers {
	out := answers{allowed: a.allowed.With(b.allowed), runs: a.runs, decided: min(a.decided, b.decided), until: earlier(a.until, b.until)}
	if len(b.runs) > 0 {
		opened := openedIn(a.runs)
		for _, run := range b.runs {
			opened[run.At] = run.Classes.With(opened[run.At])
		}
		out.runs = runsOf(opened)
	}
	return out
}

// openedIn are the classes of runs, by when; runsOf puts them in order again.
func openedIn(runs []Run) map[store.Tick]*store.Classes {
	opened := make(map[store.Tick]*store.Classes, len(runs))
	for _, run := range runs {
		opened[run.At] = run.Classes
	}
	return opened
}

func runsOf(opened map[store.Tick]*store.Classes) (runs []Run) {
	for _, at := range slices.Sorted(maps.Keys(opened)) {
		runs = append(runs, Run{at, opened[at]})
	}
	return runs
}

// asking is a reader who asks at a moment, with what is and was agreed with him.
type asking struct {
	reader Reader
	eras   []era
	turns  []time.Time
	now    time.Time
}

func (p *Policy) asking(r Reader, now time.Time) *asking {
	a := &asking{reader: r, eras: p.eras(&r), now: now}
	a.turns = turnsOf(a.eras, now)
	return a
}

// agreements are those of now.
func (a *asking) agreements() []Agreement { return a.eras[len(a.eras)-1].agreements }

// answers decides: on those of some classes that came since there were answers, or on
// all of them where time has changed one. The ids rise.
func (a *asking) answers(old *answers, read []*readClass, ids iter.Seq[store.ClassID]) *answers {
	next := &answers{allowed: &store.Classes{}, decided: len(read)}
	first, opened := store.ClassID(1), map[store.Tick]*store.Classes{} // 0 is no class
	if old.holds(0, a.now) {
		old.allowed.Each(next.allowed.Add)
		first, next.until = store.ClassID(old.decided), old.until
		for _, run := range old.runs {
			opened[run.At] = &store.Classes{}
			run.Classes.Each(opened[run.At].Add)
		}
	}
	q := question{reader: &a.reader}
	for id := range ids {
		if id < first || read[id] == nil {
			continue // not understood: no entry, so denied
		}
		q.agreements = a.agreements()
		d := read[id].decision(&q, a.now)
		if next.until = earlier(earlier(next.until, d.Opens), d.Ends); !d.Allow {
			continue
		}
		next.allowed.Add(id)
		q.class = &read[id].Class
		if a.reader.Standing != Partner || d.isBuiltIn() && q.class.Opens == 0 {
			continue // allowed from the start
		}
		if t := q.since(a.eras, a.turns); !t.IsZero() {
			at := store.Tick(t.UnixMicro())
			if opened[at] == nil {
				opened[at] = &store.Classes{}
			}
			opened[at].Add(id)
		}
	}
	next.runs = runsOf(opened)
	return next
}

// commons are the answers on classes that name nobody. They are the same for all readers
// with whom the same is agreed and who differ by their names alone: of a thousand members
// under one invitation, the first decides for all.
type commons struct {
	mu     sync.Mutex
	policy *Policy // under which they were decided
	by     map[likeness]*common
}

// likeness is what such readers have alike.
type likeness struct {
	reader Reader // without names
	agreed string // as Policy.alike has it
}

type common struct {
	mu sync.Mutex // held by the one reader that decides; others of the likeness wait for it
	*answers
	from time.Time // by the wall clock: before it, where the clock was set back, each decides anew
}

// of gives the answers for one who asks; now is asked for once nobody else decides.
func (c *commons) of(a *asking, policy *Policy, read []*readClass, now func() time.Time) *answers {
	like := likeness{a.reader, policy.alike(&a.reader)}
	like.reader.Org, like.reader.Person, like.reader.Groups = "", "", ""
	one := c.common(like, policy)
	one.mu.Lock()
	defer one.mu.Unlock()
	at := now().Round(0)
	if at.Before(one.from) {
		one.answers = nil
	}
	if !one.holds(len(read), at) {
		one.answers, one.from = a.answers(one.answers, read, nameless(read)), a.now.Round(0)
	}
	return one.answers
}

func (c *commons) common(like likeness, policy *Policy) *common {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.policy != policy || len(c.by) >= maxTables {
		c.policy, c.by = policy, map[likeness]*common{}
	}
	one := c.by[like]
	if one == nil {
		one = &common{}
		c.by[like] = one
	}
	return one
}

// nameless are the classes that name nobody, by their numbers.
func nameless(read []*readClass) iter.Seq[store.ClassID] {
	return func(yield func(store.ClassID) bool) {
		for id := 1; id < len(read); id++ {
			if read[id] != nil && !read[id].names() && !yield(store.ClassID(id)) {
				return
			}
		}
	}
}
