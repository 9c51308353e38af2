package detect

import (
	"strings"

	"golang.org/x/net/publicsuffix"

	"entente/stix"
)

// Reason says why something of an indicator is not looked for.
type Reason uint8

// The reasons, each with what String says of it.
const (
	NotSTIX Reason = iota + 1
	Unreadable
	Revoked
	NotYet
	NoLonger
	Negated
	Operator
	NoValue
	NoPlace
	Malformed
	Everywhere
	TooMany
	InFields
	InLines
	reasons
)

// IsLooked tells of a reason that it is looked for all the same, in logs that tell it.
func (r Reason) IsLooked() bool { return r == InFields || r == InLines }

var reasonWords = [reasons]string{
	NotSTIX:    "the pattern is in another language than STIX",
	Unreadable: "the pattern cannot be read",
	Revoked:    "it was revoked",
	NotYet:     "it is not valid yet",
	NoLonger:   "it is no longer valid",
	Negated:    "NOT: a line does not tell what did not happen",
	Operator:   "an operator other than =, IN and, for addresses, ISSUBSET",
	NoValue:    "it asks for what is no value to look up",
	NoPlace:    "a value that is not told from other words of a line",
	Malformed:  "a value that is malformed",
	Everywhere: "a value that would hit everywhere",
	TooMany:    "more alternatives than are looked for",
	InFields:   "ports, NOT, LIKE or the like, which only the named fields of a line tell",
	InLines:    "AND, FOLLOWEDBY, REPEATS or the like of observations, which only several lines tell, with their times",
}

func (r Reason) String() string {
	if r < reasons {
		return reasonWords[r]
	}
	return ""
}

// shortestDigest is the fewest characters of a hash or a certificate's number that
// stand for something in a line: what is shorter may be any number.
const shortestDigest = 16

// Networks wider than these are no indicator of anything.
const (
	widest4 = 8
	widest6 = 16
)

// emptyDigests are of no bytes at all; every log has them.
var emptyDigests = map[string]bool{
	"d41d8cd98f00b204e9800998ecf8427e":                                 true,
	"da39a3ee5e6b4b0d3255bfef95601890afd80709":                         true,
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": true,
}

// unfit says why a value is not looked for; 0 when it is.
func unfit(v stix.Value) Reason {
	switch v.Kind {
	case stix.ValueIP:
		return unfitAddress(v.Text)
	case stix.ValueDomain:
		return unfitName(v.Text)
	case stix.ValueURL:
		host, ok := stix.HostOf(v.Text)
		switch {
		case !ok:
			return Malformed
		case host.Kind == stix.ValueDomain && !isWordOf(host.Text, nameBytes) || strings.ContainsFunc(v.Text, isURLEnd):
			return NoPlace
		}
	case stix.ValueHash, stix.ValueCert, stix.ValueWallet:
		switch {
		case emptyDigests[v.Text]:
			return Everywhere
		case len(v.Text) < shortestDigest || len(v.Text) >= len(wordLengths{})*64 || !isWordOf(v.Text, wordBytes):
			return NoPlace
		}
	case stix.ValueEmail:
		local, host, _ := strings.Cut(v.Text, "@")
		if local == "" || !isWordOf(host, nameBytes) || !isWordOf(local, localBytes) {
			return NoPlace
		}
	case stix.ValueFile:
		if !strings.Contains(strings.Trim(v.Text, ".-"), ".") || strings.Trim(v.Text, ".-") != v.Text || !isWordOf(v.Text, nameBytes) || strings.Trim(v.Text, "0123456789.") == "" {
			return NoPlace
		}
	default:
		return NoPlace
	}
	return 0
}

func unfitAddress(text string) Reason {
	p, ok := stix.PrefixOf(text)
	if !ok || strings.Contains(text, "%") { // a zone means something on one machine alone
		return Malformed
	}
	a, widest := p.Addr(), widest6
	if a.Is4() {
		widest = widest4
	}
	if p.Bits() < widest || a.IsLoopback() || a.IsUnspecified() || text == "255.255.255.255" {
		return Everywhere
	}
	return 0
}

func unfitName(name string) Reason {
	if len(name) > 253 || !isWordOf(name, nameBytes) || strings.Contains(name, "..") || strings.Trim(name, ".-") != name {
		return Malformed
	}
	if suffix, _ := publicsuffix.PublicSuffix(name); suffix == name || name == "localhost" || strings.HasSuffix(name, ".localhost") || name == "localhost.localdomain" {
		return Everywhere // also every name of one label
	}
	return 0
}
