package asset

import (
	"net/netip"
	"strings"

	"entente/stix"
)

// Set answers whether something is of one's own.
type Set struct {
	domains  map[string]*Asset // and mail domains
	prefixes map[netip.Prefix]*Asset
	lengths  [2][129]bool // of prefixes there are, of IPv4 and IPv6
	texts    map[stix.Value]*Asset
}

// NewSet makes a set of assets.
func NewSet(list []Asset) *Set {
	s := &Set{domains: map[string]*Asset{}, prefixes: map[netip.Prefix]*Asset{}, texts: map[stix.Value]*Asset{}}
	for i := range list {
		a := &list[i]
		switch a.Kind {
		case Domain, Mail:
			s.domains[a.Value] = a
		case Prefix:
			if p, ok := prefixOf(a.Value); ok {
				s.prefixes[p] = a
				s.lengths[family(p.Addr())][p.Bits()] = true
			}
		case ASN:
			s.texts[stix.Value{Kind: stix.ValueASN, Text: a.Value}] = a
		case Cert:
			s.texts[stix.Value{Kind: stix.ValueCert, Text: a.Value}] = a
		case Name, Product:
			s.texts[stix.Value{Kind: stix.ValueName, Text: a.Value}] = a
		}
	}
	return s
}

// Owns tells by which asset a value is of one's own; nil when it is not.
func (s *Set) Owns(v stix.Value) *Asset {
	switch v.Kind {
	case stix.ValueDomain:
		return s.under(v.Text)
	case stix.ValueEmail:
		_, host, _ := strings.Cut(v.Text, "@")
		return s.under(host)
	case stix.ValueURL:
		return s.host(v.Text)
	case stix.ValueIP:
		if p, ok := prefixOf(v.Text); ok {
			return s.in(p)
		}
	}
	return s.texts[v]
}

// under finds the domain that a name is, or is under.
func (s *Set) under(name string) *Asset {
	for name != "" {
		if a := s.domains[name]; a != nil {
			return a
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return nil
}

// host finds what a URL's host is under, or in.
func (s *Set) host(url string) *Asset {
	_, rest, ok := strings.Cut(url, "://")
	if !ok {
		return nil
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = rest[at+1:]
	}
	if h, err := netip.ParseAddrPort(rest); err == nil {
		return s.in(netip.PrefixFrom(h.Addr(), h.Addr().BitLen()))
	}
	name, port, _ := strings.Cut(rest, ":")
	if strings.HasPrefix(rest, "[") || strings.Contains(port, ":") {
		name = strings.Trim(rest, "[]")
	}
	v, ok := stix.NewValue(stix.ValueDomain, name)
	if !ok {
		return nil
	}
	return s.Owns(v)
}

// in finds the narrowest prefix that holds another.
func (s *Set) in(p netip.Prefix) *Asset {
	lengths := &s.lengths[family(p.Addr())]
	for bits := p.Bits(); bits >= 0; bits-- {
		if !lengths[bits] {
			continue
		}
		wider, err := p.Addr().Prefix(bits)
		if a := s.prefixes[wider]; err == nil && a != nil {
			return a
		}
	}
	return nil
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// prefixOf reads an address or a prefix.
func prefixOf(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}
