package dial

import (
	"fmt"
	"net/netip"
)

// reach says from how far an address can be meant.
type reach int

const (
	public  reach = iota // routed by the Internet
	private              // inside a site: allowed when an operator typed it
	never                // nothing that this program has business with
)

// special lists the prefixes of the IANA special-purpose address registries
// that are not globally reachable, or that carry another address inside (a
// translated or tunnelled one would pass the check of its IPv4 part). netip's
// own predicates know only some of them.
var special = [...]struct {
	prefix netip.Prefix
	reach  reach
}{
	{netip.MustParsePrefix("10.0.0.0/8"), private},
	{netip.MustParsePrefix("100.64.0.0/10"), private}, // shared by carriers
	{netip.MustParsePrefix("127.0.0.0/8"), private},
	{netip.MustParsePrefix("172.16.0.0/12"), private},
	{netip.MustParsePrefix("192.168.0.0/16"), private},
	{netip.MustParsePrefix("::1/128"), private},
	{netip.MustParsePrefix("fc00::/7"), private},

	{netip.MustParsePrefix("0.0.0.0/8"), never},
	{netip.MustParsePrefix("169.254.0.0/16"), never}, // link-local: metadata services
	{netip.MustParsePrefix("192.0.0.0/24"), never},
	{netip.MustParsePrefix("192.0.2.0/24"), never},
	{netip.MustParsePrefix("192.31.196.0/24"), never},
	{netip.MustParsePrefix("192.52.193.0/24"), never},
	{netip.MustParsePrefix("192.88.99.0/24"), never},
	{netip.MustParsePrefix("192.175.48.0/24"), never},
	{netip.MustParsePrefix("198.18.0.0/15"), never}, // benchmarking
	{netip.MustParsePrefix("198.51.100.0/24"), never},
	{netip.MustParsePrefix("203.0.113.0/24"), never},
	{netip.MustParsePrefix("224.0.0.0/4"), never}, // multicast
	{netip.MustParsePrefix("240.0.0.0/4"), never},
	{netip.MustParsePrefix("::/96"), never},           // unspecified and IPv4-compatible
	{netip.MustParsePrefix("::ffff:0:0:0/96"), never}, // IPv4-translated (SIIT)
	{netip.MustParsePrefix("64:ff9b::/96"), never},    // NAT64
	{netip.MustParsePrefix("64:ff9b:1::/48"), never},
	{netip.MustParsePrefix("100::/64"), never},
	{netip.MustParsePrefix("100:0:0:1::/64"), never},
	{netip.MustParsePrefix("2001::/23"), never}, // protocol assignments, Teredo, ORCHID
	{netip.MustParsePrefix("2001:db8::/32"), never},
	{netip.MustParsePrefix("2002::/16"), never}, // 6to4
	{netip.MustParsePrefix("2620:4f:8000::/48"), never},
	{netip.MustParsePrefix("3fff::/20"), never},
	{netip.MustParsePrefix("5f00::/16"), never},
	{netip.MustParsePrefix("fe80::/10"), never},
	{netip.MustParsePrefix("fec0::/10"), never}, // site-local, deprecated
	{netip.MustParsePrefix("ff00::/8"), never},
}

// reachOf classes an address. The most restrictive matching prefix decides,
// except that loopback ::1 lies inside ::/96 and is meant.
func reachOf(ip netip.Addr) reach {
	ip = ip.Unmap().WithZone("")
	if !ip.IsValid() {
		return never
	}
	if ip == netip.IPv6Loopback() {
		return private
	}
	worst := public
	for _, s := range special {
		if s.prefix.Contains(ip) && s.reach > worst {
			worst = s.reach
		}
	}
	return worst
}

// AddressError reports a connection that was not opened because of where it
// would have gone.
type AddressError struct {
	Address string // as resolved, with the port
	Private bool   // it would be allowed to an address that an operator typed
	Public  bool   // it is refused as public
}

func (e *AddressError) Error() string {
	if e.Private {
		return fmt.Sprintf("%s is a private address, which is connected to only when an operator typed it", e.Address)
	}
	if e.Public {
		return fmt.Sprintf("%s is a public address, which nothing is sent to in the clear", e.Address)
	}
	return fmt.Sprintf("%s is in a range reserved for special purposes; it is never connected to", e.Address)
}

// Permanent says that trying again is no use.
func (e *AddressError) Permanent() bool { return true }

// Check tells early whether a connection to an address, which an operator typed or not,
// would be opened, and whether one in the clear would be. Errors: AddressError.
func Check(address netip.AddrPort, typed, clear bool) error {
	return check(address.String(), typed, !clear)
}

// check decides on one resolved address with its port.
func check(address string, allowPrivate, allowPublic bool) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &AddressError{Address: address}
	}
	switch reachOf(ap.Addr()) {
	case public:
		if allowPublic {
			return nil
		}
		return &AddressError{Address: address, Public: true}
	case private:
		if allowPrivate {
			return nil
		}
		return &AddressError{Address: address, Private: true}
	}
	return &AddressError{Address: address}
}
