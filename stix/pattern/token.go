package pattern

// token is a piece of the text. Its kind decides how the parser goes on.
type token struct {
	kind     kind
	pos, end int // byte offsets
}

type kind uint8

const (
	end        kind = iota // of the text
	invalid                // a character that begins no token
	malformed              // a token begun wrong; the scanner's fault says how
	identifier             // letters, digits and '_'
	hyphenated             // the same with at least one '-'

	integer
	float
	quoted
	hexadecimal
	base64text
	timestamp
	boolean

	equal
	notEqual
	less
	lessOrEqual
	greater
	greaterOrEqual

	colon
	dot
	comma
	asterisk
	leftParen
	rightParen
	leftBracket
	rightBracket

	kwAnd
	kwOr
	kwNot
	kwFollowedBy
	kwLike
	kwMatches
	kwIsSuperset
	kwIsSubset
	kwExists
	kwLast
	kwIn
	kwStart
	kwStop
	kwSeconds
	kwWithin
	kwRepeats
	kwTimes
)

// keyword is the kind of a word: a keyword's own, else identifier.
func keyword(word string) kind {
	switch word {
	case "AND":
		return kwAnd
	case "OR":
		return kwOr
	case "NOT":
		return kwNot
	case "FOLLOWEDBY":
		return kwFollowedBy
	case "LIKE":
		return kwLike
	case "MATCHES":
		return kwMatches
	case "ISSUPERSET":
		return kwIsSuperset
	case "ISSUBSET":
		return kwIsSubset
	case "EXISTS":
		return kwExists
	case "LAST": // reserved by the standard's grammar, used nowhere in it
		return kwLast
	case "IN":
		return kwIn
	case "START":
		return kwStart
	case "STOP":
		return kwStop
	case "SECONDS":
		return kwSeconds
	case "WITHIN":
		return kwWithin
	case "REPEATS":
		return kwRepeats
	case "TIMES":
		return kwTimes
	case "true", "false":
		return boolean
	}
	return identifier
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isNameByte(c byte) bool { return isDigit(c) || isNameStart(c) }

func isNameStart(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_'
}

func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isBase64(c byte) bool {
	return c != '_' && isNameByte(c) || c == '+' || c == '/'
}

// isSpace tells the white space of the grammar, which is more than ASCII's.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\t', '\n', '\v', '\f', '\r', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000:
		return true
	}
	return 0x2000 <= r && r <= 0x200a
}
