package stix

import (
	"bytes"
	"strconv"
)

// parser reads one object strictly and takes its envelope in the same pass.
// Everything it finds goes into scratch that serves for the next object; the
// envelope's texts are copied into one arena, which becomes one string.
type parser struct {
	b     []byte
	limit limits
	outer bool // the object may turn out to be a bundle or an envelope
	bare  bool // the envelope goes without markings, Refs and Values, and own is wanted

	// The first fault, where it lies in b, and the property it concerns.
	fault fault
	at    int
	about string
	size  int // of the object, when its JSON is whole

	path     []byte // of the container being read, as Ref.Path has it
	key      []byte // the last name that had escapes, decoded
	plain    []byte // the last text that had escapes, decoded
	unquoted []byte // the last constant of a pattern that had escapes, decoded
	names    []name // of the open objects, innermost last
	arena    []byte
	found    found
	own      []Member // properties of the object itself, when bare
	embedded facts    // of the observable being read in a STIX 2.0 objects dictionary
	asset    stated
}

// place says what the object being read is to the object that is scanned.
type place uint8

const (
	inTop place = iota
	inAny
	inObservables // the objects dictionary of STIX 2.0 observed-data
	inObservable  // one object in it
	inHashes
	inHeaders // request_header of http-request-ext
	inExternal
	inGranular
	inExtensions // of the whole
	inAsset      // AssetExtension among them
)

// list says what the elements of an array are.
type list uint8

const (
	ofAny list = iota
	ofRefs
	ofMarkings
	ofAgents
	ofExternal
	ofGranular
)

// parse reads the object that starts b. It returns the index after it and
// leaves the envelope in p.found; or it returns -1 and leaves the fault.
func (p *parser) parse(b []byte, limit limits, outer bool) int {
	p.b, p.limit, p.outer = b, limit, outer
	p.fault, p.at, p.about, p.size = faultNone, 0, "", 0
	p.path, p.names, p.arena, p.own = p.path[:0], p.names[:0], p.arena[:0], p.own[:0]
	p.found.reset()
	end := p.object(0, 1, inTop)
	if end < 0 {
		return -1
	}
	p.size = end
	switch {
	case p.found.typ.empty():
		return p.fail(0, faultNoType)
	case p.found.id.empty():
		return p.fail(0, faultNoID)
	}
	if !p.bare {
		p.lookups(&p.found.facts)
	}
	return end
}

func (p *parser) fail(at int, f fault) int {
	p.fault, p.at = f, at
	return -1
}

func (p *parser) object(i, depth int, in place) int {
	if depth > p.limit.depth {
		return p.fail(i, faultDepth)
	}
	b, first := p.b, len(p.names)
	seen := uint64(0) // a bit for each name so far, several sharing one
	if i = skipSpace(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1
	}
	for {
		if i >= len(b) {
			return p.fail(i, faultShort)
		}
		if b[i] != '"' {
			return p.fail(i, faultGrammar)
		}
		end, escaped, f := scanString(b, i)
		if f != faultNone {
			return p.fail(end, f)
		}
		key := b[i+1 : end-1]
		if escaped {
			p.key = appendUnescaped(p.key[:0], key)
			key = p.key
		}
		n := name{mark: markOf(key), start: i + 1, end: end - 1, escaped: escaped}
		bit := uint64(1) << (n.mark * spread >> 58)
		if seen&bit != 0 && p.known(first, n) {
			return p.fail(i, faultDuplicate)
		}
		seen |= bit
		p.names = append(p.names, n)
		if end < len(b) && b[end] != ':' {
			end = skipSpace(b, end)
		}
		if end >= len(b) {
			return p.fail(end, faultShort)
		}
		if b[end] != ':' {
			return p.fail(end, faultGrammar)
		}
		from := skipSpace(b, end+1)
		if i = p.member(key, from, depth, in); i < 0 {
			return -1
		}
		if p.bare && in == inTop {
			if escaped {
				key = bytes.Clone(key)
			}
			p.own = append(p.own, Member{key, b[from:i]})
		}
		if i < len(b) && b[i] != ',' {
			i = skipSpace(b, i)
		}
		if i >= len(b) {
			return p.fail(i, faultShort)
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case '}':
			if len(p.names)-first > manyNames && !p.distinct(first) {
				return -1
			}
			p.names = p.names[:first]
			return i + 1
		default:
			return p.fail(i, faultGrammar)
		}
	}
}

// member reads the value of the name key at b[i].
func (p *parser) member(key []byte, i, depth int, in place) int {
	if i >= len(p.b) {
		return p.fail(i, faultShort)
	}
	switch c := p.b[i]; {
	case c == '"':
		end, escaped, f := scanString(p.b, i)
		if f != faultNone {
			return p.fail(end, f)
		}
		if !p.text(key, span{i + 1, end - 1, escaped}, in) {
			return -1
		}
		return end
	case in == inTop && !p.allowed(key, i):
		return -1
	case in == inGranular && string(key) == "marking_ref":
		p.about = "granular_markings: marking_ref must be a string"
		return p.fail(i, faultType)
	case c == '{':
		return p.below(key, i, depth, in)
	case c == '[':
		mark := p.enter(key)
		i = p.array(i, depth+1, listOf(key, in))
		p.path = p.path[:mark]
		return i
	}
	end := p.scalar(i)
	if end >= 0 && string(key) == "number" {
		p.note(key, span{i, end, false}, in)
	}
	return end
}

// below reads an object that is a property's value.
func (p *parser) below(key []byte, i, depth int, in place) int {
	inner := inAny
	switch {
	case in == inObservables:
		inner = inObservable
		p.embedded = facts{}
	case in == inTop && string(key) == "objects":
		inner = inObservables
	case in == inTop && string(key) == "extensions":
		inner = inExtensions
	case in == inExtensions && string(key) == AssetExtension:
		inner = inAsset
		p.asset = stated{}
	case string(key) == "hashes" || hasSuffix(key, "_hashes"):
		inner = inHashes
	case string(key) == "request_header":
		inner = inHeaders
	}
	mark, before := p.enter(key), len(p.found.values)
	if i = p.object(i, depth+1, inner); i < 0 {
		return -1
	}
	p.path = p.path[:mark]
	switch {
	case inner == inAsset:
		p.lookAsset()
	case inner == inObservable && !p.bare:
		p.lookups(&p.embedded)
	case inner == inHashes && in == inTop:
		p.found.facts.hashes = [2]int{before, len(p.found.values)}
	case inner == inHashes && in == inObservable:
		p.embedded.hashes = [2]int{before, len(p.found.values)}
	}
	return i
}

func listOf(key []byte, in place) list {
	switch {
	case in == inTop && string(key) == "object_marking_refs":
		return ofMarkings
	case in == inTop && string(key) == "granular_markings":
		return ofGranular
	case in == inTop && string(key) == "external_references":
		return ofExternal
	case in == inHeaders && isUserAgent(key):
		return ofAgents
	case hasSuffix(key, "_refs"):
		return ofRefs
	}
	return ofAny
}

func (p *parser) array(i, depth int, of list) int {
	if depth > p.limit.depth {
		return p.fail(i, faultDepth)
	}
	b := p.b
	if i = skipSpace(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1
	}
	for n := 0; ; n++ {
		if i >= len(b) {
			return p.fail(i, faultShort)
		}
		if i = p.element(i, depth, n, of); i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i >= len(b) {
			return p.fail(i, faultShort)
		}
		switch b[i] {
		case ',':
			i = skipSpace(b, i+1)
		case ']':
			return i + 1
		default:
			return p.fail(i, faultGrammar)
		}
	}
}

// element reads element n of an array.
func (p *parser) element(i, depth, n int, of list) int {
	c := p.b[i]
	switch {
	case of == ofMarkings && c != '"':
		p.about = "object_marking_refs must be a list of strings"
		return p.fail(i, faultType)
	case of == ofGranular && c != '{':
		p.about = "granular_markings must be a list of objects"
		return p.fail(i, faultType)
	case c == '"':
		end, escaped, f := scanString(p.b, i)
		if f != faultNone {
			return p.fail(end, f)
		}
		p.listed(span{i + 1, end - 1, escaped}, n, of)
		return end
	case c == '{' || c == '[':
		mark := len(p.path)
		p.path = append(strconv.AppendInt(append(p.path, '['), int64(n), 10), ']')
		switch {
		case c == '[':
			i = p.array(i, depth+1, ofAny)
		case of == ofExternal:
			i = p.object(i, depth+1, inExternal)
		case of == ofGranular:
			i = p.object(i, depth+1, inGranular)
		default:
			i = p.object(i, depth+1, inAny)
		}
		p.path = p.path[:mark]
		return i
	}
	return p.scalar(i)
}

// scalar reads a number, true, false or null.
func (p *parser) scalar(i int) int {
	if c := p.b[i]; c != '-' && c-'0' > 9 {
		end, f := scanLiteral(p.b, i)
		if f != faultNone {
			return p.fail(end, f)
		}
		return end
	}
	end, whole, f := scanNumber(p.b, i)
	if f != faultNone {
		return p.fail(end, f)
	}
	if whole && !exactInteger(p.b[i:end]) {
		return p.fail(i, faultInteger)
	}
	return end
}

// enter adds a name to the path and returns what to cut the path back to.
func (p *parser) enter(key []byte) (mark int) {
	mark = len(p.path)
	if mark > 0 {
		p.path = append(p.path, '.')
	}
	p.path = append(p.path, key...)
	return mark
}

func hasSuffix(key []byte, suffix string) bool {
	n := len(key) - len(suffix)
	return n >= 0 && string(key[n:]) == suffix
}
