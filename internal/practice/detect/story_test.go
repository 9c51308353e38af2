package detect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
)

const followed = "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']"

// told are the lines of hits, with those that serve beside them.
func told(t testing.TB, s *detect.Set, text string) (all []string, stats detect.Stats) {
	t.Helper()
	stats, err := s.Scan(t.Context(), "log", strings.NewReader(text), func(h detect.Hit) error {
		line := fmt.Sprint(h.Line, " ", h.Value)
		for _, p := range h.After {
			line += fmt.Sprint(" after ", p.Text, " ", p.Line, " ", p.Value)
		}
		all = append(all, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, stats
}

func TestPatternsOfSeveralObservations(t *testing.T) {
	for _, c := range []struct {
		pattern, log string
		want         []string
	}{
		{followed, "2020-03-01T10:00:00Z a.example\n2020-03-01T10:00:01Z b.example\n2020-03-01T10:00:02Z b.example\n", []string{"2 b.example after log 1 a.example"}},
		{followed, "2020-03-01T10:00:00Z b.example\n2020-03-01T10:00:01Z a.example\n", nil},
		{followed, "2020-03-01T10:00:01Z b.example\n2020-03-01T10:00:00Z a.example\n", []string{"2 a.example after log 1 b.example"}}, // a log that is not in order
		{followed, "a.example\nb.example\n", nil},
		{"[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']", "a.example b.example\n", nil}, // one line is one observation
		{"[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']", "a.example b.example\na.example\n", []string{"2 a.example after log 1 a.example"}},
		{"[domain-name:value = 'a.example'] REPEATS 2 TIMES", "a.example\na.example\na.example\na.example\n", []string{"2 a.example after log 1 a.example", "4 a.example after log 3 a.example"}},
		{"[domain-name:value = 'c.example'] OR (" + followed + ")", "2020-03-01T10:00:00Z a.example\nc.example\n2020-03-01T10:00:01Z b.example", []string{"2 c.example", "3 b.example after log 1 a.example"}},
		{"(" + followed + ") OR ([domain-name:value = 'c.example'] FOLLOWEDBY [domain-name:value = 'd.example'])", "2020-03-01T10:00:00Z a.example\n2020-03-01T10:00:01Z d.example\n2020-03-01T10:00:01Z b.example\n", []string{"3 b.example after log 1 a.example"}},
		{"[domain-name:value = 'a.example' AND ipv4-addr:value = '198.51.100.7'] AND [domain-name:value = 'b.example']", "a.example\nb.example\n198.51.100.7 a.example\n", []string{"3 a.example after log 2 b.example"}},
		{"([domain-name:value = 'a.example'] AND [file:size < 3]) OR " + followed, "2020-03-01T10:00:00Z a.example\n2020-03-01T10:00:01Z b.example\n", []string{"2 b.example after log 1 a.example"}},
	} {
		if got, _ := told(t, keep(t, setOf(t, c.pattern)), c.log); !cmp.Equal(c.want, got) {
			t.Errorf("%s on %q: %q", c.pattern, c.log, got)
		}
	}
}

func TestWhatCannotBeWholeIsLeftOut(t *testing.T) {
	many := strings.Repeat(" AND [domain-name:value = 'a.example']", 64)
	for pattern, want := range map[string]map[detect.Reason]detect.Counts{
		followed: {detect.InLines: {Partly: 1}},
		"[domain-name:value = 'a.example'] FOLLOWEDBY [file:size < 3]":                                                       {detect.Operator: {Wholly: 1}},
		"[domain-name:value = 'a.example'] AND ([file:size < 3] OR [domain-name:value = 'b.example'])":                       {detect.Operator: {Partly: 1}},
		"[domain-name:value = 'a.example'] REPEATS 256 TIMES":                                                                {detect.InLines: {Partly: 1}},
		"[domain-name:value = 'a.example'] REPEATS 257 TIMES":                                                                {detect.TooMany: {Wholly: 1}},
		"([domain-name:value = 'a.example'] REPEATS 20 TIMES FOLLOWEDBY [domain-name:value = 'b.example']) REPEATS 20 TIMES": {detect.TooMany: {Wholly: 1}},
		"[domain-name:value = 'a.example']" + many:                                                                           {detect.TooMany: {Wholly: 1}},
		"[domain-name:value = 'com'] FOLLOWEDBY [domain-name:value = 'b.example']":                                           {detect.Everywhere: {Wholly: 1}},
	} {
		if diff := cmp.Diff(want, setOf(t, pattern).LeftOut()); diff != "" {
			t.Errorf("%.100s: %s", pattern, diff)
		}
	}
}

// What is remembered is bounded: of many lines the first and the last, and it is told how many
// were forgotten.
func TestRememberingIsBounded(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example'] FOLLOWEDBY [domain-name:value = 'c.example']")
	var log strings.Builder
	line := func(n int, name string) { fmt.Fprintf(&log, "%s %s\n", second(n), name) }
	line(0, "a.example")
	for i := range 2000 {
		line(10+i, "b.example")
	}
	for i := range 2000 {
		line(5000+i, "a.example")
	}
	line(9000, "c.example")
	got, stats := told(t, s, log.String())
	if want := []string{"4002 c.example after log 1 a.example after log 2 b.example"}; !cmp.Equal(want, got) || stats.Forgotten < 4000-2*768 {
		t.Errorf("%q, %d forgotten", got, stats.Forgotten)
	}
}

// Many indicators together remember no more lines than one that asks for all.
func TestRememberingIsBoundedInAll(t *testing.T) {
	var patterns []string
	for i := range 400 {
		patterns = append(patterns, fmt.Sprintf("[domain-name:value = 'a.example'] AND [domain-name:value = 'h%d.example']", i))
	}
	s := setOf(t, patterns...)
	_, stats := told(t, s, strings.Repeat("a.example\n", 600))
	got, _ := told(t, s, "h399.example\n")
	if stats.Forgotten < 400*600-1<<16 || len(got) != 1 {
		t.Errorf("%d forgotten, %q", stats.Forgotten, got)
	}
}

// What is remembered goes with its indicator, and from one set to the next.
func TestRememberingGoesWithTheIndicator(t *testing.T) {
	s := setOf(t, followed)
	a, b := second(0)+" a.example\n", second(1)+" b.example\n"
	n := 0
	f := s.NewFeed("log", func(detect.Hit) error { n++; return nil })
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	do(f.Add([]byte(a)))
	s.Remove(id(0))
	s.Add(object(t, 0, followed, ""))
	do(f.Add([]byte(b)))
	if n != 0 {
		t.Error("what was taken out is remembered")
	}
	s.Forget()
	do(f.Add([]byte(a)))
	s.Forget()
	if do(f.Add([]byte(b))); n != 0 {
		t.Error("what was to be forgotten is remembered")
	}
	s.Forget()
	do(f.Add([]byte(a)))
	do(f.Use(keep(t, s)))
	if do(f.Add([]byte(b))); n != 1 {
		t.Error("another set has forgotten what was before")
	}
}

// One line is one observation, however long it is.
func TestALongLineIsOneObservation(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'a.example'] REPEATS 2 TIMES")
	if got, _ := told(t, s, strings.Repeat("a.example ", 1<<15)+"\n"); got != nil {
		t.Errorf("%.200q", got)
	}
	if got, _ := told(t, s, "a.example\n"); len(got) != 1 {
		t.Errorf("%.200q", got)
	}
}

// Events as they come are of the moment when they do not say when they were.
func TestEventsThatTellNoTimeAreOfNow(t *testing.T) {
	s := setOf(t, "("+followed+") WITHIN 5 SECONDS")
	now := began
	s.Live(func() time.Time { return now })
	n := 0
	f := s.NewFeed("", func(detect.Hit) error { n++; return nil })
	for i, step := range []struct {
		after time.Duration
		line  string
		want  int
	}{{0, "a.example\n", 0}, {10 * time.Second, "b.example\n", 0}, {time.Second, "a.example\n", 0}, {time.Second, "b.example\n", 1}, {time.Second, "2020-02-29T10:00:00Z a.example\n", 1}, {time.Second, "b.example\n", 1}} {
		now = now.Add(step.after)
		if err := f.Add([]byte(step.line)); err != nil || n != step.want {
			t.Errorf("step %d: %d hits, %v", i, n, err)
		}
	}
}
