package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"entente/internal/practice/detect"
)

// BenchmarkPieces is a scan of a log in which no piece of what is asked stands, with so many
// indicators that have no value beside it.
func BenchmarkPieces(b *testing.B) {
	log := zeek(20 << 20)
	for _, n := range []int{0, 1, 1000, 10_000} {
		s := loaded(b, 10_000)
		for i := range n {
			s.Add(object(b, i, fmt.Sprintf("[process:command_line LIKE '%% -enc %x%%']", uint32(i)*0x9e3779b1), ""))
		}
		b.Run(fmt.Sprint(n, " indicators"), func(b *testing.B) {
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				if _, err := s.Scan(context.Background(), "log", bytes.NewReader(log), func(detect.Hit) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStories is a scan of a log of which each line satisfies a part of a pattern.
func BenchmarkStories(b *testing.B) {
	var log strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&log, "%s 198.51.100.7 something of the line\n", second(i))
	}
	for name, pattern := range map[string]string{
		"one of two":         "[ipv4-addr:value = '198.51.100.7'] FOLLOWEDBY [domain-name:value = 'b.example']",
		"100 in 60 seconds":  "[ipv4-addr:value = '198.51.100.7'] REPEATS 100 TIMES WITHIN 60 SECONDS",
		"whole in each line": "[ipv4-addr:value = '198.51.100.7'] START t'2020-01-01T00:00:00Z' STOP t'2030-01-01T00:00:00Z'",
		"by itself":          "[ipv4-addr:value = '198.51.100.7']",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s := setOf(b, pattern)
				if _, err := s.Scan(context.Background(), "log", strings.NewReader(log.String()), func(detect.Hit) error { return nil }); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
