package stix

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// This file holds the rules that tables of many types share.

// notBefore: the later timestamp, where both are there, is at or after the
// earlier one.
func notBefore(later, earlier string) rule { return timeOrder(later, earlier, 0, "") }

// after: the later timestamp, where both are there, is after the earlier one.
func after(later, earlier string) rule { return timeOrder(later, earlier, 1, "") }

func timeOrder(later, earlier string, least int, section string) rule {
	word := "before"
	if least == 1 {
		word = "not after"
	}
	return func(c *checker, n int32) {
		i, j := c.member(n, later), c.member(n, earlier)
		if i == 0 || j == 0 || c.nodes[i].kind != stringNode || c.nodes[j].kind != stringNode {
			return
		}
		a, b := c.nodes[i].text, c.nodes[j].text
		if timestampFault(a) != "" || timestampFault(b) != "" {
			return
		}
		if (Timestamp{a}).Compare(Timestamp{b}) < least {
			c.mustAt(i, ruleTimeOrder, section, fmt.Sprintf("%s (%s) is %s %s (%s)", later, shorten(a), word, earlier, shorten(b)), "put the two in order")
		}
	}
}

var modifiedOrder = timeOrder("modified", "created", 0, "3.2")

// recommended: a property that SHOULD be there.
func recommended(names ...string) rule {
	return func(c *checker, n int32) {
		for _, name := range names {
			if c.member(n, name) == 0 {
				c.should(n, ruleRecommended, "", name+" is missing, which should be there", "add it")
			}
		}
	}
}

// together: the second property has to be there where the first is.
func together(first, second string) rule { return needs(first, second) }

// needs: where a property is, the others have to be.
func needs(name string, others ...string) rule {
	return func(c *checker, n int32) {
		i := c.member(n, name)
		if i == 0 {
			return
		}
		for _, other := range others {
			if c.member(n, other) == 0 {
				c.mustAt(i, ruleTogether, "", name+" is there without "+other, "add "+other)
			}
		}
	}
}

// oneOrMore: at least one of the properties has to be there.
func oneOrMore(names ...string) rule {
	return func(c *checker, n int32) {
		for _, name := range names {
			if c.member(n, name) != 0 {
				return
			}
		}
		c.must(n, ruleOneOf, "", "none of "+strings.Join(names, ", ")+" is there", "add at least one")
	}
}

// exactlyOne: one of the two has to be there, never both.
func exactlyOne(first, second string) rule {
	return func(c *checker, n int32) {
		i, j := c.member(n, first), c.member(n, second)
		switch {
		case i == 0 && j == 0:
			c.must(n, ruleOneOf, "", "neither "+first+" nor "+second+" is there", "add one of them")
		case i != 0 && j != 0:
			c.must(n, ruleExclusive, "", first+" and "+second+" are both there", "leave one of them out")
		}
	}
}

// atLeastOne: the object has a property other than those named here.
func atLeastOne(common []property, except ...string) rule {
	return func(c *checker, n int32) {
		for i := c.nodes[n].child; i != 0; i = c.nodes[i].next {
			if name := c.nodes[i].name; name == "extensions" || !named(common, name) && !slices.Contains(except, name) {
				return
			}
		}
		if len(except) > 0 {
			c.must(n, ruleAtLeastOne, "", "there is nothing beside "+strings.Join(except, ", "), "add another property")
			return
		}
		c.must(n, ruleAtLeastOne, "", "there is no property of its own", "add at least one")
	}
}

// languageTag is a language of RFC 5646: well-formed, of registered subtags.
func languageTag(c *checker, n int32) {
	if c.is(n, stringNode, "a language tag") {
		c.language(n, c.nodes[n].text)
	}
}

func (c *checker) language(n int32, tag string) {
	if tag == "en" {
		return
	}
	well := tag != "" && strings.Trim(strings.ToLower(tag), lowerHyphen) == ""
	if !well || len(tag) > 100 {
		c.must(n, ruleLanguage, "", quoted(tag)+" is not a language tag of RFC 5646", `write it as "en" or "pt-BR"`)
	} else if _, err := language.Parse(tag); err != nil || tag == "root" {
		c.must(n, ruleLanguage, "", quoted(tag)+" is not a language that RFC 5646 knows", `write it as "en" or "pt-BR"`)
	}
}

// killChainName is a name in lower case with hyphens (section 2.11).
func killChainName(c *checker, n int32) {
	if !c.is(n, stringNode, "a string") {
		return
	}
	if name := c.nodes[n].text; hasUpper(name) || strings.ContainsAny(name, " _") {
		c.should(n, ruleKillChain, "2.11", quoted(name)+" is not in lower case with hyphens", "write "+quoted(hyphenated(name)))
	}
}

// pointsSomewhere: beside its source an external reference says what it refers
// to (section 2.5.2).
func pointsSomewhere(c *checker, n int32) {
	if c.member(n, "description") == 0 && c.member(n, "url") == 0 && c.member(n, "external_id") == 0 {
		c.must(n, ruleExternalRef, "2.5", "none of description, url and external_id is there", "add at least one")
	}
}

func hashedURL(c *checker, n int32) {
	if c.member(n, "url") != 0 && c.member(n, "hashes") == 0 {
		c.should(n, ruleExternalHash, "2.5", "there is a url but no hashes of what it leads to", "add hashes")
	}
}

var (
	cvePattern   = regexp.MustCompile(`^CVE-[0-9]{4}-(0[0-9]{3}|[1-9][0-9]{3,})$`)
	capecPattern = regexp.MustCompile(`^CAPEC-[0-9]+$`)
)

// vulnerabilityName: a CVE ID has the source cve and is written exactly
// (section 4.19).
func vulnerabilityName(c *checker, n int32) {
	c.cataloguedName(n, "cve", "CVE-", cvePattern, "CVE-2024-3400", "4.19", "vulnerability")
}

// attackPatternName: the same for CAPEC (section 4.1).
func attackPatternName(c *checker, n int32) {
	c.cataloguedName(n, "capec", "CAPEC-", capecPattern, "CAPEC-163", "4.1", "attack-pattern")
}

func (c *checker) cataloguedName(n int32, source, prefix string, form *regexp.Regexp, example, section, typ string) {
	from, id := c.textOf(n, "source_name"), c.textOf(n, "external_id")
	prefixed := len(id) >= len(prefix) && strings.EqualFold(id[:len(prefix)], prefix)
	if !strings.EqualFold(from, source) && !(prefixed && form.MatchString(id)) {
		return
	}
	report := c.should // the text speaks of objects of this type alone
	if c.typ == typ {
		report = c.must
	}
	switch i := c.member(n, "external_id"); {
	case from != source:
		report(n, ruleExternalID, section, "the source of a "+prefix[:len(prefix)-1]+" ID is not "+source, `write "source_name": "`+source+`"`)
	case i == 0:
		c.must(n, ruleExternalID, section, "external_id is missing for the source "+source, "add it: "+example)
	case !form.MatchString(id):
		c.push("external_id")
		c.must(i, ruleExternalID, section, quoted(id)+" is not a "+prefix[:len(prefix)-1]+" ID", "write it as "+example)
		c.pop()
	}
}
