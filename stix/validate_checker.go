package stix

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// validation is one call of Validate or ValidateAll: its options and the tables
// it goes by.
type validation struct {
	without []string // rules that are not reported
	most    int      // findings an object
	size    int      // bytes an object
	types   map[string]*record
}

func newValidation(opts []ValidateOption) *validation {
	v := &validation{most: 200, size: 1 << 20, types: objectTypes()}
	for _, o := range opts {
		o(v)
	}
	return v
}

// origin is where an object begins in the input: line and column of its first
// byte, both from 1.
type origin struct{ line, column int }

// checker checks one object.
type checker struct {
	tree
	v     *validation
	start origin
	index int

	placed int    // the offset whose place was asked for last,
	place  origin // and that place

	id        string // of the object; empty when it has none
	typ       string
	path      []step  // from the object to the property at hand
	section   string  // the section that the property at hand is defined in
	legacy    bool    // the object says that it is STIX 2.0
	container int32   // the observable container that is being checked; 0 outside
	contained string  // the type of the object in it that is being checked
	toplevel  bool    // an extension adds top-level properties
	added     []int32 // the properties that only such an extension can account for
	walked    int     // steps along lists that selectors took
	findings  []Finding
}

// step is a property, or an element of a list when the name is empty.
type step struct {
	name  string
	index int32
}

var checkers = sync.Pool{New: func() any { return new(checker) }}

// object checks one object.
func (v *validation) object(raw []byte) []Finding {
	c := checkers.Get().(*checker)
	defer c.release()
	return c.run(v, raw, origin{line: 1, column: 1}, 0, false)
}

// run checks the object raw, which begins at a place of the input. Legacy says
// that it comes from a bundle of STIX 2.0.
func (c *checker) run(v *validation, raw []byte, start origin, index int, legacy bool) []Finding {
	c.begin(v, start, index, legacy)
	c.check(raw)
	if len(c.findings) > 1 {
		slices.SortStableFunc(c.findings, inputOrder)
	}
	return c.findings
}

// begin forgets the object that was checked before.
func (c *checker) begin(v *validation, start origin, index int, legacy bool) {
	c.v, c.start, c.index, c.legacy = v, start, index, legacy
	c.placed, c.place = 0, start
	c.path, c.findings, c.section = c.path[:0], nil, ""
	c.id, c.typ, c.container, c.contained, c.toplevel, c.walked = "", "", 0, "", false, 0
	c.added = c.added[:0]
}

func inputOrder(a, b Finding) int {
	if d := cmp.Compare(a.Line, b.Line); d != 0 {
		return d
	}
	return cmp.Compare(a.Column, b.Column)
}

func (c *checker) release() {
	if cap(c.nodes) > keptNodes {
		return
	}
	clear(c.nodes[:cap(c.nodes)]) // texts must not keep the object's bytes alive
	*c = checker{tree: tree{nodes: c.nodes[:0], end: c.end[:0], wide: c.wide}, path: c.path[:0]}
	checkers.Put(c)
}

// check is the way of every object: read it, find its type, walk its table.
func (c *checker) check(raw []byte) {
	if len(raw) > c.v.size {
		c.report(Error, ruleTooBig, "", 0, fmt.Sprintf("the object has %d bytes; %d are allowed", len(raw), c.v.size), "split it, or raise the limit")
		return
	}
	first := skipSpace(raw, 0)
	if kind := scalarKind(raw[first:]); kind != 0 {
		c.raw = raw
		c.report(Error, ruleNotObject, "", first, "this is "+kind.String()+", not an object", "give STIX objects")
		return
	}
	if at, f := c.parse(raw); f != faultNone {
		what, fix := cutReason(f)
		c.report(Error, ruleJSON, "", at, what, fix)
		return
	}
	c.id = c.textOf(0, "id")
	c.typ = c.textOf(0, "type")
	c.topObject(0)
}

// cutReason splits what is wrong with JSON from what to do.
func cutReason(f fault) (what, fix string) {
	what, fix, _ = strings.Cut(f.reason(), "; ")
	return what, fix
}

// scalarKind tells what a value that is no object is; 0 for objects, and for what
// is no JSON.
func scalarKind(raw []byte) nodeKind {
	if len(raw) == 0 {
		return 0
	}
	switch b := raw[0]; {
	case b == '[':
		return listNode
	case b == '"':
		return stringNode
	case b == '-' || b-'0' <= 9:
		return numberNode
	case string(raw) == "true" || string(raw) == "false":
		return boolNode
	case string(raw) == "null":
		return nullNode
	}
	return 0
}

// push and pop keep the path.
func (c *checker) push(name string)      { c.path = append(c.path, step{name: name}) }
func (c *checker) pushIndex(index int32) { c.path = append(c.path, step{index: index}) }
func (c *checker) pop()                  { c.path = c.path[:len(c.path)-1] }

// must reports that node n breaks a MUST of the section; "" is the section
// that the property is defined in.
func (c *checker) must(n int32, rule, section, message, fix string) {
	c.report(Error, rule, c.sectionOr(section), int(c.nodes[n].start), message, fix)
}

// should reports that node n breaks a SHOULD.
func (c *checker) should(n int32, rule, section, message, fix string) {
	c.report(Warning, rule, c.sectionOr(section), int(c.nodes[n].start), message, fix)
}

// mustAt and shouldAt report what is wrong with the member n of the object at
// hand as a whole, path included.
func (c *checker) mustAt(n int32, rule, section, message, fix string) {
	c.push(c.nodes[n].name)
	c.must(n, rule, section, message, fix)
	c.pop()
}

func (c *checker) shouldAt(n int32, rule, section, message, fix string) {
	c.push(c.nodes[n].name)
	c.should(n, rule, section, message, fix)
	c.pop()
}

func (c *checker) sectionOr(section string) string {
	if section == "" {
		return c.section
	}
	return section
}

// legacyRules are those that STIX 2.0 has in common with 2.1. Of an object of
// 2.0 nothing else is reported.
var legacyRules = []string{
	ruleSTIX20, ruleSpecVersion, ruleMissing, ruleWrongType, ruleNull, ruleEmptyList, ruleRange,
	ruleTimestamp, ruleTimeOrder, ruleIdentifier, ruleIDType, ruleReference, ruleTypeName,
	rulePropertyName, ruleSelector, ruleMarkingCycle, ruleHashValue, ruleManyFindings,
}

func (c *checker) report(s Severity, rule, section string, offset int, message, fix string) {
	if slices.Contains(c.v.without, rule) || c.legacy && !slices.Contains(legacyRules, rule) {
		return
	}
	path := c.pathText()
	switch {
	case len(c.findings) > c.v.most:
		return
	case len(c.findings) == c.v.most:
		s, rule, section, path, offset = Error, ruleManyFindings, "", "", len(c.raw)
		message, fix = fmt.Sprintf("the object has more findings than the %d shown", c.v.most), "mend these first"
	}
	line, column := c.position(offset)
	c.findings = append(c.findings, Finding{
		Severity: s, Object: shorten(c.id), Index: c.index, Path: path, Rule: rule, Section: section,
		Message: message, Fix: fix, Line: line, Column: column,
	})
}

// full tells that no further finding will be kept.
func (c *checker) full() bool { return len(c.findings) > c.v.most }

// pathText writes the path as findings show it.
func (c *checker) pathText() string {
	var b []byte
	for _, s := range c.path {
		switch {
		case s.name == "":
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.index), 10)
			b = append(b, ']')
			continue
		case len(b) > 0:
			b = append(b, '.')
		}
		b = append(b, shorten(s.name)...)
	}
	return string(b)
}

// position turns an offset in the object into a line and a column of the input. It goes
// on from the place that was asked for before, since most are asked for in order.
func (c *checker) position(offset int) (line, column int) {
	offset = min(offset, len(c.raw))
	if offset < c.placed || c.placed > 0 && !utf8.RuneStart(c.raw[min(c.placed, len(c.raw)-1)]) {
		c.placed, c.place = 0, c.start
	}
	c.place.line, c.place.column = c.place.after(c.raw[c.placed:offset])
	c.placed = offset
	return c.place.line, c.place.column
}

// shorten keeps what is quoted from the input to a length that people read.
func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	cut := most - 3
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// quoted is a text from the input as messages show it.
func quoted(s string) string { return strconv.Quote(shorten(s)) }
