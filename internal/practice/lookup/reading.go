package lookup

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"entente/stix"
)

// Reading is one value that a text may stand for.
type Reading struct {
	stix.Value
	Wider Wider
}

// Wider says how a value reaches beyond the text it was read from.
type Wider string

// The ways. Exactly the text is none of them.
const (
	Prefix       Wider = "prefix"        // a network that holds the address
	ParentDomain Wider = "parent domain" // a domain above the name
	BareURL      Wider = "bare URL"      // a URL without its fragment, the user it names, or both
	Host         Wider = "host"          // the host of a URL
	MailDomain   Wider = "mail domain"   // what follows the @ of a mail address
	Inside       Wider = "inside"        // an address or a network within the prefix
	OnIt         Wider = "on it"         // a URL on the host
)

// MaxText is how many bytes of a text are looked up; more is no value.
const MaxText = 4096

var (
	cve    = regexp.MustCompile(`^(?i:cve)[-_ ]?([0-9]{4})[-_ ]([0-9]{4,19})$`)
	asn    = regexp.MustCompile(`^(?i:asn? ?)?([0-9]{1,10})$`)
	colons = regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){3,}$`)
	fuzzy  = regexp.MustCompile(`^[0-9]+:[0-9A-Za-z/+]+:[0-9A-Za-z/+]+$|^T1[0-9A-Fa-f]{70}$`) // ssdeep, TLSH
)

// labels are kinds of values as people write them before a value and a colon.
var labels = [...]string{"md5", "sha1", "sha-1", "sha256", "sha-256", "sha512", "sha-512", "ssdeep", "tlsh", "ip", "domain", "url", "cve", "asn", "mailto"}

// What is looked at before an expression is asked, which costs more than all
// else that is done with a text.
const (
	longestLabel = len("sha-256")
	longestASN   = len("asn 4294967295")
)

// begins tells whether a text begins so, in letters of either case.
func begins(text, with string) bool {
	return len(text) >= len(with) && strings.EqualFold(text[:len(with)], with)
}

// paired tells digits in pairs.
func paired(text string) bool {
	return len(text) > 2 && (text[2] == ':' || text[2] == '-') && colons.MatchString(text)
}

// only tells whether a text has so many bytes, all of one sort.
func only(text string, least, most int, sort func(byte) bool) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for i := range len(text) {
		if !sort(text[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

func isAlphanumeric(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// Readings gives the values that a text may stand for, the likeliest first,
// then the wider ones, each once. A text of more than MaxText bytes, or of
// none, has no readings.
func Readings(text string) []Reading { return readingsIn(text, nil) }

// readingsIn is Readings with prefixes of those lengths alone that held tells
// to be there, among addresses of so many bits; of any when it is nil.
func readingsIn(text string, held func(addressBits, bits int) bool) []Reading {
	if len(text) > MaxText {
		return nil
	}
	l := list{all: make([]Reading, 0, 8), held: held}
	text = bare(text)
	switch key, isKey := registryKey(text); {
	case text == "":
	case strings.Contains(text, "://") && !isDigit(text[0]): // a scheme begins with a letter (RFC 3986); a fuzzy hash may hold ://
		l.url(text)
	case l.address(text):
	case strings.Contains(text, "@") && !strings.ContainsAny(text, " /\\"):
		l.add(stix.ValueEmail, text, "")
		l.add(stix.ValueName, text, "") // of an account
		l.domain(text[strings.LastIndexByte(text, '@')+1:], MailDomain)
	case begins(text, "cve") && cve.MatchString(text):
		m := cve.FindStringSubmatch(text)
		l.add(stix.ValueCVE, "CVE-"+m[1]+"-"+m[2], "")
	case isKey:
		l.add(stix.ValueRegKey, key, "")
		l.add(stix.ValueRegKey, text, "")
	default:
		l.loose(text)
	}
	return l.all
}

// bare is a text without what people put around a value: quotes, brackets, a
// full stop or a comma at its end, the name of its kind.
func bare(text string) string {
	text = strings.TrimSpace(stix.Refang(text))
	for {
		before := text
		text = strings.TrimSpace(strings.TrimRight(text, ",;."))
		for _, pair := range [...]struct{ open, close string }{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"<", ">"}, {"(", ")"}, {"[", "]"}, {"{", "}"}, {"“", "”"}, {"„", "“"}, {"‘", "’"}, {"«", "»"}} {
			if rest, ok := strings.CutPrefix(text, pair.open); ok && strings.HasSuffix(rest, pair.close) {
				text = strings.TrimSuffix(rest, pair.close)
			}
		}
		if colon := strings.IndexByte(text, ':'); colon > 0 && colon <= longestLabel {
			if slices.ContainsFunc(labels[:], func(l string) bool { return strings.EqualFold(l, text[:colon]) }) {
				text = strings.TrimSpace(text[colon+1:])
			}
		}
		if text == before {
			return text
		}
	}
}

// list collects readings.
type list struct {
	all  []Reading
	held func(addressBits, bits int) bool
}

func (l *list) add(kind stix.ValueKind, text string, wider Wider) bool {
	v, ok := stix.NewValue(kind, text)
	if ok && !slices.ContainsFunc(l.all, func(r Reading) bool { return r.Value == v }) {
		l.all = append(l.all, Reading{v, wider})
	}
	return ok
}

// loose reads what has no form of its own as all that it may be.
func (l *list) loose(text string) {
	spaced := strings.ContainsRune(text, ' ')
	digits := only(text, 8, 128, isHex)
	if digits || (begins(text, "T1") || strings.Contains(text, ":")) && fuzzy.MatchString(text) {
		l.add(stix.ValueHash, text, "")
	}
	if digits {
		l.add(stix.ValueCert, text, "")
	}
	if paired(text) { // a certificate's digits or a hardware address
		pairs := strings.ReplaceAll(text, "-", ":")
		l.add(stix.ValueCert, pairs, "")
		l.add(stix.ValueOther, pairs, "")
	}
	if len(text) <= longestASN && '0' <= text[len(text)-1] && text[len(text)-1] <= '9' {
		if m := asn.FindStringSubmatch(text); m != nil {
			l.add(stix.ValueASN, m[1], "")
		}
	}
	host, _, path := strings.Cut(text, "/")
	host, _, _ = strings.Cut(host, ":")
	named := !spaced && dotted(host)
	if named && host == text {
		l.add(stix.ValueDomain, text, "")
	}
	if named && path { // a URL without its scheme
		l.wholeURL("http://" + text)
		l.wholeURL("https://" + text)
	}
	if only(text, 25, 110, isAlphanumeric) {
		l.add(stix.ValueWallet, text, "")
	}
	l.add(stix.ValueFile, text, "")
	l.add(stix.ValueName, text, "")
	l.add(stix.ValueOther, text, "")
	if spaced || strings.ContainsRune(text, '/') {
		l.add(stix.ValueAgent, text, "")
	}
	if named && !l.add(stix.ValueIP, host, Host) {
		l.domain(host, Host)
	}
}

// dotted tells names of domains from other texts.
func dotted(name string) bool {
	return strings.Contains(name, ".") && !strings.HasPrefix(name, ".") && !strings.Contains(name, "..") && !strings.ContainsAny(name, `\"'<>()[]{}|,;!?=&%$#*+`)
}

// domain reads a name and the domains above it, as far as somebody registered
// them: what all the world registers under, as co.uk, says nothing of a name.
func (l *list) domain(name string, wider Wider) {
	l.add(stix.ValueDomain, name, wider)
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	public, _ := publicsuffix.PublicSuffix(name)
	for {
		_, parent, ok := strings.Cut(name, ".")
		if !ok || len(parent) <= len(public) {
			return
		}
		l.add(stix.ValueDomain, parent, ParentDomain)
		name = parent
	}
}

// wholeURL reads a URL, also without what a server is not told or asks for by
// name.
func (l *list) wholeURL(url string) {
	v, ok := stix.NewValue(stix.ValueURL, url)
	if !ok {
		return
	}
	l.add(v.Kind, v.Text, "")
	for _, bare := range stix.BareURLs(v.Text) {
		l.add(bare.Kind, bare.Text, BareURL)
	}
}

// url reads a URL and its host.
func (l *list) url(url string) {
	l.wholeURL(url)
	_, rest, _ := strings.Cut(url, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	if in, _, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]"); ok && strings.HasPrefix(rest, "[") {
		l.add(stix.ValueIP, in, Host)
		return
	}
	rest, _, _ = strings.Cut(rest, ":")
	if !l.add(stix.ValueIP, rest, Host) && rest != "" {
		l.domain(rest, Host)
	}
}

// address reads an address, with a port or without, or a prefix, and the
// prefixes that hold it.
func (l *list) address(text string) bool {
	if strings.HasPrefix(text, "[") || strings.Count(text, ":") == 1 {
		if port, err := netip.ParseAddrPort(text); err == nil {
			text = port.Addr().String()
		}
	}
	if !l.add(stix.ValueIP, text, "") {
		return false
	}
	p, err := netip.ParsePrefix(l.all[0].Text)
	if err != nil {
		addr, err := netip.ParseAddr(l.all[0].Text)
		if err != nil {
			return true
		}
		addr = addr.WithZone("").Unmap()
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	shortest := shortest4
	if p.Addr().Is6() {
		shortest = shortest6
	}
	for bits := p.Bits() - 1; bits >= shortest; bits-- {
		of, length := p.Addr().BitLen(), bits
		if p.Addr().Is4In6() && bits >= 96 { // IPv4, written as IPv6
			of, length = 32, bits-96
		}
		if l.held != nil && !l.held(of, length) {
			continue
		}
		if wider, err := p.Addr().Prefix(bits); err == nil {
			l.all = append(l.all, Reading{stix.Value{Kind: stix.ValueIP, Text: wider.String()}, Prefix})
		}
	}
	return true
}

// Addresses are looked for in prefixes down to these lengths: nobody holds
// more.
const (
	shortest4 = 8
	shortest6 = 16
)

// hives are the short names of registry hives.
var hives = map[string]string{
	"hklm": "hkey_local_machine", "hkcu": "hkey_current_user", "hkcr": "hkey_classes_root", "hku": "hkey_users", "hkcc": "hkey_current_config",
}

// registryKey is a key with its hive in full; false when the text is none.
func registryKey(text string) (string, bool) {
	text = strings.TrimPrefix(text, `Computer\`)
	hive, rest, below := strings.Cut(text, `\`)
	if full, ok := hives[strings.ToLower(strings.TrimSuffix(hive, ":"))]; ok && below {
		return full + `\` + strings.TrimLeft(rest, `\`), true
	}
	return text, len(hive) > 5 && strings.EqualFold(hive[:5], "hkey_")
}

// almost says why a text that looks like an address is none; empty for others.
func almost(text string) string {
	if reason := stix.AlmostAddress(bare(text)); reason != "" {
		return "almost an address: " + reason
	}
	return ""
}
