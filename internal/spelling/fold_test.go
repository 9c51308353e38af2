package spelling_test

import (
	"testing"

	"entente/internal/spelling"
)

func TestFold(t *testing.T) {
	for text, want := range map[string]string{
		"STRASSE": "strasse", "Straße": "strasse", "ＬＯＣＫ": "lock", "Łódź": "lodz", "كتاب\u200e": "كتاب", "٧": "7", "ﬁle": "file",
	} {
		if got := spelling.Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
	for r, want := range map[rune]bool{'a': false, 'é': false, '東': true, 'ー': true, '々': true, 'ไ': true} {
		if spelling.Spaceless(r) != want {
			t.Errorf("Spaceless(%c) is not %v", r, want)
		}
	}
}
