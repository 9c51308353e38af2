package spelling_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/spelling"
)

func TestNearest(t *testing.T) {
	known := []string{"malware", "tool", "url", "user-account", "Mutex", "since", "until"}
	for word, want := range map[string]string{"malwear": "malware", "MALWARE": "malware", "too": "tool", "ulr": "", "ur": "url", "x": "", "": "",
		"mutxe": "Mutex", "user_acount": "user-account", "sinse": "since", "untl": "until", "intrusion-set": ""} {
		if got := spelling.Nearest(word, slices.Values(known)); got != want {
			t.Errorf("%q: %q is meant, want %q", word, got, want)
		}
	}
	if got := spelling.Nearest("typ", slices.Values([]string{"tlp", "type"})); got != "type" {
		t.Errorf("%q is meant by typ", got)
	}
	if got := spelling.Nearest("ab", slices.Values([]string{"bb", "aa"})); got != "aa" {
		t.Errorf("of equals %q is meant", got)
	}
	if spelling.Apart(strings.Repeat("a", 65), strings.Repeat("a", 65)) != 65 {
		t.Error("long words are compared")
	}
}

// It is a distance: of nothing to itself, the same both ways, and one more way never shorter.
func TestApartIsADistance(t *testing.T) {
	word := rapid.StringMatching("[abc]{0,8}")
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := word.Draw(t, "a"), word.Draw(t, "b"), word.Draw(t, "c")
		ab := spelling.Apart(a, b)
		if spelling.Apart(a, a) != 0 || (ab == 0) != (a == b) || ab != spelling.Apart(b, a) || ab > spelling.Apart(a, c)+spelling.Apart(c, b) {
			t.Fatalf("%q and %q are %d apart", a, b, ab)
		}
	})
}
