package stix

import (
	"strings"
	"unicode"
)

var refang = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "<.>", ".", "[.", ".", ".]", ".", `\.`, ".",
	"[dot]", ".", "(dot)", ".", "{dot}", ".", "[DOT]", ".", "(DOT)", ".", "[Dot]", ".", " dot ", ".",
	"。", ".", "．", ".", "｡", ".",
	"[:]", ":", "(:)", ":", "[://]", "://", "[:/", ":/", "[/]", "/", "[//]", "//",
	"[@]", "@", "(@)", "@", "[at]", "@", "(at)", "@", "{at}", "@", "[AT]", "@", "(AT)", "@", "[At]", "@",
)

// Refang turns a text that was written so that nobody clicks on it, as
// hxxp://evil[.]example, back into what it means. Marks that do not show, as
// zero-width spaces and those of direction, are left out.
func Refang(text string) string {
	if !ascii(text) {
		text = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, text)
	}
	if strings.ContainsAny(text, `[({<\。．｡`) || strings.Contains(text, " dot ") {
		text = refang.Replace(text)
	}
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	if meant := refangScheme(strings.ToLower(scheme)); meant != "" {
		return meant + "://" + rest
	}
	return text
}

// refangScheme is the scheme that one in lower case was made harmless from;
// empty for others.
func refangScheme(scheme string) string {
	switch scheme {
	case "hxxp", "hxtp", "htxp", "h**p", "hxxx", "meow":
		return "http"
	case "hxxps", "hxtps", "htxps", "h**ps", "meows":
		return "https"
	case "fxp", "fxxp":
		return "ftp"
	}
	return ""
}
