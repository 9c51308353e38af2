package detect

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"entente/stix/pattern/match"
)

// Place is a line that satisfied a part of a pattern of several observations.
type Place struct {
	Text  string // the name of its text
	Line  int64
	Value string    // what stands there, at most 256 bytes of it
	Time  time.Time // when it was written; zero when it does not say
}

// memory holds the lines that satisfied parts of stories, over all texts that are gone over
// by a set, within bounds: of each pair of brackets the first mostRepeats and as many of the
// last at least, and mostLines in all; of stories mostPlots, and mostText of what they say. Many
// may use it at once.
type memory struct {
	mu      sync.Mutex
	now     func() time.Time
	arrives bool // what tells no time is of now
	stories map[storyKey]*remembered
	lines   int
	text    int    // bytes of the stories
	begins  int    // bytes of the stories that may be begun at once
	clock   uint64 // counts what is noted
}

const (
	mostLines   = 1 << 16
	mostPlots   = 1 << 14
	mostText    = 1 << 21 // bytes: a plot has some thirty times as many
	mostBegun   = 1 << 18 // bytes of the stories that one line begins
	begunALine  = 1 << 16 // on average
	mostSteps   = 1 << 20 // of the searches for what is whole by one line
	leastSteps  = 1 << 9  // of each of them
	mostKinds   = 32      // of lines of a story, whose objects are kept for later searches
	longestSeen = 256     // of what stands in a line
)

func newMemory() *memory {
	return &memory{now: time.Now, stories: map[storyKey]*remembered{}, begins: mostBegun}
}

// storyKey is the same in any set: an indicator's id, as sets have it, and the story.
type storyKey struct{ indicator, text string }

func (s *Set) storyOf(indicator, story uint32) storyKey {
	return storyKey{string(s.id(indicator)), s.stories[story-1].text}
}

// remembered is what of one story is.
type remembered struct {
	*plot
	lines  []lineOf
	counts []int // of lines, of each pair of brackets
	last   uint64
	served lineOf // the last by which it was whole

	objects map[uint64][]*match.Object // what lines are to a matcher, by their bits
}

// lineOf is a line, and the brackets that it satisfies, a bit each.
type lineOf struct {
	Place
	bits uint64
	of   *textID
}

// textID is one for each text that is gone over.
type textID struct{ _ byte }

func (l *lineOf) isOf(o *lineOf) bool { return l.of == o.of && l.Line == o.Line }

// Live says that what is gone over by a set comes as it happens: a line that does not tell
// when it was written is of the moment in which it comes.
func (s *Set) Live(now func() time.Time) { s.memory.now, s.memory.arrives = now, true }

// TakeOver goes on with what another set remembers of indicators that this one has, too, unless
// it has begun itself. It changes this set, and the other one is not to be used any more.
func (s *Set) TakeOver(from *Set) {
	m := s.memory
	m.mu.Lock()
	begun := len(m.stories) > 0
	m.mu.Unlock()
	if begun {
		return
	}
	s.memory = from.memory
	m = s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.stories {
		id := []byte(key.indicator)
		if _, there := s.find(hashWord(s.key, id), id); !there {
			m.drop(key)
		}
	}
}

// Forget forgets all that is remembered of lines.
func (s *Set) Forget() {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines, m.text = 0, 0
	clear(m.stories)
}

func (m *memory) forget(key storyKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(key)
}

func (m *memory) drop(key storyKey) {
	if r := m.stories[key]; r != nil {
		m.lines -= len(r.lines)
		m.text -= len(key.text)
		delete(m.stories, key)
	}
}

// when is when a line was written, by how it begins.
func (m *memory) when(start string) time.Time {
	now := m.now()
	at, ok := LineTime(start, now)
	if m.arrives && (!ok || at.After(now)) {
		return now
	}
	return at
}

// What became of a line that was noted.
type outcome struct {
	whole     bool    // with it a story is whole
	with      []Place // the other lines that serve
	untimed   bool    // it cannot serve, as nobody knows when it was written
	forgotten int64   // lines that were for it
}

// effort is what may still be spent on the stories that a line satisfies parts of.
type effort struct {
	parts int   // that are to be noted
	steps int64 // for all searches
	begun bool  // one was noted
}

// share is what one search may take, so that no story takes the others' part.
func (e *effort) share() int64 { return max(e.steps/int64(e.parts+1), leastSteps) }

// note notes that a line satisfies some brackets of a story. What serves once is not
// remembered any more. What it takes is counted in what may be spent on the line.
func (m *memory) note(key storyKey, l lineOf, spent *effort) (out outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if spent.parts--; !spent.begun {
		spent.begun, m.begins = true, min(m.begins+begunALine, mostBegun)
	}
	r := m.stories[key]
	if r == nil {
		if m.begins -= len(key.text); m.begins < 0 {
			m.begins += len(key.text)
			out.forgotten++
			return out
		}
		p := plotOf(key.text)
		if p == nil {
			return out
		}
		r = &remembered{plot: p, counts: make([]int, len(p.brackets)), objects: map[uint64][]*match.Object{}}
		for len(m.stories) >= mostPlots || m.text > mostText {
			out.forgotten += m.forgetSome()
		}
		m.stories[key] = r
		m.text += len(key.text)
	}
	switch {
	case r.timed && l.Time.IsZero():
		out.untimed = true
		return out
	case l.isOf(&r.served):
		return out // another part of a long line
	}
	m.clock++
	r.last = m.clock
	before := len(r.lines)
	out.forgotten += r.add(l)
	m.lines += len(r.lines) - before
	if m.lines > mostLines {
		out.forgotten += m.forgetSome()
	}
	if next := 0; !could(r.root, r.counts, 1, &next) {
		return out
	}
	before = len(r.lines)
	with, whole, err := r.serve(l, spent)
	if err != nil {
		out.forgotten += int64(before)
		m.drop(key)
		return out
	}
	if out.with, out.whole = with, whole; whole {
		r.served = l
	}
	m.lines += len(r.lines) - before
	return out
}

// forgetSome forgets the quarter of stories that nothing came to for the longest time.
func (m *memory) forgetSome() (lines int64) {
	type aged struct {
		last uint64
		key  storyKey
	}
	all := make([]aged, 0, len(m.stories))
	for key, r := range m.stories {
		all = append(all, aged{r.last, key})
	}
	slices.SortFunc(all, func(a, b aged) int { return cmp.Compare(a.last, b.last) })
	for _, a := range all[:(len(all)+3)/4] {
		lines += int64(len(m.stories[a.key].lines))
		m.drop(a.key)
	}
	return lines
}

// add remembers a line, and forgets the one in the middle where there are too many.
func (r *remembered) add(l lineOf) (forgotten int64) {
	for i, within := range r.within {
		if slices.ContainsFunc(within, func(s span) bool { return !s.has(l.Time) }) {
			l.bits &^= 1 << i
		}
	}
	if n := len(r.lines) - 1; n >= 0 && r.lines[n].isOf(&l) {
		l.bits &^= r.lines[n].bits // a long line, of which a part was looked at
		r.lines[n].bits |= l.bits
	} else if l.bits != 0 {
		r.lines = append(r.lines, l)
	}
	for i := range r.counts {
		r.counts[i] += int(l.bits >> i & 1)
		if r.counts[i] > 3*mostRepeats {
			forgotten += r.thin(i)
		}
	}
	return forgotten
}

// thin forgets of one pair of brackets the lines in the middle.
func (r *remembered) thin(bracket int) (forgotten int64) {
	seen, until := 0, r.counts[bracket]-mostRepeats
	for n := range r.lines {
		if r.lines[n].bits>>bracket&1 == 0 {
			continue
		}
		if seen++; seen > mostRepeats && seen <= until {
			r.lines[n].bits &^= 1 << bracket
			r.counts[bracket]--
			forgotten++
		}
	}
	r.lines = slices.DeleteFunc(r.lines, func(l lineOf) bool { return l.bits == 0 })
	return forgotten
}

// observation is a line as a matcher sees it.
func (r *remembered) observation(l *lineOf) match.Observation {
	all, ok := r.objects[l.bits]
	if !ok {
		var parts []any
		for i, n := range r.brackets {
			if l.bits>>i&1 != 0 {
				parts = append(parts, n)
			}
		}
		all = []*match.Object{{Type: lineType, Values: map[string][]any{lineKey: parts}}}
		if len(r.objects) >= mostKinds {
			clear(r.objects)
		}
		r.objects[l.bits] = all
	}
	return match.Observation{First: l.Time, Objects: all}
}

// serve tells whether what is remembered is the whole of a story, and which other lines than
// the last serve in it. Those that do are forgotten. The error is match.ErrTooHard: whoever
// writes stories, or lines, does not keep others waiting.
func (r *remembered) serve(last lineOf, spent *effort) (with []Place, whole bool, err error) {
	near, counts := r.near(last), make([]int, len(r.counts)) // what may serve together with the last
	for _, n := range near {
		for i := range counts {
			counts[i] += int(r.lines[n].bits >> i & 1)
		}
	}
	if next := 0; !could(r.root, counts, 1, &next) {
		return nil, false, nil
	}
	steps := spent.share() - int64(len(near)*len(r.brackets))
	if steps < 0 {
		return nil, false, match.ErrTooHard
	}
	seen := make([]match.Observation, len(near))
	for i, n := range near {
		seen[i] = r.observation(&r.lines[n])
	}
	before := steps
	found, err := r.matcher.Try(seen, &steps)
	spent.steps -= before - steps + int64(len(near)*len(r.brackets))
	if err != nil || found == nil {
		return nil, false, err
	}
	for _, b := range found.Bindings {
		l := &r.lines[near[b.Observation]]
		if l.bits != 0 && !l.isOf(&last) {
			with = append(with, l.Place)
		}
		for i := range r.counts {
			r.counts[i] -= int(l.bits >> i & 1)
		}
		l.bits = 0
	}
	r.lines = slices.DeleteFunc(r.lines, func(l lineOf) bool { return l.bits == 0 })
	return with, true, nil
}

// near are the numbers of the lines that may serve together with the last: without it, what
// there was is not the whole, and all of it is WITHIN so much.
func (r *remembered) near(last lineOf) (all []int) {
	for n := range r.lines {
		if apart := r.lines[n].Time.Sub(last.Time).Abs(); r.length < 0 || apart <= r.length {
			all = append(all, n)
		}
	}
	return all
}
