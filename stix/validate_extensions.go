package stix

import (
	"slices"
	"strings"
)

// extends tells whether an extension of object n has this extension_type.
func (c *checker) extends(n int32, kind string) bool {
	all := c.member(n, "extensions")
	if all == 0 || c.nodes[all].kind != objectNode {
		return false
	}
	for i := c.nodes[all].child; i != 0; i = c.nodes[i].next {
		if c.nodes[i].kind == objectNode && c.textOf(i, "extension_type") == kind {
			return true
		}
	}
	return false
}

// extensions is the check of the property of that name: each key is that of a
// predefined extension, the id of an extension definition, or, the deprecated
// way, a name that ends in -ext.
func extensions(c *checker, n int32) {
	if !c.is(n, objectNode, "a dictionary of extensions") {
		return
	}
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "2.3", "there is no extension", "leave the property out")
	}
	var predefined map[string]*record
	if r := c.v.types[c.typeAround(n)]; r != nil {
		predefined = r.extensions
	}
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		if r := predefined[c.nodes[i].name]; r != nil {
			c.record(i, r)
		} else if c.is(i, objectNode, "an object") {
			c.extension(i)
		}
		c.pop()
	}
}

// typeAround is the type of the object that the extensions belong to: in the
// deprecated container that is not the object that is checked.
func (c *checker) typeAround(int32) string {
	if c.container != 0 {
		return c.contained
	}
	return c.typ
}

// extension checks one that is not predefined.
func (c *checker) extension(n int32) {
	if c.nodes[n].size == 0 {
		c.must(n, ruleEmptyDict, "3.2", "the extension is empty", "give it its properties")
	}
	key := c.nodes[n].name
	if strings.HasPrefix(key, "extension-definition--") {
		c.definedExtension(n)
		return
	}
	switch {
	case len(key) < 3 || len(key) > 250 || !strings.HasSuffix(key, "-ext") || strings.Trim(key, lowerHyphen) != "":
		c.must(n, ruleExtensionKey, "11.3", "the key "+quoted(key)+" is neither the id of an extension definition nor a name in lower case that ends in -ext", "use the id of an extension definition")
	case slices.Contains(predefinedExtensions, key):
		report := c.must
		if c.classOf(c.typeAround(n)) == customObject { // which extensions it takes, the text leaves open
			report = c.should
		}
		report(n, ruleExtensionKey, "3.10", "the extension "+key+" is not for objects of this type", "move it to the object that it describes")
		return
	default:
		c.should(n, ruleCustomExt, "11.3", "such custom extensions are deprecated", "define it by an extension-definition (section 7.3)")
		if rest, ok := strings.CutPrefix(key, "x-"); !ok || strings.Count(rest, "-") < 2 {
			c.should(n, ruleCustomPrefix, "11.3", "the name does not begin with x- and the name of its source", "write it as x-example-com-"+shorten(rest))
		}
	}
	c.extensionProperties(n)
}

const lowerHyphen = "abcdefghijklmnopqrstuvwxyz0123456789-"

// definedExtension checks the instance of an extension that is defined by an
// extension-definition (section 7.3).
func (c *checker) definedExtension(n int32) {
	key := c.nodes[n].name
	if _, uuid, ok := cutID(key); !ok || !isUUID(uuid) || len(key) != len("extension-definition--")+36 {
		c.must(n, ruleIdentifier, "2.9", "the key "+quoted(key)+" is not an identifier", "use the id of the extension definition")
	}
	i := c.member(n, "extension_type")
	switch {
	case i == 0:
		c.must(n, ruleMissing, "3.2", "extension_type is missing", "add it: "+oneOf(extensionTypes.terms))
	default:
		c.push("extension_type")
		if c.nodes[i].kind != stringNode || !slices.Contains(extensionTypes.terms, c.nodes[i].text) {
			c.must(i, ruleExtensionType, "10.5", "this is not an extension type", "use "+oneOf(extensionTypes.terms))
		}
		if strings.HasPrefix(c.nodes[i].text, "new-") && c.classOf(c.typeAround(n)) != customObject {
			c.must(i, ruleExtensionType, "7.3", "an extension must not define "+c.typeAround(n)+", which the specification defines", `use "property-extension"`)
		}
		c.pop()
	}
	c.extensionProperties(n)
	switch key {
	case makingExtension:
		c.making(n)
	case AssetExtension:
		c.belonging(n)
	}
}

// extensionProperties checks the names and values of an extension whose
// properties only its definition knows.
func (c *checker) extensionProperties(n int32) {
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		c.push(c.nodes[i].name)
		if fault := propertyNameFault(c.nodes[i].name); fault != "" {
			c.must(i, rulePropertyName, "7.3.2", "the name of the property "+fault, "rename it")
		}
		anyValue(c, i)
		c.pop()
	}
}
