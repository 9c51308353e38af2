package stix_test

import (
	"strings"
	"testing"
	"unicode"

	"entente/stix"
)

func TestRefang(t *testing.T) {
	for text, want := range map[string]string{
		"hxxp://evil[.]example/a":         "http://evil.example/a",
		"hXXps[://]evil[.]example":        "https://evil.example",
		"hxxps[:]//evil(dot)example":      "https://evil.example",
		"198[.]51[.]100[.]7":              "198.51.100.7",
		"198.51.100[.7":                   "198.51.100.7",
		`198\.51\.100\.7`:                 "198.51.100.7",
		"ana[at]mail[.]example":           "ana@mail.example",
		"2001[:]db8[:][:]1":               "2001:db8::1",
		"ev\u200bil\u202e.example\u2069":  "evil.example",
		"evil。example":                    "evil.example",
		"C:\\a\\b":                        "C:\\a\\b",
		"Mozilla/5.0 (X11; Linux) [test]": "Mozilla/5.0 (X11; Linux) [test]",
		"":                                "",
	} {
		if got := stix.Refang(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func FuzzRefang(f *testing.F) {
	for _, s := range []string{"hxxp://x[.]y", "[.", ".]", "a[dot]b", "\u202e", "://", "meow://", "\xff[.]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := stix.Refang(text)
		if len(got) > 3*len(text) { // what is no UTF-8 becomes U+FFFD
			t.Errorf("%q grows to %q", text, got)
		}
		if strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Cf, r) }) {
			t.Errorf("%q keeps a mark that does not show: %q", text, got)
		}
	})
}
