package stix

import (
	"slices"
	"strings"
)

// vocabulary is one of the lists of section 10.
type vocabulary struct {
	name    string // "indicator-type-ov"
	section string
	terms   []string
}

// openVocabulary is a string that should come from the vocabulary, and that is
// written in lower case with hyphens where it does not (section 2.14).
func openVocabulary(v *vocabulary) valueCheck {
	return func(c *checker, n int32) {
		if !c.is(n, stringNode, "a string") || slices.Contains(v.terms, c.nodes[n].text) {
			return
		}
		term := c.nodes[n].text
		c.should(n, ruleVocabulary, v.section, quoted(term)+" is not in "+v.name, v.suggest(term))
		if strings.ContainsAny(term, " _") || hasUpper(term) {
			c.should(n, ruleVocabForm, "2.14", quoted(term)+" is not in lower case with hyphens", "write "+quoted(hyphenated(term)))
		}
	}
}

// enumeration is a string that must come from the list (section 2.4).
func enumeration(v *vocabulary) valueCheck {
	return func(c *checker, n int32) {
		if c.is(n, stringNode, "a string") && !slices.Contains(v.terms, c.nodes[n].text) {
			c.must(n, ruleEnum, v.section, quoted(c.nodes[n].text)+" is not in "+v.name, v.suggest(c.nodes[n].text))
		}
	}
}

// suggest names the term that was probably meant, or where to find them all.
func (v *vocabulary) suggest(term string) string {
	plain := hyphenated(term)
	for _, t := range v.terms {
		if strings.EqualFold(t, term) || t == plain {
			return "write " + quoted(t)
		}
	}
	if len(v.terms) <= 8 {
		return "use " + oneOf(v.terms)
	}
	return "use one of its terms, such as " + v.terms[0]
}

func hyphenated(s string) string {
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' {
			return '-'
		}
		return r
	}, strings.ToLower(shorten(s)))
}
