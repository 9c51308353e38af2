package device

import (
	"testing"

	"pgregory.net/rapid"
)

// What is lacked is what is not there, asked for one by one.
func TestHadLacks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digests := rapid.SliceOf(rapid.Custom(func(t *rapid.T) uint64 {
			return rapid.Uint64Range(0, 2).Draw(t, "part")<<56 | rapid.Uint64Range(0, 8).Draw(t, "rest")
		}))
		was, is, want := &had{}, &had{}, 0
		for _, digest := range digests.Draw(t, "was") {
			was.add(digest)
		}
		was.sort()
		now := digests.Draw(t, "is")
		for _, digest := range now {
			is.add(digest)
			if !was.has(digest) {
				want++
			}
		}
		is.sort()
		if got := was.lacks(is); got != want || is.len() != len(now) {
			t.Fatalf("%d lacked of %d, want %d of %d", got, is.len(), want, len(now))
		}
	})
}
