package pcap

import (
	"encoding/binary"
	"net/netip"
)

// spoken is what a packet carries, and between whom.
type spoken struct {
	from, to  netip.AddrPort // ports are 0 where there are none
	protocol  byte           // of IP; 0 when the packet is none
	seq       uint32         // of TCP
	payload   []byte
	fragments bool // a later part of a packet: what it carries is not told
}

// Kinds of links, of protocols of IP, and of Ethernet.
const (
	linkNull, linkEthernet, linkRaw, linkLoop, linkSLL, linkIPv4, linkIPv6, linkSLL2 = 0, 1, 101, 108, 113, 228, 229, 276

	protocolIPv4, protocolTCP, protocolUDP, protocolIPv6 = 4, 6, 17, 41

	etherIPv4, etherIPv6, etherVLAN, etherQinQ, etherOldQinQ, etherPPPoE = 0x0800, 0x86dd, 0x8100, 0x88a8, 0x9100, 0x8864
)

// nested is how many headers of the same floor may stand in each other.
const nested = 8

// read takes a packet apart, as far as it is understood; known is whether its link is.
func (p *packet) read() (s spoken, known bool) {
	b := p.b
	switch p.link {
	case linkEthernet:
		if len(b) >= 14 {
			s.ether(binary.BigEndian.Uint16(b[12:]), b[14:])
		}
	case linkSLL:
		if len(b) >= 16 {
			s.ether(binary.BigEndian.Uint16(b[14:]), b[16:])
		}
	case linkSLL2:
		if len(b) >= 20 {
			s.ether(binary.BigEndian.Uint16(b), b[20:])
		}
	case linkNull, linkLoop:
		if len(b) >= 4 {
			s.ip(b[4:], nested)
		}
	case linkRaw, linkIPv4, linkIPv6, 12, 14: // the last two are raw on some systems
		s.ip(b, nested)
	default:
		return s, false
	}
	return s, true
}

func (s *spoken) ether(kind uint16, b []byte) {
	for range nested {
		switch kind {
		case etherIPv4, etherIPv6:
			s.ip(b, nested)
			return
		case etherVLAN, etherQinQ, etherOldQinQ:
			if len(b) < 4 {
				return
			}
			kind, b = binary.BigEndian.Uint16(b[2:]), b[4:]
		case etherPPPoE:
			if len(b) >= 8 {
				s.ip(b[8:], nested)
			}
			return
		default:
			return
		}
	}
}

// ip reads what IP carries, which may be IP again.
func (s *spoken) ip(b []byte, deep int) {
	if len(b) == 0 || deep == 0 {
		return
	}
	switch b[0] >> 4 {
	case 4:
		n := int(b[0]&15) * 4
		if n < 20 || len(b) < n {
			return
		}
		total := int(binary.BigEndian.Uint16(b[2:]))
		rest := b[n:]
		if total >= n && total <= len(b) { // else the card cut it up, or the capture is short
			rest = b[n:total]
		}
		from, to := netip.AddrFrom4([4]byte(b[12:16])), netip.AddrFrom4([4]byte(b[16:20]))
		s.fragments = binary.BigEndian.Uint16(b[6:])&0x1fff != 0
		s.carried(b[9], from, to, rest, deep)
	case 6:
		if len(b) < 40 {
			return
		}
		from, to := netip.AddrFrom16([16]byte(b[8:24])), netip.AddrFrom16([16]byte(b[24:40]))
		next, rest := b[6], b[40:]
		if n := int(binary.BigEndian.Uint16(b[4:])); n > 0 && n <= len(rest) {
			rest = rest[:n]
		}
		for range nested {
			n := 0
			switch next {
			case 0, 43, 60:
				if len(rest) >= 8 {
					n = 8 + int(rest[1])*8
				}
			case 51:
				if len(rest) >= 8 {
					n = 8 + int(rest[1])*4
				}
			case 44:
				if n = 8; len(rest) >= 8 && binary.BigEndian.Uint16(rest[2:])&0xfff8 != 0 {
					s.fragments = true
				}
			}
			if n == 0 || n > len(rest) {
				break
			}
			next, rest = rest[0], rest[n:]
		}
		s.carried(next, from, to, rest, deep)
	}
}

func (s *spoken) carried(protocol byte, from, to netip.Addr, b []byte, deep int) {
	s.protocol, s.from, s.to = protocol, netip.AddrPortFrom(from, 0), netip.AddrPortFrom(to, 0)
	if s.fragments {
		return
	}
	switch protocol {
	case protocolIPv4, protocolIPv6:
		s.ip(b, deep-1)
	case protocolTCP:
		if len(b) < 20 || int(b[12]>>4)*4 < 20 || len(b) < int(b[12]>>4)*4 {
			return
		}
		s.ports(b)
		s.seq, s.payload = binary.BigEndian.Uint32(b[4:]), b[int(b[12]>>4)*4:]
	case protocolUDP:
		if len(b) < 8 {
			return
		}
		s.ports(b)
		s.payload = b[8:]
	}
}

func (s *spoken) ports(b []byte) {
	s.from = netip.AddrPortFrom(s.from.Addr(), binary.BigEndian.Uint16(b))
	s.to = netip.AddrPortFrom(s.to.Addr(), binary.BigEndian.Uint16(b[2:]))
}
