package stix

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller of Scan or Read may decide on, found by errors.Is.
var (
	// ErrBroken says that the JSON could not be followed further. What came
	// before it was given; of a bundle nothing more comes.
	ErrBroken = errors.New("stix: broken JSON")

	// ErrTooBig says that an object is larger than MaxObject allows. It was
	// skipped.
	ErrTooBig = errors.New("stix: object too big")
)

// ScanError says what is wrong with one object of the input, or with the input
// from some place on. Scanning goes on with the next object unless the error
// is ErrBroken.
type ScanError struct {
	Index  int    // which object of the whole input, from 0, good and bad ones counted
	Offset int64  // byte of the input at which the fault lies
	Line   int    // its line, from 1
	ID     string // of the object, when it could be read
	Reason string // what is wrong, and what to do
	Err    error  // ErrBroken, ErrTooBig, the reader's own error, or nil
}

func (e *ScanError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "object %d", e.Index)
	if e.ID != "" {
		fmt.Fprintf(&b, " (%s)", e.ID)
	}
	fmt.Fprintf(&b, " at line %d, byte %d: %s", e.Line, e.Offset, e.Reason)
	return b.String()
}

// Unwrap gives Err.
func (e *ScanError) Unwrap() error { return e.Err }

// reason says what the parser's fault is; bundle is what to say of a bundle.
func (p *parser) reason(bundle string) string {
	switch p.fault {
	case faultContainer:
		return bundle
	case faultType:
		return p.about + "; correct it"
	case faultIDText:
		return fmt.Sprintf("%s is longer than %d bytes or holds control characters; nothing can be kept under it", p.about, maxName)
	case faultDepth:
		return fmt.Sprintf("the object is nested deeper than %d levels; flatten it", p.limit.depth)
	}
	return p.fault.reason()
}

// reason says for people what a fault is and what to do about it.
func (f fault) reason() string {
	switch f {
	case faultShort:
		return "the JSON ends in the middle; give it whole"
	case faultGrammar:
		return "the JSON is broken here: a comma, colon, bracket, name or value is missing or misplaced"
	case faultLiteral:
		return "this is no JSON value; write true, false, null, a number or a quoted string"
	case faultNumber:
		return "this is not how JSON writes a number"
	case faultNumberRange:
		return "the number is beyond what a double holds; write it as a string"
	case faultInteger:
		return "the integer is beyond 2^53-1, where readers no longer agree on its value; write it as a string"
	case faultControl:
		return "a string holds an unescaped control character; escape it, a line break as \\n"
	case faultEscape:
		return "a string holds an escape that JSON does not know"
	case faultSurrogate:
		return "a string holds half of a surrogate pair; write the character itself"
	case faultUTF8:
		return "a string is not UTF-8; convert the input to UTF-8"
	case faultDepth:
		return "the object is nested too deep; flatten it"
	case faultDuplicate:
		return "a name occurs twice in one JSON object; keep one of the two"
	case faultNotObject:
		return "this is not a JSON object; give STIX objects"
	case faultNoType:
		return "the object has no type; add it (STIX 2.1 section 3.1)"
	case faultNoID:
		return "the object has no id; add it (STIX 2.1 section 2.9)"
	case faultTrailing:
		return "more follows after the end; remove it"
	}
	return "the object cannot be read"
}

// findID finds the id of an object that could not be read; empty when there is
// none to be seen.
func findID(b []byte) string {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			end, _, f := scanString(b, i)
			if f == faultShort || f == faultControl || end <= i {
				return ""
			}
			if f != faultNone { // go on behind a bad escape or byte
				end = i + 1 + endOfString(b[i+1:])
			} else if depth == 1 && string(b[i:end]) == `"id"` {
				if id := textAfterColon(b, end); id != "" {
					return id
				}
			}
			i = end - 1
		}
	}
	return ""
}

// endOfString is the index after the quote that ends a string whose inside
// starts b.
func endOfString(b []byte) int {
	f := framer{inString: true}
	if n := f.string(b, 0); n < len(b) {
		return n + 1
	}
	return len(b)
}

// textAfterColon is the short string that follows a colon at or after b[i].
func textAfterColon(b []byte, i int) string {
	if i = skipSpace(b, i); i >= len(b) || b[i] != ':' {
		return ""
	}
	if i = skipSpace(b, i+1); i >= len(b) || b[i] != '"' {
		return ""
	}
	end, _, f := scanString(b, i)
	if f != faultNone || end-i > 256 {
		return ""
	}
	return string(appendUnescaped(nil, b[i+1:end-1]))
}
