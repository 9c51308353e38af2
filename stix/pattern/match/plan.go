package match

import (
	"fmt"
	"math"

	"entente/stix/pattern"
)

// plan is a part of a pattern in the form that the search works on. OR between
// single observations is one slot with alternatives, REPEATS of a slot is a
// larger demand, START and STOP stand at the slots: what is left of operators
// is what the search has to decide.
type plan struct {
	kind planKind
	kids []*plan

	slot   *slot   // of a single
	length instant // of a span
	times  int64   // of a repeat
	index  int     // of the plan, below Matcher.plans
}

type planKind uint8

const (
	single planKind = iota // observations of one slot
	all                    // AND
	anyOf                  // OR
	order                  // FOLLOWEDBY, of two
	span                   // WITHIN
	repeat                 // REPEATS of what is no slot
)

// slot demands observations that satisfy one of its alternatives.
type slot struct {
	alternatives []alternative
	need         int64
}

// alternative is one pair of brackets with the START and STOP around it.
type alternative struct {
	bracket int // index in Matcher.brackets
	limits  []limits
}

// limits are START (included) and STOP (not included).
type limits struct{ start, stop instant }

// maxNeed is where demands stop to grow: no number of observations reaches it.
const maxNeed = math.MaxInt64 / 4

// maxParts is how many slots and instants a pattern may have once its REPEATS
// are written out.
const maxParts = 2048

// planner makes the plan of a pattern.
type planner struct {
	m *Matcher
}

func (p *planner) plan(e pattern.ObservationExpression) (*plan, error) {
	switch e := e.(type) {
	case *pattern.Observation:
		t, err := newTest(e.Test, p.m.refuse)
		if err != nil {
			return nil, err
		}
		p.m.brackets = append(p.m.brackets, bracket{offset: e.Pos, text: e.String(), test: t})
		return &plan{slot: &slot{alternatives: []alternative{{bracket: len(p.m.brackets) - 1}}, need: 1}}, nil
	case *pattern.Qualified:
		return p.qualified(e)
	}
	c := e.(*pattern.Combination)
	kids := make([]*plan, 0, len(c.Operands))
	for _, operand := range c.Operands {
		kid, err := p.plan(operand)
		if err != nil {
			return nil, err
		}
		kids = append(kids, kid)
	}
	switch c.Op {
	case pattern.AllOf:
		return &plan{kind: all, kids: kids}, nil
	case pattern.AnyOf:
		return either(kids), nil
	}
	first := kids[0]
	for _, kid := range kids[1:] {
		first = &plan{kind: order, kids: []*plan{first, kid}}
	}
	return first, nil
}

// either joins by OR: what demands one observation becomes one slot.
func either(kids []*plan) *plan {
	joined := &plan{slot: &slot{need: 1}}
	rest := []*plan{}
	for _, kid := range kids {
		if kid.kind == single && kid.slot.need == 1 {
			if len(joined.slot.alternatives) == 0 {
				rest = append(rest, joined)
			}
			joined.slot.alternatives = append(joined.slot.alternatives, kid.slot.alternatives...)
		} else {
			rest = append(rest, kid)
		}
	}
	if len(rest) == 1 {
		return rest[0]
	}
	return &plan{kind: anyOf, kids: rest}
}

func (p *planner) qualified(e *pattern.Qualified) (*plan, error) {
	out, err := p.plan(e.Operand)
	for i := 0; err == nil && i < len(e.Qualifiers); i++ {
		switch q := &e.Qualifiers[i]; q.Kind {
		case pattern.Within:
			out = out.within(seconds(q.Number.Text))
		case pattern.Repeats:
			n, wrong := q.Number.Int64()
			if wrong != nil {
				n = maxNeed
			}
			out = out.repeated(n)
			if out.parts() > maxParts {
				err = p.m.refuse(q.Pos, fmt.Errorf("with its REPEATS written out the pattern has more than %d parts; repeat single observations, or less often", maxParts))
			}
		case pattern.StartStop:
			var start, stop instant
			if start, stop, err = p.limits(q); err == nil {
				out.between(limits{start, stop})
			}
		}
	}
	return out, err
}

func (p *planner) limits(q *pattern.Qualifier) (start, stop instant, err error) {
	from, err := q.Start.Time()
	if err != nil {
		return start, stop, p.m.refuse(q.Start.Pos, err)
	}
	to, err := q.Stop.Time()
	if err != nil {
		return start, stop, p.m.refuse(q.Stop.Pos, err)
	}
	return instantOf(from), instantOf(to), nil
}

// seconds reads an unsigned decimal number of any size.
func seconds(text string) instant {
	var d instant
	i := 0
	for ; i < len(text) && text[i] != '.'; i++ {
		d.s = min(d.s*10+int64(text[i]-'0'), math.MaxInt64/40)
	}
	unit := int64(1e8)
	for i++; i < len(text) && unit > 0; i++ {
		d.n += int64(text[i]-'0') * unit
		unit /= 10
	}
	return d
}

func (p *plan) within(length instant) *plan {
	switch {
	case p.kind == single && p.slot.need == 1:
		return p // one observation lies in any window
	case p.kind == span:
		if length.compare(p.length) < 0 {
			p.length = length
		}
		return p
	}
	return &plan{kind: span, kids: []*plan{p}, length: length}
}

func (p *plan) repeated(n int64) *plan {
	switch {
	case n == 1:
		return p
	case p.kind == single:
		p.slot.need = product(p.slot.need, n)
		return p
	case p.kind == all && p.loose():
		for i := range p.kids {
			p.kids[i] = p.kids[i].repeated(n)
		}
		return p
	}
	return &plan{kind: repeat, kids: []*plan{p}, times: n}
}

// loose tells a plan whose slots depend on each other by nothing but that each
// observation serves once.
func (p *plan) loose() bool {
	for _, kid := range p.kids {
		if !kid.loose() {
			return false
		}
	}
	return p.kind == single || p.kind == all
}

func (p *plan) between(l limits) {
	if p.kind == single {
		for i := range p.slot.alternatives {
			a := &p.slot.alternatives[i]
			a.limits = append(a.limits[:len(a.limits):len(a.limits)], l)
		}
	}
	for _, kid := range p.kids {
		kid.between(l)
	}
}

// parts counts slots and instants as the search has them.
func (p *plan) parts() int64 {
	n := int64(1)
	for _, kid := range p.kids {
		n = min(n+kid.parts(), maxNeed)
	}
	if p.kind == repeat {
		n = product(n, p.times)
	}
	return n
}

// product multiplies without overflow.
func product(a, b int64) int64 {
	if b != 0 && a > maxNeed/b {
		return maxNeed
	}
	return a * b
}

// number gives each plan its index.
func (p *plan) number(next *int) {
	p.index = *next
	*next++
	for _, kid := range p.kids {
		kid.number(next)
	}
}
