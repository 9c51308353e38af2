package handling

import (
	"fmt"
	"strings"
)

// Terms are what a recipient has to do or to leave, as FIRST IEP 2.0 and this
// program's own marking word it. Nobody can enforce them at the recipient, so
// what carries them is released only to who has agreed to them.
type Terms uint16

// The terms, each a bit.
const (
	EncryptInTransit Terms = 1 << iota // encrypt when passing on (IEP encrypt_in_transit: must)
	NoNotification                     // do not notify affected parties (IEP affected_party_notifications: must-not)
	Attribute                          // name the provider when passing on (IEP provider_attribution: must)
	Anonymise                          // do not name the provider (IEP provider_attribution: must-not)
	NoResale                           // do not resell unmodified (IEP unmodified_resale: must-not)
	NoAction                           // know, but do not act (IEP permitted_actions: none)
	AskFirst                           // ask the provider before acting (IEP permitted_actions: contact-for-instruction)
	Erase                              // erase when the time named in the marking has passed (own marking: retention_days)
)

// contradiction are terms that cannot both be kept.
const contradiction = Attribute | Anonymise

var termNames = [...]string{"encrypt-in-transit", "no-notification", "attribute", "anonymise",
	"no-resale", "no-action", "ask-first", "erase"}

// allTerms has every bit that has a name.
const allTerms = Terms(1<<len(termNames) - 1)

// String is the names of the terms, in their order, with commas between.
func (t Terms) String() string { return bitNames(uint16(t), termNames[:]) }

// ParseTerms reads what String wrote, in any order.
func ParseTerms(s string) (Terms, error) {
	bits, bad := parseBits(s, termNames[:])
	if bad != "" {
		return 0, fmt.Errorf("%q is no term; there are %s", bad, strings.Join(termNames[:], ", "))
	}
	return Terms(bits), nil
}

// bitNames writes a set of bits as their names.
func bitNames(bits uint16, names []string) string {
	var list []string
	for i, name := range names {
		if bits&(1<<i) != 0 {
			list = append(list, name)
		}
	}
	return strings.Join(list, ",")
}

// parseBits reads names with commas between; bad is the first that is none.
func parseBits(s string, names []string) (bits uint16, bad string) {
	if s == "" {
		return 0, ""
	}
next:
	for name := range strings.SplitSeq(s, ",") {
		for i, n := range names {
			if name == n {
				bits |= 1 << i
				continue next
			}
		}
		if name == "" {
			name = s
		}
		return 0, name
	}
	return bits, ""
}
