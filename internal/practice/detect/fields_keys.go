package detect

import (
	"bytes"
	"strings"
)

// How the values of a field have signs escaped.
const (
	asItsLog byte = iota // as JSON where it stands between quotes, else as Zeek
	asCEF                // \= \| \\ and \n
	asQuoted             // \" and \\
	asIs                 // not at all
)

// leastKeys is how many keys a line has whose fields are KEY=VALUE: what has fewer may be text
// with an equals sign in it.
const leastKeys = 3

// keyFields are the fields of a line that has a name before each: CEF, LEEF, or
// KEY=VALUE between spaces, commas or semicolons. There is none of other lines.
func keyFields(line []byte) []field {
	keys := bytes.Count(line, []byte("="))
	if keys == 0 {
		return nil
	}
	if at := eventAt(line, "CEF:"); at >= 0 {
		return cefFields(line, at)
	}
	if at := eventAt(line, "LEEF:"); at >= 0 {
		return leefFields(line, at)
	}
	if keys < leastKeys {
		return nil
	}
	all := pairs(line)
	if len(all) < leastKeys {
		return nil
	}
	return all
}

// keyed tells of how a text begins whether its lines have such fields.
func keyed(b []byte) bool {
	line := firstLine(b)
	return len(line) <= mostFielded && keyFields(line) != nil
}

// eventAt is where an event begins by its form and version, behind what syslog writes; -1
// when none does.
func eventAt(line []byte, form string) int {
	at := bytes.Index(line[:min(len(line), startSize)], []byte(form))
	end := at + len(form)
	if at < 0 || at > 0 && line[at-1] != ' ' || end >= len(line) || line[end]-'0' > 9 {
		return -1
	}
	return at
}

var (
	cefHeader  = []string{"cefVersion", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"}
	leefHeader = []string{"leefVersion", "leefVendor", "leefProduct", "leefProductVersion", "leefEventId"}
)

// header are the fields between bars that an event begins with, and where it goes on; nil
// when there are too few.
func header(line []byte, at int, names []string) (all []field, end int) {
	start := at + bytes.IndexByte(line[at:], ':') + 1
	for _, name := range names {
		end = start
		for end < len(line) && line[end] != '|' {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(line) {
			return nil, 0
		}
		all = append(all, field{name: name, start: start, end: end, escapes: asCEF})
		start = end + 1
	}
	return all, start
}

// cefFields are those of the Common Event Format, whose values may have spaces: each ends before
// the next key.
func cefFields(line []byte, at int) []field {
	all, at := header(line, at, cefHeader)
	if all == nil {
		return nil
	}
	last := -1 // the field that has no end yet
	for i := at; i < len(line) && len(all) < mostFields; i++ {
		switch line[i] {
		case '\\':
			i++
		case '=':
			from := i
			for from > at && isKeyByte(line[from-1]) {
				from--
			}
			if from == i || from > at && line[from-1] != ' ' {
				continue
			}
			if last >= 0 {
				all[last].end = max(all[last].start, from-1)
			}
			last = len(all)
			all = append(all, field{name: string(line[from:i]), start: i + 1, end: len(line), escapes: asCEF})
		}
	}
	return all
}

// leefFields are those of the Log Event Extended Format, between tabs or what its second version
// says.
func leefFields(line []byte, at int) []field {
	all, i := header(line, at, leefHeader)
	if all == nil {
		return nil
	}
	sep := byte('\t')
	if all[0].end-all[0].start > 0 && line[all[0].start] == '2' {
		n := bytes.IndexByte(line[i:], '|')
		if n < 0 {
			return all
		}
		switch text := strings.TrimPrefix(strings.ToLower(string(line[i:i+n])), "0"); {
		case len(text) == 1:
			sep = line[i+n-1]
		case len(text) == 3 && text[0] == 'x' && isHex(text[1]) && isHex(text[2]):
			sep = unhex(text[1])<<4 | unhex(text[2])
		}
		i += n + 1
	}
	for i < len(line) && len(all) < mostFields {
		end := i + bytes.IndexByte(line[i:], sep)
		if end < i {
			end = len(line)
		}
		if n := bytes.IndexByte(line[i:end], '='); n > 0 {
			all = append(all, field{name: string(line[i : i+n]), start: i + n + 1, end: end, escapes: asIs})
		}
		i = end + 1
	}
	return all
}

// pairs are all KEY=VALUE of a line; what stands between others is passed over.
func pairs(line []byte) (all []field) {
	for i := 0; i < len(line) && len(all) < mostFields; {
		n := keyAt(line, i)
		if n == 0 {
			for i < len(line) && !isBetween(line[i]) {
				i++
			}
			i++
			continue
		}
		f := field{name: string(line[i : i+n]), escapes: asIs}
		f.start = i + n + 1
		f.end, i = valueEnd(line, f.start)
		if f.start < f.end && line[f.start] == '"' {
			f.start, f.escapes = f.start+1, asQuoted
		}
		all = append(all, f)
	}
	return all
}

// valueEnd is where a value ends, and where to go on.
func valueEnd(line []byte, start int) (end, next int) {
	i := start
	if i < len(line) && line[i] == '"' {
		for i++; i < len(line) && line[i] != '"'; i++ {
			if line[i] == '\\' {
				i++
			}
		}
		i = min(i, len(line))
		return i, i + 1
	}
	for ; i < len(line); i++ {
		if c := line[i]; c != ',' && isBetween(c) || c == ',' && beforeKey(line, i+1) {
			break
		}
	}
	return i, i + 1
}

// beforeKey tells whether a key begins behind a comma; else this is of the value.
func beforeKey(line []byte, i int) bool {
	for i < len(line) && line[i] == ' ' {
		i++
	}
	return i == len(line) || keyAt(line, i) > 0
}

// keyAt is how long the key is that begins at a place, before its equals sign; 0 without one.
func keyAt(line []byte, i int) (n int) {
	if i >= len(line) || (line[i]|0x20)-'a' >= 26 && line[i] != '_' {
		return 0
	}
	for i+n < len(line) && n <= 64 && isKeyByte(line[i+n]) {
		n++
	}
	if i+n == len(line) || line[i+n] != '=' || n > 64 {
		return 0
	}
	return n
}

func isKeyByte(c byte) bool {
	return c-'0' <= 9 || (c|0x20)-'a' < 26 || c == '_' || c == '.' || c == '-'
}

func isBetween(c byte) bool { return strings.IndexByte(" \t,;|", c) >= 0 }

// unescapedBy resolves the escapes of a value.
func unescapedBy(escapes byte, text string) string {
	switch escapes {
	case asCEF:
		return cefEscapes.Replace(text)
	case asQuoted:
		return quotedEscapes.Replace(text)
	}
	return text
}

var (
	cefEscapes    = strings.NewReplacer(`\\`, `\`, `\=`, `=`, `\|`, `|`, `\n`, "\n", `\r`, "\r")
	quotedEscapes = strings.NewReplacer(`\\`, `\`, `\"`, `"`)
)
