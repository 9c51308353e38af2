package match

import (
	"strings"
	"unicode/utf8"
)

// like is the test of LIKE: % stands for any characters, _ for one. What stands
// between two % is found from left to right, the first place each: the rest has
// most room then, so that nothing is ever tried again.
func like(pattern string) func(string) bool {
	parts := strings.Split(pattern, "%")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return func(s string) bool { return prefix(s, first) == len(s) }
	}
	return func(s string) bool {
		n := prefix(s, first)
		if n < 0 {
			return false
		}
		s = s[n:]
		for _, part := range parts[1 : len(parts)-1] {
			end := find(s, part)
			if end < 0 {
				return false
			}
			s = s[end:]
		}
		return suffix(s, last)
	}
}

// prefix is how many bytes at the start of s a part without % takes; -1 when
// it does not stand there.
func prefix(s, part string) int {
	n := 0
	for _, want := range part {
		got, size := utf8.DecodeRuneInString(s[n:])
		if size == 0 || want != '_' && want != got {
			return -1
		}
		n += size
	}
	return n
}

// find is where the first place of a part in s ends; -1 without one.
func find(s, part string) int {
	if !strings.Contains(part, "_") {
		if i := strings.Index(s, part); i >= 0 {
			return i + len(part)
		}
		return -1
	}
	for i := range s {
		if n := prefix(s[i:], part); n >= 0 {
			return i + n
		}
	}
	return -1
}

// suffix tells whether s ends by a part.
func suffix(s, part string) bool {
	start := len(s)
	for range utf8.RuneCountInString(part) {
		_, size := utf8.DecodeLastRuneInString(s[:start])
		if size == 0 {
			return false
		}
		start -= size
	}
	return prefix(s[start:], part) == len(s)-start
}
