package pattern

import (
	"strings"
	"unicode/utf8"
)

// Error says why a text is no STIX pattern, for the person who wrote it.
type Error struct {
	Offset   int    // byte offset in the text
	Line     int    // from 1
	Column   int    // from 1, in characters
	Message  string // what is wrong
	Expected string // what could stand there; may be empty
	Hint     string // what to do about a usual mistake; may be empty

	line string // the line it is in
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("pattern at ")
	b.WriteString(place(e.Line, e.Column))
	b.WriteString(": ")
	b.WriteString(e.Message)
	if e.Expected != "" {
		b.WriteString(", expected ")
		b.WriteString(e.Expected)
	}
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// Caret shows the line of the pattern that is wrong and, under it, a caret at
// the place. Of a long line only the surroundings are shown.
func (e *Error) Caret() string {
	return caret(e.line, e.Column)
}

// at fills in line and column.
func (e *Error) at(text string) *Error {
	e.Offset = min(e.Offset, len(text))
	e.Line, e.Column, e.line = locate(text, e.Offset)
	return e
}

// locate finds the line and column (both from 1) of an offset, and the line.
func locate(text string, offset int) (line, column int, content string) {
	start := strings.LastIndexByte(text[:offset], '\n') + 1
	content = text[start:]
	if end := strings.IndexByte(content, '\n'); end >= 0 {
		content = content[:end]
	}
	return 1 + strings.Count(text[:start], "\n"), 1 + utf8.RuneCountInString(text[start:offset]), content
}

// caretWidth is how many characters of a line stand on either side of a caret.
const caretWidth = 60

func caret(line string, column int) string {
	runes := []rune(line)
	at := min(column-1, len(runes))
	from, to := max(0, at-caretWidth), min(len(runes), at+caretWidth)
	var b strings.Builder
	if from > 0 {
		b.WriteString("...")
	}
	for _, r := range runes[from:to] {
		b.WriteRune(visible(r))
	}
	if to < len(runes) {
		b.WriteString("...")
	}
	b.WriteByte('\n')
	if from > 0 {
		b.WriteString("   ")
	}
	b.WriteString(strings.Repeat(" ", at-from))
	b.WriteByte('^')
	return b.String()
}

// visible replaces what would move the caret or the reader's terminal.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		return utf8.RuneError
	}
	return r
}
