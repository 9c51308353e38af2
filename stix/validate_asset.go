package stix

import "strings"

// belonging warns of what is not understood of an asset that is told, so that it is
// nobody's: a kind or a value that is missing or none.
func (c *checker) belonging(n int32) {
	kind := c.textOf(n, "kind")
	if assetKind([]byte(kind)) == 0 {
		names := make([]string, len(assetKinds))
		for i, k := range assetKinds {
			names[i] = k.name
		}
		c.should(n, ruleAsset, "7.3", "kind is none of the words that are understood", "use "+oneOf(names))
		return
	}
	if _, ok := AssetValue(kind, c.textOf(n, "value")); !ok {
		c.should(n, ruleAsset, "7.3", "value is no "+kind, "write one")
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		name := c.nodes[i].name
		if like := strings.ToLower(name); like != name && (like == "kind" || like == "value" || like == "note") {
			c.should(i, ruleAsset, "7.3", quoted(name)+" says nothing: names are exact", "write "+like)
		}
	}
}
