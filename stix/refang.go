package stix

import "strings"

var refang = strings.NewReplacer(
	"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", `\.`, ".",
	"[:]", ":", "[://]", "://", "[@]", "@", "[at]", "@", "(at)", "@", "[AT]", "@", "[/]", "/",
)

// Refang turns a text that was written so that nobody clicks on it, as
// hxxp://evil[.]example, back into what it means.
func Refang(text string) string {
	text = refang.Replace(text)
	if scheme, rest, ok := strings.Cut(text, "://"); ok {
		switch strings.ToLower(scheme) {
		case "hxxp", "hxtp", "htxp":
			return "http://" + rest
		case "hxxps", "hxtps", "htxps":
			return "https://" + rest
		case "fxp":
			return "ftp://" + rest
		}
	}
	return text
}
