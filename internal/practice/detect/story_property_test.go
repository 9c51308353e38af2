package detect_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/detect"
	"entente/stix/pattern"
	"entente/stix/pattern/match"
)

// said is a line of a log, and what it says.
type said struct {
	at    int // second; -1 when it tells no time
	names []string
}

var began = time.Date(2020, 3, 1, 10, 0, 0, 0, time.UTC)

func second(n int) string { return began.Add(time.Duration(n) * time.Second).Format(time.RFC3339) }

func (s said) line() string {
	text := strings.Join(s.names, " ") + "\n"
	if s.at < 0 {
		return "- " + text
	}
	return second(s.at) + " " + text
}

func (s said) observation() match.Observation {
	var o match.Observation
	if s.at >= 0 {
		o.First = began.Add(time.Duration(s.at) * time.Second)
	}
	for _, name := range s.names {
		o.Objects = append(o.Objects, &match.Object{Type: "domain-name", Properties: map[string]any{"value": name}})
	}
	return o
}

var storyNames = []string{"a.example", "b.example", "c.example", "d.example"}

func saids() *rapid.Generator[said] {
	return rapid.Custom(func(t *rapid.T) said {
		return said{rapid.IntRange(-1, 12).Draw(t, "second"), rapid.SliceOfNDistinct(rapid.SampledFrom(storyNames), 0, 3, rapid.ID[string]).Draw(t, "names")}
	})
}

// observations draws an expression of several observations.
func observations(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			names := rapid.SliceOfNDistinct(rapid.SampledFrom(storyNames), 1, 2, rapid.ID[string]).Draw(t, "of")
			return "[domain-name:value = '" + strings.Join(names, "' OR domain-name:value = '") + "']"
		}
		inner := observations(depth - 1)
		if rapid.Bool().Draw(t, "qualified") {
			from := rapid.IntRange(0, 6).Draw(t, "from")
			return "(" + inner.Draw(t, "operand") + ")" + rapid.SampledFrom([]string{
				fmt.Sprintf(" WITHIN %d SECONDS", 1+from), fmt.Sprintf(" REPEATS %d TIMES", 1+from%3),
				fmt.Sprintf(" START t'%s' STOP t'%s'", second(from), second(from+6)),
			}).Draw(t, "by")
		}
		op := rapid.SampledFrom([]string{" AND ", " FOLLOWEDBY ", " OR "}).Draw(t, "operator")
		return "((" + inner.Draw(t, "left") + ")" + op + "(" + inner.Draw(t, "right") + "))"
	})
}

// isStory leaves out single observations and their ORs, of which each side is by itself.
func isStory(text string) bool {
	p, err := pattern.Parse(text)
	if err != nil {
		return false
	}
	c, combined := p.Root.(*pattern.Combination)
	_, one := p.Root.(*pattern.Observation)
	return !one && !(combined && c.Op == pattern.AnyOf)
}

// wholeAt are the lines by which a pattern holds, each line serving once, by package match
// alone: of what tells no time, where the pattern depends on that, nothing serves.
func wholeAt(t *rapid.T, text string, all []said) (lines []int64) {
	m, err := match.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	timed := strings.Contains(text, "FOLLOWEDBY") || strings.Contains(text, "WITHIN") || strings.Contains(text, "START")
	var rest []match.Observation
	for i, s := range all {
		if timed && s.at < 0 {
			continue
		}
		rest = append(rest, s.observation())
		found, err := m.Match(rest)
		if err != nil {
			t.Fatal(err)
		}
		if found == nil {
			continue
		}
		lines = append(lines, int64(i+1))
		for _, b := range found.Bindings {
			rest[b.Observation].Objects = nil
		}
	}
	return lines
}

// A pattern of several observations hits where package match says of the lines up to there,
// as observations, that it holds.
func TestStoriesAreWholeWhereAMatcherSaysSo(t *testing.T) {
	hit := 0
	rapid.Check(t, func(rt *rapid.T) {
		asked := observations(3).Filter(isStory).Draw(rt, "pattern")
		all := rapid.SliceOfN(saids(), 1, 12).Draw(rt, "lines")
		var text strings.Builder
		for _, s := range all {
			text.WriteString(s.line())
		}
		s := setOf(t, asked)
		if rapid.Bool().Draw(rt, "kept") {
			s = keep(t, s)
		}
		var got []int64
		if _, err := s.Scan(context.Background(), "log", strings.NewReader(text.String()), func(h detect.Hit) error {
			got = append(got, h.Line)
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		want := wholeAt(rt, asked, all)
		if len(want) > 0 {
			hit++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%s on\n%s: want - got +\n%s", asked, text.String(), diff)
		}
	})
	if hit == 0 {
		t.Error("nothing hit")
	}
}
