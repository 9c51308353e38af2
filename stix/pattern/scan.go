package pattern

import (
	"strings"
	"unicode/utf8"
)

// scanner cuts the text into tokens, the longest first as the grammar does.
type scanner struct {
	text  string
	pos   int
	fault *Error // of the last malformed token
}

// next is the token at the position, which moves behind it.
func (s *scanner) next() token {
	if !s.skip() {
		return s.malformed(s.pos, s.pos+2, "the comment that begins here has no end", "close it by */")
	}
	pos := s.pos
	if pos == len(s.text) {
		return token{end, pos, pos}
	}
	switch c := s.text[pos]; {
	case isNameStart(c):
		return s.word()
	case isDigit(c), c == '+', c == '-':
		return s.number()
	case c == '.' && isDigit(s.peek(1)):
		return s.number()
	case c == '\'':
		return s.quoted(pos)
	default:
		return s.sign(c)
	}
}

// peek is the byte n behind the position, 0 behind the end.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.text) {
		return s.text[s.pos+n]
	}
	return 0
}

// skip moves over white space and comments; it fails at a comment without end.
func (s *scanner) skip() bool {
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			s.pos++
		case c == '/' && s.peek(1) == '/':
			n := strings.IndexAny(s.text[s.pos:], "\r\n")
			if n < 0 {
				n = len(s.text) - s.pos
			}
			s.pos += n
		case c == '/' && s.peek(1) == '*':
			n := strings.Index(s.text[s.pos+2:], "*/")
			if n < 0 {
				return false
			}
			s.pos += n + 4
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(s.text[s.pos:])
			if !isSpace(r) {
				return true
			}
			s.pos += n
		default:
			return true
		}
	}
	return true
}

// take makes a token of the next n bytes.
func (s *scanner) take(k kind, n int) token {
	t := token{k, s.pos, s.pos + n}
	s.pos = t.end
	return t
}

// malformed makes a token of what is wrong and keeps why.
func (s *scanner) malformed(pos, end int, message, hint string) token {
	s.pos = min(end, len(s.text))
	s.fault = &Error{Offset: pos, Message: message, Hint: hint}
	return token{malformed, pos, s.pos}
}

// word is an identifier, a keyword, or a constant with a letter before its
// quote.
func (s *scanner) word() token {
	n, k := 1, identifier
	for ; s.pos+n < len(s.text); n++ {
		c := s.text[s.pos+n]
		if c == '-' {
			k = hyphenated
		} else if !isNameByte(c) {
			break
		}
	}
	if n == 1 && s.peek(1) == '\'' {
		switch s.text[s.pos] {
		case 'h', 'b', 't':
			return s.encoded()
		}
	}
	if k == identifier {
		k = keyword(s.text[s.pos : s.pos+n])
	}
	return s.take(k, n)
}

// number is an integer or a float: digits before the point may lack, digits
// behind it may not.
func (s *scanner) number() token {
	n := 0
	if c := s.text[s.pos]; c == '+' || c == '-' {
		n = 1
	}
	first := n
	for isDigit(s.peek(n)) {
		n++
	}
	if s.peek(n) == '.' && isDigit(s.peek(n+1)) {
		for n++; isDigit(s.peek(n)); n++ {
		}
		return s.take(float, n)
	}
	switch {
	case n == first:
		return s.take(invalid, 1)
	case n > first+1 && s.peek(first) == '0':
		return s.malformed(s.pos, s.pos+n, "integer "+shorten(s.text[s.pos:s.pos+n])+" begins with 0", "leave out the zeros before it")
	}
	return s.take(integer, n)
}

// quoted is a string whose quote stands at the position; pos is where the
// token began.
func (s *scanner) quoted(pos int) token {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch s.text[i] {
		case '\'':
			s.pos = i + 1
			return token{quoted, pos, s.pos}
		case '\\':
			i++
			if i == len(s.text) || s.text[i] != '\'' && s.text[i] != '\\' {
				return s.malformed(i-1, i+1, "a single backslash in a string escapes only ' and \\",
					`double it to mean a backslash: \\`)
			}
		}
	}
	return s.malformed(pos, len(s.text), "the string that begins here has no end",
		`close it by a single quote; inside a string a quote is written \' and a backslash \\`)
}

// sign is an operator or a punctuation mark.
func (s *scanner) sign(c byte) token {
	second := s.peek(1)
	switch c {
	case '[':
		return s.take(leftBracket, 1)
	case ']':
		return s.take(rightBracket, 1)
	case '(':
		return s.take(leftParen, 1)
	case ')':
		return s.take(rightParen, 1)
	case ':':
		return s.take(colon, 1)
	case '.':
		return s.take(dot, 1)
	case ',':
		return s.take(comma, 1)
	case '*':
		return s.take(asterisk, 1)
	case '=':
		if second == '=' {
			return s.take(equal, 2)
		}
		return s.take(equal, 1)
	case '!':
		if second == '=' {
			return s.take(notEqual, 2)
		}
	case '<':
		switch second {
		case '=':
			return s.take(lessOrEqual, 2)
		case '>':
			return s.take(notEqual, 2)
		}
		return s.take(less, 1)
	case '>':
		if second == '=' {
			return s.take(greaterOrEqual, 2)
		}
		return s.take(greater, 1)
	}
	_, n := utf8.DecodeRuneInString(s.text[s.pos:])
	return s.take(invalid, n)
}
