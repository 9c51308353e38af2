package stix

import (
	"fmt"

	"entente/stix/pattern"
)

// stixPattern: the pattern of an indicator whose pattern_type is stix conforms
// to section 9. The rules are those of package pattern, each with "pattern-"
// before its name.
func stixPattern(c *checker, n int32) {
	i := c.member(n, "pattern")
	if i == 0 || c.nodes[i].kind != stringNode || c.textOf(n, "pattern_type") != "stix" {
		return
	}
	c.push("pattern")
	defer c.pop()
	text := c.nodes[i].text
	parsed, err := pattern.Parse(text)
	if err != nil {
		for _, p := range pattern.Check(text) {
			c.patternProblem(i, p)
		}
		return
	}
	for _, p := range parsed.Check() {
		if p.Rule != "type-name" && p.Rule != "property-name" { // below they are errors
			c.patternProblem(i, p)
		}
	}
	c.patternNames(i, parsed)
	c.patternTimes(n, i, parsed)
}

func (c *checker) patternProblem(n int32, p pattern.Problem) {
	severity := Error
	if p.Severity == pattern.SeverityWarning || p.Rule == "regexp" { // the standard's dialect may have it
		severity = Warning
	}
	message := fmt.Sprintf("character %d: %s", p.Column, p.Message)
	if p.Line > 1 {
		message = fmt.Sprintf("line %d, character %d: %s", p.Line, p.Column, p.Message)
	}
	c.report(severity, "pattern-"+p.Rule, p.Section, c.patternOffset(n, p.Offset), message, p.Fix)
}

// patternNames: names of types and properties are as section 3.1 has them also
// where a pattern asks for custom ones.
func (c *checker) patternNames(n int32, p *pattern.Pattern) {
	for comparison := range p.Comparisons() {
		path := comparison.Path
		if fault := typeNameFault(path.Type); fault != "" {
			c.report(Error, "pattern-type-name", "3.1", c.patternOffset(n, path.Pos), "the type "+quoted(path.Type)+" "+fault, "rename it")
		}
		if fault := propertyNameFault(path.Steps[0].Name); fault != "" {
			c.report(Error, "pattern-property-name", "3.1", c.patternOffset(n, path.Steps[0].Pos), "the property "+quoted(path.Steps[0].Name)+" "+fault, "rename it")
		}
	}
}

// patternOffset is the place of a byte of the pattern in the object, where no
// escape stands between the two, else that of the pattern.
func (c *checker) patternOffset(n int32, offset int) int {
	start, end := int(c.nodes[n].start), int(c.end[n])
	if end-start-2 != len(c.nodes[n].text) {
		return start
	}
	return start + 1 + offset
}

// patternTimes: where a pattern looks between START and STOP, its indicator n is
// valid (section 9.5.1).
func (c *checker) patternTimes(n, i int32, p *pattern.Pattern) {
	from, until := c.textOf(n, "valid_from"), c.textOf(n, "valid_until")
	for q := range p.Qualifiers() {
		if q.Kind != pattern.StartStop {
			continue
		}
		if earlier(q.Start.Text, from) {
			c.report(Warning, ruleValidity, "9.5.1", c.patternOffset(i, q.Start.Pos), "START is before valid_from ("+from+")", "start there, or set valid_from earlier")
		}
		if earlier(until, q.Stop.Text) {
			c.report(Warning, ruleValidity, "9.5.1", c.patternOffset(i, q.Stop.Pos), "STOP is after valid_until ("+until+")", "stop there, or set valid_until later")
		}
	}
}

// earlier tells that both are timestamps, and a is before b.
func earlier(a, b string) bool {
	return timestampFault(a) == "" && timestampFault(b) == "" && (Timestamp{a}).Compare(Timestamp{b}) < 0
}
