package detect

import (
	"encoding/binary"
	"net/netip"
)

const prime = 0x9e3779b97f4a7c15

// step takes one byte into a hash, whatever its case. Other characters may fall
// together too; what has the same hash is compared.
func step(h uint64, c byte) uint64 { return (h ^ uint64(c|0x20)) * prime }

// mix spreads a hash over all bits.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// hashText is the hash of a text from its end to its start, so that the hashes of
// a name's suffixes come along.
func hashText[T string | []byte](text T) uint64 {
	h := uint64(0)
	for i := len(text) - 1; i >= 0; i-- {
		h = step(h, text[i])
	}
	return mix(h)
}

// hash4 is the hash of a prefix of IPv4 addresses.
func hash4(addr uint32, bits int) uint64 {
	return mix((uint64(addr)<<8 | uint64(bits) | 1<<40) * prime)
}

// hashPrefix is the hash of a prefix whose other bits are zero.
func hashPrefix(p netip.Prefix) uint64 {
	if p.Addr().Is4() {
		a := p.Addr().As4()
		return hash4(binary.BigEndian.Uint32(a[:]), p.Bits())
	}
	a := p.Addr().As16()
	high, low := binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])
	return mix((high*prime ^ low ^ uint64(p.Bits())<<1) * prime)
}
