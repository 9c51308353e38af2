package stix

import (
	"net/netip"
	"slices"
	"strings"
)

// HostOf is the host of a URL that is a look-up value, as an address or a domain
// to look up; false when the URL has none.
func HostOf(url string) (Value, bool) {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return Value{}, false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if port := strings.LastIndexByte(rest, ':'); port >= 0 && strings.Trim(rest[port+1:], "0123456789") == "" {
		rest = rest[:port]
	}
	if v, ok := NewValue(ValueIP, strings.Trim(rest, "[]")); ok {
		return v, true
	}
	return NewValue(ValueDomain, rest)
}

// PrefixOf reads an address, which is a prefix of all its bits, or a prefix, whose
// host bits are cleared. Zones mean something on one machine alone and are left
// out, and IPv4 within IPv6 is IPv4.
func PrefixOf(text string) (netip.Prefix, bool) {
	if a, is := quad(text); is {
		return netip.PrefixFrom(netip.AddrFrom4(a), 32), true
	}
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.WithZone("").Unmap()
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return p, false
	}
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}

// quad reads an address of IPv4, of which there is one form, as netip does in several
// times the time.
func quad[T string | []byte](text T) (a [4]byte, ok bool) {
	if len(text) < len("0.0.0.0") || len(text) > len("255.255.255.255") {
		return a, false
	}
	n, at, begins := 0, 0, true
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9 && (begins || n > 0): // no zero before others
			if n = n*10 + int(c-'0'); n > 255 {
				return a, false
			}
			begins = false
		case c == '.' && !begins && at < 3:
			a[at] = byte(n)
			n, at, begins = 0, at+1, true
		default:
			return a, false
		}
	}
	a[3] = byte(n)
	return a, at == 3 && !begins
}

// AlmostAddress says why a text that looks like an IP address or a prefix is
// none; empty for addresses, and for what looks like something else, as a name
// with a domain's end, a hardware address or a certificate's digits.
func AlmostAddress(text string) string {
	if !likeAddress(text) {
		return ""
	}
	_, err := netip.ParseAddr(text)
	if strings.Contains(text, "/") {
		_, err = netip.ParsePrefix(text)
	}
	if _, withPort := netip.ParseAddrPort(text); err == nil || withPort == nil {
		return ""
	}
	reason := err.Error()
	if i := strings.LastIndex(reason, `): `); i >= 0 {
		reason = reason[i+3:]
	}
	return reason
}

const hexDigits = "0123456789abcdefABCDEF"

// likeAddress tells what people see as an address.
func likeAddress(text string) bool {
	address, _, _ := strings.Cut(text, "/")
	if begin, rest, ok := strings.Cut(address, "::"); ok && strings.Trim(begin, hexDigits+":") == "" && begin != "" {
		return strings.IndexFunc(rest, func(r rune) bool { return r >= 0x80 || !isKey(string(r)) && r != ':' && r != '.' }) < 0
	}
	if strings.Trim(text, hexDigits+":./") != "" {
		return false
	}
	colons := strings.Count(address, ":")
	switch last := address[strings.LastIndexByte(address, '.')+1:]; strings.Count(address, ".") {
	case 2: // or a version, or a date
		return colons == 0 && strings.Trim(address, "0123456789.") == "" && !slices.ContainsFunc(strings.Split(address, "."), func(s string) bool { return s == "" || len(s) > 3 })
	case 3: // or a name, of which no last label begins with a digit
		return last == "" || last[0]-'0' <= 9
	}
	return colons >= 2 && !inPairs(address)
}

// inPairs tells four and more pairs of digits: an address of hardware, or a
// certificate's.
func inPairs(text string) bool {
	pairs := strings.Split(text, ":")
	return len(pairs) >= 4 && !slices.ContainsFunc(pairs, func(s string) bool { return len(s) != 2 })
}
