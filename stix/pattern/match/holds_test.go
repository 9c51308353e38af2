package match

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// What one observation is asked takes steps by what it compares, and ends when they are used up.
func TestHoldsTakesItsSteps(t *testing.T) {
	long := strings.Repeat("a", 60_000)
	var set []string
	for i := range 2000 {
		set = append(set, fmt.Sprint(i))
	}
	for _, c := range []struct {
		pattern, value string
		least, most    int64 // steps
	}{
		{"[x:v = 'a']", "a", 1, 5},
		{"[x:v = 'b']", long, 500, 2000},
		{"[x:v LIKE '%mimikatz%']", strings.Repeat("b", 200), 1, 20},
		{"[x:v LIKE '%a_c%']", long, 10_000, 50_000},
		{"[x:v LIKE '%" + strings.Repeat("a", 4000) + "_b%']", long, 20_000_000, 100_000_000},
		{"[x:v MATCHES '^b']", "a", 1, 5},
		{"[x:v MATCHES '(.*a.?){100}x$']", long, 1_000_000, 10_000_000},
		{"[x:v IN (" + strings.Join(set, ",") + ")]", "a", 2000, 3000},
		{"[x:v IN ('" + strings.Join(set, "','") + "')]", "a", 1, 5},
		{"[x:v NOT = 'a' AND x:v = 'b']", "a", 1, 5},
		{"[x:v ISSUBSET '198.51.100.0/24' OR x:v > 'b' OR EXISTS x:w]", "a", 1, 10},
	} {
		m, err := Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		o := &Observation{Objects: []*Object{{Type: "x", Values: map[string][]any{"v": {c.value}}}}}
		left := c.least - 1
		if held, err := m.Holds(o, &left); held || !errors.Is(err, ErrTooHard) {
			t.Errorf("%.60s by %d steps: %v, %v", c.pattern, c.least-1, held, err)
		}
		if c.most > 1_000_000 {
			continue // it would take them
		}
		left = c.most
		if held, err := m.Holds(o, &left); held != (c.pattern == "[x:v = 'a']") || err != nil || left < 0 {
			t.Errorf("%.60s by %d steps: %v, %v", c.pattern, c.most, held, err)
		}
	}
}

// Of other patterns it says what Match says of the one observation.
func TestHoldsOfSeveral(t *testing.T) {
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	o := &Observation{First: noon, Count: 2, Objects: []*Object{{Type: "x", Values: map[string][]any{"v": {"a"}}}}}
	for pattern, want := range map[string]bool{
		"[x:v = 'a'] AND [x:v = 'a']": true,
		"[x:v = 'a'] REPEATS 3 TIMES": false,
		"[x:v = 'b'] OR [x:v = 'a']":  true,
		"[x:v = 'a'] START t'2024-05-01T12:00:00Z' STOP t'2024-05-01T12:00:01Z'": true,
		"[x:v = 'a'] START t'2024-05-01T12:00:01Z' STOP t'2024-05-01T12:00:02Z'": false,
	} {
		m, err := Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		steps := int64(10_000)
		if held, err := m.Holds(o, &steps); held != want || err != nil {
			t.Errorf("%s: %v, %v", pattern, held, err)
		}
	}
}
