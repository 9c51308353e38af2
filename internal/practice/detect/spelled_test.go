package detect

import (
	"bytes"
	"maps"
	"slices"
	"testing"
)

// No line is passed over that has a field which gives something.
func TestFieldsThatGiveAreSpelled(t *testing.T) {
	for _, name := range slices.Concat(slices.Collect(maps.Keys(fileFields)), pathFields) {
		if !slices.ContainsFunc(spelled, func(end []byte) bool {
			return bytes.HasSuffix([]byte(name+`"`), bytes.ToLower(end))
		}) {
			t.Errorf("lines with the field %q are passed over", name)
		}
	}
}
