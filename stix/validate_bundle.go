package stix

import (
	"fmt"
	"strings"
)

// bundleTable is section 8. Its objects are checked as they are read; the
// property is in the table for bundles that have something else there.
var bundleTable = defineObject(bundleObject, "bundle", "8", []property{
	must("type", bundleType),
	must("id", ownID),
	may("objects", each(anyObjectValue)),
})

func bundleType(c *checker, n int32) {
	if c.is(n, stringNode, "a string") && c.nodes[n].text != "bundle" {
		c.must(n, ruleBundle, "", "an object with a list of objects is a bundle, not "+withArticle(shorten(c.nodes[n].text)), `write "type": "bundle"`)
	}
}

// bundleCheck is what is known of the bundle that is being read.
type bundleCheck struct {
	start   origin
	legacy  bool   // it says that it is of STIX 2.0
	members []byte // its members other than objects, as the inside of a JSON object
	places  map[string]origin

	unversioned int // objects without spec_version

	versions     versionCheck
	translations translationCheck
	definitions  definitionCheck
}

// mostUnversioned is how many objects of a bundle are shown one by one to have
// no spec_version. Bundles of STIX 2.0, which say what they are after their
// objects, have none in any.
const mostUnversioned = 3

// value checks the top-level object that the input stands at: a bundle, an
// envelope, or one STIX object.
func (w *walk) value() bool {
	w.bundle = &bundleCheck{start: w.in.at, places: make(map[string]origin), versions: newVersionCheck()}
	if !w.isContainer() {
		return w.object(onTop)
	}
	w.in.advance(1)
	w.in.space()
	if w.in.peek() != '}' && !w.members() {
		return false
	}
	w.in.advance(1)
	return w.finish()
}

// isContainer looks ahead, consuming nothing, whether this is a bundle or an
// envelope: its type or id says so, or, where neither has come yet, a list of
// objects.
func (w *walk) isContainer() bool {
	at := 1
	for {
		at = w.skip(at)
		name, _, value, f := w.name(at)
		if f != faultNone {
			return false
		}
		at = w.skip(value)
		first := w.in.buf[w.in.pos+at : min(w.in.pos+at+1, len(w.in.buf))]
		if name == "objects" && string(first) == "[" {
			return true
		}
		end, fits, f := w.in.valueEnd(at)
		if f != faultNone || !fits {
			return false
		}
		switch text := string(w.in.bytes(end)[at:]); {
		case name == "type":
			return text == `"bundle"`
		case name == "id" && !strings.HasPrefix(text, `"bundle--`):
			return false
		}
		at = w.skip(end)
		if b := w.in.bytes(at + 1); len(b) <= at || b[at] != ',' {
			return false
		}
		at++
	}
}

// skip is the offset of the first byte from at on that is no white space.
func (w *walk) skip(at int) int {
	for {
		at = skipSpace(w.in.buf, w.in.pos+at) - w.in.pos
		if w.in.pos+at < len(w.in.buf) || !w.in.more() {
			return at
		}
	}
}

// name reads the name at an offset, also as it is written, and gives the offset
// of what follows its colon.
func (w *walk) name(at int) (name, written string, value int, f fault) {
	if b := w.in.bytes(at + 1); len(b) <= at || b[at] != '"' {
		return "", "", at, faultGrammar
	}
	end, _, f := w.in.valueEnd(at)
	if f != faultNone {
		return "", "", end, f
	}
	text := w.in.bytes(end)[at:]
	if stop, _, f := scanString(text, 0); f != faultNone || stop != len(text) {
		return "", "", at, faultGrammar
	}
	name, written = string(appendUnescaped(nil, text[1:len(text)-1])), string(text)
	colon := w.skip(end)
	if b := w.in.bytes(colon + 1); len(b) <= colon || b[colon] != ':' {
		return "", "", colon, faultGrammar
	}
	return name, written, colon + 1, faultNone
}

// members reads the members of a bundle, up to its closing brace.
func (w *walk) members() bool {
	for {
		start := w.in.at
		name, written, value, f := w.name(0)
		if f != faultNone {
			w.in.advance(min(value, len(w.in.buf)-w.in.pos))
			return w.broken(f)
		}
		if _, twice := w.bundle.places[name]; twice {
			return w.broken(faultDuplicate)
		}
		w.bundle.places[name] = start
		w.in.advance(value)
		w.in.space()
		if !w.member(name, written) {
			return false
		}
		w.in.space()
		switch w.in.peek() {
		case ',':
			w.in.advance(1)
			w.in.space()
		case '}':
			return true
		default:
			return w.broken(faultGrammar)
		}
	}
}

// member reads the value of one member of a bundle.
func (w *walk) member(name, written string) bool {
	if name == "objects" && w.in.peek() == '[' {
		return w.elements(inBundle)
	}
	n, fits, f := w.in.valueEnd(0)
	if f != faultNone {
		w.in.advance(n)
		return w.broken(f)
	}
	if !fits || len(w.bundle.members)+n > w.v.size {
		w.emit(w.finding(Error, ruleTooBig, "", "the bundle's property "+quoted(name)+" is too large", "leave it out"))
		return w.in.discard(n) == faultNone && !w.stopped
	}
	if value := w.in.bytes(n); name == "spec_version" && string(value) == `"2.0"` {
		w.bundle.legacy = true
		w.emit(w.finding(Error, ruleSTIX20, "3.2", "this is a bundle of STIX 2.0", "convert it to STIX 2.1; only what both have in common is checked"))
	} else {
		w.bundle.add(written, value)
	}
	w.in.advance(n)
	return !w.stopped
}

// add keeps a member, its name as written, until the whole bundle has been read.
func (b *bundleCheck) add(name string, value []byte) {
	if len(b.members) > 0 {
		b.members = append(b.members, ',')
	}
	b.members = append(append(b.members, name...), ':')
	b.members = append(b.members, value...)
}

// countUnversioned takes what is said of spec_version out of the findings once
// it has been said often enough; finish gives the number.
func (b *bundleCheck) countUnversioned(all []Finding) []Finding {
	if len(all) == 0 || all[0].Rule != ruleSpecVersion || all[0].Path != "" {
		return all
	}
	if b.unversioned++; b.unversioned > mostUnversioned {
		return all[1:]
	}
	return all
}

// among holds the object that was checked last against those before it in the
// bundle, and keeps what those after it have to be held against.
func (b *bundleCheck) among(c *checker) []Finding {
	if c.id == "" || len(c.nodes) == 0 {
		return nil
	}
	c.findings, c.path = nil, c.path[:0]
	b.versions.add(c, b.translations.shapeOf(c))
	found := c.findings
	b.translations.add(c)
	b.definitions.add(c)
	return found
}

// late reports what could not be told before all objects had been read.
func (w *walk) late() bool {
	for _, t := range w.bundle.translations.kept {
		if !w.emit(w.bundle.translated(&w.c, t)...) {
			return false
		}
	}
	return w.emit(w.bundle.definitions.findings()...)
}

// finish checks the bundle itself. What has no type and no id is an envelope of
// TAXII, which is not for STIX to check.
func (w *walk) finish() bool {
	b := w.bundle
	if !w.late() {
		return false
	}
	_, typed := b.places["type"]
	_, named := b.places["id"]
	if !typed && !named && b.envelope() {
		return !w.stopped
	}
	if n := b.unversioned - mostUnversioned; n > 0 && !b.legacy {
		w.emit(w.finding(Error, ruleSpecVersion, "3.2", fmt.Sprintf("%d more objects have no spec_version, which makes them objects of STIX 2.0", n),
			`add "spec_version": "2.1" to each if they are of STIX 2.1, else convert them`))
	}
	raw := append(append([]byte{'{'}, b.members...), '}')
	for _, f := range w.c.bundle(w.v, raw, b) {
		if !w.emit(f) {
			return false
		}
	}
	return true
}

// envelope tells that the members are those of TAXII 2.1 section 3.7.
func (b *bundleCheck) envelope() bool {
	for name := range b.places {
		if name != "objects" && name != "more" && name != "next" {
			return false
		}
	}
	return true
}

// bundle holds the members of a bundle against its table.
func (c *checker) bundle(v *validation, raw []byte, b *bundleCheck) []Finding {
	c.v, c.start, c.index, c.legacy = v, b.start, -1, false
	c.placed, c.place = 0, b.start
	c.path, c.findings, c.section = c.path[:0], nil, "8"
	c.id, c.typ, c.container, c.toplevel = "", "", 0, false
	if at, f := c.parse(raw); f != faultNone {
		what, fix := cutReason(f)
		c.report(Error, ruleJSON, "", at, what, fix)
	} else {
		c.id, c.typ = c.textOf(0, "id"), "bundle"
		c.record(0, bundleTable)
	}
	for i := range c.findings { // the members were moved together: give back their places
		f := &c.findings[i]
		from, ok := b.places[firstStep(f.Path)]
		if !ok {
			from = b.start
		}
		f.Line, f.Column = from.line, from.column
	}
	return c.findings
}

func firstStep(path string) string {
	first, _, _ := strings.Cut(path, ".")
	first, _, _ = strings.Cut(first, "[")
	return first
}
