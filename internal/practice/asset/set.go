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
	names    names
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
			if p, ok := stix.PrefixOf(a.Value); ok {
				s.prefixes[p] = a
				s.lengths[family(p.Addr())][p.Bits()] = true
			}
		case ASN:
			s.texts[stix.Value{Kind: stix.ValueASN, Text: a.Value}] = a
		case Cert:
			s.texts[stix.Value{Kind: stix.ValueCert, Text: a.Value}] = a
		case Name, Product:
			s.texts[stix.Value{Kind: stix.ValueName, Text: a.Value}] = a
			s.names.add(a)
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
		if host, ok := stix.HostOf(v.Text); ok {
			return s.Owns(host)
		}
	case stix.ValueIP:
		if p, ok := stix.PrefixOf(v.Text); ok {
			return s.in(p)
		}
	}
	return s.texts[v]
}

// under finds the domain that a name is, or is under.
func (s *Set) under(name string) *Asset {
	for name != "" && len(s.domains) > 0 {
		if a := s.domains[name]; a != nil {
			return a
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return nil
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

// each gives the value of every asset.
func (s *Set) each(do func(stix.Value)) {
	for name := range s.domains {
		do(stix.Value{Kind: stix.ValueDomain, Text: name})
	}
	for p := range s.prefixes {
		do(stix.Value{Kind: stix.ValueIP, Text: p.String()})
	}
	for v := range s.texts {
		do(v)
	}
}
