package detect

import (
	"cmp"
	"slices"
	"strings"

	"entente/stix"
	"entente/stix/pattern"
)

// most is how many alternatives one indicator may have.
const most = 4096

// largest is how many values one alternative may ask for in a line.
const largest = 32

// alternative is a conjunction of values: all in one line are a hit, if what else it asks
// for holds of what the line's fields say.
type alternative struct {
	values []stix.Value
	asks   string // a pattern of one pair of brackets; empty when the values are all
	hidden Reason // while it is put together: why a text does not tell all of it; 0 when it does
	piece  string // while it is put together: of what is hidden, the longest that lines hold if it holds
	of     string // while it is put together: the type of objects that it is of, or several
}

// noObject is the type of an alternative that no one object can satisfy, or none that fields
// tell of.
const noObject = "*"

// compiled is what a pattern says to those who read lines.
type compiled struct {
	any     []alternative
	stories []story
	left    Reason // why something was left out; 0 when nothing was
}

// isNothing tells that nothing of a pattern is looked for.
func (c *compiled) isNothing() bool { return len(c.any)+len(c.stories) == 0 }

// compile turns a pattern into alternatives. What a line cannot tell is left out,
// with the first reason; the rest stays.
func compile(text []byte) compiled {
	if c, ok := compilePlain(text); ok {
		return c
	}
	return compileAny(string(text))
}

func compileAny(text string) compiled {
	p, err := pattern.Parse(text)
	if err != nil {
		return compiled{left: Unreadable}
	}
	return observe(p.Root)
}

func observe(e pattern.ObservationExpression) compiled {
	switch e := e.(type) {
	case *pattern.Observation:
		return sides(e.Test)
	case *pattern.Qualified:
		return several(e)
	case *pattern.Combination:
		if e.Op != pattern.AnyOf {
			return several(e)
		}
		var c compiled
		for _, o := range e.Operands {
			c.or(observe(o))
		}
		return c
	}
	return compiled{left: Unreadable}
}

// sides compiles what stands in a pair of brackets, each side of an OR by itself, so that
// what one asks of fields is asked of it alone.
func sides(e pattern.ComparisonExpression) compiled {
	if b, ok := e.(*pattern.Boolean); ok && b.Op == pattern.Or {
		var c compiled
		for _, o := range b.Operands {
			c.or(sides(o))
		}
		return c
	}
	return test(e).asking(e)
}

// leave notes why something is left out. What fields or several lines may still tell is
// the least of it.
func (c *compiled) leave(why Reason) {
	if c.left == 0 || c.left.IsLooked() && why != 0 && !why.IsLooked() {
		c.left = why
	}
}

func (c *compiled) or(d compiled) {
	c.leave(d.left)
	if len(d.any) == 1 && len(d.any[0].values) == 0 && slices.ContainsFunc(c.any, d.any[0].isAs) {
		return // the same again: nothing of it stands in a text
	}
	if len(c.any)+len(d.any) > most || len(c.stories)+len(d.stories) > mostStories {
		c.left = TooMany
		return
	}
	c.any = append(c.any, d.any...)
	c.stories = append(c.stories, d.stories...)
}

// isAs tells whether two alternatives have no values, and ask the same objects.
func (a alternative) isAs(b alternative) bool {
	return len(a.values)+len(b.values) == 0 && a.of == b.of && a.piece == b.piece
}

// with is what asks for both.
func (a alternative) with(b alternative) alternative {
	both := alternative{values: slices.Concat(a.values, b.values), hidden: cmp.Or(a.hidden, b.hidden), of: a.of, piece: a.piece}
	if len(b.piece) > len(a.piece) {
		both.piece = b.piece
	}
	if a.of != b.of {
		both.of = noObject
	}
	return both
}

// and joins each alternative of both sides.
func (c *compiled) and(d compiled) {
	c.leave(d.left)
	if len(c.any)*len(d.any) > most {
		*c = compiled{left: TooMany}
		return
	}
	var both []alternative
	for _, a := range c.any {
		for _, b := range d.any {
			if len(a.values)+len(b.values) > largest {
				c.left = TooMany
				continue
			}
			both = append(both, a.with(b))
		}
	}
	c.any = both
}

func test(e pattern.ComparisonExpression) compiled {
	switch e := e.(type) {
	case *pattern.Comparison:
		return compare(e)
	case *pattern.Boolean:
		if e.Op == pattern.Or {
			var c compiled
			for _, o := range e.Operands {
				c.or(test(o))
			}
			return c
		}
		return all(e.Operands)
	}
	return compiled{left: Unreadable}
}

// all joins what must hold of one observation. The type of what a reference leads
// to is told by its value, which is asked for beside it.
func all(operands []pattern.ComparisonExpression) compiled {
	c, begun := compiled{}, false
	for _, o := range operands {
		if p, ok := o.(*pattern.Comparison); ok && saysType(p) {
			continue
		}
		d := test(o)
		if !begun {
			c, begun = d, true
			continue
		}
		c.and(d)
	}
	if !begun {
		return compiled{left: NoValue}
	}
	return c
}

func saysType(p *pattern.Comparison) bool {
	s := p.Path.Steps
	if p.Op != pattern.Equal || p.Negated || len(s) < 2 || s[len(s)-1].Name != "type" {
		return false
	}
	before := len(s) - 2
	if s[before].Kind != pattern.Property && before > 0 {
		before-- // contains_refs[*]
	}
	return strings.HasSuffix(s[before].Name, "_ref") || strings.HasSuffix(s[before].Name, "_refs")
}

func compare(p *pattern.Comparison) compiled {
	constants := []pattern.Constant{p.Value}
	switch {
	case p.Negated && p.Op == pattern.Exists:
		return compiled{left: Negated} // fields do not tell it either
	case p.Negated || p.Op == pattern.NotEqual:
		return hidden(p, Negated)
	case p.Op == pattern.In:
		constants = p.Set
	case p.Op != pattern.Equal && p.Op != pattern.IsSubset:
		return hidden(p, Operator, piecesOf(p, p.Value)...)
	}
	var steps []string
	for _, s := range p.Path.Steps {
		if s.Kind == pattern.Property {
			steps = append(steps, s.Name)
		}
	}
	var c compiled
	for _, k := range constants {
		d := constant(p, steps, k)
		if d.left == NoValue || d.left == NoPlace {
			d = hidden(p, d.left, piecesOf(p, k)...)
		}
		for i := range d.any {
			if d.any[i].of = p.Path.Type; !isSaid(p.Path) {
				d.any[i].of = noObject
			}
		}
		c.or(d)
	}
	return c
}

// hidden is what a text does not tell, and fields may: of lines that hold one of some
// pieces at least, if there are any.
func hidden(p *pattern.Comparison, why Reason, pieces ...string) compiled {
	if !isSaid(p.Path) {
		return compiled{left: why}
	}
	if len(pieces) == 0 {
		pieces = []string{""}
	}
	var c compiled
	for _, piece := range pieces {
		c.any = append(c.any, alternative{hidden: why, of: p.Path.Type, piece: piece})
	}
	return c
}

func constant(p *pattern.Comparison, steps []string, k pattern.Constant) compiled {
	if k.Kind != pattern.String {
		return compiled{left: NoValue}
	}
	path := stix.NewValuePath(p.Path.Type, steps)
	return equals(&path, k.Text)
}

// equals compiles the comparison of a text with what a path leads to.
func equals(p *stix.ValuePath, constant string) compiled {
	if constant == "" {
		return compiled{left: Everywhere}
	}
	values := p.Values(constant)
	if len(values) == 0 {
		return compiled{left: NoValue}
	}
	var c compiled
	for _, v := range values {
		if why := unfit(v); why != 0 {
			c.or(compiled{left: why})
			continue
		}
		c.any = append(c.any, alternative{values: []stix.Value{v}})
	}
	if len(c.any) > 0 {
		c.left = 0 // another reading of the same constant is looked for
	}
	return c
}
