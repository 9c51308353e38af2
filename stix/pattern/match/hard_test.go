package match

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// row is n observations of x:v = 'a', and of 'b' every tenth, one every gap.
func row(n int, gap time.Duration) []Observation {
	out := make([]Observation, n)
	for i := range out {
		at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * gap)
		letters := []any{"a"}
		if i%10 == 9 {
			letters = append(letters, "b")
		}
		out[i] = Observation{First: at, Objects: []*Object{{Type: "x", Values: map[string][]any{"v": letters}}}}
	}
	return out
}

// threes is n times three observations at once, a minute apart.
func threes(n int) (out []Observation) {
	for _, o := range row(n, time.Minute) {
		out = append(out, o, o, o)
	}
	return out
}

func many(part, op string, n int) string {
	return strings.Repeat(part+op, n-1) + part
}

// verdictOf is what a search came to: yes, no or hard.
func verdictOf(found *problem, err error) string {
	switch {
	case errors.Is(err, ErrTooHard):
		return "hard"
	case found != nil:
		return "yes"
	}
	return "no"
}

// TestManyObservations asks what would take ages if bindings were tried one by
// one. The search takes a number of steps that is written here.
func TestManyObservations(t *testing.T) {
	const a, b, none = "[x:v = 'a']", "[x:v = 'b']", "[x:v = 'c']"
	second, half := row(10_000, time.Second), row(10_000, time.Second/2)
	for _, c := range []struct {
		text string
		all  []Observation
		want string // yes, no or hard
		most int64  // steps, in thousands
	}{
		{a + " REPEATS 100 TIMES WITHIN 60 SECONDS", second, "no", 260},
		{a + " REPEATS 100 TIMES WITHIN 60 SECONDS", half, "yes", 18},
		{a + " REPEATS 62 TIMES WITHIN 60 SECONDS", second, "no", 5800},
		{a + " REPEATS 10000 TIMES", second, "yes", 51},
		{a + " REPEATS 10001 TIMES", second, "no", 1},
		{a + " REPEATS 100000000 TIMES", second, "no", 1},
		{"(" + many(a, " AND ", 60) + ") WITHIN 60 SECONDS", second, "yes", 40},
		{"(" + many(a, " AND ", 70) + ") WITHIN 60 SECONDS", second, "no", 14000},
		{"(" + many(a, " AND ", 50) + " AND " + b + " REPEATS 8 TIMES) WITHIN 60 SECONDS", second, "no", 1400},
		{many(a, " AND ", 100) + " AND " + none, second, "no", 1},
		{many(a, " FOLLOWEDBY ", 5), second, "yes", 16},
		{many(a, " FOLLOWEDBY ", 5) + " FOLLOWEDBY " + none, second, "no", 6},
		{"(" + many(a, " FOLLOWEDBY ", 5) + ") WITHIN 3 SECONDS", second, "no", 24000},
		{"(" + many(a, " FOLLOWEDBY ", 5) + ") WITHIN 4 SECONDS", second, "yes", 32},
		{"(" + b + " FOLLOWEDBY " + b + ") WITHIN 9 SECONDS", second, "no", 84},
		{"(" + b + " FOLLOWEDBY " + b + " FOLLOWEDBY " + b + ") WITHIN 19 SECONDS", second, "no", 390},
		{"((" + a + " AND " + b + ") WITHIN 5 SECONDS) REPEATS 50 TIMES", second, "yes", 100},
		{"((" + a + " FOLLOWEDBY " + b + ") WITHIN 5 SECONDS) REPEATS 200 TIMES", second, "yes", 3500},
		{"(" + a + " FOLLOWEDBY " + b + ") REPEATS 400 TIMES", second, "yes", 1700},
		{"(" + a + " REPEATS 30 TIMES WITHIN 20 SECONDS) FOLLOWEDBY (" + b + " REPEATS 3 TIMES WITHIN 20 SECONDS)", second, "no", 500},
		{"(" + a + " REPEATS 20 TIMES WITHIN 20 SECONDS) FOLLOWEDBY (" + b + " REPEATS 3 TIMES WITHIN 20 SECONDS)", second, "yes", 40},
		{"((" + a + " OR " + b + " REPEATS 2 TIMES) WITHIN 30 SECONDS) REPEATS 40 TIMES", second, "yes", 33},
		{"((" + a + " AND " + b + " AND " + b + ") WITHIN 12 SECONDS) REPEATS 300 TIMES", second, "yes", 5800},
		{"((" + b + " AND " + b + " AND " + b + ") WITHIN 20 SECONDS) REPEATS 333 TIMES", second, "yes", 6900},
		// Three at a time make one pair each, and one is left over that nothing
		// but trying shows to be of no use.
		{"((" + a + " AND " + a + ") WITHIN 1 SECONDS) REPEATS 100 TIMES", threes(100), "yes", 1600},
		{"((" + a + " AND " + a + ") WITHIN 1 SECONDS) REPEATS 5 TIMES", threes(4), "no", 5},
		{"((" + a + " AND " + a + ") WITHIN 1 SECONDS) REPEATS 7 TIMES", threes(6), "no", 12},
		{"((" + a + " AND " + a + ") WITHIN 1 SECONDS) REPEATS 10 TIMES", threes(9), "no", 91},
	} {
		m, err := Compile(c.text)
		if err != nil {
			t.Errorf("%.80s: %v", c.text, err)
			continue
		}
		f := newFinder(m, newSupply(m, c.all))
		got := verdictOf(f.find())
		if steps := (maxWork - f.work) / 1000; got != c.want || steps > c.most {
			t.Errorf("%.100s: %s after %d thousand steps, want %s after at most %d", c.text, got, steps, c.want, c.most)
		}
	}
}

// chained is n observations a second apart, each of which lasts up to six, with a
// letter that all have and one of k.
func chained(n, k int) []Observation {
	out := row(n, time.Second)
	for i := range out {
		out[i].Last = out[i].First.Add(time.Duration(i%7) * time.Second)
		out[i].Objects = []*Object{{Type: "x", Values: map[string][]any{"v": {"a", fmt.Sprint(i % k)}}}}
	}
	return out
}

// TestLongChains: what the instants of a chain are chosen from costs steps, and
// no memory that grows with the square of the chain.
func TestLongChains(t *testing.T) {
	for name, part := range map[string]string{"same": "[x:v = 'a']", "other": "[x:v = '%d']", "most": "[x:v = 'a' AND x:v != '%d']"} {
		for k, want := range map[int]string{50: "yes", 100: "hard"} {
			parts := make([]string, k)
			for i := range parts {
				parts[i] = strings.Replace(part, "%d", fmt.Sprint(i), 1)
			}
			m, err := Compile("(" + strings.Join(parts, " FOLLOWEDBY ") + ") WITHIN 2000 SECONDS")
			if err != nil {
				t.Fatal(err)
			}
			f := newFinder(m, newSupply(m, chained(10_000, k)))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			found, err := f.find()
			runtime.ReadMemStats(&after)
			got := verdictOf(found, err)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; got != want || mb > 250 {
				t.Errorf("%d parts that ask for %s: %s with %d MB, want %s with at most 250", k, name, got, mb, want)
			}
			if f.work < -10_000_000 {
				t.Errorf("%d parts that ask for %s: went on for %d steps after the last", k, name, -f.work)
			}
		}
	}
}

// TestManyParts: parts whose observations are joined without order cost little.
func TestManyParts(t *testing.T) {
	parts := make([]string, 1000)
	for i := range parts {
		parts[i] = fmt.Sprintf("[x:v IN ('a', 'z%d')]", i)
	}
	m, err := Compile("(" + strings.Join(parts, " AND ") + ") WITHIN 3000 SECONDS")
	if err != nil {
		t.Fatal(err)
	}
	f := newFinder(m, newSupply(m, chained(5000, 1)))
	found, err := f.find()
	if steps := maxWork - f.work; found == nil || err != nil || steps > 3_000_000 {
		t.Errorf("found is %v after %d steps: %v", found != nil, steps, err)
	}
}

// TestValuesWithoutSteps: what was collected when steps ran out is not taken for
// the whole later, as by the other side of an OR.
func TestValuesWithoutSteps(t *testing.T) {
	m, err := Compile("([x:v = '0'] FOLLOWEDBY [x:v = '1']) AND ([x:v = '2'] FOLLOWEDBY [x:v = '3'])")
	if err != nil {
		t.Fatal(err)
	}
	all := chained(4000, 4)
	whole := newFinder(m, newSupply(m, all))
	want := whole.values(m.root, true)
	if len(want) < 2000 {
		t.Fatalf("only %d values: the test shows nothing", len(want))
	}
	counted := newFinder(m, newSupply(m, all))
	counted.values(m.root, false)
	// Three times two sets of 4000 bits, each word read twice, and the one that
	// is asked for.
	if steps, want := maxWork-counted.work, int64(3*2*2*63+63+4000); steps != want {
		t.Errorf("the beginnings took %d steps, want %d", steps, want)
	}
	if steps, want := maxWork-whole.work, int64(3*2*2*63+4000*12+4000); steps != want {
		t.Errorf("the ends took %d steps, want %d", steps, want)
	}
	for work := int64(0); work < maxWork-whole.work; work += 500 {
		f := newFinder(m, newSupply(m, all))
		f.work = work
		if got := f.values(m.root, true); got != nil && !slices.Equal(got, want) {
			t.Errorf("%d values for %d steps, want %d or none", len(got), work, len(want))
		}
		if _, err := f.together(m.root); !errors.Is(err, ErrTooHard) {
			t.Errorf("with %d steps: %v", work, err)
		}
		f.work = maxWork
		if got := f.values(m.root, true); !slices.Equal(got, want) {
			t.Errorf("after %d steps and a pause %d values, want %d", work, len(got), len(want))
		}
	}
}

// TestGivingUp: a search that takes too many steps ends with an error, unless
// the other side of an OR holds.
func TestGivingUp(t *testing.T) {
	const hard = "(([x:v = 'a'] AND [x:v = 'a']) WITHIN 1 SECONDS) REPEATS 101 TIMES"
	for text, want := range map[string]string{
		hard:                     "hard",
		hard + " OR [x:v = 'a']": "yes",
		hard + " OR ([x:v = 'a'] AND [x:v = 'a']) WITHIN 1 SECONDS": "yes",
		"[x:v = 'a'] OR " + hard:                                    "yes",
		hard + " OR [x:v = 'c']":                                    "hard",
		"(" + hard + " OR [x:v = 'a']) FOLLOWEDBY [x:v = 'c']":      "no",
		hard + " FOLLOWEDBY [x:v = 'c']":                            "no",
		"[x:v = 'c'] AND " + hard:                                   "no",
	} {
		m, err := Compile(text)
		if err != nil {
			t.Fatal(err)
		}
		f := newFinder(m, newSupply(m, threes(100)))
		f.work, f.reserve = 1_000_000, 250_000
		got := verdictOf(f.find())
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// Try counts what it takes, and takes no more than it is given, but for the end of a step.
func TestTryCountsItsSteps(t *testing.T) {
	m, err := Compile("(([x:v = 'a'] AND [x:v = 'b']) WITHIN 5 SECONDS) REPEATS 50 TIMES")
	if err != nil {
		t.Fatal(err)
	}
	all := row(2000, time.Second)
	left := int64(maxWork)
	if found, err := m.Try(all, &left); found == nil || err != nil {
		t.Fatalf("%v, %v", found, err)
	}
	took := maxWork - left
	if took < 1000 || took > 2_000_000 {
		t.Errorf("it took %d steps", took)
	}
	for _, steps := range []int64{1, took / 100} {
		left := steps
		if found, err := m.Try(all, &left); found != nil || !errors.Is(err, ErrTooHard) || left != 0 {
			t.Errorf("by %d steps: %v, %v, %d left", steps, found, err, left)
		}
	}
}
