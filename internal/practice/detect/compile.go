package detect

import (
	"strings"

	"entente/stix"
	"entente/stix/pattern"
)

// most is how many alternatives one indicator may have.
const most = 4096

// largest is how many values one alternative may ask for in a line.
const largest = 32

// alternative is a conjunction of values: all in one line are a hit.
type alternative []stix.Value

// compiled is what a pattern says to those who read lines.
type compiled struct {
	any  []alternative
	left Reason // why something was left out; 0 when nothing was
}

// compile turns a pattern into alternatives. What a line cannot tell is left out,
// with the first reason; the rest stays.
func compile(text string) compiled {
	if c, ok := compilePlain(text); ok {
		return c
	}
	return compileAny(text)
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
		return test(e.Test)
	case *pattern.Qualified:
		return compiled{left: Qualified}
	case *pattern.Combination:
		if e.Op != pattern.AnyOf {
			return compiled{left: Apart}
		}
		var c compiled
		for _, o := range e.Operands {
			c.or(observe(o))
		}
		return c
	}
	return compiled{left: Unreadable}
}

func (c *compiled) or(d compiled) {
	if c.left == 0 {
		c.left = d.left
	}
	if len(c.any)+len(d.any) > most {
		c.left = TooMany
		return
	}
	c.any = append(c.any, d.any...)
}

// and joins each alternative of both sides.
func (c *compiled) and(d compiled) {
	if c.left == 0 {
		c.left = d.left
	}
	if len(c.any)*len(d.any) > most {
		*c = compiled{left: TooMany}
		return
	}
	var both []alternative
	for _, a := range c.any {
		for _, b := range d.any {
			if len(a)+len(b) > largest {
				c.left = TooMany
				continue
			}
			both = append(both, append(append(alternative{}, a...), b...))
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
	case p.Negated || p.Op == pattern.NotEqual:
		return compiled{left: Negated}
	case p.Op == pattern.In:
		constants = p.Set
	case p.Op != pattern.Equal && p.Op != pattern.IsSubset:
		return compiled{left: Operator}
	}
	var steps []string
	for _, s := range p.Path.Steps {
		if s.Kind == pattern.Property {
			steps = append(steps, s.Name)
		}
	}
	var c compiled
	for _, k := range constants {
		c.or(constant(p, steps, k))
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
		c.any = append(c.any, alternative{v})
	}
	if len(c.any) > 0 {
		c.left = 0 // another reading of the same constant is looked for
	}
	return c
}
