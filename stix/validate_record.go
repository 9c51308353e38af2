package stix

import "math/bits"

// record describes a type of the specification: an object, an extension, or a
// part such as a kill chain phase.
type record struct {
	name    string // "indicator", "kill-chain-phase"
	section string
	class   class
	props   []property // at most 64
	rules   []rule     // what concerns more than one property

	extensions map[string]*record // predefined ones, by their key
	index      map[string]int
	required   uint64
	required20 uint64 // of these, what STIX 2.0 asks for too
}

// class tells the kinds of STIX objects apart; a set of them is their sum.
type class uint8

const (
	domainObject       class = 1 << iota // SDO
	relationshipObject                   // SRO
	observable                           // SCO
	metaObject                           // extension, language content, marking
	bundleObject
	customObject // of a type that the specification does not define
)

// property is one line of a table of properties.
type property struct {
	name     string
	section  string // where it is not that of the record
	required bool
	since21  bool // STIX 2.0 does not ask for it
	check    valueCheck
}

// valueCheck holds a value against its data type and the rules of its property.
type valueCheck func(c *checker, n int32)

// rule checks the object n, whose properties have been checked one by one.
type rule func(c *checker, n int32)

// must is a property that has to be there, may one that can be left out.
func must(name string, check valueCheck) property {
	return property{name: name, required: true, check: check}
}

func may(name string, check valueCheck) property { return property{name: name, check: check} }

// in marks the section where a property is defined.
func in(section string, props ...property) []property {
	for i := range props {
		props[i].section = section
	}
	return props
}

// new21 marks a property that objects of STIX 2.0 do without.
func new21(p property) property {
	p.since21 = true
	return p
}

// define makes the record of a type that is a part of others, or an extension.
func define(name, section string, props []property, rules ...rule) *record {
	r := &record{name: name, section: section, props: props, rules: rules, index: make(map[string]int, len(props))}
	for i, p := range props {
		r.index[p.name] = i
		if p.required {
			r.required |= 1 << i
			if !p.since21 {
				r.required20 |= 1 << i
			}
		}
	}
	return r
}

// with makes the properties of a type out of common ones and its own.
func with(common []property, own ...property) []property {
	all := make([]property, 0, len(common)+len(own))
	for _, p := range common {
		if !named(own, p.name) {
			all = append(all, p)
		}
	}
	return append(all, own...)
}

func named(props []property, name string) bool {
	for _, p := range props {
		if p.name == name {
			return true
		}
	}
	return false
}

// part is the check of a property whose values are of the type r.
func typed(r *record) valueCheck {
	return func(c *checker, n int32) { c.record(n, r) }
}

// record holds the object n against the table r: each member against its
// property, then what is missing, then the rules.
func (c *checker) record(n int32, r *record) {
	if !c.is(n, objectNode, "an object") {
		return
	}
	outer := c.section
	defer func() { c.section = outer }()
	var seen uint64
	for i := c.nodes[n].child; i != 0 && !c.full(); i = c.nodes[i].next {
		p, known := r.index[c.nodes[i].name]
		if !known {
			c.section = r.section
			c.unknown(n, i, r)
			continue
		}
		seen |= 1 << p
		c.push(c.nodes[i].name)
		c.section = r.section
		if s := r.props[p].section; s != "" {
			c.section = s
		}
		if c.nodes[i].kind == nullNode {
			c.null(i)
		} else {
			r.props[p].check(c, i)
		}
		c.pop()
	}
	c.section = r.section
	c.missing(n, r, seen)
	for _, rule := range r.rules {
		rule(c, n)
	}
}

// missing reports the required properties that are not there.
func (c *checker) missing(n int32, r *record, seen uint64) {
	want := r.required
	if c.legacy {
		want = r.required20
	}
	for absent := want &^ seen; absent != 0; absent &= absent - 1 {
		p := &r.props[bits.TrailingZeros64(absent)]
		if c.container != 0 && p.name == "id" {
			continue // objects of the deprecated container are known by their keys
		}
		c.must(n, ruleMissing, p.section, p.name+" is missing", "add it")
	}
}

// is reports a value that is not of the kind; want names the kind for people.
func (c *checker) is(n int32, k nodeKind, want string) bool {
	switch c.nodes[n].kind {
	case k:
		return true
	case nullNode:
		c.null(n)
	default:
		c.must(n, ruleWrongType, "", "this is "+c.nodes[n].kind.String()+"; it must be "+want, "write "+want)
	}
	return false
}

func (c *checker) null(n int32) {
	c.must(n, ruleNull, "", "null is no value in STIX", "leave the property out")
}
