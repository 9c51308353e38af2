package audit_test

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/store"
	"entente/internal/trust/audit"
)

// keys is a table of rows in order.
type keys []string

func (k keys) Rows(_, prefix string) iter.Seq2[store.Keyed, error] {
	return func(yield func(store.Keyed, error) bool) {
		for _, key := range k {
			if strings.HasPrefix(key, prefix) && !yield(store.Keyed{Key: key}, nil) {
				return
			}
		}
	}
}

// The acts between two moments are those, in order, wherever the moments are.
func TestActsBetween(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tick := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(1<<51-300, 1<<51+300))
		var all keys
		for _, at := range rapid.SliceOfDistinct(tick, rapid.ID[int64]).Draw(t, "acts") {
			all = append(all, fmt.Sprintf("%016x account add", at))
		}
		slices.Sort(all)
		after, upTo := store.Tick(tick.Draw(t, "after")), store.Tick(tick.Draw(t, "up to"))
		var want, got []string
		for _, key := range all {
			if at, ok := audit.TickOf(key); ok && at > after && at <= upTo {
				want = append(want, key)
			}
		}
		for row, err := range audit.Between(all, after, upTo) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row.Key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}
