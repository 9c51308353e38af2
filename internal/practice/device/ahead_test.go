package device

import (
	"errors"
	"iter"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// What is read ahead is what is there, in its order, to the first error or until the taker
// has enough.
func TestAheadIsTheSame(t *testing.T) {
	broken := errors.New("broken")
	rapid.Check(t, func(t *rapid.T) {
		atOnce := rapid.IntRange(1, 100).Draw(t, "atOnce")
		n := rapid.IntRange(0, 3*atOnce).Draw(t, "n")
		fails := rapid.Bool().Draw(t, "fails")
		most := rapid.IntRange(1, 4*atOnce).Draw(t, "most")
		var of iter.Seq2[int, error] = func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if fails {
				yield(0, broken)
			}
		}
		taken := func(of iter.Seq2[int, error]) (list []int, end error) {
			for i, err := range of {
				if err != nil {
					return list, err
				}
				if list = append(list, i); len(list) == most {
					break
				}
			}
			return list, nil
		}
		want, wantErr := taken(of)
		if got, err := taken(ahead(of, atOnce)); !slices.Equal(got, want) || err != wantErr {
			t.Fatalf("%d and %v ahead, %d and %v in turn", len(got), err, len(want), wantErr)
		}
	})
}
