package stix

import "strings"

// topObject checks the STIX object n: its type decides on the table.
func (c *checker) topObject(n int32) {
	if c.typ == "bundle" {
		c.must(n, ruleBundle, "8", "a bundle lies where an object belongs", "take its objects out of it")
		return
	}
	r := c.v.types[c.typ]
	if r == nil {
		r = c.customRecord(n)
	}
	c.section = r.section
	c.specVersion(n, r)
	c.toplevel = c.extends(n, "toplevel-property-extension")
	c.record(n, r)
}

// specVersion checks what the object says of its version, and whether it is to
// be read as STIX 2.0 (section 3.2: what has no version and is no SCO is of 2.0).
func (c *checker) specVersion(n int32, r *record) {
	i := c.member(n, "spec_version")
	switch {
	case i == 0 && (r.class == observable || r == customObservable):
		return
	case i != 0 && c.nodes[i].kind == stringNode && c.nodes[i].text == "2.1":
		c.legacy = false
		return
	case i != 0 && c.nodes[i].text != "2.0":
		return // the check of the property tells
	case i == 0 && c.typ == "":
		return // a missing type is what matters
	case i == 0 && c.legacy:
		return // the bundle says it, once for all
	case i == 0:
		c.must(n, ruleSpecVersion, "3.2", "spec_version is missing, which makes this an object of STIX 2.0", `add "spec_version": "2.1" if it is one of STIX 2.1, else convert it`)
	default:
		c.must(n, ruleSTIX20, "3.2", "this is an object of STIX 2.0", "convert it to STIX 2.1; only what both have in common was checked")
	}
	c.legacy = true
}

// version21 is the check of spec_version itself.
func version21(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && c.nodes[n].text != "2.1" && c.nodes[n].text != "2.0" {
		c.must(n, ruleSpecVersion, "3.2", quoted(c.nodes[n].text)+" is no version of STIX 2", `write "2.1"`)
	}
}

// typeName is the check of the property type.
func typeName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	if fault := typeNameFault(c.nodes[n].text); fault != "" {
		c.must(n, ruleTypeName, "3.1", "the type "+quoted(c.nodes[n].text)+" "+fault, "rename it")
	}
}

// typeNameFault says what is wrong with the name of a type; empty when nothing.
func typeNameFault(s string) string {
	if len(s) < 3 || len(s) > 250 {
		return "must have 3 to 250 characters"
	}
	if s[0]-'a' > 25 {
		return "must begin with a lower-case letter"
	}
	for i := range len(s) {
		if b := s[i]; b-'a' > 25 && b-'0' > 9 && b != '-' {
			return "may hold only a-z, 0-9 and hyphens"
		}
	}
	if strings.Contains(s, "--") {
		return "must not have two hyphens in a row"
	}
	return ""
}

// customRecord is the table of an object whose type the specification does not
// define: the common properties of its class, and whatever else it has.
func (c *checker) customRecord(n int32) *record {
	extended := ""
	for _, kind := range []string{"new-sdo", "new-sro", "new-sco"} {
		if c.extends(n, kind) {
			extended = kind
		}
	}
	if c.typ != "" {
		c.customType(n, extended != "")
	}
	bare := c.member(n, "created") == 0 && c.member(n, "modified") == 0
	if extended == "new-sco" || extended == "" && bare && !c.legacy {
		return customObservable
	}
	return customDomainObject
}

// customType reports a type that no extension defines, the deprecated way.
func (c *checker) customType(n int32, extended bool) {
	i := c.member(n, "type")
	if extended || c.container != 0 || typeNameFault(c.typ) != "" {
		return
	}
	if reservedType(c.typ) {
		c.mustAt(i, ruleReserved, "3.8", "the type "+quoted(c.typ)+" is reserved", "choose another name")
		return
	}
	c.shouldAt(i, ruleCustomObject, "11.2", "the type "+quoted(c.typ)+" is not one of the specification, and no extension of this object defines it", "define it by an extension-definition (section 7.3)")
	if rest, ok := strings.CutPrefix(c.typ, "x-"); !ok || !strings.Contains(rest, "-") {
		c.shouldAt(i, ruleCustomPrefix, "11.2", "the type "+quoted(c.typ)+" does not begin with x- and the name of its source", "write it as x-example-com-"+shorten(rest))
	}
}

// reservedType tells whether no custom object may have this type.
func reservedType(typ string) bool { return typ == "action" }

// reservedProperties are the names that section 3.8 keeps for later versions;
// two of them are seen in the plural as well.
func reservedProperty(name string) bool {
	switch name {
	case "severity", "username", "usernames", "phone_number", "phone_numbers", "action":
		return true
	}
	return false
}

// unknown checks member i of object n, which is not in the table r: a custom
// property, by the rules of sections 3.1, 3.8 and 11.1.
func (c *checker) unknown(n, i int32, r *record) {
	name := c.nodes[i].name
	c.push(name)
	defer c.pop()
	if fault := propertyNameFault(name); fault != "" {
		c.must(i, rulePropertyName, "3.1", "the name of the property "+fault, "rename it")
	}
	switch {
	case reservedProperty(name):
		c.must(i, ruleReserved, "3.8", "the name "+quoted(name)+" is reserved", "choose another name")
		return
	case c.notApplicable(i, r):
	case r.class == customObject || c.container != 0:
	case c.toplevel && n == 0:
		c.added = append(c.added, i)
	default:
		c.customProperty(i)
	}
	c.customValue(i, r)
}

func (c *checker) customProperty(i int32) {
	name := c.nodes[i].name
	c.should(i, ruleCustomProperty, "11.1", "this is not a property of the specification, and no extension of the object adds it", "define it by an extension-definition (section 7.3)")
	if rest, ok := strings.CutPrefix(name, "x_"); !ok || !strings.Contains(rest, "_") {
		c.should(i, ruleCustomPrefix, "11.1", "the name does not begin with x_ and the name of its source", "write it as x_example_com_"+shorten(rest))
	}
}

// customValue checks what can be known of a custom property's value.
func (c *checker) customValue(i int32, r *record) {
	name := c.nodes[i].name
	anyValue(c, i)
	if c.nodes[i].kind == objectNode && r.class == observable {
		c.lowerKeys(i)
	}
	if c.nodes[i].kind != stringNode {
		return
	}
	switch text := c.nodes[i].text; {
	case strings.HasSuffix(name, "_hex") && (len(text)%2 != 0 || !isHex(text)):
		c.should(i, ruleHex, "3.1", "names that end in _hex are for hexadecimal values", "rename it, or write the value so")
	case strings.HasSuffix(name, "_bin") && len(text)%4 != 0:
		c.should(i, ruleBinary, "3.1", "names that end in _bin are for base64 values", "rename it, or write the value so")
	}
}

// lowerKeys reports keys with capitals in a dictionary of a custom property.
func (c *checker) lowerKeys(n int32) {
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		if hasUpper(c.nodes[i].name) {
			c.push(c.nodes[i].name)
			c.should(i, ruleDictKeyCase, "2.3", "the key "+quoted(c.nodes[i].name)+" is not in lower case", "write it in lower case")
			c.pop()
		}
		if c.nodes[i].kind == objectNode {
			c.push(c.nodes[i].name)
			c.lowerKeys(i)
			c.pop()
		}
	}
}

// propertyNameFault says what is wrong with a property's name; empty when
// nothing is.
func propertyNameFault(s string) string {
	if s == "id" {
		return ""
	}
	if len(s) < 3 || len(s) > 250 {
		return "must have 3 to 250 characters"
	}
	if s[0]-'a' > 25 {
		return "must begin with a lower-case letter"
	}
	for i := range len(s) {
		if b := s[i]; b-'a' > 25 && b-'0' > 9 && b != '_' {
			return "may hold only a-z, 0-9 and underscores"
		}
	}
	return ""
}

// notApplicable reports a common property on an object of a class that has no
// use for it (the tables of section 3.2).
func (c *checker) notApplicable(i int32, r *record) bool {
	if r.class == 0 || r.class == customObject {
		return false
	}
	switch name := c.nodes[i].name; name {
	case "defanged":
		c.must(i, ruleNotApplicable, "3.2", "defanged is for cyber-observable objects only", "leave it out")
	case "spec_version": // of all objects only bundles do without
		c.should(i, ruleNotApplicable, "8", "bundles of STIX 2.1 have no spec_version; their objects have", "leave it out")
	case "created_by_ref", "created", "modified", "revoked", "labels", "confidence", "lang", "external_references", "extensions":
		c.should(i, ruleNotApplicable, "3.2", name+" does not apply to "+withArticle(r.name), "leave it out")
	default:
		return false
	}
	return true
}
