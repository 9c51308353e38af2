package detect

import (
	"bytes"
	"net/url"
	"slices"

	"entente/stix"
)

// escape passes over a byte that may begin an escape, and gives where to go on.
func (f *finder) escape(i int) int {
	switch f.b[i] {
	case '%':
		return f.percent(i)
	case '(':
		return f.counted(i)
	}
	if n := escapeLetters(f.b[i:]); n > 0 {
		if n == len("u00fc") && i >= f.spelled {
			if end := f.spelledOut(i); end > i {
				return end
			}
		}
		return f.behind(i+1, n)
	}
	if f.b[i] == '\\' && i+1 < len(f.b) && f.b[i+1] == '\\' {
		return i + 2 // an escaped backslash: what follows is no escape
	}
	return i + 1
}

// escapeLetters is how many letters and digits an escape at the start of a text has
// after its sign: as \n, \x22, \u003c, \011 or, by rsyslog, #011.
func escapeLetters(b []byte) int {
	switch {
	case len(b) >= 4 && b[1]-'0' <= 1 && b[2]-'0' <= 7 && b[3]-'0' <= 7:
		return 3
	case len(b) < 2 || b[0] == '#':
	case bytes.IndexByte([]byte("nrtbfv"), b[1]) >= 0:
		return 1
	case b[1] == 'x' && len(b) >= 4 && isHex(b[2]) && isHex(b[3]):
		return 3
	case b[1] == 'u' && len(b) >= 6 && isHex(b[2]) && isHex(b[3]) && isHex(b[4]) && isHex(b[5]):
		return 5
	}
	return 0
}

// behind looks at a run that begins with letters of an escape, or of a name in a path
// that looks like one: as it stands, and without them.
func (f *finder) behind(start, letters int) int {
	end := start
	for end < len(f.b) && weights[f.b[end]] != 0 {
		end++
	}
	before, tried := len(f.spots), f.tried
	next := f.run(start, end)
	without, middle := start+letters, len(f.spots)
	if without >= end {
		return next
	}
	for _, s := range f.spots[before:] {
		if !f.made && int(s.at) == start && s.how != Below {
			return next
		}
	}
	f.tried, f.noMail, f.behindEscape = tried, max(f.noMail, without), without
	next = max(next, f.run(without, end))
	if len(f.spots) > middle {
		f.spots = slices.Delete(f.spots, before, middle)
	}
	return next
}

// run looks at a run, and gives where to go on.
func (f *finder) run(start, end int) int {
	if end-start > longest {
		return end
	}
	if end < len(f.b) && after[f.b[end]]&opens != 0 && f.harmless(end) {
		return f.refang(start, end)
	}
	return f.piece(start, end)
}

// longestPath is how far a path is looked for before a name, in bytes.
const longestPath = 260

// inPath tells whether what stands at a place goes on with a path of Windows, so that
// what looks like an escape before it is a part of a name.
func (f *finder) inPath(at int) bool {
	b := f.b[max(0, at-longestPath):at]
	b = b[bytes.LastIndexAny(b, "\"<>|*?\t\r\n")+1:]
	for i := range len(b) - 1 {
		switch {
		case b[i] != '\\':
		case b[i+1] == '\\':
			if i == 0 || urlEnds[b[i-1]] || b[i-1] == '=' {
				return true // \\server\share
			}
		case i >= 2 && b[i-1] == ':' && weights[b[i-2]] == letter && (i == 2 || weights[b[i-3]] == 0):
			return true
		}
	}
	return false
}

// percent passes over a byte that is encoded as in URLs, and gives where to go on.
// Where a whole URL is encoded, it is looked at decoded.
func (f *finder) percent(i int) int {
	b := f.b
	if i+2 >= len(b) || !isHex(b[i+1]) || !isHex(b[i+2]) {
		return i + 1
	}
	if b[i+1] == '4' && b[i+2] == '0' {
		f.encodedMail(i)
	}
	f.noMail = max(f.noMail, i+3)
	if !f.made && i >= f.failed && i+9 <= len(b) && bytes.EqualFold(b[i:i+9], []byte("%3A%2F%2F")) {
		start, end := i, i
		for start > 0 && i-start < longest && weights[b[start-1]] == letter {
			start--
		}
		for end < len(b) && end-start < longest && !urlEnds[b[end]] && b[end] != '&' {
			end++
		}
		if text, err := url.PathUnescape(string(b[start:end])); err == nil {
			f.instead([]byte(text), start, end)
			return end
		}
		f.failed = end
	}
	return i + 3
}

// encodedMail looks at an address of mail whose sign is encoded at a place.
func (f *finder) encodedMail(at int) {
	if f.kinds[stix.ValueEmail] == 0 {
		return
	}
	b, start, end := f.b, at, at+3
	for start > f.noMail && isLocal(b[start-1]) && at-start < longestMail {
		start--
	}
	for end < len(b) && weights[b[end]] != 0 && weights[b[end]] < closer && end-at < longestMail {
		end++
	}
	for b[end-1] == '.' || b[end-1] == '-' {
		end--
	}
	if start == at || end <= at+3 {
		return
	}
	var text [2*longestMail + 4]byte
	mail := append(append(append(text[:0], b[start:at]...), '@'), b[at+3:end]...)
	if !f.filter.may(hashText(f.key, mail)) {
		return
	}
	if v, ok := stix.NewValue(stix.ValueEmail, string(mail)); ok {
		f.formed(v, start, end)
	}
}

// longestMail is more than an address of mail has on either side of its sign.
const longestMail = 320
