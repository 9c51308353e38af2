package pattern

import "strings"

// encoded is a constant that a letter before its quote names: h'hex',
// b'base64' or t'timestamp'.
func (s *scanner) encoded() token {
	pos := s.pos
	s.pos++
	t := s.quoted(pos)
	if t.kind == malformed {
		return t
	}
	body := s.text[pos+2 : t.end-1]
	switch s.text[pos] {
	case 'h':
		if !isHex(body) {
			return s.malformed(pos, t.end, "hex constant "+shorten(body)+" is not pairs of hexadecimal digits",
				"write an even number of 0-9, a-f: h'ffd8'")
		}
		t.kind = hexadecimal
	case 'b':
		if !isBase64Text(body) {
			return s.malformed(pos, t.end, "binary constant "+shorten(body)+" is not base64",
				"write standard base64 with its padding, not empty: b'dGVzdA=='")
		}
		t.kind = base64text
	case 't':
		if !isTimestamp(body) {
			return s.malformed(pos, t.end, "timestamp "+shorten(body)+" has the wrong form",
				"write it in UTC with seconds and Z: t'2016-06-01T00:00:00Z'")
		}
		t.kind = timestamp
	}
	return t
}

func isHex(s string) bool {
	for i := range len(s) {
		if !isHexDigit(s[i]) {
			return false
		}
	}
	return len(s)%2 == 0
}

// isBase64Text demands whole quadruples, of which the last may be padded. Line
// feeds between them are to be ignored (STIX 2.1 section 9.2).
func isBase64Text(s string) bool {
	s = withoutLineFeeds(s)
	if s == "" || len(s)%4 != 0 {
		return false
	}
	digits := len(s)
	for digits > len(s)-2 && s[digits-1] == '=' {
		digits--
	}
	for i := range digits {
		if !isBase64(s[i]) {
			return false
		}
	}
	return true
}

var lineFeeds = strings.NewReplacer("\r", "", "\n", "")

func withoutLineFeeds(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	return lineFeeds.Replace(s)
}

// isTimestamp is the form of the grammar: month, day, hour, minute and second
// in their ranges, a leap second allowed, any number of digits behind the
// point. It does not know how long a month is.
func isTimestamp(s string) bool {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || s[len(s)-1] != 'Z' {
		return false
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && s[i] != form[i] {
			return false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	month, day, hour, minute, second := two(5), two(8), two(11), two(14), two(17)
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 {
		return false
	}
	return isFraction(s[len(form) : len(s)-1])
}

func isFraction(s string) bool {
	if s == "" {
		return true
	}
	for i := 1; i < len(s); i++ {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s[0] == '.' && len(s) > 1
}
