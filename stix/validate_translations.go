package stix

import (
	"fmt"
	"strconv"
)

// Bounds of what is kept of a bundle for its translations, in bytes: of all
// language-content objects, of all shapes together, and of one shape.
const (
	mostTranslations = 8 << 20
	mostShapes       = 8 << 20
	largestShape     = 1 << 16
)

// translationCheck holds language-content objects against the objects that they
// translate (section 7.1), which stand before or after them in the bundle. Of
// every object its shape is kept, which most objects of a feed share: the object
// as JSON, its texts emptied.
type translationCheck struct {
	kept []keptTranslation
	size int // bytes of these

	shapes    map[string]uint32 // to their number, from 1
	byNumber  []string
	shapeSize int // bytes of these
	buf       []byte
}

// keptTranslation is a language-content object until the bundle has been read.
type keptTranslation struct {
	raw   []byte
	start origin
	index int
}

// add keeps the checked object if it is language content.
func (t *translationCheck) add(c *checker) {
	if c.typ != "language-content" || c.legacy || t.size+len(c.raw) > mostTranslations {
		return
	}
	t.size += len(c.raw)
	t.kept = append(t.kept, keptTranslation{raw: append([]byte(nil), c.raw...), start: c.start, index: c.index})
}

// shapeOf is the number of the checked object's shape; 0 when it is not kept.
func (t *translationCheck) shapeOf(c *checker) uint32 {
	buf, ok := c.appendShape(t.buf[:0], 0)
	if t.buf = buf; !ok {
		return 0
	}
	number, known := t.shapes[string(buf)]
	if known || t.shapeSize+len(buf) > mostShapes {
		return number
	}
	if t.shapes == nil {
		t.shapes = make(map[string]uint32)
	}
	text := string(buf)
	t.byNumber = append(t.byNumber, text)
	t.shapes[text] = uint32(len(t.byNumber))
	t.shapeSize += len(text)
	return t.shapes[text]
}

// appendShape writes the shape of a value; false when it is too large.
func (t *tree) appendShape(b []byte, n int32) ([]byte, bool) {
	switch t.nodes[n].kind {
	case stringNode:
		return append(b, `""`...), len(b) < largestShape
	case numberNode:
		return append(b, '0'), true
	case boolNode:
		return append(b, "true"...), true
	case nullNode:
		return append(b, "null"...), true
	}
	opening, closing := byte('['), byte(']')
	if t.nodes[n].kind == objectNode {
		opening, closing = '{', '}'
	}
	b = append(b, opening)
	for i := t.nodes[n].child; i != 0; i = t.nodes[i].next {
		if i != t.nodes[n].child {
			b = append(b, ',')
		}
		if opening == '{' {
			at := int(t.nodes[i].at)
			end, _, _ := scanString(t.raw, at)
			b = append(append(b, t.raw[at:end]...), ':')
		}
		ok := true
		if b, ok = t.appendShape(b, i); !ok || len(b) > largestShape {
			return b, false
		}
	}
	return append(b, closing), true
}

// original is the shape of what a language-content object translates: of the
// version that it names, or else of the newest; empty when the bundle has none.
func (b *bundleCheck) original(ref, modified string) string {
	line, known := b.versions.lines[b.versions.line(ref)]
	shape := line.shape
	if modified != "" {
		version, named := b.versions.versions[b.versions.version(ref, modified)]
		when, err := ParseTimestamp(modified)
		switch {
		case named:
			shape, known = version.shape, true
		case err != nil || line.newest != when.Time().UnixMicro(): // written otherwise, it may be the same
			known = false
		}
	}
	if !known || shape == 0 {
		return ""
	}
	return b.translations.byNumber[shape-1]
}

// translated holds a kept language-content object against its original.
func (b *bundleCheck) translated(c *checker, t keptTranslation) []Finding {
	if _, f := c.parse(t.raw); f != faultNone {
		return nil
	}
	var of tree
	shape := b.original(c.textOf(0, "object_ref"), c.textOf(0, "object_modified"))
	if _, f := of.parse([]byte(shape)); shape == "" || f != faultNone {
		return nil
	}
	c.begin(c.v, t.start, t.index, false)
	c.id, c.typ, c.section = c.textOf(0, "id"), c.textOf(0, "type"), "7.1"
	contents := c.member(0, "contents")
	if contents == 0 || c.nodes[contents].kind != objectNode {
		return nil
	}
	c.push("contents")
	for i := c.nodes[contents].child; i != 0 && !c.full(); i = c.nodes[i].next {
		if c.nodes[i].kind == objectNode {
			c.push(c.nodes[i].name)
			c.translatedMembers(i, &of, 0)
			c.pop()
		}
	}
	return c.findings
}

// translatedMembers holds the members of object n against those of the object m
// of the original. What the original does not have is to be passed over by whoever
// reads the translation, so that it is no error.
func (c *checker) translatedMembers(n int32, of *tree, m int32) {
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		if from := of.member(m, c.nodes[i].name); from == 0 {
			c.should(i, ruleTranslation, "", "the object that this translates has no such property, and nobody shows it", "use the name of the property that is translated, or leave it out")
		} else {
			c.translatedValue(i, of, from)
		}
		c.pop()
	}
}

// translatedValue holds the value n against m, which it translates.
func (c *checker) translatedValue(n int32, of *tree, m int32) {
	is, was := c.nodes[n].kind, of.nodes[m].kind
	switch {
	case is != stringNode && is != listNode && is != objectNode:
		return // which is an error whatever was translated
	case was != stringNode && was != listNode && was != objectNode:
		c.should(n, ruleTranslation, "", "what this translates is "+was.String()+", of which there are no translations", "leave it out")
	case is != was:
		c.must(n, ruleTranslation, "", "this is "+is.String()+", and what it translates is "+was.String(), "write "+was.String())
	case is == objectNode:
		c.translatedMembers(n, of, m)
	case is == listNode:
		c.translatedList(n, of, m)
	}
}

// translatedList holds a list against that which it translates, element by
// element. An empty string stands for what is not translated, whatever that is.
func (c *checker) translatedList(n int32, of *tree, m int32) {
	if is, was := c.nodes[n].size, of.nodes[m].size; is != was {
		c.must(n, ruleTranslation, "", fmt.Sprintf("the length of this list is %d, and of that which it translates %d", is, was),
			"give it "+strconv.Itoa(int(was))+`, with "" for each that is not translated`)
		return
	}
	at, from := int32(0), of.nodes[m].child
	for i := c.nodes[n].child; i != 0 && !c.full(); i, from = c.nodes[i].next, of.nodes[from].next {
		c.pushIndex(at)
		if c.nodes[i].kind != stringNode || c.nodes[i].text != "" {
			c.translatedValue(i, of, from)
		}
		c.pop()
		at++
	}
}
