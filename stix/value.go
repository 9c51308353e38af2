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
	b, kind, ok := appendNormal(nil, kind, []byte(text))
	return Value{Kind: kind, Text: string(b)}, ok
}

// maxValue is how many bytes of a value are kept; longer ones are cut, on both
// sides of a look-up.
const maxValue = 1024

// appendNormal appends the normal form of text; false when it is none of that
// kind or could not be a key.
func appendNormal(dst []byte, kind ValueKind, text []byte) ([]byte, ValueKind, bool) {
	text = bytes.Trim(text, " \t\r\n")
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
		dst, ok = appendDomain(dst, text)
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
	if ok && len(dst)-start > maxValue {
		end := start + maxValue
		for !utf8.RuneStart(dst[end]) {
			end--
		}
		dst = dst[:end]
	}
	return dst, kind, ok && len(dst) > start
}

// appendIP appends an address, or a prefix with its host bits cleared; a prefix
// of one address is that address.
func appendIP(dst, text []byte) ([]byte, bool) {
	if !maybeIP(text) {
		return dst, false
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

// appendDomain appends a name in lower case as A-labels, without final dot.
func appendDomain(dst, text []byte) ([]byte, bool) {
	text = bytes.TrimRight(text, ".")
	if len(text) == 0 {
		return dst, false
	}
	if len(text) <= maxDomain && !ascii(text) {
		if name, err := idna.Lookup.ToASCII(string(text)); err == nil {
			return append(dst, name...), true
		}
	}
	return appendLower(dst, text), true
}

// appendURL appends a URL with its scheme and host in lower case, the host as
// A-labels, without the scheme's own port, and with a path of at least "/".
// The rest stays as it is: servers may tell its letters apart.
func appendURL(dst, text []byte) []byte {
	n := bytes.Index(text, []byte("://"))
	if n <= 0 {
		return append(dst, text...)
	}
	start := len(dst)
	dst = appendLower(dst, text[:n])
	scheme := dst[start:]
	port := ""
	switch string(scheme) {
	case "http":
		port = ":80"
	case "https":
		port = ":443"
	case "ftp":
		port = ":21"
	}
	dst = append(dst, "://"...)
	rest := text[n+3:]
	host, path := rest, []byte(nil)
	if end := bytes.IndexAny(rest, "/?#"); end >= 0 {
		host, path = rest[:end], rest[end:]
	}
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		dst = append(dst, host[:at+1]...)
		host = host[at+1:]
	}
	if port != "" {
		host = bytes.TrimSuffix(host, []byte(port))
	}
	if name, ok := appendDomain(dst, host); ok {
		dst = name
	}
	if len(path) == 0 || path[0] != '/' {
		dst = append(dst, '/')
	}
	return append(dst, path...)
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

func ascii(text []byte) bool {
	var seen byte
	for _, c := range text {
		seen |= c
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
