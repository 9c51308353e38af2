package exchange

import (
	"net/netip"
	"strings"

	"entente/internal/store"
	"entente/stix"
)

// kept is a value as the store keeps it. Texts are kept as they are; addresses
// and prefixes so that the order of their bytes is that of their numbers: the
// length of the prefix, then the address, in 5 bytes of IPv4 and 17 of IPv6.
// What lies within a prefix is one range for each length then.
func kept(v stix.Value) store.Value {
	if v.Kind == stix.ValueIP {
		if p, ok := prefixOf(v.Text); ok {
			return store.Value{Kind: uint8(v.Kind), Text: prefixKey(p.Addr(), p.Bits())}
		}
		// No normal form of an address: nobody finds it as one.
		return store.Value{Kind: uint8(stix.ValueOther), Text: v.Text}
	}
	return store.Value{Kind: uint8(v.Kind), Text: v.Text}
}

// prefixOf reads an address or a prefix. Zones mean something on one machine
// alone, and IPv4 within IPv6 is IPv4.
func prefixOf(text string) (netip.Prefix, bool) {
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

func prefixKey(addr netip.Addr, bits int) string {
	key := append(make([]byte, 0, 17), byte(bits))
	return string(append(key, addr.AsSlice()...))
}

// readPrefix reads what prefixKey wrote, as people write it.
func readPrefix(key string) string {
	if len(key) == 0 {
		return ""
	}
	addr, ok := netip.AddrFromSlice([]byte(key[1:]))
	bits := int(key[0])
	switch {
	case !ok || bits > addr.BitLen():
		return ""
	case bits == addr.BitLen():
		return addr.String()
	}
	return netip.PrefixFrom(addr, bits).String()
}

// lastOf is the highest address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	addr, _ := netip.AddrFromSlice(b)
	return addr
}

// hostKind is that of the rows by which a URL is found by its host: the store's
// alone, no object has such a value.
const hostKind stix.ValueKind = 128

// OnHost is what Find finds the URLs on a host by. The host is a domain or an
// address in the form of a look-up value.
func OnHost(host string) stix.Value { return stix.Value{Kind: hostKind, Text: host} }

// hostOf is the host of a URL that is a look-up value; empty when it has none.
func hostOf(url string) string {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return ""
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if port := strings.LastIndexByte(rest, ':'); port >= 0 && strings.Trim(rest[port+1:], "0123456789") == "" {
		rest = rest[:port]
	}
	if v, ok := stix.NewValue(stix.ValueIP, strings.Trim(rest, "[]")); ok {
		return v.Text
	}
	v, _ := stix.NewValue(stix.ValueDomain, rest)
	return v.Text
}
