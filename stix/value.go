package stix

import (
	"bytes"
	"net/netip"
	"slices"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// valueKinds are the names of the kinds in keys and answers.
var valueKinds = [...]string{
	ValueIP: "ip", ValueDomain: "domain", ValueURL: "url", ValueHash: "hash", ValueEmail: "email",
	ValueCVE: "cve", ValueWallet: "wallet", ValueASN: "asn", ValueFile: "file", ValueCert: "cert",
	ValueRegKey: "regkey", ValueAgent: "agent", ValueName: "name", ValueOther: "other",
}

// String is the kind's name, such as "domain".
func (k ValueKind) String() string {
	if int(k) < len(valueKinds) {
		return valueKinds[k]
	}
	return ""
}

// NewValue is a text in the form in which objects are looked up by it, which is
// also that of Envelope.Values; false when it is no text of that kind. An
// address given as a domain becomes an address.
func NewValue(kind ValueKind, text string) (Value, bool) {
	var room [64]byte
	b, kind, ok := appendNormal(room[:0], kind, []byte(text))
	if string(b) == text { // as mostly
		return Value{Kind: kind, Text: text}, ok
	}
	return Value{Kind: kind, Text: string(b)}, ok
}

// maxValue is how many bytes of a value are kept; longer ones are cut, on both
// sides of a look-up.
const maxValue = 1024

// spaces are what stands around a value without being of it.
const spaces = " \t\r\n"

// maxCuts is how often a form may be cut before it is none. What is left after a
// cut may have a shorter form; of 200,000 texts drawn to be cut none took more
// than three.
const maxCuts = 8

// appendNormal appends the normal form of text, of at most maxValue bytes; false
// when it is none of that kind or could not be a key. A form that was cut is
// brought into its form again: the cut may have left a name without its last
// letters, or digits alone.
func appendNormal(dst []byte, kind ValueKind, text []byte) ([]byte, ValueKind, bool) {
	start := len(dst)
	for range maxCuts {
		var ok bool
		if dst, kind, ok = appendForm(dst[:start], kind, text); !ok || len(dst)-start <= maxValue {
			return dst, kind, ok
		}
		dst = dst[:start+cutAt(dst[start:])]
		if kind == ValueURL || kind == ValueDomain {
			dst = bytes.TrimRight(dst, afterName) // the cut may have made a dot segment, or a final dot
		}
		if bytes.Equal(dst[start:], text) {
			return dst, kind, true // but for what is cut off again, it is its form
		}
		text = bytes.Clone(dst[start:])
	}
	return dst[:start], kind, false
}

// cutAt is where a text that is too long is cut: between characters, if there
// are any.
func cutAt(text []byte) int {
	for end := maxValue; end > maxValue-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return end
		}
	}
	return maxValue
}

// appendForm appends the normal form of text, however long it is.
func appendForm(dst []byte, kind ValueKind, text []byte) ([]byte, ValueKind, bool) {
	text = trimmed(text)
	if len(text) == 0 || slices.ContainsFunc(text, isControl) {
		return dst, kind, false
	}
	start, ok := len(dst), true
	switch kind {
	case ValueIP:
		dst, ok = appendIP(dst, text)
	case ValueDomain:
		if dst, ok = appendIP(dst, text); ok {
			return dst, ValueIP, true
		}
		if dst, ok = appendDomain(dst, text); ok {
			// A final dot or wide digits may have hidden an address.
			if address, is := appendIP(dst[:start], dst[start:]); is {
				return address, ValueIP, true
			}
		}
	case ValueURL:
		dst = appendURL(dst, text)
	case ValueHash, ValueCert:
		dst = appendHex(dst, text, kind == ValueCert)
	case ValueCVE:
		dst = append(dst, bytes.ToUpper(text)...)
	case ValueASN:
		dst, ok = appendASN(dst, text)
	case ValueFile:
		dst = appendLower(dst, lastElement(text))
	case ValueEmail, ValueRegKey, ValueName, ValueOther:
		dst = appendLower(dst, text)
	default:
		dst = append(dst, text...)
	}
	if kept := trimmed(dst[start:]); len(kept) < len(dst)-start { // what was cut off may have stood before spaces
		dst = append(dst[:start], kept...)
	}
	return dst, kind, ok && len(dst) > start
}

// trimmed is a text without spaces around it.
func trimmed(text []byte) []byte {
	if n := len(text); n > 0 && text[0] > ' ' && text[n-1] > ' ' { // as mostly
		return text
	}
	return bytes.Trim(text, spaces)
}

// appendIP appends an address, or a prefix with its host bits cleared; a prefix
// of one address is that address.
func appendIP(dst, text []byte) ([]byte, bool) {
	if !maybeIP(text) {
		return dst, false
	}
	if _, is := quad(text); is {
		return append(dst, text...), true
	}
	if bytes.IndexByte(text, '/') >= 0 {
		prefix, err := netip.ParsePrefix(string(text))
		if err != nil {
			return dst, false
		}
		if prefix.IsSingleIP() {
			return prefix.Addr().AppendTo(dst), true
		}
		return prefix.Masked().AppendTo(dst), true
	}
	addr, err := netip.ParseAddr(string(text))
	if err != nil {
		return dst, false
	}
	return addr.AppendTo(dst), true
}

// maybeIP spares most names the price of a parser's error.
func maybeIP(text []byte) bool {
	return len(text) <= 64 && (bytes.IndexByte(text, ':') >= 0 || text[0]-'0' <= 9 && (text[len(text)-1]-'0' <= 9))
}

// maxDomain is how long a name may be to be made A-labels, in bytes; the time it
// takes grows with the square.
const maxDomain = 512

// afterName are bytes that end a name without being of it.
const afterName = "." + spaces

// appendDomain appends a name in lower case as A-labels, without final dot.
func appendDomain(dst, text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, afterName)
	if len(text) <= maxDomain && !ascii(text) {
		name, err := idna.Lookup.ToASCII(string(text))
		if err != nil { // some letters have no A-label but in lower case
			name, err = idna.Lookup.ToASCII(string(bytes.ToLower(text)))
		}
		if err == nil {
			text = bytes.TrimRight([]byte(name), afterName) // other scripts have full stops of their own
		}
	}
	return appendLower(dst, text), len(text) > 0
}

// appendHex appends hexadecimal digits in lower case, a certificate's without
// the colons between them; what is not hexadecimal (ssdeep, TLSH) stays as it
// is.
func appendHex(dst, text []byte, colons bool) []byte {
	start := len(dst)
	for _, c := range text {
		switch {
		case c-'0' <= 9 || c-'a' <= 5:
			dst = append(dst, c)
		case c-'A' <= 5:
			dst = append(dst, c|0x20)
		case c == ':' && colons:
		default:
			return append(dst[:start], text...)
		}
	}
	return dst
}

// appendASN appends the decimal number, which people also write as AS64496.
func appendASN(dst, text []byte) ([]byte, bool) {
	if len(text) > 2 && bytes.EqualFold(text[:2], []byte("AS")) {
		text = text[2:]
	}
	if len(text) > 10 {
		return dst, false
	}
	for _, c := range text {
		if c-'0' > 9 {
			return dst, false
		}
	}
	return append(dst, text...), true
}

// lastElement is what follows the last slash or backslash, unless nothing does.
func lastElement(path []byte) []byte {
	path = bytes.TrimRight(path, `/\`)
	return path[bytes.LastIndexAny(path, `/\`)+1:]
}

// isControl tells of bytes that have no place in keys.
func isControl(c byte) bool { return c < 0x20 || c == 0x7f }

func ascii[T string | []byte](text T) bool {
	var seen byte
	for i := range len(text) {
		seen |= text[i]
	}
	return seen < utf8.RuneSelf
}

func appendLower(dst, text []byte) []byte {
	for i, c := range text {
		if c >= utf8.RuneSelf {
			return append(dst, bytes.ToLower(text[i:])...)
		}
		if c-'A' < 26 {
			c |= 0x20
		}
		dst = append(dst, c)
	}
	return dst
}
