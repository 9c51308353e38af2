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
	adders   map[string][]string         // the ids of those that add a property, by its name
	waiting  []extensionUse              // of extensions that are not known yet
	doubtful []extensionUse              // of extensions that are known, but not to allow it
}

// definitionKnown is what the versions of an extension definition allow together.
type definitionKnown struct {
	id    string
	types map[string]bool
	names map[string]bool // of top-level properties
	open  bool            // a version does not tell which it adds
}

// extensionUse is something that has to be allowed by a definition.
type extensionUse struct {
	by      *extending // the extensions of which one has to allow it
	kind    string     // the extension type; empty for a property
	name    string     // of the property
	finding Finding    // what to report when it is not allowed
}

// extending are extensions of one object that may add something, and what is known of
// them together: an object with many of them that adds much is judged in one pass.
type extending struct {
	keys []string
	set  map[string]bool // the same
	kept bool            // they are copies, and keep nothing of the object's bytes alive

	known bool // the definition of each has been read
	open  bool // that of one does not tell what it adds
}

func (d *definitionCheck) extending(keys ...string) *extending {
	e := &extending{keys: keys}
	d.look(e)
	return e
}

// look notes what is known of extensions by now.
func (d *definitionCheck) look(e *extending) {
	e.known, e.open = true, false
	for _, key := range e.keys {
		def := d.known[key]
		e.known = e.known && def != nil
		e.open = e.open || def != nil && def.open
	}
}

// keep makes the keys copies.
func (e *extending) keep() {
	if e.kept {
		return
	}
	for i, key := range e.keys {
		e.keys[i] = strings.Clone(key)
	}
	e.set, e.kept = nil, true
}

// has tells whether an extension is among them.
func (e *extending) has(key string) bool {
	if e.set == nil {
		e.set = make(map[string]bool, len(e.keys))
		for _, k := range e.keys {
			e.set[k] = true
		}
	}
	return e.set[key]
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
			d.use(c, extensionUse{by: d.extending(key), kind: kind}, i)
		}
	}
	if len(c.added) == 0 {
		return
	}
	by := d.extending(adding...)
	for _, i := range c.added {
		d.use(c, extensionUse{by: by, name: c.nodes[i].name}, i)
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
		id := strings.Clone(c.id) // which must not keep the object's bytes alive
		known = &definitionKnown{id: id, types: make(map[string]bool), names: make(map[string]bool)}
		d.known[id] = known
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
	if d.adders == nil {
		d.adders = make(map[string][]string)
	}
	for i := range c.elements(names) {
		if name := strings.Clone(c.nodes[i].text); !known.names[name] {
			known.names[name] = true
			d.adders[name] = append(d.adders[name], known.id)
		}
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
		c.push(u.by.keys[0])
		c.shouldAt(c.member(i, "extension_type"), ruleExtensionType, "7.3", "the definition of this extension, which is in the bundle, has no "+u.kind+" among its extension_types", "use a type that it has, or add this one to the definition")
	} else {
		c.shouldAt(i, ruleExtensionProps, "7.3", "the definitions of the object's extensions, which are in the bundle, do not have this among their extension_properties", "add it to the definition that it is from, or leave it out")
	}
	if len(c.findings) == 0 { // nobody asks for it
		return
	}
	u.finding = c.findings[0]
	u.by.keep()
	u.kind, u.name = strings.Clone(u.kind), strings.Clone(u.name)
	u.finding.Object, u.finding.Path = strings.Clone(u.finding.Object), strings.Clone(u.finding.Path)
	*list = append(*list, u)
}

// allows tells whether one of the extensions allows the use, and whether all of
// them are known. One that does not tell what it adds may add anything.
func (d *definitionCheck) allows(u extensionUse) (allowed, known bool) {
	if u.kind != "" {
		def := d.known[u.by.keys[0]]
		return def != nil && def.types[u.kind], def != nil
	}
	return u.by.open || d.adds(u.by, u.name), u.by.known
}

// adds tells whether one of the extensions adds a property. It goes through whichever is
// less, the extensions or the definitions that have the property.
func (d *definitionCheck) adds(e *extending, name string) bool {
	adders := d.adders[name]
	if len(adders) < len(e.keys) {
		return slices.ContainsFunc(adders, e.has)
	}
	return slices.ContainsFunc(e.keys, func(key string) bool { def := d.known[key]; return def != nil && def.names[name] })
}

// findings are those of uses that, now that the whole bundle has been read, no
// definition allows. Extensions whose definition is elsewhere are not judged.
func (d *definitionCheck) findings() []Finding {
	var all []Finding
	var last *extending
	for _, u := range slices.Concat(d.waiting, d.doubtful) {
		if u.by != last { // those of one object stand together
			d.look(u.by)
			last = u.by
		}
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
