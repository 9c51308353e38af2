package detect

import (
	"strings"

	"entente/stix/pattern"
)

// compilePlain compiles what most indicators say, [type:path = 'text'], as compile does of
// any pattern, without making a tree of it; false when it is anything else.
func compilePlain(text string) (compiled, bool) {
	var none compiled
	rest, ok := strings.CutPrefix(text, "[")
	if !ok || len(text) > 1024 {
		return none, false
	}
	if rest, ok = strings.CutSuffix(rest, "']"); !ok {
		return none, false
	}
	path, value, ok := strings.Cut(rest, " = '")
	if !ok || strings.ContainsAny(value, `'\`) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r >= 0x7f }) {
		return none, false
	}
	typ, path, ok := strings.Cut(path, ":")
	if !ok || !isPlain(typ, "-") {
		return none, false
	}
	steps := make([]string, 0, 4)
	for step := range strings.SplitSeq(path, ".") {
		if quoted, is := strings.CutPrefix(step, "'"); is && len(steps) > 0 {
			if step, is = strings.CutSuffix(quoted, "'"); !is || !isPlain(strings.ToLower(step), "-") {
				return none, false
			}
		} else if !isPlain(step, "_") {
			return none, false
		}
		steps = append(steps, step)
	}
	return constant(&pattern.Comparison{Path: pattern.ObjectPath{Type: typ}}, steps, pattern.Constant{Kind: pattern.String, Text: value}), true
}

// isPlain tells names of lower-case letters, digits and a sign, a letter first.
func isPlain(name, sign string) bool {
	return name != "" && name[0]-'a' < 26 && isWordOf(name, sign) && strings.ToLower(name) == name
}
