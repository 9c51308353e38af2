package account

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Purpose is why an account asks. What may be read for it is handling's to say.
type Purpose string

// Purposes lists them all. The first is what an account has that says none.
var Purposes = []Purpose{"defence", "research", "law-enforcement", "attribution", "publication"}

// Use is what an account does with what it reads, as PAP limits it.
type Use string

// Uses lists them all: it is kept and read, looked up at third parties, or
// blocked. The first is what an account has that says none.
var Uses = []Use{"read", "lookup", "block"}

// maxGroups bounds the groups of an account.
const maxGroups = 64

// stand takes what of an application handling will look at: sharing groups,
// purpose and use.
func (acc *Account) stand(want Application) error {
	acc.Purpose, acc.Use = want.Purpose, want.Use
	if acc.Purpose == "" {
		acc.Purpose = Purposes[0]
	}
	if acc.Use == "" {
		acc.Use = Uses[0]
	}
	if !slices.Contains(Purposes, acc.Purpose) {
		return fmt.Errorf("%w: purpose %q; there are %s", ErrInvalid, want.Purpose, listing(Purposes))
	}
	if !slices.Contains(Uses, acc.Use) {
		return fmt.Errorf("%w: use %q; there are %s", ErrInvalid, want.Use, listing(Uses))
	}
	if len(want.Groups) > maxGroups {
		return fmt.Errorf("%w: %d groups; an account is in %d at most", ErrInvalid, len(want.Groups), maxGroups)
	}
	for _, g := range want.Groups {
		if CheckOrg(g) != nil {
			return fmt.Errorf("%w: group name %q: use 1 to 128 printable characters, no spaces at its ends", ErrInvalid, g)
		}
	}
	acc.Groups = slices.Compact(slices.Sorted(slices.Values(want.Groups)))
	return nil
}

func listing[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, v := range all {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// Fold gives the form under which names of organisations, groups and people
// are compared in markings and agreements: compatibility composition (NFKC)
// and full case folding.
func Fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii { // composed already, and folded as everybody knows; each request asks for this
		return strings.ToLower(s)
	}
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}
