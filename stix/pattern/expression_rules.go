package pattern

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// How much of regular expressions a pattern may have: in bytes, since a class such as \p{L}
// takes much longer to read than to write, and in steps with what is repeated written out,
// since each letter of a value may take that many.
const (
	maxExpressions     = 8 << 10
	maxExpressionSteps = 1 << 14
)

// regexp refuses expressions that cannot be matched in linear time or are wrong. The
// standard's dialect is PCRE, which has more, such as look-around: whoever may not refuse
// what the standard allows takes the rule for a warning.
func (c *checker) regexp(v Constant) {
	if c.expressions += len(v.Text); c.expressions > maxExpressions {
		c.report(ruleRegexp, v.Pos, fmt.Sprintf("the regular expressions of the pattern are longer than %d bytes together", maxExpressions),
			"write fewer, or shorter ones")
		return
	}
	e, err := syntax.Parse(v.Text, syntax.Perl)
	if err == nil {
		if c.expressionSteps += steps(e); c.expressionSteps > maxExpressionSteps {
			c.report(ruleRegexp, v.Pos, fmt.Sprintf("with their repetitions written out the regular expressions of the pattern take more than %d steps", maxExpressionSteps),
				"repeat less, or without an upper bound")
		}
		return
	}
	offset, reason := v.Pos, err.Error()
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		offset = c.inString(v, strings.Index(v.Text, e.Expr))
		reason = e.Code.String() + " " + shorten(e.Expr)
	}
	c.report(ruleRegexp, offset, "the regular expression cannot be used here: "+reason,
		"write it without look-around, back references and possessive or nested repetition")
}

// steps is how many states an expression has that is being matched, about. It is small enough
// to be reckoned: a text is bounded, and so is how often syntax.Parse lets a part be repeated.
func steps(e *syntax.Regexp) int {
	sum := 1
	for _, sub := range e.Sub {
		sum += steps(sub)
	}
	switch e.Op {
	case syntax.OpLiteral:
		return len(e.Rune)
	case syntax.OpRepeat:
		return sum * max(e.Min+1, e.Max) // {3,} is two and a plus
	}
	return sum
}
