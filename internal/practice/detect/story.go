package detect

import (
	"errors"
	"math"
	"slices"
	"strconv"
	"time"

	"entente/stix/pattern"
	"entente/stix/pattern/match"
)

// Patterns of several observations (AND, FOLLOWEDBY, WITHIN, REPEATS, START and STOP) are
// stories. Each pair of brackets is looked for as if it were alone; lines that satisfy one are
// remembered, and package match holds what is remembered against the whole, in which each pair
// asks of a line nothing but whether it satisfied this one.

// story is such a pattern.
type story struct {
	text     string          // the pattern, asking of lines which brackets they satisfy
	brackets [][]alternative // what satisfies each, in the order of the text
}

const (
	mostStories  = 64  // of one indicator
	mostBrackets = 64  // of one story
	mostRepeats  = 256 // of one pair of brackets: as many lines of it are remembered, first and last
)

// What a line is to a story: an object with the offsets of the brackets that it satisfies.
const (
	lineType = "x-line"
	linePart = "part"
	lineKey  = linePart + "[*]" // as match has it
)

// teller makes a story of a pattern.
type teller struct {
	story
	compiled       // what is left out of its brackets
	size     int   // alternatives of all brackets
	times    int64 // what REPEATS around asks for
	tooMany  bool
}

// several compiles a pattern of several observations.
func several(e pattern.ObservationExpression) compiled {
	t := teller{times: 1}
	e, possible := t.tell(e)
	t.text = e.String()
	switch {
	case !possible:
		return compiled{left: t.left}
	case t.tooMany || t.size > most || len(t.text) > longestAsked:
		return compiled{left: TooMany}
	}
	if _, err := match.Compile(t.text); err != nil {
		if refused, ok := errors.AsType[*match.Refused](err); ok && refused.Rule == "match" {
			return compiled{left: TooMany}
		}
		return compiled{left: Unreadable}
	}
	out := compiled{left: InLines, stories: []story{t.story}}
	out.leave(t.left)
	return out
}

// tell gives the same expression, asking of lines which brackets they satisfy, and whether
// they can satisfy all of it.
func (t *teller) tell(e pattern.ObservationExpression) (_ pattern.ObservationExpression, possible bool) {
	switch e := e.(type) {
	case *pattern.Observation:
		if t.tooMany = t.tooMany || t.size > most || len(t.brackets) == mostBrackets; t.tooMany {
			return e, true // no more is compiled
		}
		c := sides(e.Test)
		t.leave(c.left)
		t.brackets, t.size = append(t.brackets, c.any), t.size+len(c.any)
		path := pattern.ObjectPath{Type: lineType, Steps: []pattern.Step{{Name: linePart}, {Kind: pattern.AnyElement}}}
		is := pattern.Constant{Kind: pattern.Integer, Text: strconv.Itoa(e.Pos)}
		return &pattern.Observation{Test: &pattern.Comparison{Path: path, Value: is}}, len(c.any) > 0
	case *pattern.Qualified:
		before, out := t.times, *e
		t.times = timesOf(e, t.times)
		t.tooMany = t.tooMany || t.times > mostRepeats
		out.Operand, possible = t.tell(e.Operand)
		t.times = before
		return &out, possible
	}
	c := e.(*pattern.Combination)
	out := *c
	out.Operands = slices.Clone(c.Operands)
	possible = c.Op != pattern.AnyOf
	for i, o := range c.Operands {
		told, can := t.tell(o)
		if out.Operands[i] = told; can == (c.Op == pattern.AnyOf) {
			possible = can
		}
	}
	return &out, possible
}

// timesOf is how often an expression is asked for whose REPEATS stands within others.
func timesOf(e *pattern.Qualified, times int64) int64 {
	for i := range e.Qualifiers {
		if q := &e.Qualifiers[i]; q.Kind == pattern.Repeats {
			n, err := q.Number.Int64()
			if err != nil || n > mostRepeats {
				n = mostRepeats + 1
			}
			times = min(times*max(n, 1), mostRepeats+1)
		}
	}
	return times
}

// plot is a story as lines are held against it.
type plot struct {
	matcher  *match.Matcher
	root     pattern.ObservationExpression
	brackets []any         // their numbers, as lines have them
	within   [][]span      // the START and STOP around each
	timed    bool          // it depends on when lines were written
	length   time.Duration // within which all of it is; negative when nothing says so
}

// span is from START on and before STOP.
type span struct{ start, stop time.Time }

func (s span) has(t time.Time) bool { return !t.Before(s.start) && t.Before(s.stop) }

func plotOf(text string) *plot {
	m, err := match.Compile(text)
	if err != nil {
		return nil // it was compiled, when the set was
	}
	parsed, err := pattern.Parse(text)
	if err != nil {
		return nil
	}
	p := &plot{matcher: m, root: parsed.Root, length: lengthOf(parsed.Root)}
	p.add(p.root, nil)
	return p
}

// lengthOf is the shortest WITHIN around a whole expression, rounded up.
func lengthOf(e pattern.ObservationExpression) time.Duration {
	length := time.Duration(-1)
	if q, ok := e.(*pattern.Qualified); ok {
		for i, one := range q.Qualifiers {
			seconds, err := one.Number.Float64()
			after := slices.ContainsFunc(q.Qualifiers[i:], func(q pattern.Qualifier) bool { return q.Kind == pattern.Repeats })
			if one.Kind != pattern.Within || after || err != nil || seconds > longestLength {
				continue
			}
			if d := time.Duration(math.Ceil(seconds)) * time.Second; length < 0 || d < length {
				length = d
			}
		}
	}
	return length
}

const longestLength = 1e9 // seconds

// add adds the brackets of an expression, which stands within some START and STOP.
func (p *plot) add(e pattern.ObservationExpression, around []span) {
	switch e := e.(type) {
	case *pattern.Observation:
		n, _ := e.Test.(*pattern.Comparison).Value.Int64()
		p.brackets = append(p.brackets, n)
		p.within = append(p.within, around)
	case *pattern.Qualified:
		for _, q := range e.Qualifiers {
			p.timed = p.timed || q.Kind != pattern.Repeats
			if q.Kind == pattern.StartStop {
				start, _ := q.Start.Time() // it is a day of the calendar, or the whole was refused
				stop, _ := q.Stop.Time()
				around = append(slices.Clone(around), span{start, stop})
			}
		}
		p.add(e.Operand, around)
	case *pattern.Combination:
		p.timed = p.timed || e.Op == pattern.FollowedBy
		for _, o := range e.Operands {
			p.add(o, around)
		}
	}
}

// could tells whether so many lines of each pair of brackets can be enough, and saves asking
// in most cases; next is the number of the first pair of an expression.
func could(e pattern.ObservationExpression, counts []int, times int64, next *int) bool {
	switch e := e.(type) {
	case *pattern.Observation:
		*next++
		return int64(counts[*next-1]) >= times
	case *pattern.Qualified:
		return could(e.Operand, counts, timesOf(e, times), next)
	}
	c := e.(*pattern.Combination)
	if c.Op == pattern.AnyOf {
		times = 1 // the sides may share it
	}
	can := c.Op != pattern.AnyOf
	for _, o := range c.Operands {
		if one := could(o, counts, times, next); one == (c.Op == pattern.AnyOf) {
			can = one
		}
	}
	return can
}
