package handling

import (
	"fmt"
	"strings"
)

// Purposes is a set of purposes, each a bit in the order of purposeNames.
// Purposes are why a reader asks; which one a reader has is in its Profile.
type Purposes uint16

// The purposes.
const (
	Defence Purposes = 1 << iota
	Research
	LawEnforcement
	Attribution
	Publication
)

var purposeNames = [...]string{"defence", "research", "law-enforcement", "attribution", "publication"}

const allPurposes = Purposes(1<<len(purposeNames) - 1)

// String is the names of the purposes, with commas between.
func (p Purposes) String() string { return bitNames(uint16(p), purposeNames[:]) }

// ParsePurposes reads names with commas between.
func ParsePurposes(s string) (Purposes, error) {
	bits, bad := parseBits(s, purposeNames[:])
	if bad != "" {
		return 0, fmt.Errorf("%q is no purpose; there are %s", bad, strings.Join(purposeNames[:], ", "))
	}
	return Purposes(bits), nil
}

// Use is what a reader's way out does with what it gets, as PAP limits it.
type Use uint8

// The uses.
const (
	UseRead   Use = iota // kept and read: any PAP
	UseLookup            // asks third parties about it: PAP:AMBER or looser
	UseBlock             // blocks it, which an adversary notices: PAP:GREEN or looser
)

var useNames = [...]string{UseRead: "read", UseLookup: "lookup", UseBlock: "block"}

// String is "read", "lookup" or "block".
func (u Use) String() string {
	if u <= UseBlock {
		return useNames[u]
	}
	return "none"
}

// ParseUse reads a use; the empty one is UseRead.
func ParseUse(s string) (Use, error) {
	if s == "" {
		return UseRead, nil
	}
	for u, name := range useNames {
		if s == name {
			return Use(u), nil
		}
	}
	return 0, fmt.Errorf("%q is no use; there are read, lookup and block", s)
}

// bears tells whether a use keeps within a PAP label.
func (u Use) bears(p PAP) bool {
	switch u {
	case UseRead:
		return true
	case UseLookup:
		return p <= PAPAmber
	case UseBlock:
		return p <= PAPGreen
	}
	return false
}
