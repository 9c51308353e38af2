package stix

import (
	"slices"
	"strings"
)

// This file holds the rules of single domain, relationship and meta objects.

// somewhere: a location says where it is (section 4.10).
func somewhere(c *checker, n int32) {
	if c.member(n, "region") != 0 || c.member(n, "country") != 0 || c.member(n, "latitude") != 0 && c.member(n, "longitude") != 0 {
		return
	}
	c.must(n, ruleOneOf, "", "there is neither region nor country nor latitude with longitude", "add at least one")
}

func countryCode(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	code := c.nodes[n].text
	if len(code) != 2 || !strings.Contains(countryCodes, " "+strings.ToUpper(code)+" ") {
		c.should(n, ruleCountry, "", quoted(code)+" is not a two-letter code of ISO 3166-1", `write its two letters, such as "de"`)
	}
}

// familyName: a malware family has a name (section 4.11).
func familyName(c *checker, n int32) {
	if i := c.member(n, "is_family"); i != 0 && c.nodes[i].text == "true" && c.member(n, "name") == 0 {
		c.must(n, ruleMissing, "", "name is missing, which a malware family must have", "add it")
	}
}

// productName: names of products are in lower case with hyphens (section 4.12).
func productName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	if name := c.nodes[n].text; hasUpper(name) || strings.ContainsAny(name, " _") {
		c.should(n, ruleProductForm, "", quoted(name)+" is not in lower case with hyphens", "write "+quoted(hyphenated(name)))
	}
}

// observesSomething: object_refs names at least one cyber-observable object
// (section 4.14).
func observesSomething(c *checker, n int32) {
	refs := c.member(n, "object_refs")
	if refs == 0 || c.nodes[refs].kind != listNode || c.nodes[refs].size == 0 {
		return
	}
	for i := c.nodes[refs].child; i != 0; i = c.nodes[i].next {
		if typ, _, ok := cutID(c.nodes[i].text); !ok || c.classOf(typ) != relationshipObject {
			return
		}
	}
	c.mustAt(refs, ruleReference, "", "no cyber-observable object is referred to", "refer to at least one")
}

// observableContainer is the deprecated property objects of observed data
// (section 2.13): a dictionary of SCOs that refer to each other by its keys.
func observableContainer(c *checker, n int32) {
	if !c.is(n, objectNode, "a dictionary of objects") {
		return
	}
	c.should(n, ruleDeprecated, "4.14", "objects is deprecated", "give the objects themselves and refer to them in object_refs")
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "4.14", "the container is empty", "give it at least one object")
	}
	c.container = n
	typ := c.typ
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		key := c.nodes[i].name
		c.push(key)
		if strings.Trim(key, "0123456789") != "" || key == "" {
			c.should(i, ruleObjectKeys, "2.9", "the key "+quoted(key)+" is not a number", "number the objects from 0")
		}
		if c.is(i, objectNode, "an object") {
			c.containedObject(i)
		}
		c.pop()
	}
	c.container, c.contained, c.typ = 0, "", typ
}

func (c *checker) containedObject(n int32) {
	c.contained = c.textOf(n, "type")
	r := c.v.types[c.contained]
	switch {
	case r == nil && reservedType(c.contained):
		c.mustAt(c.member(n, "type"), ruleReserved, "3.8", "the type "+quoted(c.contained)+" is reserved", "choose another name")
		return
	case r == nil:
		r = customObservable
	case r.class != observable:
		c.mustAt(c.member(n, "type"), ruleReference, "4.14", "this is "+withArticle(c.contained)+", not a cyber-observable object", "put only those here")
		return
	}
	c.record(n, r)
}

// relationshipName: only lower-case letters, digits and hyphens (section 5.1).
func relationshipName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	if name := c.nodes[n].text; name == "" || strings.Trim(name, lowerHyphen) != "" {
		c.must(n, ruleRelationName, "", quoted(name)+" has other characters than a-z, 0-9 and hyphens", "rename it")
	}
}

// definedRelationship: the type of the relationship is one that the
// specification defines between these two (section 5.1).
func definedRelationship(c *checker, n int32) {
	name := c.textOf(n, "relationship_type")
	source, _, ok := cutID(c.textOf(n, "source_ref"))
	target, _, ok2 := cutID(c.textOf(n, "target_ref"))
	if name == "" || !ok || !ok2 {
		return
	}
	const ends = domainObject | observable | customObject
	if c.classOf(source)&ends == 0 || c.classOf(target)&ends == 0 {
		return // the ends are wrong in themselves
	}
	i := c.member(n, "relationship_type")
	switch name {
	case "related-to":
		return
	case "duplicate-of", "derived-from":
		if source != target {
			c.shouldAt(i, ruleRelationship, "3.7", name+" is for two objects of the same type, not for "+withArticle(source)+" and "+withArticle(target), "use related-to")
		}
		return
	}
	targets, defined := relationships[source][name]
	switch {
	case !defined:
		c.shouldAt(i, ruleRelationship, "5.1", quoted(name)+" is not defined for "+withArticle(source)+" as its source", suggestRelationship(source, target))
	case !slices.Contains(targets, target) && !(slices.Contains(targets, anyObservable) && c.classOf(target) == observable):
		c.shouldAt(i, ruleRelationship, "5.1", withArticle(source)+" "+name+" "+oneOf(targets)+", not "+withArticle(target), suggestRelationship(source, target))
	}
}

// suggestRelationship names what the specification has between two types.
func suggestRelationship(source, target string) string {
	var names []string
	for name, targets := range relationships[source] {
		if slices.Contains(targets, target) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return "use " + oneOf(append(names, "related-to"))
}

// anyObjectValue is an object whose table another property decides on.
func anyObjectValue(c *checker, n int32) { c.is(n, objectNode, "an object") }

// translatedLanguages: the keys of contents are languages (section 7.1).
func translatedLanguages(c *checker, n int32) {
	contents := c.member(n, "contents")
	if contents == 0 || c.nodes[contents].kind != objectNode {
		return
	}
	c.push("contents")
	for i := c.nodes[contents].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		c.language(i, c.nodes[i].name)
		c.pop()
	}
	c.pop()
}

// translations are the properties of one language: a dictionary that mirrors
// the object that is translated.
func translations(c *checker, n int32) {
	if !c.is(n, objectNode, "a dictionary of translated properties") {
		return
	}
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "2.3", "there is no translation", "leave the language out")
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		if fault := propertyNameFault(c.nodes[i].name); fault != "" {
			c.must(i, ruleTranslation, "7.1", "the name of the property "+fault, "use the name of the property that is translated")
		}
		anyValue(c, i)
		if k := c.nodes[i].kind; k == numberNode || k == boolNode {
			c.must(i, ruleTranslation, "7.1", "this is "+k.String()+"; translations are strings, lists or objects", "translate text only")
		}
		c.pop()
	}
}

// extensionPropertyName is a name that an extension definition adds to objects
// (section 7.3).
func extensionPropertyName(c *checker, n int32) {
	if !c.is(n, stringNode, "a property name") {
		return
	}
	if fault := propertyNameFault(c.nodes[n].text); fault != "" {
		c.must(n, rulePropertyName, "7.3.2", "the name of the property "+fault, "rename it")
	}
}

// toplevelProperties: names of top-level properties come with the type of
// extension that adds such properties, and the other way round.
func toplevelProperties(c *checker, n int32) {
	types, names := c.member(n, "extension_types"), c.member(n, "extension_properties")
	if types == 0 || c.nodes[types].kind != listNode {
		return
	}
	toplevel := false
	for i := c.nodes[types].child; i != 0; i = c.nodes[i].next {
		toplevel = toplevel || c.nodes[i].text == "toplevel-property-extension"
	}
	switch {
	case names != 0 && !toplevel:
		c.mustAt(names, ruleExtensionProps, "", "extension_properties is there, but not the extension type toplevel-property-extension", "leave one out or add the other")
	case names == 0 && toplevel:
		c.should(n, ruleExtensionProps, "", "extension_properties is missing for the type toplevel-property-extension", "name the properties that it adds")
	}
}
