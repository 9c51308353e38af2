package detect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
	"entente/stix"
)

// What is met of the past is told of values that are asked for with others alone, and so is
// which indicators could ask for all of it.
func TestTogether(t *testing.T) {
	s := setOf(t,
		"[domain-name:value = 'a.com' AND domain-name:value = 'b.com']",
		"[domain-name:value = 'a.com' AND domain-name:value = 'c.com']",
		"[domain-name:value = 'a.com'] AND ([domain-name:value = 'c.com'] OR [domain-name:value = 'd.com'])",
		"[domain-name:value = 'a.com'] REPEATS 3 TIMES",
		"[domain-name:value = 'b.com'] REPEATS 3 TIMES",
		"[domain-name:value = 'a.com' AND network-traffic:dst_port = 5]",
		"[domain-name:value = 'e.com']",
		"[domain-name:value = 'a.com' AND domain-name:value = 'd.com']",
	)
	s.Remove(id(7))
	met := map[stix.Value]int{}
	var lines []string
	f := s.Past(func(h detect.Hit) error {
		lines = append(lines, "hit "+h.Value)
		return nil
	}, func(h detect.Hit) {
		met[h.Matched]++
		lines = append(lines, fmt.Sprint(h.Line, " ", h.Value))
	})
	if err := f.Add([]byte("a.com\nwww.a.com\nb.com\na.com\nd.com\ne.com\nx.com\n")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 a.com", "2 www.a.com", "3 b.com", "4 a.com", "5 d.com", "hit e.com"}, lines); diff != "" {
		t.Error(diff)
	}
	var got []string
	s.Together(func(v stix.Value) int { return met[v] }, func(indicator string, values []stix.Value) {
		texts := []string{}
		for _, v := range values {
			texts = append(texts, v.Text)
		}
		slices.Sort(texts)
		got = append(got, strings.TrimLeft(indicator[len(indicator)-12:], "0")+" "+strings.Join(texts, " "))
	})
	slices.Sort(got)
	if diff := cmp.Diff([]string{" a.com b.com", "2 a.com d.com", "3 a.com"}, got); diff != "" {
		t.Error(diff)
	}
}
