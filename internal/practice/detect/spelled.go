package detect

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// longestSpelled is how many bytes of a text a name may have whose letters are escapes.
const longestSpelled = 1024

// spelledOut looks at a name of which a letter beyond ASCII is written as JSON may have it,
// b\u00fccher.example, with an escape at a place. It gives where it ends; 0 when it is none
// that is looked for.
func (f *finder) spelledOut(i int) int {
	b, start, end := f.b, i, i
	if f.made || f.kinds[stix.ValueDomain] == 0 || letterAt(b[i:]) == 0 {
		return 0
	}
	for start > f.behindEscape && isNameByte(b[start-1]) && i-start < longestSpelled {
		start--
	}
	var room [longestSpelled]byte
	name := append(room[:0], b[start:i]...)
	for end < len(b) && end-i < longestSpelled {
		if r := letterAt(b[end:]); r != 0 {
			name, end = utf8.AppendRune(name, r), end+len(`\u00fc`)
		} else if isNameByte(b[end]) {
			name, end = append(name, b[end]), end+1
		} else {
			break
		}
	}
	f.spelled = end
	v, ok := stix.NewValue(stix.ValueDomain, string(name))
	if !ok {
		return 0
	}
	found := len(f.spots)
	f.instead([]byte(v.Text), start, end)
	if len(f.spots) == found && f.every == nil {
		return 0
	}
	return end
}

func isNameByte(c byte) bool { return weights[c] != 0 && weights[c] < closer }

// letterAt is the letter beyond ASCII whose escape a text begins with; 0 when it is none.
func letterAt(b []byte) rune {
	if len(b) < len(`\u00fc`) || b[0] != '\\' || b[1] != 'u' {
		return 0
	}
	n, err := strconv.ParseUint(string(b[2:len(`\u00fc`)]), 16, 16)
	if r := rune(n); err == nil && r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) {
		return r
	}
	return 0
}
