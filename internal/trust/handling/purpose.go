package handling

import (
	"fmt"
	"slices"
	"strings"

	"entente/internal/trust/account"
)

// Purposes is a set of what accounts ask for, each a bit in the order of
// account.Purposes. Which one a reader has is in its Profile.
type Purposes uint16

// The purposes.
const (
	Defence Purposes = 1 << iota
	Research
	LawEnforcement
	Attribution
	Publication
)

// purposeNames are the purposes that accounts have, in their order there.
var purposeNames = func() (names []string) {
	for _, p := range account.Purposes {
		names = append(names, string(p))
	}
	return names
}()

const allPurposes = Publication<<1 - 1

// String is the names of the purposes, with commas between.
func (p Purposes) String() string { return bitNames(uint16(p), purposeNames) }

// ParsePurposes reads names with commas between.
func ParsePurposes(s string) (Purposes, error) {
	bits, bad := parseBits(s, purposeNames)
	if bad != "" {
		return 0, fmt.Errorf("%q is no purpose; there are %s", bad, strings.Join(purposeNames, ", "))
	}
	return Purposes(bits), nil
}

// Use is what a reader does with what it gets, as PAP limits it.
type Use uint8

// The uses, in the order of account.Uses.
const (
	UseRead   Use = iota // kept and read: any PAP
	UseLookup            // asks third parties about it: PAP:AMBER or looser
	UseBlock             // blocks it, which an adversary notices: PAP:GREEN or looser
)

// noUse is what keeps within no label.
const noUse = UseBlock + 1

// useOf reads an account's use.
func useOf(u account.Use) Use {
	if i := slices.Index(account.Uses, u); i >= 0 {
		return Use(i)
	}
	return noUse
}

// String is the use's name; "none" for what is none.
func (u Use) String() string {
	if int(u) < len(account.Uses) {
		return string(account.Uses[u])
	}
	return "none"
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
