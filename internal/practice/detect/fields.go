package detect

import (
	"bytes"
	"sort"
	"strings"
)

// field is a value of a line with the name that its log gives it: of JSON the path to it.
type field struct {
	name       string
	start, end int // of the value, in the line
	escapes    byte
}

// columns are the names of a log whose lines are tables: Zeek's, a web server's (W3C
// extended), or CSV with a header.
type columns struct {
	sep    byte // 0: there are none
	quoted bool
	names  []string
	tell   bool // what no text tells; see mayTell
	keyed  bool // lines name each value
}

// mostFielded is how long a line may be whose fields are told, in bytes, and how many it
// may have.
const (
	mostFielded = 1 << 16
	mostFields  = 2048
)

// fieldsOf are the fields of a line; nil when it has none.
func (c *columns) fieldsOf(line []byte) []field {
	if len(line) == 0 || len(line) > mostFielded {
		return nil
	}
	if first := bytes.TrimLeft(line, " \t"); len(first) > 0 && first[0] == '{' {
		return jsonFields(line)
	}
	if line[0] == '#' {
		return nil
	}
	if c.sep == 0 {
		return keyFields(line)
	}
	var all []field
	for start, i := 0, 0; start <= len(line) && i < len(c.names); i++ {
		end := c.cell(line, start)
		f := field{name: c.names[i], start: start, end: end}
		if c.quoted && end-start >= 2 && line[start] == '"' && line[end-1] == '"' {
			f.start, f.end = start+1, end-1
		}
		all = append(all, f)
		start = end + 1
	}
	return all
}

// cell is where the cell that begins at start ends.
func (c *columns) cell(line []byte, start int) int {
	quoted := false
	for i := start; i < len(line); i++ {
		switch {
		case c.quoted && line[i] == '"':
			quoted = !quoted
		case line[i] == c.sep && !quoted:
			return i
		}
	}
	return len(line)
}

// headed tells of how a text begins whether its lines have fields, as far as that shows.
func headed(b []byte) bool {
	b = bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n")
	if len(b) == 0 {
		return false
	}
	return b[0] == '{' || b[0] == '#' || keyed(b) || csvColumns(b).sep != 0
}

// heads are where lines begin that may name columns.
func heads(b []byte) (all []int) {
	for at := 0; ; at++ {
		n := bytes.IndexByte(b[at:], '#') // rarer than line feeds
		if n < 0 {
			return all
		}
		if at += n; at == 0 || b[at-1] == '\n' {
			all = append(all, at)
		}
	}
}

// head takes in a line that names columns; another one changes nothing.
func (c *columns) head(b []byte) {
	line := firstLine(b)
	switch {
	case bytes.HasPrefix(line, []byte("#separator ")):
		c.sep = separator(string(line[len("#separator "):]))
	case bytes.HasPrefix(line, []byte("#fields")) && len(line) > 8:
		if c.sep == 0 {
			c.sep = '\t'
		}
		c.quoted, c.names = false, some(strings.Split(string(line[8:]), string(rune(c.sep))))
	case bytes.HasPrefix(line, []byte("#Fields: ")):
		c.sep, c.quoted, c.names = ' ', false, some(strings.Fields(string(line[len("#Fields: "):])))
	}
}

// separator is Zeek's, as it writes it.
func separator(text string) byte {
	if len(text) == 4 && text[0] == '\\' && text[1] == 'x' && isHex(text[2]) && isHex(text[3]) {
		return unhex(text[2])<<4 | unhex(text[3])
	}
	if len(text) == 1 {
		return text[0]
	}
	return '\t'
}

func unhex(c byte) byte {
	if c-'0' <= 9 {
		return c - '0'
	}
	return (c | 0x20) - 'a' + 10
}

func some(names []string) []string { return names[:min(len(names), mostFields)] }

// csvColumns are those of a text that begins with a header: two names or more, each
// another, and as many cells in the next line if there is one.
func csvColumns(b []byte) (c columns) {
	line := firstLine(b)
	if len(line) > mostFielded {
		return c
	}
	next := firstLine(b[min(len(b), len(line)+1):])
	for _, sep := range []byte(",;\t|") {
		try := columns{sep: sep, quoted: true, names: make([]string, min(bytes.Count(line, []byte{sep})+1, mostFields))}
		if len(try.names) < 2 {
			continue
		}
		names, known := []string{}, map[string]bool{}
		for _, f := range try.fieldsOf(line) {
			name := string(line[f.start:f.end])
			if !isName(name) || known[name] {
				return columns{}
			}
			known[name] = true
			names = append(names, name)
		}
		if cells := len(try.fieldsOf(next)); len(next) > 0 && cells != len(names) {
			return columns{}
		}
		try.names = names
		return try
	}
	return c
}

// isName tells whether a text may name a column.
func isName(text string) bool {
	if text == "" || len(text) > 64 || (text[0]|0x20)-'a' >= 26 && strings.IndexByte("_@", text[0]) < 0 {
		return false
	}
	return isWordOf(text, "_-. @()/") && strings.Count(text, " ") < 3
}

func firstLine(b []byte) []byte {
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		b = b[:n]
	}
	return bytes.TrimSuffix(b, []byte("\r"))
}

// named is the field that a place of a line stands in.
func named(all []field, at int) *field {
	i := sort.Search(len(all), func(i int) bool { return all[i].end > at }) // they stand in order
	if i == len(all) || at < all[i].start {
		return nil
	}
	return &all[i]
}
