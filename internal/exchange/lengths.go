package exchange

import (
	"context"
	"net/netip"

	"entente/internal/store"
	"entente/stix"
)

// Lengths are the lengths of prefixes, shorter than an address, that anything
// here carries.
type Lengths struct {
	v4 [32]bool
	v6 [128]bool

	until store.Tick // nothing was written behind it when they were read
}

// Has tells whether anything carries a prefix of so many bits of addresses that
// have addressBits.
func (l *Lengths) Has(addressBits, bits int) bool {
	if lengths := l.of(addressBits); bits >= 0 && bits < len(lengths) {
		return lengths[bits]
	}
	return false
}

func (l *Lengths) of(addressBits int) []bool {
	if addressBits == len(l.v4) {
		return l.v4[:]
	}
	return l.v6[:]
}

// PrefixLengths tells how long the prefixes are that anything carries, so that
// who looks up an address need not look for each length; they are remembered
// until something is written. It is no answer: what a reader may see of such a
// prefix, and whether anything, is for Find to say.
func (v *View) PrefixLengths(ctx context.Context) (*Lengths, error) {
	now := v.x.store.Now()
	if l := v.x.lengths.Load(); l != nil && l.until == now {
		return l, nil
	}
	scope := v.x.everywhere(store.AllClasses())
	l := &Lengths{until: now}
	for _, all := range [...]netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		lengths, last := l.of(all.BitLen()), lastOf(netip.PrefixFrom(all, 0))
		// A length comes before the address in a key: the first key is of the
		// shortest that there is, and what follows it begins with the next.
		for bits := 0; bits < len(lengths); bits++ {
			found, err := v.x.store.Within(ctx, store.Range{Kind: uint8(stix.ValueIP), From: prefixKey(all, bits), To: prefixKey(last, len(lengths)-1)}, scope, 1)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				break
			}
			bits = int(found[0].Text[0])
			lengths[bits] = true
		}
	}
	v.x.lengths.Store(l)
	return l, nil
}
