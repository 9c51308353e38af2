package detect

import (
	"sync"

	"entente/stix/pattern/match"
)

// asker holds what is asked against lines. It belongs to one goroutine.
type asker struct {
	event   *match.Observation // what the line says; nil when it says nothing that is known
	read    bool               // event is of this line
	answers map[uint32]bool    // of this line
	asks    int64              // that may still come of this line
	steps   int64              // left for them
	unasked bool               // one of this line was given up
}

// What asking one line may take, in steps of match.Holds: all that is asked shares mostAsking,
// so that no pattern takes the others' part; leastAsking is each one's in any case, and
// suffices for what indicators ask mostly.
const (
	mostAsking  = 1 << 19
	leastAsking = 1 << 6
)

// another goes on to another line.
func (a *asker) another() {
	if a.read {
		clear(a.answers)
		*a = asker{answers: a.answers}
	}
}

// holds tells whether what a group asks, if it asks, holds of the line. It does not where
// the line has no fields that are known.
func (l *lines) holds(n uint32) bool {
	if n == 0 {
		return true
	}
	a := &l.asker
	if !a.read {
		if a.event, a.read = eventOf(l.text, l.fields), true; a.event == nil {
			l.stats.Unnamed++
		}
		a.asks, a.steps = l.asks(), mostAsking
		l.set.matchers.refill()
	}
	if a.event == nil {
		return false
	}
	answer, known := a.answers[n]
	if !known {
		answer = l.ask(l.set.asked[n-1].text)
		if a.answers == nil {
			a.answers = map[uint32]bool{}
		}
		a.answers[n] = answer
	}
	return answer
}

// asks is how often the line may be asked, at most.
func (l *lines) asks() (n int64) {
	for e := range l.entries() {
		for at := l.set.entries.at(e).head; at != 0; at = l.set.links.at(at - 1).ofEntry {
			if k := l.set.links.at(at - 1); k.group != 0 && l.set.groups[k.group-1].asks != 0 {
				n++
			}
		}
	}
	return n
}

// ask asks the line a question, if there is time.
func (l *lines) ask(text string) bool {
	a := &l.asker
	share := max(a.steps/max(a.asks, 1), leastAsking)
	a.asks--
	left := share
	m, ok := l.set.matchers.of(text)
	if ok && m != nil {
		held, err := m.Holds(a.event, &left)
		a.steps -= share - max(left, 0)
		if err == nil {
			return held
		}
	}
	if !a.unasked {
		a.unasked = true
		l.stats.Unasked++
	}
	return false
}

// matchers keeps questions ready to be asked, those that were asked lately, for all that goes
// over texts by a set. Many may use it at once.
type matchers struct {
	mu       sync.Mutex
	now, old map[string]*match.Matcher // by what they ask; old are those that were not asked since now began
	size     int                       // bytes of the texts of now
	may      int                       // bytes that may be made ready at once
}

// How much of questions is ready, up to twice as much, and is made ready, in bytes of their
// texts: in memory they are some thirty times as much, and take a millisecond for 4,000.
const (
	mostReady  = 1 << 20
	readyALine = 1 << 16 // on average
)

func newMatchers() *matchers { return &matchers{now: map[string]*match.Matcher{}, may: mostReady} }

// refill allows for another line.
func (r *matchers) refill() {
	r.mu.Lock()
	r.may = min(r.may+readyALine, mostReady)
	r.mu.Unlock()
}

// of is a question ready to be asked; false where too many others were made ready just now.
func (r *matchers) of(text string) (*match.Matcher, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m, ok := r.now[text]; ok {
		return m, true
	}
	m, ok := r.old[text]
	if !ok {
		if len(text) > r.may {
			return nil, false
		}
		r.may -= len(text)
		m, _ = match.Compile(text) // it was, when the set was
	}
	if r.size += len(text); r.size > mostReady {
		r.now, r.old, r.size = map[string]*match.Matcher{}, r.now, len(text)
	}
	r.now[text] = m
	return m, true
}

// drop forgets a question that nobody has any more.
func (r *matchers) drop(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.now, text)
	delete(r.old, text)
}
