package pattern

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Severity is how bad a Problem is.
type Severity uint8

// The severities.
const (
	SeverityError   Severity = iota // breaks the grammar or a MUST
	SeverityWarning                 // allowed, but likely not what was meant
)

func (s Severity) String() string {
	return [...]string{"error", "warning"}[s]
}

// Problem is one finding on a pattern.
type Problem struct {
	Severity Severity
	Offset   int    // byte offset in the pattern
	Line     int    // from 1
	Column   int    // from 1, in characters
	Rule     string // short stable name, e.g. "digest"
	Section  string // of STIX 2.1, e.g. "9.6.1"
	Message  string // what is wrong
	Fix      string // what to do; may be empty
}

func (p Problem) String() string {
	s := fmt.Sprintf("%s: %s: %s (%s, STIX 2.1 section %s)",
		place(p.Line, p.Column), p.Severity, p.Message, p.Rule, p.Section)
	if p.Fix != "" {
		s += "; " + p.Fix
	}
	return s
}

func place(line, column int) string {
	return fmt.Sprintf("%d:%d", line, column)
}

// Check parses a pattern and returns all that is wrong with it in the order
// of the text: the one syntax error that stopped the parser, or what
// [Pattern.Check] finds. The pattern is valid if no Problem is an error.
func Check(text string, opts ...Option) []Problem {
	p, err := Parse(text, opts...)
	if e, ok := errors.AsType[*Error](err); ok {
		return []Problem{e.problem()}
	}
	return p.Check()
}

func (e *Error) problem() Problem {
	message := e.Message
	if e.Expected != "" {
		message += ", expected " + e.Expected
	}
	return Problem{
		Severity: SeverityError, Offset: e.Offset, Line: e.Line, Column: e.Column,
		Rule: "syntax", Section: "9", Message: message, Fix: e.Hint,
	}
}

// maxProblems is how many problems of each severity are reported.
const maxProblems = 100

// Check holds a parsed pattern against the rules of the standard that are
// beyond its grammar. Of each severity the first 100 problems are returned.
func (p *Pattern) Check() []Problem {
	c := checker{text: p.Text}
	c.observation(p.Root)
	slices.SortStableFunc(c.problems, func(a, b Problem) int { return cmp.Compare(a.Offset, b.Offset) })
	for i := range c.problems {
		problem := &c.problems[i]
		problem.Line, problem.Column, _ = locate(p.Text, problem.Offset)
	}
	return c.problems
}

// checker collects the problems of one pattern.
type checker struct {
	text     string
	problems []Problem
	count    [SeverityWarning + 1]int

	expressions, expressionSteps int // bytes of regular expressions read, and what they take
}

func (c *checker) report(r rule, offset int, message, fix string) {
	if c.count[r.severity]++; c.count[r.severity] > maxProblems {
		return
	}
	c.problems = append(c.problems, Problem{
		Severity: r.severity, Offset: offset,
		Rule: r.name, Section: r.section, Message: message, Fix: fix,
	})
}

func (c *checker) observation(e ObservationExpression) {
	switch e := e.(type) {
	case *Observation:
		c.test(e.Test)
	case *Qualified:
		c.observation(e.Operand)
		c.qualifiers(e)
	case *Combination:
		for _, operand := range e.Operands {
			c.observation(operand)
		}
	}
}
