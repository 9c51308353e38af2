package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/stix/pattern"
)

// The model tries every way to give observations to brackets. It follows the
// words of the standard with nothing of the search in it: a binding is a set of
// observations, each with a span of time.

// model is the set of all bindings of an expression; a binding is a bit set of
// single observations.
func model(e pattern.ObservationExpression, all []Observation, holds func(*pattern.Observation, int) bool) map[uint32]bool {
	out := make(map[uint32]bool)
	switch e := e.(type) {
	case *pattern.Observation:
		for i := range all {
			if holds(e, i) {
				out[1<<i] = true
			}
		}
	case *pattern.Qualified:
		out = model(e.Operand, all, holds)
		for _, q := range e.Qualifiers {
			out = modelQualifier(q, out, all)
		}
	case *pattern.Combination:
		out = model(e.Operands[0], all, holds)
		for _, operand := range e.Operands[1:] {
			out = modelJoin(e.Op, out, model(operand, all, holds), all)
		}
	}
	return out
}

func modelJoin(op pattern.ObservationOperator, left, right map[uint32]bool, all []Observation) map[uint32]bool {
	out := make(map[uint32]bool)
	if op == pattern.AnyOf {
		for _, side := range []map[uint32]bool{left, right} {
			for b := range side {
				out[b] = true
			}
		}
		return out
	}
	for a := range left {
		for b := range right {
			if a&b == 0 && (op == pattern.AllOf || !latestFirst(a, all).After(earliestLast(b, all))) {
				out[a|b] = true
			}
		}
	}
	return out
}

func latestFirst(b uint32, all []Observation) (t time.Time) {
	for i := range all {
		if b&(1<<i) != 0 && all[i].First.After(t) {
			t = all[i].First
		}
	}
	return t
}

func earliestLast(b uint32, all []Observation) time.Time {
	t := time.Unix(1<<40, 0)
	for i := range all {
		if b&(1<<i) != 0 && all[i].Last.Before(t) {
			t = all[i].Last
		}
	}
	return t
}

func modelQualifier(q pattern.Qualifier, in map[uint32]bool, all []Observation) map[uint32]bool {
	out := make(map[uint32]bool)
	switch q.Kind {
	case pattern.Repeats:
		n, _ := q.Number.Int64()
		out[0] = true
		for range n {
			longer := make(map[uint32]bool)
			for a := range out {
				for b := range in {
					if a&b == 0 {
						longer[a|b] = true
					}
				}
			}
			out = longer
		}
	case pattern.Within:
		f, _ := q.Number.Float64()
		for b := range in {
			if latestFirst(b, all).Sub(earliestLast(b, all)) <= time.Duration(f*float64(time.Second)) {
				out[b] = true
			}
		}
	case pattern.StartStop:
		start, _ := q.Start.Time()
		stop, _ := q.Stop.Time()
		for b := range in {
			ok := start.Before(stop)
			for i := range all {
				ok = ok && (b&(1<<i) == 0 || !all[i].Last.Before(start) && all[i].First.Before(stop))
			}
			if ok {
				out[b] = true
			}
		}
	}
	return out
}

func second(n int) time.Time { return time.Date(2024, 5, 1, 12, 0, n, 0, time.UTC) }

func stamp(n int) string { return second(n).Format("t'2006-01-02T15:04:05Z'") }

// anyExpression draws the text of an observation expression over letters.
func anyExpression(t *rapid.T, depth int) string {
	text := "[x:v = '" + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "letter") + "']"
	if rapid.IntRange(0, 3).Draw(t, "two") == 0 {
		text = "[x:v IN ('a', 'b')]"
	}
	if depth > 0 && rapid.Bool().Draw(t, "joined") {
		op := rapid.SampledFrom([]string{" AND ", " OR ", " FOLLOWEDBY "}).Draw(t, "op")
		var parts []string
		for range rapid.IntRange(2, 3).Draw(t, "operands") {
			parts = append(parts, anyExpression(t, depth-1))
		}
		text = "(" + strings.Join(parts, op) + ")"
	}
	for range rapid.IntRange(0, 2).Draw(t, "qualifiers") {
		switch rapid.IntRange(0, 2).Draw(t, "qualifier") {
		case 0:
			text += fmt.Sprintf(" WITHIN %d SECONDS", rapid.IntRange(1, 6).Draw(t, "seconds"))
		case 1:
			text += fmt.Sprintf(" REPEATS %d TIMES", rapid.IntRange(1, 3).Draw(t, "times"))
		case 2:
			start := rapid.IntRange(0, 9).Draw(t, "start")
			text += fmt.Sprintf(" START %s STOP %s", stamp(start), stamp(start+rapid.IntRange(0, 8).Draw(t, "span")))
		}
		text = "(" + text + ")"
	}
	return text
}

// anyObservations draws up to n single observations of one letter each.
func anyObservations(t *rapid.T, n int) []Observation {
	var out []Observation
	for range rapid.IntRange(0, n).Draw(t, "observations") {
		first := rapid.IntRange(0, 12).Draw(t, "first")
		last := first + rapid.SampledFrom([]int{0, 0, 1, 4}).Draw(t, "span")
		letter := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "letter")
		out = append(out, Observation{First: second(first), Last: second(last),
			Objects: []*Object{{Type: "x", Values: map[string][]any{"v": {letter}}}}})
	}
	return out
}

func letterOf(o Observation) string { return o.Objects[0].Values["v"][0].(string) }

// TestMatchesAsTheModel holds the search against the model, also when equal
// observations are one that was seen several times; and what it binds must be
// one of the model's bindings.
func TestMatchesAsTheModel(t *testing.T) {
	matched := 0
	rapid.Check(t, func(t *rapid.T) {
		text := anyExpression(t, 2)
		all := anyObservations(t, 9)
		m, err := Compile(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		holds := func(o *pattern.Observation, i int) bool {
			return strings.Contains(o.String(), "'"+letterOf(all[i])+"'")
		}
		want := model(m.pattern.Root, all, holds)
		got, err := m.Match(all)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if (got != nil) != (len(want) > 0) {
			t.Fatalf("%s on %v: match is %v, the model has %d bindings", text, show(all), got, len(want))
		}
		if got == nil {
			return
		}
		matched++
		bound := uint32(0)
		for _, b := range got.Bindings {
			if bound&(1<<b.Observation) != 0 || b.Times != 1 {
				t.Fatalf("%s on %v: an observation serves twice: %+v", text, show(all), got)
			}
			bound |= 1 << b.Observation
		}
		if !want[bound] {
			t.Fatalf("%s on %v: %+v is no binding of the model", text, show(all), got)
		}
		again, _ := m.Match(all)
		if fmt.Sprint(again) != fmt.Sprint(got) {
			t.Fatalf("%s: %v, then %v", text, got, again)
		}
		counted, err := m.Match(folded(all))
		if counted == nil || err != nil {
			t.Fatalf("%s on %v: no match when equal observations are counted: %v", text, show(all), err)
		}
	})
	if matched == 0 {
		t.Error("no pattern matched; the test shows nothing")
	}
}

// folded makes equal observations one.
func folded(all []Observation) []Observation {
	var out []Observation
next:
	for _, o := range all {
		o.Count = 1
		for i := range out {
			if out[i].First.Equal(o.First) && out[i].Last.Equal(o.Last) && letterOf(out[i]) == letterOf(o) {
				out[i].Count++
				continue next
			}
		}
		out = append(out, o)
	}
	return out
}

func show(all []Observation) (out []string) {
	for _, o := range all {
		out = append(out, fmt.Sprintf("%s@%d-%d", letterOf(o), o.First.Second(), o.Last.Second()))
	}
	return out
}
