package pattern

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// parse is Parse for patterns that must be right.
func parse(t testing.TB, text string) *Pattern {
	t.Helper()
	p, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%s): %v", text, err)
	}
	return p
}

// refuse parses what must be wrong.
func refuse(t testing.TB, text string, opts ...Option) *Error {
	t.Helper()
	_, err := Parse(text, opts...)
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("Parse(%.60s) returns %v, want an *Error", text, err)
	}
	return e
}

func TestPrecedenceBindsAndBeforeOrBeforeFollowedBy(t *testing.T) {
	p := parse(t, "[a:b = 1 OR a:c = 2 AND a:d = 3] FOLLOWEDBY [e:f = 4] OR [e:g = 5] AND [e:h = 6] WITHIN 5 SECONDS")
	followed := p.Root.(*Combination)
	or := followed.Operands[1].(*Combination)
	and := or.Operands[1].(*Combination)
	if followed.Op != FollowedBy || or.Op != AnyOf || and.Op != AllOf {
		t.Errorf("operators are %v, %v, %v, want FOLLOWEDBY, OR, AND", followed.Op, or.Op, and.Op)
	}
	if _, ok := and.Operands[1].(*Qualified); !ok {
		t.Errorf("WITHIN narrows %T, want the last observation only", and.Operands[1])
	}
	test := followed.Operands[0].(*Observation).Test.(*Boolean)
	if test.Op != Or || test.Operands[1].(*Boolean).Op != And {
		t.Errorf("the test is %v, want AND inside OR", test)
	}
}

func TestChainsAreFlatAndGroupsAreKept(t *testing.T) {
	flat := parse(t, "[a:b = 1] FOLLOWEDBY [a:b = 2] FOLLOWEDBY [a:b = 3]").Root.(*Combination)
	if len(flat.Operands) != 3 {
		t.Errorf("a chain of three has %d operands", len(flat.Operands))
	}
	grouped := parse(t, "[a:b = 1] FOLLOWEDBY ([a:b = 2] FOLLOWEDBY [a:b = 3])").Root.(*Combination)
	if len(grouped.Operands) != 2 {
		t.Errorf("a chain with a group has %d operands, want 2", len(grouped.Operands))
	}
}

func TestNodesKnowTheirPlace(t *testing.T) {
	const text = "  ([a:b.'c'[7][*] NOT = 'x' AND a:d IN (1, h'ff')] OR [e:f = 2]) WITHIN 5 SECONDS START t'2020-01-01T00:00:00Z' STOP t'2020-02-01T00:00:00Z'"
	q := parse(t, text).Root.(*Qualified)
	or := q.Operand.(*Combination)
	and := or.Operands[0].(*Observation).Test.(*Boolean)
	first, second := and.Operands[0].(*Comparison), and.Operands[1].(*Comparison)
	for want, pos := range map[string]int{
		"([a:b": q.Pos, "[a:b": or.Pos, "a:b.'c'": and.Pos, "'c'": first.Path.Steps[1].Pos,
		"[7]": first.Path.Steps[2].Pos, "[*]": first.Path.Steps[3].Pos, "= 'x'": first.OpPos, "'x'": first.Value.Pos,
		"a:d": second.Pos, "IN (": second.OpPos, "1,": second.Set[0].Pos, "h'ff'": second.Set[1].Pos,
		"[e:f": or.Operands[1].Offset(), "WITHIN": q.Qualifiers[0].Pos, "5 SECONDS": q.Qualifiers[0].Number.Pos,
		"START": q.Qualifiers[1].Pos, "t'2020-01": q.Qualifiers[1].Start.Pos, "t'2020-02": q.Qualifiers[1].Stop.Pos,
	} {
		if !strings.HasPrefix(text[pos:], want) {
			t.Errorf("node %s stands at %d: %q", want, pos, text[pos:])
		}
	}
}

func TestQualifiersWalkFromLeftToRight(t *testing.T) {
	p := parse(t, "([a:b = 1] REPEATS 2 TIMES AND [a:c = 2]) WITHIN 5 SECONDS FOLLOWEDBY [a:d = 3] START t'2020-01-01T00:00:00Z' STOP t'2020-02-01T00:00:00Z'")
	var all []QualifierKind
	for q := range p.Qualifiers() {
		all = append(all, q.Kind)
	}
	if want := []QualifierKind{Repeats, Within, StartStop}; !reflect.DeepEqual(all, want) {
		t.Errorf("walks %v, want %v", all, want)
	}
	for range p.Qualifiers() {
		break // the walk ends when no more are wanted
	}
}

func TestComparisonsWalkFromLeftToRight(t *testing.T) {
	p := parse(t, "([a:b = 1 OR (a:c = 2 AND EXISTS a:d)] AND [a:e IN (3)]) REPEATS 2 TIMES FOLLOWEDBY [a:f LIKE '4']")
	var got []string
	for c := range p.Comparisons() {
		got = append(got, c.String())
	}
	want := []string{"a:b = 1", "a:c = 2", "EXISTS a:d", "a:e IN (3)", "a:f LIKE '4'"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("walks %q, want %q", got, want)
	}
	for c := range p.Comparisons() {
		if c.Path.Steps[0].Name == "c" {
			break // must not go on
		}
	}
}

func TestConstantsHaveValues(t *testing.T) {
	p := parse(t, `[a:b IN ('it\'s \\', +5, -.50, true, h'00fF', b'AQI=', t'2020-12-31T23:59:60.5Z')]`)
	for c := range p.Comparisons() {
		set := c.Set
		if set[0].Text != `it's \` || set[3].Text != "true" {
			t.Errorf("texts are %q and %q", set[0].Text, set[3].Text)
		}
		if n, err := set[1].Int64(); n != 5 || err != nil {
			t.Errorf("+5 is %d, %v", n, err)
		}
		if f, err := set[2].Float64(); f != -0.5 || err != nil {
			t.Errorf("-.50 is %v, %v", f, err)
		}
		for i, want := range map[int]string{4: "\x00\xff", 5: "\x01\x02"} {
			if b, err := set[i].Bytes(); string(b) != want || err != nil {
				t.Errorf("%s is %x, %v", set[i], b, err)
			}
		}
		if at, err := set[6].Time(); err != nil || at.Format("2006-01-02T15:04:05.0Z07:00") != "2021-01-01T00:00:00.5Z" {
			t.Errorf("the leap second is %v, %v", at, err)
		}
		if _, err := set[0].Time(); err == nil {
			t.Error("a string has a time")
		}
		if _, err := set[6].Int64(); err == nil {
			t.Error("a timestamp has an integer")
		}
	}
}

// TestSpaceAndControls holds what a file of lines cannot.
func TestSpaceAndControls(t *testing.T) {
	for _, text := range []string{
		"[a:b\u00a0=\u20031]\u3000", "\r\n[a:b\n=\v1\f]\u0085", "[a:b = 1 // one\n OR a:b = 2]",
		"[a:b = 1 // one\r OR a:b = 2]", "[a:b /* one\n two */ = 1]", "[a:b = '\x00\x01\n\u2028']",
	} {
		if p := parse(t, text); errorsOf(p.Check()) != nil {
			t.Errorf("%q has problems %v", text, p.Check())
		}
	}
	for _, text := range []string{
		"", " ", "\n", "// only a comment", "\ufeff[a:b = 1]", "[a:b = 1]\x00", "[a:b = 1\u200b]", "[a:b = '\xff']",
		"[a\xc3:b = 1]", "[a:b = 1 // one\u0085 OR a:b = 2]",
	} {
		e := refuse(t, text)
		if e.Offset < 0 || e.Offset > len(text) || e.Message == "" {
			t.Errorf("%q: %+v", text, e)
		}
	}
}

func TestLimits(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("(", n-1) + "[a:b = 1]" + strings.Repeat(")", n-1) }
	inner := func(n int) string { return "[" + strings.Repeat("(", n-1) + "a:b = 1" + strings.Repeat(")", n-1) + "]" }
	many := func(n int) string { return "[a:b = 1" + strings.Repeat(" OR a:b = 1", n-1) + "]" }
	long := func(n int) string { return "[a:b = '" + strings.Repeat("x", n-10) + "']" }
	for _, text := range []string{nest(DefaultDepth), inner(DefaultDepth), many(MaxComparisons), long(MaxLength)} {
		parse(t, text)
	}
	for text, want := range map[string]string{
		nest(DefaultDepth + 1):   "nested",
		inner(DefaultDepth + 1):  "nested",
		many(MaxComparisons + 1): "32768 comparisons",
		long(MaxLength + 1):      "1048577 bytes",
		nest(MaxLength / 4):      "nested",
	} {
		if e := refuse(t, text); !strings.Contains(e.Error(), want) {
			t.Errorf("%.30s... is refused for %v, want %s", text, e, want)
		}
	}
	if _, err := Parse(nest(500), MaxDepth(500)); err != nil {
		t.Errorf("depth 500 of 500: %v", err)
	}
	if e := refuse(t, nest(3), MaxDepth(2)); e.Offset != 2 {
		t.Errorf("depth 3 of 2 is refused at %d, want 2", e.Offset)
	}
}

func TestErrorShowsItsPlace(t *testing.T) {
	e := refuse(t, "[file:name = 'ü'\n OR\tfile:size == ]")
	if e.Line != 2 || e.Column != 18 || e.Offset != 35 {
		t.Errorf("error at %d:%d, offset %d", e.Line, e.Column, e.Offset)
	}
	want := " OR file:size == ]\n                 ^"
	if got := e.Caret(); got != want {
		t.Errorf("caret is\n%s\nwant\n%s", got, want)
	}
	if got, want := e.Error(), `pattern at 2:18: found "]", expected a constant`; got != want {
		t.Errorf("error is %q, want %q", got, want)
	}
}

func TestCaretCutsLongLines(t *testing.T) {
	e := refuse(t, "[a:b = '"+strings.Repeat("x", 500)+"' OR OR a:b = '"+strings.Repeat("y", 500)+"']")
	lines := strings.Split(e.Caret(), "\n")
	if len(lines) != 2 || len(lines[0]) > 130 || !strings.HasPrefix(lines[0][len(lines[1])-1:], "OR a:b") {
		t.Errorf("caret is\n%s", e.Caret())
	}
}

func TestErrorsDoNotCarryControlCharacters(t *testing.T) {
	e := refuse(t, "[a:b = \x1b[31m\u202e]")
	if s := e.Error() + e.Caret(); strings.ContainsAny(s, "\x1b\u202e") {
		t.Errorf("%q", s)
	}
}

func TestManyProblemsKeepTheError(t *testing.T) {
	text := "[a:b IN (t'2023-02-30T00:00:00Z'" + strings.Repeat(", t'2023-02-30T00:00:00Z'", 2000) + ")] WITHIN 0 SECONDS"
	problems := Check(text)
	if len(errorsOf(problems)) != 1 || len(problems) != maxProblems+1 {
		t.Errorf("%d problems, of them errors %v", len(problems), errorsOf(problems))
	}
}

func TestProblemReads(t *testing.T) {
	problems := Check("[ipv4-addr:value ISSUBSET 'x']")
	want := `1:27: error: "x" is neither an IP address nor a CIDR block (subset, STIX 2.1 section 9.6.1); write it like '198.51.100.0/24' or '2001:db8::/32'`
	if got := fmt.Sprint(problems[0]); got != want {
		t.Errorf("problem reads\n%s, want\n%s", got, want)
	}
}
