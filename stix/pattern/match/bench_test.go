package match

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkMatch matches against 10,000 plain events, none or all of which
// satisfy a bracket.
func BenchmarkMatch(b *testing.B) {
	all := row(10_000, time.Second)
	for name, text := range map[string]string{
		"none":      "[x:v = 'c']",
		"other":     "[y:v = 'c']",
		"like":      "[x:v LIKE '%c']",
		"matches":   "[x:v MATCHES 'c$']",
		"window":    "[x:v = 'a'] REPEATS 100 TIMES WITHIN 60 SECONDS",
		"sequence":  "([x:v = 'b'] FOLLOWEDBY [x:v = 'b'] FOLLOWEDBY [x:v = 'b']) WITHIN 19 SECONDS",
		"twoGroups": "(([x:v = 'a'] AND [x:v = 'b']) WITHIN 5 SECONDS) REPEATS 50 TIMES",
	} {
		b.Run(name, func(b *testing.B) {
			m, err := Compile(text)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Match(all); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func ExampleMatcher_Match() {
	m, err := Compile("[domain-name:value LIKE '%.drum.example'] FOLLOWEDBY [file:name = 'drum.exe']")
	if err != nil {
		fmt.Println(err)
		return
	}
	noon := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	found, err := m.Match([]Observation{
		{First: noon.Add(time.Minute), Objects: []*Object{{Type: "file", Values: map[string][]any{"name": {"drum.exe"}}}}},
		{First: noon, Objects: []*Object{{Type: "domain-name", Values: map[string][]any{"value": {"pay.drum.example"}}}}},
	})
	if found == nil {
		fmt.Println("no match", err)
		return
	}
	for _, b := range found.Bindings {
		fmt.Println(b.Text, "by observation", b.Observation)
	}
	// Output:
	// [domain-name:value LIKE '%.drum.example'] by observation 1
	// [file:name = 'drum.exe'] by observation 0
}
