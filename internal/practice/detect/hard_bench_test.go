package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"entente/internal/practice/detect"
)

// hardPieces are sets of indicators, and a line each that costs most by them.
var hardPieces = map[string]func() (patterns []string, line string){
	"alike for long": func() (patterns []string, line string) {
		for i := range 10_000 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line LIKE '%%%s%05d%%']", strings.Repeat("a", 40), i))
		}
		return patterns, strings.Repeat("a", 4000)
	},
	"one in another": func() (patterns []string, line string) {
		for i := range 1000 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line LIKE '%%%s%%']", strings.Repeat("a", 5+i)))
		}
		return patterns, strings.Repeat("a", 900)
	},
	"4,000 of one": func() (patterns []string, line string) {
		for i := range 4000 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line LIKE '%%mimikatz%%' AND process:pid = %d]", i))
		}
		return patterns, "a mimikatz"
	},
	"10,000 of one": func() (patterns []string, line string) {
		for i := range 10_000 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line LIKE '%%mimikatz%%' AND process:pid = %d]", i))
		}
		return patterns, "a mimikatz"
	},
	"large expressions": func() (patterns []string, line string) {
		for i := range 4 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line MATCHES 'mimikatz(.*a.?){40}%dx$']", i))
		}
		return patterns, "mimikatz " + strings.Repeat("a", 60_000)
	},
	"long texts": func() (patterns []string, line string) {
		for i := range 100 {
			patterns = append(patterns, fmt.Sprintf("[process:command_line LIKE '%%mimikatz%s%dx']", strings.Repeat("%a_c", 3000), i))
		}
		return patterns, "mimikatz " + strings.Repeat("ab", 30_000)
	},
}

// BenchmarkHardPieces is the cost of one such line.
func BenchmarkHardPieces(b *testing.B) {
	for name, of := range hardPieces {
		b.Run(name, func(b *testing.B) {
			patterns, text := of()
			s := setOf(b, patterns...)
			f := s.NewFeed("log", func(detect.Hit) error { return nil })
			line := []byte(fmt.Sprintf(`{"EventID":1,"Channel":"x","CommandLine":"%s"}`+"\n", text))
			for b.Loop() {
				if err := f.Add(line); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
