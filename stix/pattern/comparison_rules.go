package pattern

import (
	"fmt"
	"net/netip"
	"strings"
)

// comparison checks one comparison by itself.
func (c *checker) comparison(e *Comparison) {
	target := c.path(e)
	switch e.Op {
	case Exists:
		return
	case In:
		c.set(e)
	case Matches:
		c.regexp(e.Value)
	case IsSubset, IsSuperset:
		c.subset(e, target)
	}
	for value := range e.values {
		c.constant(value)
		c.digest(e, value)
	}
	c.dataType(e, target)
}

// values yields the constants of the right side.
func (e *Comparison) values(yield func(Constant) bool) {
	if e.Op != In {
		yield(e.Value)
		return
	}
	for _, value := range e.Set {
		if !yield(value) {
			return
		}
	}
}

// constant checks what any constant must be.
func (c *checker) constant(v Constant) {
	switch v.Kind {
	case Timestamp:
		if _, err := v.Time(); err != nil {
			c.report(ruleCalendar, v.Pos, "timestamp "+clip(v.Text)+" is no day of the calendar", "")
		}
	case Integer:
		c.sign(v)
		const most = 1<<53 - 1
		if n, err := v.Int64(); err != nil || n > most || n < -most {
			c.report(ruleInteger, v.Pos, "integer "+v.Text+" is beyond what STIX integers hold",
				fmt.Sprintf("stay within %d and %d", -most, most))
		}
	case Float:
		c.sign(v)
	}
}

// sign warns of a plus before a number: the text of section 9.2 forbids it, the
// grammars in circulation take it.
func (c *checker) sign(v Constant) {
	if strings.HasPrefix(c.text[min(v.Pos, len(c.text)):], "+") {
		c.report(ruleSign, v.Pos, "a positive number is written without a sign", "leave out the +")
	}
}

// set checks that the elements have one data type; integers and floats are
// both numbers.
func (c *checker) set(e *Comparison) {
	if len(e.Set) == 0 {
		c.report(ruleEmptySet, e.OpPos, "the set is empty, so nothing is in it", "")
		return
	}
	number := func(k ConstantKind) bool { return k == Integer || k == Float }
	first := e.Set[0]
	for _, value := range e.Set[1:] {
		if value.Kind != first.Kind && !(number(value.Kind) && number(first.Kind)) {
			c.report(ruleSet, value.Pos,
				fmt.Sprintf("the set has a %s among values of type %s", value.Kind, first.Kind),
				"all elements of a set have one data type")
			return
		}
	}
}

// inString is the offset in the pattern of byte i of a string's value.
func (c *checker) inString(v Constant, i int) int {
	offset := v.Pos + len("'")
	for ; i > 0; i-- {
		if c.text[offset] == '\\' {
			offset++
		}
		offset++
	}
	return offset
}

// subset checks ISSUBSET and ISSUPERSET: an address property on the left, an
// address or a CIDR block of its family on the right.
func (c *checker) subset(e *Comparison, t target) {
	r := ruleSubset
	switch {
	case t.kind == unknown:
		r = ruleSubsetGuess // a custom type may well hold addresses
	case !t.address():
		c.report(ruleSubset, e.OpPos, fmt.Sprintf("%s compares addresses, but %s is none", e.Op, clip(e.Path.String())),
			"use it on the value of an ipv4-addr or ipv6-addr")
		return
	}
	prefix, err := netip.ParsePrefix(e.Value.Text)
	if addr, addrErr := netip.ParseAddr(e.Value.Text); addrErr == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	switch {
	case err != nil:
		c.report(r, e.Value.Pos, shorten(e.Value.Text)+" is neither an IP address nor a CIDR block",
			"write it like '198.51.100.0/24' or '2001:db8::/32'")
	case t.kind != unknown && !t.has(family(prefix)):
		c.report(r, e.Value.Pos, fmt.Sprintf("%s is no %s", shorten(e.Value.Text), strings.Join(t.owners, " or ")), "")
	}
}

func family(p netip.Prefix) string {
	if p.Addr().Is4() {
		return "ipv4-addr"
	}
	return "ipv6-addr"
}

// dataType warns where a constant cannot equal what the property holds, once
// for a set.
func (c *checker) dataType(e *Comparison, t target) {
	switch t.kind {
	case unknown:
		return
	case structure, dictionary, hashes, extensions:
		c.report(ruleDataType, e.Path.Pos, clip(e.Path.String())+" is an object, not a value", "name a property in it")
		return
	}
	for v := range e.values {
		if fits(t.kind, v.Kind) {
			continue
		}
		fix := ""
		if t.kind == instant && v.Kind == String {
			fix = "write t before the quote"
		}
		c.report(ruleDataType, v.Pos, fmt.Sprintf("%s is of type %s, the constant of type %s", clip(e.Path.String()), t.kind, v.Kind), fix)
		return
	}
}

// fits tells whether a constant can equal a value. Binary and hex constants
// compare with the text that carries them (STIX 2.1 section 9.6.3).
func fits(value valueKind, constant ConstantKind) bool {
	switch value {
	case whole, decimal:
		return constant == Integer || constant == Float
	case truth:
		return constant == Bool
	case instant:
		return constant == Timestamp
	}
	return constant == String || constant == Hex || constant == Binary
}
