package author

import (
	"slices"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// batch is what is published at once: a publication for each collection, in the order in
// which they were met.
type batch []exchange.Publication

// put adds an object to a collection that has this version of it; empty, when it has none.
func (b *batch) put(collection string, o stix.Object, expect string) {
	i := slices.IndexFunc(*b, func(p exchange.Publication) bool { return p.Collection == collection })
	if i < 0 {
		i = len(*b)
		*b = append(*b, exchange.Publication{Collection: collection})
	}
	p := &(*b)[i]
	p.Objects = append(p.Objects, o)
	p.Expect = append(p.Expect, exchange.Expect{ID: o.ID, Version: expect})
}

// withheld says why an object is left as it is that the writer sees in part.
func withheld(by account.Principal) string {
	return "parts of it are withheld from " + by.Account + ", and a new version would lose them"
}
