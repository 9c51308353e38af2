package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/internal/spelling"
)

// longestTerm bounds a term in bytes; longer words meet by their beginning.
const longestTerm = 60

// compound is a word as it stands in a folded text, with its joiners; or a
// run of characters of a script without spaces.
type compound struct {
	text   string
	paired bool
	single bool // it has no joiner inside, so that it is its one label and part
}

// compounds cuts a text into its words.
func compounds(text string, each func(compound)) {
	text = spelling.Fold(text)
	start, last := -1, apart // of the word that runs
	joined := -1             // where a joiner stands that may be inside of it
	single := true           // none is inside of it so far
	end := func(at int) {
		if start >= 0 {
			each(compound{text[start:at], last == pair, single})
		}
		start, joined, last, single = -1, -1, apart, true
	}
	for i, r := range text {
		switch s := roleOf(r); {
		case s == joiner && last == letter && joined < 0:
			joined = i
		case s == letter || s == pair:
			if start >= 0 && (s != last || joined >= 0 && s == pair) {
				if joined >= 0 {
					end(joined)
				} else {
					end(i)
				}
			}
			if start < 0 {
				start = i
			}
			single = single && joined < 0
			last, joined = s, -1
		case joined >= 0:
			end(joined)
		default:
			end(i)
		}
	}
	if joined >= 0 {
		end(joined)
	} else {
		end(len(text))
	}
}

// labels are what dots divide a word into, and parts what other joiners do.
func (c compound) labels() []string { return strings.Split(c.text, ".") }

func parts(label string) []string {
	return strings.FieldsFunc(label, func(r rune) bool { return roleOf(r) == joiner })
}

// terms gives the terms by which a word is found: itself without its joiners,
// its parts, and the letters and the number of a name as APT28.
func (c compound) terms(add func(string)) {
	if c.paired {
		pairs(c.text, add)
		return
	}
	if c.single {
		add(shorten(c.text))
		if name, number, ok := nameAndNumber(c.text); ok {
			add(shorten(name))
			add(number)
		}
		return
	}
	labels := c.labels()
	if allDigits(labels) {
		add(shorten(c.text)) // an address or a version: its dots count
		return
	}
	if numbered(labels) {
		add(shorten(strings.Join(parts(c.text), "")))
	}
	for _, label := range labels {
		parts := parts(label)
		add(shorten(strings.Join(parts, "")))
		switch name, number, ok := nameAndNumber(label); {
		case len(parts) == 1 && ok:
			add(shorten(name))
			add(number)
		case len(parts) > 1 && len(parts) < 4:
			for _, p := range parts {
				if utf8.RuneCountInString(p) > 1 {
					add(shorten(p))
				}
			}
		}
	}
}

// pairs gives each two neighbours, and the last character alone, which begins
// no pair.
func pairs(text string, add func(string)) {
	before := 0
	for i := range text {
		if i > 0 {
			_, n := utf8.DecodeRuneInString(text[i:])
			add(text[before : i+n])
		}
		before = i
	}
	add(text[before:])
}

// numbered tells whether all labels behind the first are numbers, as in T1059.001.
func numbered(labels []string) bool { return len(labels) > 1 && allDigits(labels[1:]) }

func allDigits(labels []string) bool {
	for _, l := range labels {
		if !digits(l) {
			return false
		}
	}
	return len(labels) > 0
}

// digits tells whether a text is a number.
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// nameAndNumber cuts a name as APT28 in two.
func nameAndNumber(label string) (name, number string, ok bool) {
	end := len(label)
	for end > 0 && label[end-1] >= '0' && label[end-1] <= '9' {
		end--
	}
	if name, number = label[:end], label[end:]; number == "" {
		return name, number, false
	}
	letters := utf8.RuneCountInString(name)
	return name, number, letters >= 2 && letters <= 16 && len(number) <= 4 &&
		strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

func shorten(term string) string {
	if len(term) <= longestTerm {
		return term
	}
	cut := longestTerm
	for cut > 0 && !utf8.RuneStart(term[cut]) {
		cut--
	}
	return term[:cut]
}

// spelled gives a text piece by piece, however its names are joined: letters,
// numbers, single characters of scripts without spaces. Two texts with the same
// pieces read the same.
func spelled(text string) (pieces []string) {
	compounds(text, func(c compound) {
		if c.paired {
			for _, r := range c.text {
				pieces = append(pieces, string(r))
			}
			return
		}
		for _, label := range c.labels() {
			for _, p := range parts(label) {
				if name, number, ok := nameAndNumber(p); ok {
					pieces = append(pieces, name, number)
				} else {
					pieces = append(pieces, p)
				}
			}
		}
	})
	return pieces
}

// whole is the term of a whole name.
func whole(pieces []string) string { return shorten(strings.Join(pieces, "")) }
