package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"entente/internal/practice/detect"
)

// hardStories are sets of stories on one value, of which each line begins, goes on with or tries
// all that there are.
func hardStories() map[string][]string {
	const limits = " START t'2020-01-01T00:00:00Z' STOP t'2030-01-01T00:00:00Z'"
	all := map[string][]string{}
	for i := range 14_000 {
		all["14,000 of two"] = append(all["14,000 of two"], fmt.Sprintf("([ipv4-addr:value = '198.51.100.7'] AND [domain-name:value = 'b%d.example'])", i))
		all["14,000 of two, with limits"] = append(all["14,000 of two, with limits"], fmt.Sprintf("([ipv4-addr:value = '198.51.100.7'] AND [domain-name:value = 'b%d.example'])", i)+limits)
	}
	for i := range 350 {
		parts := []string{fmt.Sprintf("[domain-name:value = 'b%d.example']", i)}
		for range 63 {
			parts = append(parts, "[ipv4-addr:value = '198.51.100.7']"+limits)
		}
		all["350 of 64, with limits"] = append(all["350 of 64, with limits"], strings.Join(parts, " AND "))
	}
	for i := range 2000 {
		all["2,000 that are searched"] = append(all["2,000 that are searched"], fmt.Sprintf("(([ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [ipv4-addr:value = '198.51.100.7']) WITHIN %d SECONDS) REPEATS 5 TIMES WITHIN 20 SECONDS", 3+i%4)+strings.Replace(limits, "t'2030", fmt.Sprintf("t'%d", 2030+i), 1))
	}
	return all
}

// BenchmarkHardStories is the cost of one line by such a set.
func BenchmarkHardStories(b *testing.B) {
	for name, patterns := range hardStories() {
		b.Run(name, func(b *testing.B) {
			s := setOf(b, patterns...)
			f := s.NewFeed("log", func(detect.Hit) error { return nil })
			n := 0
			line := func() {
				n += 3
				if err := f.Add(fmt.Appendf(nil, "%s 198.51.100.7 something\n", second(n))); err != nil {
					b.Fatal(err)
				}
			}
			for range 20 {
				line()
			}
			for b.Loop() {
				line()
			}
			b.ReportMetric(float64(f.Stats().Forgotten), "forgotten")
			b.ReportMetric(float64(f.Stats().Hits), "hits")
		})
	}
}
