package device

import (
	"net/netip"
	"slices"

	"entente/stix"
)

// isSpecial tells addresses that mean something else in each network, or many at once,
// also as hosts of URLs.
func isSpecial(v stix.Value) bool {
	if v.Kind == stix.ValueURL {
		host, ok := stix.HostOf(v.Text)
		return !ok || host.Kind == stix.ValueIP && isSpecial(host)
	}
	if v.Kind != stix.ValueIP {
		return false
	}
	p, ok := stix.PrefixOf(v.Text)
	a := p.Addr()
	if ok && a.Is4() && p.Bits() >= 8 && !specialOctets[a.As4()[0]] {
		return false // as mostly
	}
	return !ok || a.IsUnspecified() || slices.ContainsFunc(specialSpace, p.Overlaps)
}

// specialSpace is what means something else in each network: private, shared by carriers
// (RFC 6598), of this machine or link, or of many at once (RFC 6890). What holds any of it
// would block it.
var specialSpace = []netip.Prefix{
	prefix("0.0.0.0/8"), prefix("10.0.0.0/8"), prefix("100.64.0.0/10"), prefix("127.0.0.0/8"), prefix("169.254.0.0/16"),
	prefix("172.16.0.0/12"), prefix("192.168.0.0/16"), prefix("224.0.0.0/3"),
	prefix("::1/128"), prefix("fc00::/7"), prefix("fe80::/10"), prefix("ff00::/8"),
}

// specialOctets are the first ones of special space of IPv4.
var specialOctets = func() (first [256]bool) {
	for i := range first {
		octet := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(i)}), 8)
		first[i] = slices.ContainsFunc(specialSpace, octet.Overlaps)
	}
	return first
}()
