package search

import (
	"unicode"

	"entente/internal/spelling"
)

// role is what a rune is to the words around it.
type role uint8

const (
	apart  role = iota // stands between words
	letter             // of a word
	pair               // of a script without spaces
	joiner             // between two letters, part of a word
)

func roleOf(r rune) role {
	switch {
	case r < 0x80:
		return asciiRoles[r]
	case spelling.Spaceless(r):
		return pair
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r):
		return letter
	case unicode.Is(unicode.Pd, r) || r == '’':
		return joiner
	}
	return apart
}

var asciiRoles = func() (roles [0x80]role) {
	for r := range roles {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			roles[r] = letter
		case r == '-' || r == '.' || r == '_' || r == '\'':
			roles[r] = joiner
		}
	}
	return roles
}()
