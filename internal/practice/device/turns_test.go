package device

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What is done with rows many at once and beside each other comes in their order, though each
// is written over by the next.
func TestWhatIsDoneInTurnComesInTurn(t *testing.T) {
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
		for done, err := range inTurn(blocksOf(of), func(r *rows) *rows { return r }) {
			if err != nil {
				if !fails || err != broken || taken != len(sizes) {
					t.Fatalf("%v after %d of %d", err, taken, len(sizes))
				}
				return
			}
			for i := range done.at {
				if !bytes.Equal(done.row(i), bytes.Repeat([]byte{byte(taken)}, sizes[taken])) {
					t.Fatalf("row %d is another", taken)
				}
				if taken++; taken == most {
					return
				}
			}
		}
		if taken != len(sizes) || fails {
			t.Fatalf("%d of %d, and no error", taken, len(sizes))
		}
	})
}

// A panic of who does something, or of who gives, is that of whoever takes.
func TestAPanicInTurnIsTheTakers(t *testing.T) {
	for _, giver := range []bool{false, true} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, "lost") {
					t.Errorf("giver %v: a panic came out as %q", giver, got)
				}
			}()
			of := func(yield func(int, error) bool) {
				for i := range 20 {
					if giver && i == 10 {
						panic("lost")
					}
					if !yield(i, nil) {
						return
					}
				}
			}
			for range inTurn(of, func(i int) int {
				if !giver && i >= 10 {
					panic("lost")
				}
				return i
			}) {
			}
			t.Errorf("giver %v: it went on", giver)
		}()
	}
}

// What is given in turn is what is there, in its order, to the first error or until the taker
// has enough.
func TestInTurnIsTheSame(t *testing.T) {
	broken := errors.New("broken")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		fails := rapid.Bool().Draw(t, "fails")
		most := rapid.IntRange(1, 400).Draw(t, "most")
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
		if got, err := taken(inTurn(of, func(i int) int { return i })); !slices.Equal(got, want) || err != wantErr {
			t.Fatalf("%d and %v in turn, %d and %v one after the other", len(got), err, len(want), wantErr)
		}
	})
}
