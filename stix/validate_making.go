package stix

import (
	"slices"
	"strings"
)

// makingExtension says how an object was made, and who has reviewed it
// (docs/reference/handling.md).
const makingExtension = "extension-definition--954f4e28-02cd-43f0-965b-052076cd1188"

var (
	makers       = []string{"person", "tool", "model"}
	reviewLevels = []string{"unreviewed", "ai-reviewed", "human-reviewed", "human-reviewed-updated", "multi-party-reviewed"}
	makingNames  = []string{"extension_type", "made_by", "tool", "model", "review_level", "reviewed_by_refs"}
)

// making warns of what of the extension is not understood, so that the object counts
// as a machine's that nobody has reviewed, or not as its author may think.
func (c *checker) making(n int32) {
	if c.member(n, "made_by") == 0 {
		c.should(n, ruleMaking, "7.3", "made_by is missing, so that it counts as a machine's work", "add it: "+oneOf(makers))
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		name := c.nodes[i].name
		c.push(name)
		switch name {
		case "made_by":
			c.word(i, makers)
		case "review_level":
			c.word(i, reviewLevels)
		case "reviewed_by_refs":
			c.reviewers(i)
		default:
			if like := strings.ToLower(name); like != name && slices.Contains(makingNames, like) {
				c.should(i, ruleMaking, "7.3", quoted(name)+" says nothing: names are exact", "write "+like)
			}
		}
		c.pop()
	}
}

// word warns of a text that is none of those that are understood.
func (c *checker) word(n int32, words []string) {
	if c.nodes[n].kind != stringNode || !slices.Contains(words, c.nodes[n].text) {
		c.should(n, ruleMaking, "7.3", "this is none of the words that are understood", "use "+oneOf(words))
	}
}

// reviewers warns of a list that names anything but identities: no review counts then.
func (c *checker) reviewers(n int32) {
	const fix = "list the ids of identities"
	if c.nodes[n].kind != listNode || c.nodes[n].size == 0 {
		c.should(n, ruleMaking, "7.3", "nobody is named, so that no review counts", fix)
		return
	}
	c.list(n, func(c *checker, i int32) {
		if typ, _, err := ParseID(c.nodes[i].text); c.nodes[i].kind != stringNode || err != nil || typ != "identity" {
			c.should(i, ruleMaking, "7.3", "this is no identity, so that no review counts", fix)
		}
	})
}
