package stix

import (
	"strconv"
	"strings"
)

// granularMarking is an element of granular_markings (section 7.2.3).
var granularMarking = define("granular-marking", "7.2.3", []property{
	may("lang", languageTag),
	may("marking_ref", reference(to("marking-definition"))),
	must("selectors", each(selector)),
}, markingOrLanguage, noSelfMarking("marking_ref"))

// markingOrLanguage: a granular marking has one of the two, never both.
func markingOrLanguage(c *checker, n int32) {
	marking, lang := c.member(n, "marking_ref"), c.member(n, "lang")
	switch {
	case marking == 0 && lang == 0:
		c.must(n, ruleGranular, "", "neither marking_ref nor lang is there", "add one of them")
	case marking != 0 && lang != 0:
		c.must(n, ruleGranular, "", "both marking_ref and lang are there", "leave one of them out")
	}
}

// markingRefs is the check of object_marking_refs.
func markingRefs(c *checker, n int32) {
	references(to("marking-definition"))(c, n)
	if c.typ == "marking-definition" && c.nodes[n].kind == listNode && c.nodes[n].size > 0 {
		c.list(n, (*checker).selfMarked)
	}
}

func noSelfMarking(name string) rule {
	return func(c *checker, n int32) {
		if i := c.member(n, name); i != 0 && c.typ == "marking-definition" {
			c.push(name)
			c.selfMarked(i)
			c.pop()
		}
	}
}

func (c *checker) selfMarked(n int32) {
	if c.nodes[n].kind == stringNode && c.nodes[n].text == c.id {
		c.must(n, ruleMarkingCycle, "3.2", "the marking definition marks itself", "refer to another one")
	}
}

// mostWalked bounds the steps along lists that the selectors of one object may
// take together; beyond it they are let pass.
const mostWalked = 1 << 24

// selector is a path to something that the object really has.
func selector(c *checker, n int32) {
	if !c.is(n, stringNode, "a selector") {
		return
	}
	at, rest := int32(0), c.nodes[n].text
	for more := true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ".")
		index, isIndex := listIndex(part)
		switch {
		case !isIndex && !isKey(part) || part == "":
			c.badSelector(n, quoted(part)+" is neither a name nor an index in square brackets", "write it as external_references.[0].source_name")
			return
		case isIndex && c.nodes[at].kind != listNode:
			c.badSelector(n, part+" stands after what is not a list", "select something that the object has")
			return
		case isIndex && index >= int(c.nodes[at].size):
			c.badSelector(n, "the list has no element "+part, "select something that the object has")
			return
		case isIndex:
			if c.walked += index; c.walked > mostWalked {
				return
			}
			at = c.element(at, index)
		case c.nodes[at].kind != objectNode || c.member(at, part) == 0:
			c.badSelector(n, "there is no "+quoted(part), "select something that the object has")
			return
		default:
			at = c.member(at, part)
		}
	}
}

func (c *checker) badSelector(n int32, why, fix string) {
	c.must(n, ruleSelector, "7.2.3", "the selector "+quoted(c.nodes[n].text)+" selects nothing: "+why, fix)
}

// listIndex reads the selector component [4].
func listIndex(part string) (int, bool) {
	digits, ok := strings.CutPrefix(part, "[")
	if !ok {
		return 0, false
	}
	digits, ok = strings.CutSuffix(digits, "]")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	i, err := strconv.Atoi(digits)
	return i, err == nil
}

// tlpMarkings are the only instances of TLP markings that section 7.2.1.4
// permits, by their level.
var tlpMarkings = map[string]string{
	"white": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
	"green": "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
	"amber": "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
	"red":   "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
}

const tlpCreated = "2017-01-20T00:00:00.000Z"

// tlp2Extension is the extension by which FIRST's TLP 2.0 is expressed, and
// tlp2Markings its instances.
const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

var tlp2Markings = map[string]string{
	"clear":        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green":        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber":        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	"red":          "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}

// markingContent holds definition against definition_type.
func markingContent(c *checker, n int32) {
	definition, typ := c.member(n, "definition"), c.member(n, "definition_type")
	if c.member(n, "extensions") == 0 {
		for i, name := range []string{"definition_type", "definition"} {
			if []int32{typ, definition}[i] == 0 {
				c.must(n, ruleMissing, "7.2.1", name+" is missing", "add it, or say what the marking is by an extension")
			}
		}
	}
	if definition == 0 || c.nodes[definition].kind != objectNode {
		return
	}
	c.push("definition")
	defer c.pop()
	switch c.textOf(n, "definition_type") {
	case "statement":
		c.record(definition, statementMarking)
	case "tlp":
		c.record(definition, tlpMarking)
		c.tlpInstance(n, definition)
	default:
		c.dictionary(definition, namedKeys, anyValue)
	}
}

// tlpInstance: of TLP 1 only the four of the specification may be used.
func (c *checker) tlpInstance(n, definition int32) {
	level := c.textOf(definition, "tlp")
	id, known := tlpMarkings[level]
	switch {
	case level == "":
		return
	case !known:
		c.must(definition, ruleTLP, "7.2.1.4", quoted(level)+" is not a level of TLP 1", "use white, green, amber or red, or the extension for TLP 2.0")
	case !strings.EqualFold(c.id, id):
		c.must(definition, ruleTLP, "7.2.1.4", "TLP markings other than those of the specification must not be made", "use "+id)
	case CompareVersions(c.textOf(n, "created"), tlpCreated) != 0:
		c.must(definition, ruleTLP, "7.2.1.4", "created is not that of the specification's TLP marking", "write "+tlpCreated)
	}
}

// extensionOf is the extension of an object that has that id; 0 when there is none.
func (c *checker) extensionOf(n int32, id string) int32 {
	for _, name := range []string{"extensions", id} {
		if n = c.member(n, name); n == 0 || c.nodes[n].kind != objectNode {
			return 0
		}
	}
	return n
}

// tlp2Instance checks markings that carry the TLP 2.0 extension.
func tlp2Instance(c *checker, n int32) {
	i := c.extensionOf(n, tlp2Extension)
	if i == 0 {
		return
	}
	c.push("extensions")
	c.push(tlp2Extension)
	defer c.pop()
	defer c.pop()
	level := c.textOf(i, "tlp_2_0")
	id, known := tlp2Markings[level]
	switch {
	case !known:
		c.must(i, ruleTLP, "7.3", quoted(level)+" is not a level of TLP 2.0", "use clear, green, amber, amber+strict or red")
	case c.id != id:
		c.should(i, ruleTLP, "7.3", "this is not the marking that the extension defines for TLP:"+strings.ToUpper(level), "use "+id)
	}
}

// iepExtension is the extension that carries a policy of FIRST IEP 2.0.
const iepExtension = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"

// iepPeriod: a policy that ends before it starts is never in force.
func iepPeriod(c *checker, n int32) {
	i := c.extensionOf(n, iepExtension)
	if i == 0 {
		return
	}
	start, errStart := ParseTimestamp(c.textOf(i, "start_date"))
	end, errEnd := ParseTimestamp(c.textOf(i, "end_date"))
	if errStart != nil || errEnd != nil || end.Compare(start) > 0 {
		return
	}
	c.push("extensions")
	c.push(iepExtension)
	defer c.pop()
	defer c.pop()
	c.should(c.member(i, "end_date"), ruleTimeOrder, "FIRST IEP 2.0", "end_date is not later than start_date, so the policy is never in force", "write a later end_date, or none")
}
