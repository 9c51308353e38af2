package device

import (
	"bytes"
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

// Rows that are read ahead are those that are there, though each is written over by the
// next.
func TestRowsAheadAreTheSame(t *testing.T) {
	broken := errors.New("broken")
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, rowsAtOnce/3), 0, 12).Draw(t, "sizes")
		fails := rapid.Bool().Draw(t, "fails")
		most := rapid.IntRange(1, 12).Draw(t, "most")
		var same []byte
		of := func(yield func([]byte, error) bool) {
			for i, n := range sizes {
				same = append(same[:0], bytes.Repeat([]byte{byte(i)}, n)...)
				if !yield(same, nil) {
					return
				}
			}
			if fails {
				yield(nil, broken)
			}
		}
		taken := 0
		for row, err := range rowsAhead(of) {
			if err != nil {
				if !fails || err != broken || taken != len(sizes) {
					t.Fatalf("%v after %d of %d", err, taken, len(sizes))
				}
				return
			}
			if !bytes.Equal(row, bytes.Repeat([]byte{byte(taken)}, sizes[taken])) {
				t.Fatalf("row %d is another", taken)
			}
			if taken++; taken == most {
				return
			}
		}
		if taken != len(sizes) || fails {
			t.Fatalf("%d of %d, and no error", taken, len(sizes))
		}
	})
}
