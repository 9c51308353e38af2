package match

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzMatch: whatever the pattern and the input, matching ends with an answer or
// an error of its own, soon, and the answer's bindings exist.
func FuzzMatch(f *testing.F) {
	f.Add("[lamp:near_refs[*].maker = 'arc'] FOLLOWEDBY [wire_kind:name_hex MATCHES 'c.b'] WITHIN 5 SECONDS", lamp)
	f.Add("([guest:age > 1] AND [guest:name LIKE '_%t']) REPEATS 2 TIMES START t'2024-03-01T10:00:00Z' STOP t'2024-03-02T10:00:00Z'", visits)
	f.Add("([guest:age IN (1, 2.5)] OR [NOT EXISTS guest:x] REPEATS 3 TIMES) WITHIN 0.5 SECONDS REPEATS 9 TIMES", visits)
	f.Add("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", `{"type":"observed-data","first_observed":"2024-05-01T12:00:60Z","number_observed":9223372036854775807,"objects":{"0":{"type":"ipv4-addr","value":"198.51.100.7"}}}`)
	f.Fuzz(func(t *testing.T, pattern, input string) {
		began := time.Now()
		var r Reader
		_ = r.Read("input", strings.NewReader(input))
		all, _ := r.Observations()
		m, err := Compile(pattern)
		if err != nil {
			if e, ok := errors.AsType[*Refused](err); !ok || e.Offset > len(pattern) || e.Message == "" {
				t.Fatalf("%q: %v", pattern, err)
			}
			return
		}
		found, err := m.Match(Plain(all))
		if err != nil && !errors.Is(err, ErrTooHard) {
			t.Fatalf("%q: %v", pattern, err)
		}
		if found != nil {
			if len(found.Bindings) == 0 {
				t.Fatalf("%q: a match of nothing", pattern)
			}
			used := make(map[int]int64)
			for _, b := range found.Bindings {
				if used[b.Observation] += b.Times; b.Times < 1 || used[b.Observation] > all[b.Observation].Count || pattern[b.Offset] != '[' {
					t.Fatalf("%q on %q: %+v", pattern, input, found)
				}
			}
		}
		if took := time.Since(began); took > time.Minute {
			t.Fatalf("%q on %q took %v", pattern, input, took)
		}
	})
}
