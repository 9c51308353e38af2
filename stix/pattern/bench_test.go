package pattern

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"address": "[ipv4-addr:value = '198.51.100.7']",
		"hash":    "[file:hashes.'SHA-256' = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592' OR file:name = 'a.exe']",
		"many":    "[url:value = 'a'" + strings.Repeat(" OR url:value = 'a'", 1023) + "]",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if _, err := Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if problems := Check("[ipv4-addr:value = '198.51.100.7']"); problems != nil {
			b.Fatal(problems)
		}
	}
}
