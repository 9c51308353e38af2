package match

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"entente/stix/pattern"
)

// Matcher is a compiled pattern. It is not changed by matching and may be
// shared between goroutines.
type Matcher struct {
	pattern  *pattern.Pattern
	brackets []bracket
	root     *plan
	plans    int
}

// bracket is one pair of square brackets of the pattern.
type bracket struct {
	offset int
	text   string
	test   test
}

// Refused says why a pattern cannot be matched: what breaks the grammar or has
// no meaning, and regular expressions that are not matched in linear time.
type Refused struct{ pattern.Problem }

func (r *Refused) Error() string { return "pattern at " + r.String() }

// harmless are the rules of [pattern.Check] that a pattern may break and be matched.
var harmless = [...]string{"qualifier-repeated", "digest", "start-stop-string"}

// Compile makes a pattern ready for matching. Its error is a [*Refused].
//
// Three errors of [pattern.Check] do not hinder it, since it is plain what such
// a pattern asks for: a qualifier that stands twice behind one observation, a
// digest of the wrong length, which no digest equals, and strings behind START
// and STOP, as STIX 2.0 has them.
func Compile(text string, opts ...pattern.Option) (*Matcher, error) {
	for _, problem := range pattern.Check(text, opts...) {
		if problem.Severity == pattern.SeverityError && !slices.Contains(harmless[:], problem.Rule) {
			return nil, &Refused{problem}
		}
	}
	p, err := pattern.Parse(text, opts...)
	if err != nil {
		return nil, err // cannot be: Check has parsed it
	}
	m := &Matcher{pattern: p}
	if m.root, err = (&planner{m}).plan(p.Root); err != nil {
		return nil, err
	}
	if m.root.parts() > maxParts {
		return nil, m.refuse(0, fmt.Errorf("the pattern joins more than %d parts", maxParts))
	}
	m.root.number(&m.plans)
	return m, nil
}

// refuse is the error for something at an offset that matching cannot use.
func (m *Matcher) refuse(offset int, err error) error {
	line, column := 1, 1
	for _, r := range m.pattern.Text[:offset] {
		if column++; r == '\n' {
			line, column = line+1, 1
		}
	}
	return &Refused{pattern.Problem{
		Severity: pattern.SeverityError, Offset: offset, Line: line, Column: column,
		Rule: "match", Section: "9", Message: err.Error(),
	}}
}

// Match says how observations satisfy a pattern.
type Match struct {
	// Bindings are in the order of the pattern, of one part in the order of time.
	Bindings []Binding
}

// Binding is one observation that satisfies one pair of square brackets.
type Binding struct {
	Offset      int    // of the '[' in the pattern, in bytes
	Text        string // of the brackets, in canonical form
	Observation int    // index in what Match was given
	Times       int64  // how many of its observations serve here
}

// ErrTooHard is the error of a search that was given up: the pattern joins too
// many parts whose times depend on one another for these observations.
var ErrTooHard = errors.New("the search for a match was given up: too many ways to combine these observations; " +
	"ask for less in one pattern, or match fewer observations")

// Match looks for observations that satisfy the pattern; nil when there are
// none. Each observation serves once: what was seen n times, n times. The
// answer depends on nothing but the input. Of several matches it gives one that
// ends its FOLLOWEDBY and begins its WITHIN as early as can be, and takes the
// earliest observations for what stands first, unless others need them; equal
// times go by the order of observations. The error is [ErrTooHard].
func (m *Matcher) Match(observations []Observation) (*Match, error) {
	steps := int64(maxWork)
	return m.Try(observations, &steps)
}

// Try is Match that gives up after so many steps, which are counted down, where Match takes fifty
// million.
func (m *Matcher) Try(observations []Observation, steps *int64) (*Match, error) {
	return m.search(newSupply(m, observations), steps)
}

func (m *Matcher) search(s *supply, steps *int64) (*Match, error) {
	f := newFinder(m, s)
	f.bound(*steps)
	found, err := f.find()
	if *steps = max(f.work, 0); f.givenUp {
		*steps = 0
	}
	if found == nil || err != nil {
		return nil, err
	}
	return m.explain(s, found), nil
}

// explain turns what each slot was given into bindings.
func (m *Matcher) explain(s *supply, p *problem) *Match {
	type key struct {
		bracket int
		o       int32
	}
	times := make(map[key]int64)
	for i := range p.slots {
		for _, given := range p.slots[i].given {
			b := s.bracketOf(p.slots[i].slot, given.o)
			times[key{b, given.o}] += given.n
		}
	}
	out := &Match{Bindings: make([]Binding, 0, len(times))}
	inOrder := func(a, b key) int { return cmp.Or(cmp.Compare(a.bracket, b.bracket), cmp.Compare(a.o, b.o)) }
	for _, k := range slices.SortedFunc(maps.Keys(times), inOrder) {
		b := &m.brackets[k.bracket]
		out.Bindings = append(out.Bindings, Binding{b.offset, b.text, s.sorted[k.o].index, times[k]})
	}
	return out
}
