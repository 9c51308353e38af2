package match

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLikeAsARegularExpression holds LIKE against what it means in another
// language.
func TestLikeAsARegularExpression(t *testing.T) {
	letters := rapid.SampledFrom([]string{"a", "b", "é", "\n"})
	signs := rapid.SampledFrom([]string{"a", "b", "é", "%", "_", "%"})
	rapid.Check(t, func(t *rapid.T) {
		pattern := strings.Join(rapid.SliceOfN(signs, 0, 7).Draw(t, "pattern"), "")
		text := strings.Join(rapid.SliceOfN(letters, 0, 9).Draw(t, "text"), "")
		expr := regexp.MustCompile("(?s)^" + strings.NewReplacer("%", ".*", "_", ".").Replace(pattern) + "$")
		if got, want := like(pattern)(text), expr.MatchString(text); got != want {
			t.Fatalf("%q LIKE %q is %v", text, pattern, got)
		}
	})
}

// TestLikeDoesNotGoBack: a pattern that makes others try again and again.
func TestLikeDoesNotGoBack(t *testing.T) {
	test := like(strings.Repeat("%a", 2000) + "b")
	began := time.Now()
	if test(strings.Repeat("a", 100_000)) {
		t.Error("there is no b")
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}
