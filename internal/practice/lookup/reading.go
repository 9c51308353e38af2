package lookup

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"entente/stix"
)

// Reading is one value that a text may stand for.
type Reading struct {
	stix.Value
	Wider string // why the value is wider than the text: "prefix", "parent domain", "host", "mail domain"; empty when it is not
}

// MaxText is how many bytes of a text are looked up; more is no value.
const MaxText = 4096

var (
	cve    = regexp.MustCompile(`^(?i:cve)-[0-9]{4}-[0-9]{4,}$`)
	asn    = regexp.MustCompile(`^(?i:as)?[0-9]{1,10}$`)
	hex    = regexp.MustCompile(`^[0-9A-Fa-f]{8,128}$`)
	colons = regexp.MustCompile(`^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){3,}$`)
	regkey = regexp.MustCompile(`^(?i:hkey_|hklm\\|hkcu\\|hkcr\\|hku\\|hkcc\\)`)
	wallet = regexp.MustCompile(`^[0-9A-Za-z]{25,110}$`)
)

// Readings gives the values that a text may stand for, the narrowest first and
// each once. A text of more than MaxText bytes, or of none, has no readings.
func Readings(text string) []Reading {
	text = stix.Refang(strings.TrimSpace(text))
	if text == "" || len(text) > MaxText {
		return nil
	}
	var l list
	switch {
	case strings.Contains(text, "://"):
		l.add(stix.ValueURL, text, "")
		l.host(text)
	case l.add(stix.ValueIP, text, ""):
		l.prefixes(text)
	case strings.Contains(text, "@") && !strings.ContainsAny(text, " /\\"):
		l.add(stix.ValueEmail, text, "")
		l.domain(text[strings.LastIndexByte(text, '@')+1:], "mail domain")
	case cve.MatchString(text):
		l.add(stix.ValueCVE, text, "")
	case regkey.MatchString(text):
		l.add(stix.ValueRegKey, text, "")
	default:
		l.loose(text)
	}
	return l
}

// list collects readings.
type list []Reading

func (l *list) add(kind stix.ValueKind, text, wider string) bool {
	v, ok := stix.NewValue(kind, text)
	if ok && !slices.ContainsFunc(*l, func(r Reading) bool { return r.Value == v }) {
		*l = append(*l, Reading{v, wider})
	}
	return ok
}

// loose reads what has no form of its own as all that it may be.
func (l *list) loose(text string) {
	if hex.MatchString(text) {
		l.add(stix.ValueHash, text, "")
	}
	if hex.MatchString(text) || colons.MatchString(text) {
		l.add(stix.ValueCert, text, "")
	}
	if asn.MatchString(text) {
		l.add(stix.ValueASN, text, "")
	}
	if wallet.MatchString(text) {
		l.add(stix.ValueWallet, text, "")
	}
	l.add(stix.ValueFile, text, "")
	l.add(stix.ValueName, text, "")
	l.add(stix.ValueOther, text, "")
	l.add(stix.ValueAgent, text, "")
	if strings.Contains(text, ".") && !strings.ContainsAny(text, " /\\:") {
		l.domain(text, "")
	}
}

// domain reads a name and the domains above it, down to two labels.
func (l *list) domain(name, wider string) {
	l.add(stix.ValueDomain, name, wider)
	name = strings.TrimSuffix(name, ".")
	for {
		_, parent, ok := strings.Cut(name, ".")
		if !ok || !strings.Contains(parent, ".") {
			return
		}
		l.add(stix.ValueDomain, parent, "parent domain")
		name = parent
	}
}

// host reads the host of a URL.
func (l *list) host(url string) {
	_, rest, _ := strings.Cut(url, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if in, _, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]"); ok && strings.HasPrefix(rest, "[") {
		l.add(stix.ValueIP, in, "host")
		return
	}
	rest, _, _ = strings.Cut(rest, ":")
	if !l.add(stix.ValueIP, rest, "host") && rest != "" {
		l.domain(rest, "host")
	}
}

// Addresses are looked for in prefixes down to these lengths: nobody holds
// more.
const (
	shortest4 = 8
	shortest6 = 16
)

// prefixes reads the prefixes that hold an address or a prefix.
func (l *list) prefixes(text string) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return
		}
		p = netip.PrefixFrom(addr.WithZone(""), addr.BitLen())
	}
	shortest := shortest4
	if p.Addr().Is6() {
		shortest = shortest6
	}
	for bits := p.Bits() - 1; bits >= shortest; bits-- {
		wider, err := p.Addr().Prefix(bits)
		if err != nil {
			return
		}
		l.add(stix.ValueIP, wider.String(), "prefix")
	}
}
