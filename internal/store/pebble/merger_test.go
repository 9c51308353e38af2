package pebble

import (
	"bytes"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"pgregory.net/rapid"
)

// Lists are put together as by Pebble's own merger, from either end, and stay as
// they are until they are closed, whatever else is put together meanwhile.
func TestListMerger(t *testing.T) {
	ours, theirs := listMerger(), pebble.DefaultMerger
	if ours.Name != theirs.Name {
		t.Fatalf("the merger is %q; stores have %q", ours.Name, theirs.Name)
	}
	values := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 9), 1, 6)
	finish := func(rt *rapid.T, m *pebble.Merger, parts [][]byte, newer bool) ([]byte, func() error) {
		v, err := m.Merge(nil, parts[0])
		for _, p := range parts[1:] {
			if err != nil {
				break
			}
			if newer {
				err = v.MergeNewer(p)
			} else {
				err = v.MergeOlder(p)
			}
		}
		if err != nil {
			rt.Fatal(err)
		}
		whole, closer, err := v.Finish(true)
		if err != nil {
			rt.Fatal(err)
		}
		if closer == nil {
			return whole, func() error { return nil }
		}
		return whole, closer.Close
	}
	rapid.Check(t, func(rt *rapid.T) {
		var got, want [][]byte
		for range 3 {
			parts, newer := values.Draw(rt, "values"), rapid.Bool().Draw(rt, "newer")
			g, end := finish(rt, ours, parts, newer)
			w, _ := finish(rt, theirs, parts, newer)
			if got, want = append(got, g), append(want, w); rapid.Bool().Draw(rt, "closed at once") {
				if got[len(got)-1] = bytes.Clone(g); end() != nil {
					rt.Fatal("closing gave an error")
				}
			}
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				rt.Fatalf("list %d is %x, want %x", i, got[i], want[i])
			}
		}
	})
}
