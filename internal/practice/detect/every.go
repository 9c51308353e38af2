package detect

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"entente/stix"
)

// NewValues begins to go over a text whose values are all given, whether or not an
// indicator asks for them, in the form in which they are looked up: addresses that are not
// of private networks, names of hosts below a suffix that there is, URLs up to where they
// may end, addresses of mail, digests. A value may be given twice, and what stands behind an
// escape also with the escape's letters.
func NewValues(give func(stix.Value)) *Feed {
	s := NewSet(time.Time{})
	s.every = give
	s.filter = filter{w: []uint64{^uint64(0)}}
	for _, kind := range []stix.ValueKind{stix.ValueIP, stix.ValueDomain, stix.ValueURL, stix.ValueEmail, stix.ValueHash} {
		s.kinds[kind] = 1
	}
	s.nets4[32], s.nets6[128] = 1, 1
	for _, n := range digests {
		s.lengths.set(n, true)
	}
	return s.NewFeed(nil)
}

// digests are how long digests are that are given, in hexadecimal digits: MD5, SHA-1, and
// those of SHA-2.
var digests = []int{32, 40, 56, 64, 96, 128}

// longestValue is the longest that is given; a URL of more bytes is cut when it is looked up.
const longestValue = 1023

// give gives what a text is a value of, and tells whether it is any.
func (f *finder) give(kinds uint32, text []byte) (given bool) {
	for _, kind := range []stix.ValueKind{stix.ValueIP, stix.ValueDomain, stix.ValueEmail, stix.ValueHash} {
		if kinds>>kind&1 == 0 || len(text) > longestValue {
			continue
		}
		if v, ok := stix.NewValue(kind, string(text)); ok && f.giveValue(v) {
			given = true
		}
	}
	return given
}

// giveValue gives a value, if an indicator could well be for it.
func (f *finder) giveValue(v stix.Value) bool {
	if len(v.Text) > longestValue || unfit(v) != 0 {
		return false
	}
	host, fit := v, true
	switch v.Kind {
	case stix.ValueHash:
		fit = strings.IndexFunc(v.Text, func(r rune) bool { return !isHex(byte(r)) }) < 0
	case stix.ValueURL:
		host, fit = stix.HostOf(v.Text)
	}
	if !fit || !isPublic(host) {
		return false
	}
	f.every(v)
	return true
}

// isPublic tells of an address and of a name of a host whether others may have it, too;
// true of anything else.
func isPublic(v stix.Value) bool {
	switch v.Kind {
	case stix.ValueIP:
		p, ok := stix.PrefixOf(v.Text)
		return ok && p.Addr().IsGlobalUnicast() && !p.Addr().IsPrivate()
	case stix.ValueDomain:
		suffix, icann := publicsuffix.PublicSuffix(v.Text)
		return icann || strings.Contains(suffix, ".")
	}
	return true
}

// AsksFor tells whether an indicator, as its producer wrote it, asks for a value, by itself
// or with others; one that was revoked asks for none.
func AsksFor(raw []byte, v stix.Value) bool {
	d := read(raw)
	if d.revoked || !d.inSTIX() {
		return false
	}
	for _, a := range compile(d.pattern).any {
		if slices.Contains(a.values, v) {
			return true
		}
	}
	return false
}
