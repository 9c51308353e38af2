package detect

import (
	"crypto/rand"
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// hashKey is a set's own, drawn when it is made: who writes indicators, or logs, cannot
// know what falls together under it, and make a table slow.
type hashKey struct{ start, prime uint64 }

func newHashKey() (k hashKey) {
	var b [16]byte
	for {
		_, _ = rand.Read(b[:]) // never fails
		k = hashKey{binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:]) | 1}
		if n := bits.OnesCount64(k.prime); n >= 24 && n <= 40 { // nearly always
			return k
		}
	}
}

// step takes one byte into a hash, whatever its case. Other characters may fall
// together too; what has the same hash is compared.
func (k hashKey) step(h uint64, c byte) uint64 { return (h ^ uint64(c|0x20)) * k.prime }

// mix spreads a hash over all bits.
func mix(h uint64) uint64 {
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

// hashText is the hash of a text from its end to its start, so that the hashes of
// a name's suffixes come along.
func hashText[T string | []byte](k hashKey, text T) uint64 {
	h := k.start
	for i := len(text) - 1; i >= 0; i-- {
		h = k.step(h, text[i])
	}
	return mix(h)
}

// hashWord is the hash of a text that no name is below, eight bytes at a time, whatever
// their case.
func hashWord[T string | []byte](k hashKey, text T) uint64 {
	h, i := k.start^uint64(len(text)), 0
	for ; i+8 <= len(text); i += 8 {
		h = (h ^ (eight(text[i:i+8]) | 0x2020202020202020)) * k.prime
		h ^= h >> 32
	}
	for ; i < len(text); i++ {
		h = k.step(h, text[i])
	}
	return mix(h)
}

func eight[T string | []byte](b T) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// hash4 is the hash of a prefix of IPv4 addresses.
func (k hashKey) hash4(addr uint32, bits int) uint64 {
	return mix((uint64(addr)<<8 | uint64(bits) | 1<<40) * k.prime)
}

// hashPrefix is the hash of a prefix whose other bits are zero.
func (k hashKey) hashPrefix(p netip.Prefix) uint64 {
	if p.Addr().Is4() {
		a := p.Addr().As4()
		return k.hash4(binary.BigEndian.Uint32(a[:]), p.Bits())
	}
	a := p.Addr().As16()
	high, low := binary.BigEndian.Uint64(a[:8]), binary.BigEndian.Uint64(a[8:])
	return mix(((high^k.start)*k.prime ^ low ^ uint64(p.Bits())<<1) * k.prime)
}
