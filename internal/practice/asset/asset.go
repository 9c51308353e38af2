package asset

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"entente/internal/exchange"
	"entente/stix"
)

// Kind says what an asset is.
type Kind string

// The kinds of assets.
const (
	Domain  Kind = "domain"  // a name, with all names under it
	Mail    Kind = "mail"    // a mail domain
	Prefix  Kind = "prefix"  // an address, or a prefix with all that is in it
	ASN     Kind = "asn"     // an autonomous system
	Cert    Kind = "cert"    // a certificate, by fingerprint or serial number
	Name    Kind = "name"    // what the organisation, a brand or a machine is called
	Product Kind = "product" // what is run, as it is called, or a CPE
)

// Kinds are all there are, in the order in which they are listed.
var Kinds = []Kind{Domain, Mail, Prefix, ASN, Cert, Name, Product}

// Asset is one thing of one's own.
type Asset struct {
	Kind  Kind      `json:"kind"`
	Value string    `json:"value"` // in normal form
	Note  string    `json:"note,omitempty"`
	Added time.Time `json:"added"`
}

// String is the kind and the value.
func (a *Asset) String() string { return string(a.Kind) + " " + a.Value }

// Bounds of what is kept.
const (
	MaxAssets = 100_000
	maxValue  = 512  // bytes
	maxNote   = 1000 // bytes
)

var hexadecimal = regexp.MustCompile(`^[0-9A-Fa-f]{2}(:?[0-9A-Fa-f]{2}){15,63}$`)

// New makes an asset of a text. Without a kind it is the one that the text has
// the form of: names and products have none and must be said. An error is
// exchange.ErrInvalid.
func New(kind Kind, text, note string) (Asset, error) {
	text = strings.TrimSpace(stix.Refang(text))
	if kind == "" {
		kind = kindOf(text)
	}
	bad := func(format string, args ...any) (Asset, error) {
		return Asset{}, fmt.Errorf("%w: asset %.80q: %s", exchange.ErrInvalid, text, fmt.Sprintf(format, args...))
	}
	switch {
	case kind == "":
		return bad("it has the form of no domain, @mail domain, prefix, ASN or certificate; say --kind %s or %s", Name, Product)
	case !slices.Contains(Kinds, kind):
		return bad("there is no kind %q; there are %v", kind, Kinds)
	case len(text) > maxValue:
		return bad("it has %d bytes; at most %d are kept", len(text), maxValue)
	case len(note) > maxNote || strings.ContainsFunc(note, unicode.IsControl):
		return bad("a note is one line of at most %d bytes", maxNote)
	}
	value, ok := normal(kind, text)
	if !ok {
		return bad("it is no %s", kind)
	}
	a := Asset{Kind: kind, Value: value, Note: note}
	if a.isEverybodys() {
		return bad("it is too much for one to own: all below a public suffix, or a large part of all addresses")
	}
	return a, nil
}

// kindOf tells what a text has the form of.
func kindOf(text string) Kind {
	if strings.HasPrefix(text, "@") {
		return Mail
	}
	if hexadecimal.MatchString(text) {
		return Cert
	}
	if _, ok := stix.NewValue(stix.ValueASN, text); ok && len(text) > 2 && strings.EqualFold(text[:2], "as") {
		return ASN
	}
	v, ok := stix.NewValue(stix.ValueDomain, text)
	switch {
	case ok && v.Kind == stix.ValueIP:
		return Prefix
	case ok && strings.Contains(v.Text, "."):
		return Domain
	}
	return ""
}

// normal is a value in the form in which objects are looked up by it.
func normal(kind Kind, text string) (string, bool) {
	if kind == Mail {
		text = strings.TrimPrefix(text, "@")
	}
	if kind == Domain { // which stands for all below it, whether one says so or not
		text = strings.TrimPrefix(strings.TrimPrefix(text, "*"), ".")
	}
	v, ok := stix.AssetValue(string(kind), text)
	if (kind == Domain || kind == Mail) && (strings.ContainsAny(v.Text, "@/:\\* \t") || strings.Contains("."+v.Text, "..")) {
		return "", false // objects may carry what is no name; it is nobody's own
	}
	return v.Text, ok
}
