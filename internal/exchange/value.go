package exchange

import (
	"net/netip"

	"entente/internal/store"
	"entente/stix"
)

// kept is a value as the store keeps it. Texts are kept as they are; addresses
// and prefixes so that the order of their bytes is that of their numbers: the
// length of the prefix, then the address, in 5 bytes of IPv4 and 17 of IPv6.
// What lies within a prefix is one range for each length then.
func kept(v stix.Value) store.Value {
	if v.Kind == stix.ValueIP {
		if p, ok := stix.PrefixOf(v.Text); ok {
			return store.Value{Kind: uint8(v.Kind), Text: prefixKey(p.Addr(), p.Bits())}
		}
		// No normal form of an address: nobody finds it as one.
		return store.Value{Kind: uint8(stix.ValueOther), Text: v.Text}
	}
	return store.Value{Kind: uint8(v.Kind), Text: v.Text}
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
