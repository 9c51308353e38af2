package stix

import (
	"regexp"
	"slices"
	"strings"
)

// Bounds of what is kept of a bundle for its extension definitions: definitions,
// names of properties in all of them, and uses of extensions, of those whose
// definition has been read and of those whose definition may come.
const (
	mostDefinitions = 1 << 12
	mostAddedNames  = 1 << 14
	mostUses        = 1 << 13
)

// definitionCheck holds the extensions of objects against the definitions that
// stand in the same bundle (section 7.3). What a definition that was read allows
// is forgotten at once; the rest waits for the end of the bundle, because the
// definition, or another version of it that allows more, may still come.
type definitionCheck struct {
	known    map[string]*definitionKnown // by id
	names    int                         // of properties, in all of them
	waiting  []extensionUse              // of extensions that are not known yet
	doubtful []extensionUse              // of extensions that are known, but not to allow it
}

// definitionKnown is what the versions of an extension definition allow together.
type definitionKnown struct {
	types map[string]bool
	names map[string]bool // of top-level properties
	open  bool            // a version does not tell which it adds
}

// extensionUse is something that has to be allowed by a definition.
type extensionUse struct {
	keys    []string // the extensions of which one has to allow it
	kind    string   // the extension type; empty for a property
	name    string   // of the property
	finding Finding  // what to report when it is not allowed
}

// add keeps what the checked object defines and uses.
func (d *definitionCheck) add(c *checker) {
	if c.legacy {
		return
	}
	if c.typ == "extension-definition" {
		d.define(c)
	}
	all := c.member(0, "extensions")
	if all == 0 || c.nodes[all].kind != objectNode {
		return
	}
	var adding []string // the extensions that add top-level properties
	for i := c.nodes[all].child; i != 0; i = c.nodes[i].next {
		key, kind := c.nodes[i].name, ""
		if c.nodes[i].kind == objectNode {
			kind = c.textOf(i, "extension_type")
		}
		if kind == "toplevel-property-extension" {
			adding = append(adding, key)
		}
		if slices.Contains(extensionTypes.terms, kind) && strings.HasPrefix(key, "extension-definition--") {
			d.use(c, extensionUse{keys: []string{key}, kind: kind}, i)
		}
	}
	for _, i := range c.added {
		d.use(c, extensionUse{keys: adding, name: c.nodes[i].name}, i)
	}
}

// define learns an extension definition.
func (d *definitionCheck) define(c *checker) {
	known := d.known[c.id]
	if known == nil {
		if len(d.known) >= mostDefinitions {
			return
		}
		if d.known == nil {
			d.known = make(map[string]*definitionKnown)
		}
		known = &definitionKnown{types: make(map[string]bool), names: make(map[string]bool)}
		d.known[strings.Clone(c.id)] = known // which must not keep the object's bytes alive
	}
	for i := range c.elements(c.member(0, "extension_types")) {
		if at := slices.Index(extensionTypes.terms, c.nodes[i].text); at >= 0 {
			known.types[extensionTypes.terms[at]] = true
		}
	}
	names := c.member(0, "extension_properties")
	if names == 0 || c.nodes[names].kind != listNode || d.names+int(c.nodes[names].size) > mostAddedNames {
		known.open = true
		return
	}
	d.names += int(c.nodes[names].size)
	for i := range c.elements(names) {
		known.names[strings.Clone(c.nodes[i].text)] = true
	}
}

// use keeps what may turn out not to be allowed, which the member i of the object,
// or of its extensions, asks for.
func (d *definitionCheck) use(c *checker, u extensionUse, i int32) {
	allowed, known := d.allows(u)
	list := &d.waiting
	if known {
		list = &d.doubtful
	}
	if allowed || len(*list) >= mostUses {
		return
	}
	c.findings, c.path = nil, c.path[:0]
	if u.kind != "" {
		c.push("extensions")
		c.push(u.keys[0])
		c.shouldAt(c.member(i, "extension_type"), ruleExtensionType, "7.3", "the definition of this extension, which is in the bundle, has no "+u.kind+" among its extension_types", "use a type that it has, or add this one to the definition")
	} else {
		c.shouldAt(i, ruleExtensionProps, "7.3", "the definitions of the object's extensions, which are in the bundle, do not have this among their extension_properties", "add it to the definition that it is from, or leave it out")
	}
	if len(c.findings) == 0 { // nobody asks for it
		return
	}
	u.finding = c.findings[0]
	for k, key := range u.keys {
		u.keys[k] = strings.Clone(key)
	}
	u.kind, u.name = strings.Clone(u.kind), strings.Clone(u.name)
	u.finding.Object, u.finding.Path = strings.Clone(u.finding.Object), strings.Clone(u.finding.Path)
	*list = append(*list, u)
}

// allows tells whether one of the extensions allows the use, and whether all of
// them are known. One that does not tell what it adds may add anything.
func (d *definitionCheck) allows(u extensionUse) (allowed, known bool) {
	known = true
	for _, key := range u.keys {
		def := d.known[key]
		switch {
		case def == nil:
			known = false
		case u.kind != "" && def.types[u.kind], u.kind == "" && (def.open || def.names[u.name]):
			allowed = true
		}
	}
	return allowed, known
}

// findings are those of uses that, now that the whole bundle has been read, no
// definition allows. Extensions whose definition is elsewhere are not judged.
func (d *definitionCheck) findings() []Finding {
	var all []Finding
	for _, u := range slices.Concat(d.waiting, d.doubtful) {
		if allowed, known := d.allows(u); known && !allowed {
			all = append(all, u.finding)
		}
	}
	slices.SortStableFunc(all, inputOrder)
	return all
}

// semanticVersion is a version as SemVer 2.0.0 writes it.
var semanticVersion = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
	`(-(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*)?` +
	`(\+[0-9a-zA-Z-]+(\.[0-9a-zA-Z-]+)*)?$`)

// extensionVersion is the version of an extension definition, which producers are
// encouraged to number by the rules of semantic versioning.
func extensionVersion(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && !semanticVersion.MatchString(c.nodes[n].text) {
		c.should(n, ruleExtensionVers, "7.3", quoted(c.nodes[n].text)+" is not a semantic version", "write it as 1.2.3: major, minor, patch")
	}
}
