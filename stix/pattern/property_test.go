package pattern

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// bare is a copy of a tree without positions, to compare what two texts mean.
func bare(v any) any {
	return strip(reflect.ValueOf(v)).Interface()
}

func strip(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		out.Set(reflect.New(v.Type().Elem()))
		out.Elem().Set(strip(v.Elem()))
	case reflect.Interface:
		out.Set(strip(v.Elem()))
	case reflect.Slice:
		if v.IsNil() {
			return out
		}
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(strip(v.Index(i)))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Pos" && name != "OpPos" {
				out.Field(i).Set(strip(v.Field(i)))
			}
		}
	default:
		out.Set(v)
	}
	return out
}

var (
	anyWord = rapid.StringMatching(`[a-z_][a-z0-9_]{0,8}`)
	anyText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "'", `\`, `\'`, "AND", "true", "a-b", "東京"}))
)

func anyConstant(t *rapid.T) Constant {
	form := map[ConstantKind]string{
		Integer: `-?[1-9][0-9]{0,17}|0`, Float: `-?(0|[1-9][0-9]{0,5})\.[0-9]{1,9}`, Bool: `true|false`,
		Hex: `([0-9a-fA-F]{2}){0,4}`, Binary: `([A-Za-z0-9+/]{4}){1,3}|[A-Za-z0-9+/]{2}==`,
		Timestamp: `[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z`,
	}
	kind := rapid.SampledFrom([]ConstantKind{String, Integer, Float, Bool, Hex, Binary, Timestamp}).Draw(t, "kind")
	if kind == String {
		return Constant{Kind: kind, Text: anyText.Draw(t, "text")}
	}
	return Constant{Kind: kind, Text: rapid.StringMatching(form[kind]).Draw(t, "value")}
}

// constantOf draws until the constant is of one of some kinds.
func constantOf(t *rapid.T, kinds ...ConstantKind) Constant {
	return rapid.Custom(anyConstant).Filter(func(c Constant) bool {
		for _, kind := range kinds {
			if c.Kind == kind {
				return true
			}
		}
		return false
	}).Draw(t, "constant")
}

func anyComparison(t *rapid.T) *Comparison {
	c := &Comparison{Negated: rapid.Bool().Draw(t, "not")}
	c.Op = Operator(rapid.IntRange(int(Equal), int(Exists)).Draw(t, "operator"))
	c.Path = ObjectPath{Type: rapid.StringMatching(`[a-z][a-z0-9-]{2,8}`).Draw(t, "type")}
	c.Path.Steps = []Step{{Name: anyWord.Draw(t, "name")}}
	for range rapid.IntRange(0, 3).Draw(t, "steps") {
		step := Step{Kind: StepKind(rapid.IntRange(0, 2).Draw(t, "step"))}
		switch step.Kind {
		case Property:
			step.Name = rapid.OneOf(anyWord, anyText).Draw(t, "name")
		case Element:
			step.Index = rapid.Int64Min(0).Draw(t, "index")
		}
		c.Path.Steps = append(c.Path.Steps, step)
	}
	switch c.Op {
	case Exists:
	case In:
		c.Set = rapid.SliceOfN(rapid.Custom(anyConstant), 0, 4).Draw(t, "set")
		if len(c.Set) == 0 {
			c.Set = nil
		}
	case Equal, NotEqual:
		c.Value = anyConstant(t)
	case Less, LessOrEqual, Greater, GreaterOrEqual:
		c.Value = constantOf(t, String, Integer, Float, Hex, Binary, Timestamp)
	default:
		c.Value = Constant{Kind: String, Text: anyText.Draw(t, "text")}
	}
	return c
}

func anyTest(t *rapid.T, depth int) ComparisonExpression {
	n := rapid.IntRange(1, 3).Draw(t, "operands")
	if depth == 0 || n == 1 {
		return anyComparison(t)
	}
	b := &Boolean{Op: BooleanOperator(rapid.IntRange(0, 1).Draw(t, "join"))}
	for range n {
		b.Operands = append(b.Operands, anyTest(t, depth-1))
	}
	return b
}

func anyQualifier(t *rapid.T) Qualifier {
	q := Qualifier{Kind: QualifierKind(rapid.IntRange(0, 2).Draw(t, "qualifier"))}
	switch q.Kind {
	case Within:
		q.Number = Constant{Kind: Float, Text: rapid.StringMatching(`[1-9][0-9]{0,3}\.[0-9]{1,3}`).Draw(t, "seconds")}
	case Repeats:
		q.Number = Constant{Kind: Integer, Text: rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "times")}
	default:
		q.Start, q.Stop = constantOf(t, Timestamp), constantOf(t, Timestamp)
	}
	return q
}

func anyObservation(t *rapid.T, depth int) ObservationExpression {
	form := rapid.IntRange(0, 2).Draw(t, "form")
	switch {
	case depth == 0 || form == 0:
		return &Observation{Test: anyTest(t, 2)}
	case form == 1:
		q := &Qualified{Operand: anyObservation(t, depth-1)}
		q.Qualifiers = rapid.SliceOfN(rapid.Custom(anyQualifier), 1, 3).Draw(t, "qualifiers")
		_, simple := q.Operand.(*Observation)
		q.Grouped = !simple || rapid.Bool().Draw(t, "grouped")
		return q
	}
	c := &Combination{Op: ObservationOperator(rapid.IntRange(0, 2).Draw(t, "join"))}
	for range rapid.IntRange(2, 3).Draw(t, "operands") {
		c.Operands = append(c.Operands, anyObservation(t, depth-1))
	}
	return c
}

// TestPrintedPatternParsesToItself: parse(print(p)) = p for any tree.
func TestPrintedPatternParsesToItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Pattern{Root: anyObservation(t, 3)}
		got, err := Parse(want.String())
		if err != nil {
			t.Fatalf("%s\n%v", want.String(), err)
		}
		if !reflect.DeepEqual(bare(got.Root), bare(want.Root)) {
			t.Fatalf("%s\nparses to\n%s\n%s, want\n%s", want.String(), got, show(got.Root), show(want.Root))
		}
		Check(got.String()) // must not panic on anything that parses
	})
}

func show(v any) string { return fmt.Sprintf("%+v", bare(v)) }

// TestMutationsNeverPanic cuts, doubles and swaps parts of good patterns.
func TestMutationsNeverPanic(t *testing.T) {
	patterns := cases(t, "valid.txt")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(patterns).Draw(t, "pattern")
		i := rapid.IntRange(0, len(text)).Draw(t, "i")
		j := rapid.IntRange(i, len(text)).Draw(t, "j")
		other := rapid.SampledFrom(patterns).Draw(t, "other")
		for _, mutant := range []string{text[:i] + text[j:], text[:j] + text[i:], text[:i] + other + text[j:], other[:min(i, len(other))] + text[i:j]} {
			stable(t, mutant)
		}
	})
}
