package detect_test

import (
	"bytes"
	"testing"

	"entente/internal/practice/detect"
)

// BenchmarkKept reads a set of a million values that was kept.
func BenchmarkKept(b *testing.B) {
	var kept bytes.Buffer
	if err := loaded(b, 1_000_000).Keep(&kept, nil); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(kept.Len()))
	for b.Loop() {
		if _, _, err := detect.Kept(kept.Bytes()); err != nil {
			b.Fatal(err)
		}
	}
}
