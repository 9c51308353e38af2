package pattern

import (
	"strings"
	"unicode/utf8"
)

// expectation is what the parser wanted when it met something else, in words.
type expectation string

const (
	anObservation    expectation = "an observation expression: '[' or '('"
	afterObservation expectation = "AND, OR, FOLLOWEDBY, a qualifier, or the end"
	afterGrouped     expectation = "AND, OR, FOLLOWEDBY, a qualifier, or ')'"
	afterComparison  expectation = "AND, OR, or ']'"
	afterGroupedTest expectation = "AND, OR, or ')'"
	afterElement     expectation = "',' or ')'"
	afterIndex       expectation = "']'"
	aPath            expectation = "an object path such as file:size"
	aName            expectation = "a property name"
	anIndex          expectation = "an index from 0, or *"
	anOperator       expectation = "a comparison operator (=, !=, <, >, <=, >=, IN, LIKE, MATCHES, ISSUBSET, ISSUPERSET)"
	existsWord       expectation = "EXISTS"
	colonSign        expectation = "':' between object type and property"
	aConstant        expectation = "a constant"
	anOrderable      expectation = "a constant that has an order: a number, string, timestamp, hex or binary"
	aString          expectation = "a string in single quotes"
	aSet             expectation = "a set in parentheses"
	theSeconds       expectation = "a number of seconds without sign"
	theTimes         expectation = "a whole number of times without sign"
	secondsWord      expectation = "SECONDS"
	timesWord        expectation = "TIMES"
	stopWord         expectation = "STOP and a timestamp"
	aTimestamp       expectation = "a timestamp such as t'2016-06-01T00:00:00Z'"
)

// unexpected is the error at the token ahead.
func (p *parser) unexpected(what expectation) *Error {
	if p.tok.kind == malformed {
		return p.fault
	}
	return &Error{Offset: p.tok.pos, Message: "found " + p.found(), Expected: string(what), Hint: p.hint(what)}
}

// found names the token ahead.
func (p *parser) found() string {
	if p.tok.kind == end {
		return "the end"
	}
	return shorten(p.text[p.tok.pos:p.tok.end])
}

// shorten quotes a piece of the text, clipped.
func shorten(text string) string { return "\"" + clip(text) + "\"" }

// clip makes a piece of the text fit for a message: cut where it is long, and
// with nothing in it that a terminal would obey.
func clip(text string) string {
	const most = 60
	if len(text) > most {
		cut := most
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "..."
	}
	return strings.Map(visible, text)
}

// hint knows the mistakes that people make at a place. It may be empty.
func (p *parser) hint(what expectation) string {
	word := p.text[p.tok.pos:p.tok.end]
	if hint := p.characterHint(word); hint != "" {
		return hint
	}
	if hint := keywordHint(p.tok.kind, word); hint != "" && what != aName {
		return hint
	}
	switch what {
	case anObservation:
		return observationHint(p.tok.kind)
	case afterObservation, afterGrouped:
		return observationEndHint(p.tok.kind)
	case afterComparison, afterGroupedTest, afterElement:
		return p.testEndHint()
	case aPath, existsWord:
		return pathHint(p.tok.kind)
	case colonSign:
		if upper := strings.ToUpper(p.text[p.last.pos:p.last.end]); keyword(upper) != identifier {
			return "keywords are written in upper case: " + upper
		}
		return "write the object type, a colon, then the property: file:size"
	case aName:
		return nameHint(p.tok.kind, word)
	case anIndex:
		if p.tok.kind == quoted {
			return "a key is written with a point: ." + word
		}
		return "lists are counted from 0; [*] means any element"
	case anOperator:
		return operatorHint(p.tok.kind, word)
	case aConstant, anOrderable, aString, aSet:
		return constantHint(what, p.tok.kind, word)
	}
	return qualifierHint(what, p.tok.kind)
}

// characterHint is for characters that begin no token.
func (p *parser) characterHint(word string) string {
	if p.tok.kind != invalid {
		return ""
	}
	switch word {
	case `"`, "‘", "’", "“", "”", "`", "´":
		return "strings stand in straight single quotes: 'text'"
	case "&":
		return "write AND"
	case "|":
		return "write OR"
	case "!":
		return "write NOT before the operator, or !="
	case "/":
		return "a regular expression is a string in single quotes: MATCHES '^a.*'"
	case "?", "~":
		return "the operators are = != < > <= >= IN LIKE MATCHES ISSUBSET ISSUPERSET"
	case "\ufeff":
		return "take out the byte order mark"
	}
	return ""
}

// keywordHint is for keywords in the wrong case.
func keywordHint(k kind, word string) string {
	if k != identifier {
		return ""
	}
	if upper := strings.ToUpper(word); keyword(upper) != identifier {
		return "keywords are written in upper case: " + upper
	}
	if lower := strings.ToLower(word); keyword(lower) == boolean {
		return "booleans are written in lower case: " + lower
	}
	return ""
}

func observationHint(k kind) string {
	switch k {
	case identifier, hyphenated, kwNot, kwExists:
		return "each comparison stands in square brackets: [file:size = 1280]"
	case end:
		return "write a comparison in square brackets: [file:size = 1280]"
	case kwWithin, kwRepeats, kwStart:
		return "a qualifier follows the observation that it narrows"
	case quoted:
		return "take off the quotes around the pattern"
	}
	return ""
}

func observationEndHint(k kind) string {
	switch k {
	case end:
		return "close the parentheses"
	case leftBracket, leftParen, comma:
		return "join observations by AND, OR or FOLLOWEDBY"
	case rightBracket, rightParen:
		return "it closes nothing"
	case kwStop:
		return "START stands before STOP"
	}
	return ""
}

func (p *parser) testEndHint() string {
	touching := p.last.end == p.tok.pos
	switch p.tok.kind {
	case end:
		return "close the brackets and parentheses"
	case kwWithin, kwRepeats, kwStart, kwFollowedBy:
		return "qualifiers and FOLLOWEDBY stand outside the square brackets"
	case identifier, hyphenated, float:
		switch {
		case touching && p.last.kind == quoted:
			return `a quote inside a string is written \'`
		case touching:
			return "a number is digits with at most one point; all else stands in single quotes"
		}
		return "join comparisons by AND or OR"
	case quoted:
		return "join comparisons by AND or OR, values of a set by commas"
	case comma:
		return "several values stand in a set: IN ('a', 'b')"
	}
	return ""
}

func pathHint(k kind) string {
	switch k {
	case identifier, hyphenated:
		return "NOT stands between path and operator: file:name NOT = 'a'"
	case leftBracket:
		return "square brackets do not stand inside each other; group comparisons by parentheses"
	case quoted, integer, float, boolean, hexadecimal, base64text, timestamp:
		return "the object path stands on the left, the constant on the right"
	case rightBracket, end, rightParen:
		return "a comparison is missing"
	}
	return ""
}

func nameHint(k kind, word string) string {
	switch {
	case k == hyphenated || keyword(word) != identifier:
		return "quote this property name: '" + word + "'"
	case k == integer || k == float:
		return "a property name that begins with a digit stands in quotes; an index in square brackets"
	case k == asterisk:
		return "any element of a list is [*]"
	}
	return ""
}

func operatorHint(k kind, word string) string {
	switch {
	case k == kwExists:
		return "EXISTS stands before the object path"
	case k == colon:
		return "properties are joined by points: file:hashes.MD5"
	case k == rightBracket || k == end:
		return "compare the path with a constant, or write EXISTS before it"
	case k == invalid && word == "-":
		return "a property name with a hyphen stands in quotes"
	}
	return ""
}

func constantHint(what expectation, k kind, word string) string {
	switch {
	case what == aSet:
		return "a set is written IN ('a', 'b')"
	case what == anOrderable && k == boolean:
		return "booleans have no order; compare them by = or !="
	case what == aString && (k == timestamp || k == hexadecimal || k == base64text):
		return "this operator compares with a plain string"
	case strings.EqualFold(word, "null") || strings.EqualFold(word, "none"):
		return "there is no null; write EXISTS or NOT EXISTS before the path"
	case what != aString && (k == identifier || k == hyphenated):
		return "strings stand in single quotes"
	case k == equal:
		return "write the operator once: ="
	case k == greater || k == less:
		return "the operators are = != < > <= >="
	case k == kwNot:
		return "NOT stands before the operator"
	}
	return ""
}

func qualifierHint(what expectation, k kind) string {
	switch {
	case what == aTimestamp && k == quoted:
		return "write t before the quote"
	case what == stopWord:
		return "START needs its STOP: START t'...' STOP t'...'"
	case what == secondsWord:
		return "SECONDS is the only unit of time"
	}
	return ""
}
