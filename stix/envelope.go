package stix

import "slices"

// span is a text in the bytes being parsed, without its quotes.
type span struct {
	start, end int
	escaped    bool
}

// part is a text in the arena.
type part struct{ start, end int }

func (t part) empty() bool { return t.start == t.end }

// found is the envelope of one object while it is read.
type found struct {
	typ, id, spec, created, modified, createdBy part

	revoked  bool
	markings []part
	granular []part
	refs     []foundRef
	values   []foundValue
	facts    facts
}

type foundRef struct{ path, id part }

type foundValue struct {
	kind ValueKind
	text part
}

func (f *found) reset() {
	*f = found{markings: f.markings[:0], granular: f.granular[:0], refs: f.refs[:0], values: f.values[:0]}
}

// maxName bounds what identifies an object and names its type, in bytes:
// they become keys.
const maxName = 1024

// maxPath bounds the path of a reference, in bytes; longer ones lose their
// start. Thousands of references may share it.
const maxPath = 512

// text takes what the envelope needs from a property whose value is a string.
func (p *parser) text(key []byte, s span, in place) bool {
	switch in {
	case inTop:
		if done, ok := p.property(key, s); done || !ok || p.bare {
			return ok
		}
		p.note(key, s, in)
	case inObservable:
		p.note(key, s, in)
	case inHashes:
		p.look(ValueHash, p.decoded(s))
	case inHeaders:
		if isUserAgent(key) {
			p.look(ValueAgent, p.decoded(s))
		}
	case inExternal:
		if string(key) == "external_id" {
			p.lookExternal(p.decoded(s))
		}
	case inAsset:
		p.asset.note(key, s)
	case inGranular:
		if string(key) == "marking_ref" && !p.bare {
			p.found.granular = append(p.found.granular, p.keep(s))
		}
		return true
	}
	if hasSuffix(key, "_ref") {
		p.refer(key, -1, s)
	}
	return true
}

// property takes a string of the envelope itself; done says that it was one.
func (p *parser) property(key []byte, s span) (done, ok bool) {
	f := &p.found
	switch string(key) {
	case "type":
		f.facts.typ = s
		f.typ = p.keep(s)
		if p.kept(f.typ) == "bundle" {
			p.fail(s.start, faultContainer)
			return true, false
		}
		return true, p.usable(f.typ, "type", s)
	case "id":
		f.id = p.keep(s)
		return true, p.usable(f.id, "id", s)
	case "spec_version":
		f.spec = p.keep(s)
	case "created":
		f.created = p.keep(s)
	case "modified":
		f.modified = p.keep(s)
	case "created_by_ref":
		f.createdBy = p.keep(s)
		p.refer(key, -1, s)
	case "revoked", "object_marking_refs", "granular_markings":
		return true, p.allowed(key, s.start-1)
	default:
		return false, true
	}
	return true, true
}

// usable refuses types and ids that could not be keys: overlong ones and those
// with control characters. Whether they are right is Validate's to say.
func (p *parser) usable(t part, name string, s span) bool {
	text := p.arena[t.start:t.end]
	if len(text) <= maxName && !slices.ContainsFunc(text, isControl) {
		return true
	}
	p.about = name
	p.fail(s.start, faultIDText)
	return false
}

// allowed checks the JSON type of an envelope property whose value, at b[i], is
// not a string, and takes revoked.
func (p *parser) allowed(key []byte, i int) bool {
	c := p.b[i]
	switch string(key) {
	case "type", "id", "spec_version", "created", "modified", "created_by_ref":
		p.about = string(key) + " must be a string"
	case "revoked":
		if c == 't' || c == 'f' {
			p.found.revoked = c == 't'
			return true
		}
		p.about = "revoked must be true or false"
	case "object_marking_refs":
		if c == '[' {
			return true
		}
		p.about = "object_marking_refs must be a list of strings"
	case "granular_markings":
		if c == '[' {
			return true
		}
		p.about = "granular_markings must be a list of objects"
	case "objects":
		if c != '[' || !p.outer || !p.found.typ.empty() {
			return true
		}
		p.fail(i, faultContainer)
		return false
	default:
		return true
	}
	p.fail(i, faultType)
	return false
}

// listed takes what the envelope needs from string n of an array.
func (p *parser) listed(s span, n int, of list) {
	switch of {
	case ofRefs:
		p.refer(nil, n, s)
	case ofMarkings:
		if p.bare {
			return
		}
		p.found.markings = append(p.found.markings, p.keep(s))
	case ofAgents:
		p.look(ValueAgent, p.decoded(s))
	}
}

// refer notes a reference: property key of the object being read, or element n
// of the array being read. What does not look like an identifier, such as the
// local names of STIX 2.0 observables, is none.
func (p *parser) refer(key []byte, n int, s span) {
	if p.bare {
		return
	}
	id := p.decoded(s)
	if len(id) > maxName || !looksLikeID(id) {
		return
	}
	start := len(p.arena)
	p.arena = append(p.arena, p.path[max(0, len(p.path)-maxPath):]...)
	if n >= 0 {
		p.arena = appendIndex(p.arena, n)
	} else {
		if len(p.path) > 0 {
			p.arena = append(p.arena, '.')
		}
		p.arena = append(p.arena, key[max(0, len(key)-maxPath):]...)
	}
	if long := len(p.arena) - start - maxPath; long > 0 {
		p.arena = append(p.arena[:start], p.arena[start+long:]...)
	}
	mid := len(p.arena)
	p.arena = append(p.arena, id...)
	p.found.refs = append(p.found.refs, foundRef{part{start, mid}, part{mid, len(p.arena)}})
}

// looksLikeID tells whether text ends in -- and a UUID and holds no control
// characters.
func looksLikeID(text []byte) bool {
	n := len(text) - 36
	if n < 3 || text[n-1] != '-' || text[n-2] != '-' {
		return false
	}
	uuid := text[n : n+36]
	if uuid[8] != '-' || uuid[13] != '-' || uuid[18] != '-' || uuid[23] != '-' {
		return false
	}
	digits := uint8(0)
	for _, c := range uuid {
		digits += hexDigit[c]
	}
	return digits == 32 && !slices.ContainsFunc(text[:n], isControl)
}

// hexDigit is 1 for the hexadecimal digits.
var hexDigit = [256]uint8{
	'0': 1, '1': 1, '2': 1, '3': 1, '4': 1, '5': 1, '6': 1, '7': 1, '8': 1, '9': 1,
	'a': 1, 'b': 1, 'c': 1, 'd': 1, 'e': 1, 'f': 1,
	'A': 1, 'B': 1, 'C': 1, 'D': 1, 'E': 1, 'F': 1,
}

// decoded is the text of a span, valid until the next call.
func (p *parser) decoded(s span) []byte {
	text := p.b[s.start:s.end]
	if s.escaped {
		p.plain = appendUnescaped(p.plain[:0], text)
		return p.plain
	}
	return text
}

// keep copies the text of a span into the arena.
func (p *parser) keep(s span) part {
	start := len(p.arena)
	if text := p.b[s.start:s.end]; s.escaped {
		p.arena = appendUnescaped(p.arena, text)
	} else {
		p.arena = append(p.arena, text...)
	}
	return part{start, len(p.arena)}
}

func (p *parser) kept(t part) string { return string(p.arena[t.start:t.end]) }

// fill makes o the object that was read. Its strings are one allocation; its
// slices are used again where they are large enough.
func (p *parser) fill(o *Object, raw []byte) {
	texts, f := string(p.arena), &p.found
	cut := func(t part) string { return texts[t.start:t.end] }
	o.Raw = raw
	o.Type, o.ID, o.SpecVersion = cut(f.typ), cut(f.id), cut(f.spec)
	o.Created, o.Modified, o.CreatedByRef = cut(f.created), cut(f.modified), cut(f.createdBy)
	o.Revoked = f.revoked
	o.MarkingRefs = sized(o.MarkingRefs, len(f.markings))
	for i, m := range f.markings {
		o.MarkingRefs[i] = cut(m)
	}
	o.GranularMarkingRefs = sized(o.GranularMarkingRefs, len(f.granular))
	for i, m := range f.granular {
		o.GranularMarkingRefs[i] = cut(m)
	}
	o.Refs = sized(o.Refs, len(f.refs))
	for i, r := range f.refs {
		o.Refs[i] = Ref{Path: cut(r.path), ID: cut(r.id)}
	}
	o.Values = sized(o.Values, len(f.values))
	for i, v := range f.values {
		o.Values[i] = Value{Kind: v.kind, Text: cut(v.text)}
	}
}

func sized[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return make([]T, n)
}
