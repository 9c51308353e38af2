package detect

import (
	"slices"
	"strings"

	"entente/stix"
	"entente/stix/pattern"
	"entente/stix/pattern/match"
)

// What no text tells of a pattern, ports, NOT, LIKE and the like, is asked of the fields of
// lines in which the values beside it stand: the side of its brackets is kept as a pattern
// of its own, which package match holds against what the fields say as an observation.

// longestAsked is how long such a pattern may be, in bytes.
const longestAsked = 1 << 14

// asked is a pattern that is asked of lines.
type asked struct {
	text string
	uses int // by groups; what none uses is wiped
}

// asking makes alternatives of a side of brackets, of which a text tells only a part, ask
// for the rest. What has no value that stands in a text is asked where a piece of it does;
// without one it is left out, and so is what no one object can be.
func (c compiled) asking(e pattern.ComparisonExpression) compiled {
	out := compiled{left: c.left}
	text, tried := "", false
	for _, a := range c.any {
		if a.hidden == 0 {
			out.any = append(out.any, alternative{values: a.values})
			continue
		}
		if len(a.values) == 0 && a.piece != "" {
			a.values = []stix.Value{{Kind: kindPiece, Text: a.piece}}
		}
		if len(a.values) == 0 || a.of == noObject {
			out.leave(a.hidden)
			continue
		}
		if !tried {
			text, tried = question(e), true
		}
		if text == "" {
			out.leave(a.hidden)
			continue
		}
		out.leave(InFields)
		out.any = append(out.any, alternative{values: a.values, asks: text})
	}
	return out
}

// question is a side of brackets as it is asked of lines; empty when it cannot be.
func question(e pattern.ComparisonExpression) string {
	text := "[" + normalized(e).String() + "]"
	if len(text) > longestAsked {
		return ""
	}
	if _, err := match.Compile(text); err != nil {
		return ""
	}
	return text
}

// normalForm is the step behind a value that leads to the form in which it is looked up.
const normalForm = "normal"

// normalized compares values in the form in which they are looked up, as texts of lines are:
// an indicator means the same by Evil.example as by evil.example, and by 198.51.100.0/24
// what is in it.
func normalized(e pattern.ComparisonExpression) pattern.ComparisonExpression {
	switch e := e.(type) {
	case *pattern.Boolean:
		out := *e
		out.Operands = make([]pattern.ComparisonExpression, len(e.Operands))
		for i, o := range e.Operands {
			out.Operands[i] = normalized(o)
		}
		return &out
	case *pattern.Comparison:
		return normalComparison(e)
	}
	return e
}

func normalComparison(e *pattern.Comparison) *pattern.Comparison {
	out := *e
	out.Path.Steps = slices.Clone(e.Path.Steps)
	nameDigest(out.Path.Steps)
	e = &pattern.Comparison{Path: out.Path, Negated: e.Negated, Op: e.Op, Value: e.Value, Set: e.Set}
	constants := []pattern.Constant{e.Value}
	switch e.Op {
	case pattern.In:
		constants = slices.Clone(e.Set)
		out.Set = constants
	case pattern.Equal, pattern.NotEqual:
	default:
		return e
	}
	for i, k := range constants {
		v, ok := normalValue(e.Path.Type, names(e.Path.Steps), k)
		if !ok {
			return e
		}
		if v.Kind == stix.ValueIP && strings.Contains(v.Text, "/") {
			if e.Op == pattern.In {
				return e
			}
			out.Op, out.Negated = pattern.IsSubset, e.Negated != (e.Op == pattern.NotEqual)
			return &out
		}
		constants[i].Text = v.Text
	}
	out.Value = constants[0]
	out.Path.Steps = append(out.Path.Steps, pattern.Step{Kind: pattern.Property, Name: normalForm})
	return &out
}

// nameDigest calls a hash by the standard's name, which producers write in many ways.
func nameDigest(steps []pattern.Step) {
	last := len(steps) - 1
	if last < 1 || steps[last-1].Name != "hashes" {
		return
	}
	letters := strings.NewReplacer("-", "", "_", "").Replace(strings.ToUpper(steps[last].Name))
	for _, known := range digestNames {
		if letters == strings.ReplaceAll(known, "-", "") {
			steps[last].Name = known
		}
	}
}

// isSaid tells whether a field of a log that is known says what a path leads to.
func isSaid(p pattern.ObjectPath) bool {
	p.Steps = slices.Clone(p.Steps)
	nameDigest(p.Steps)
	for i := range p.Steps {
		if p.Steps[i].Kind == pattern.Element {
			p.Steps[i].Kind = pattern.AnyElement
		}
	}
	return said()[p.String()]
}

// normalValue is what a constant is looked up as.
func normalValue(typ string, steps []string, k pattern.Constant) (stix.Value, bool) {
	if k.Kind != pattern.String {
		return stix.Value{}, false
	}
	all := stix.ConstantValues(typ, steps, k.Text)
	if len(all) == 0 {
		return stix.Value{}, false
	}
	return all[0], true
}

// names are the names of a path's steps, without indexes.
func names(steps []pattern.Step) (all []string) {
	for _, s := range steps {
		if s.Kind == pattern.Property {
			all = append(all, s.Name)
		}
	}
	return all
}

// note notes a use of a text by a group, and gives its number, plus one; those of one
// indicator share it.
func note(all *[]asked, text string) uint32 {
	if text == "" {
		return 0
	}
	if n := len(*all); n == 0 || (*all)[n-1].text != text {
		*all = append(*all, asked{text: text})
	}
	n := len(*all)
	(*all)[n-1].uses++
	return uint32(n)
}

// noteNoMore gives back a text that nothing uses any more; empty while something does.
func noteNoMore(all []asked, n uint32) (gone string) {
	if n == 0 {
		return ""
	}
	a := &all[n-1]
	if a.uses--; a.uses == 0 {
		gone, *a = a.text, asked{}
	}
	return gone
}
