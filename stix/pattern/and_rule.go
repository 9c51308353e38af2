package pattern

import (
	"maps"
	"slices"
	"strings"
)

// test checks a comparison expression and returns the object types that can
// satisfy it. AND demands one object, thus one type, of all its operands
// (STIX 2.1 section 9.5).
func (c *checker) test(e ComparisonExpression) map[string]bool {
	b, ok := e.(*Boolean)
	if !ok {
		comparison := e.(*Comparison)
		c.comparison(comparison)
		return map[string]bool{comparison.Path.Type: true}
	}
	types := c.test(b.Operands[0])
	for _, operand := range b.Operands[1:] {
		others := c.test(operand)
		if b.Op == Or {
			maps.Copy(types, others)
			continue
		}
		common := maps.Clone(types)
		maps.DeleteFunc(common, func(name string, _ bool) bool { return !others[name] })
		if len(common) == 0 {
			c.report(ruleAndTypes, operand.Offset(),
				"AND joins "+names(types)+" with "+names(others)+", but no object has both types",
				"put each type in square brackets of its own: [...] AND [...], or join by OR")
			return types // said once
		}
		types = common
	}
	return types
}

func names(types map[string]bool) string {
	sorted := slices.Sorted(maps.Keys(types))
	if len(sorted) > 3 {
		sorted = append(sorted[:3], "...")
	}
	for i := range sorted {
		sorted[i] = clip(sorted[i])
	}
	return strings.Join(sorted, " or ")
}
