package asset

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"entente/stix"
)

// Reach answers whether something touches assets: whether it is one, lies within one, or
// holds one, so that who blocks it would block what is somebody's own.
type Reach struct {
	set      *Set
	above    map[string]*Asset // names that have a domain of an asset below them
	prefixes []held            // by their addresses
}

type held struct {
	netip.Prefix
	asset *Asset
}

// Reach prepares assets to be asked so.
func (s *Set) Reach() *Reach {
	r := &Reach{set: s, above: map[string]*Asset{}}
	for name, a := range s.domains {
		for _, rest, ok := strings.Cut(name, "."); ok; _, rest, ok = strings.Cut(rest, ".") {
			r.above[rest] = a
		}
	}
	for p, a := range s.prefixes {
		r.prefixes = append(r.prefixes, held{p, a})
	}
	slices.SortFunc(r.prefixes, func(a, b held) int { return a.Addr().Compare(b.Addr()) })
	return r
}

// Touches gives an asset that a value touches; nil when there is none.
func (r *Reach) Touches(v stix.Value) *Asset {
	if v.Kind == stix.ValueIP {
		if len(r.prefixes) == 0 {
			return nil
		}
		p, ok := stix.PrefixOf(v.Text)
		if !ok {
			return nil
		}
		if a := r.set.in(p); a != nil {
			return a
		}
		return r.within(p)
	}
	if a := r.set.Owns(v); a != nil || v.Kind != stix.ValueDomain {
		return a
	}
	return r.above[v.Text]
}

// within finds a prefix of an asset in another one.
func (r *Reach) within(p netip.Prefix) *Asset {
	i, _ := slices.BinarySearchFunc(r.prefixes, p.Addr(), func(h held, a netip.Addr) int { return h.Addr().Compare(a) })
	for ; i < len(r.prefixes) && p.Contains(r.prefixes[i].Addr()); i++ {
		if r.prefixes[i].Bits() >= p.Bits() {
			return r.prefixes[i].asset
		}
	}
	return nil
}

// Prefixes wider than these are nobody's own by his word alone.
const (
	widest4 = 12
	widest6 = 24
)

// Assets are what is claimed, as assets, without what is too much for one to own: all of
// a public suffix, or a large part of all addresses. Owners has of each whose it is.
func (c Claims) Assets() (list []Asset, owners map[Asset]string) {
	owners = map[Asset]string{}
	for i := range c.List {
		claim := &c.List[i]
		a := Asset{Kind: claim.Kind, Value: claim.Value}
		if a.tooMuch() {
			continue
		}
		if owners[a] == "" {
			list = append(list, a)
			owners[a] = claim.Org
		}
	}
	return list, owners
}

// isEverybodys tells what nobody owns, whoever says so: more than any prefix that was ever
// given out, and names below which anybody registers his.
func (a *Asset) isEverybodys() bool {
	switch a.Kind {
	case Domain, Mail:
		suffix, icann := publicsuffix.PublicSuffix(a.Value)
		return suffix == a.Value && icann
	case Prefix:
		p, ok := stix.PrefixOf(a.Value)
		return ok && p.Bits() < map[bool]int{true: 8, false: 16}[p.Addr().Is4()]
	}
	return false
}

func (a *Asset) tooMuch() bool {
	switch a.Kind {
	case Domain, Mail:
		suffix, _ := publicsuffix.PublicSuffix(a.Value)
		return suffix == a.Value
	case Prefix:
		p, ok := stix.PrefixOf(a.Value)
		widest := widest4
		if p.Addr().Is6() {
			widest = widest6
		}
		return !ok || p.Bits() < widest
	}
	return false
}
