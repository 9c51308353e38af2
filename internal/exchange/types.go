package exchange

import (
	"fmt"
	"slices"
	"strings"

	"entente/internal/spelling"
	"entente/stix"
)

// CheckTypes refuses what no object can have for its type, so that nobody waits for what
// never comes: what is neither of the specification nor begins with x- must at least look
// like a type of an extension, and not like a slip. An error is ErrInvalid.
func CheckTypes(types []string) error {
	known := stix.Types()
	for _, typ := range types {
		if slices.Contains(known, typ) || strings.HasPrefix(typ, "x-") {
			continue
		}
		if like := spelling.Meant(typ, slices.Values(known)); like != "" || !strings.Contains(typ, "-") {
			return fmt.Errorf("%w: there is no type %.80q%s; the types are %s", ErrInvalid, typ, like, strings.Join(known, ", "))
		}
	}
	return nil
}
