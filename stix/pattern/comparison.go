package pattern

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// tests reads a chain of comparison expressions joined by op, whose operands
// bind tighter.
func (p *parser) tests(op BooleanOperator) (ComparisonExpression, *Error) {
	if op > And {
		return p.test()
	}
	join := kwOr
	if op == And {
		join = kwAnd
	}
	first, err := p.tests(op + 1)
	if err != nil || p.tok.kind != join {
		return first, err
	}
	chain := &Boolean{Pos: first.Offset(), Op: op, Operands: []ComparisonExpression{first}}
	for p.accept(join) {
		operand, err := p.tests(op + 1)
		if err != nil {
			return nil, err
		}
		chain.Operands = append(chain.Operands, operand)
	}
	return chain, nil
}

// test reads one comparison or parentheses.
func (p *parser) test() (ComparisonExpression, *Error) {
	if p.tok.kind != leftParen {
		return p.comparison()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	p.advance()
	expr, err := p.tests(Or)
	if err != nil {
		return nil, err
	}
	p.leave()
	return expr, p.expect(rightParen, afterGroupedTest)
}

func (p *parser) comparison() (ComparisonExpression, *Error) {
	if p.comparisons++; p.comparisons > MaxComparisons {
		return nil, &Error{Offset: p.tok.pos, Message: fmt.Sprintf("the pattern has more than %d comparisons", MaxComparisons),
			Hint: "join values of one property by IN"}
	}
	c := &Comparison{Pos: p.tok.pos}
	if p.tok.kind == kwNot || p.tok.kind == kwExists {
		return c, p.exists(c)
	}
	if err := p.path(&c.Path); err != nil {
		return nil, err
	}
	c.Negated = p.accept(kwNot)
	op, ok := operator(p.tok.kind)
	if !ok {
		return nil, p.unexpected(anOperator)
	}
	c.Op, c.OpPos = op, p.tok.pos
	p.advance()
	return c, p.operand(c)
}

// exists reads [NOT] EXISTS path.
func (p *parser) exists(c *Comparison) *Error {
	c.Negated = p.accept(kwNot)
	if p.tok.kind != kwExists {
		return p.unexpected(existsWord)
	}
	c.Op, c.OpPos = Exists, p.tok.pos
	p.advance()
	return p.path(&c.Path)
}

// operator is the comparison operator of a token, EXISTS excepted, which has
// no left side.
func operator(k kind) (Operator, bool) {
	switch k {
	case equal:
		return Equal, true
	case notEqual:
		return NotEqual, true
	case less:
		return Less, true
	case lessOrEqual:
		return LessOrEqual, true
	case greater:
		return Greater, true
	case greaterOrEqual:
		return GreaterOrEqual, true
	case kwIn:
		return In, true
	case kwLike:
		return Like, true
	case kwMatches:
		return Matches, true
	case kwIsSubset:
		return IsSubset, true
	case kwIsSuperset:
		return IsSuperset, true
	}
	return 0, false
}

// operand reads the right side that the operator takes.
func (p *parser) operand(c *Comparison) (err *Error) {
	switch c.Op {
	case In:
		return p.set(c)
	case Equal, NotEqual:
		c.Value, err = p.constant(aConstant)
	case Less, LessOrEqual, Greater, GreaterOrEqual:
		if p.tok.kind == boolean {
			return p.unexpected(anOrderable)
		}
		c.Value, err = p.constant(anOrderable)
	default:
		if p.tok.kind != quoted {
			return p.unexpected(aString)
		}
		c.Value, err = p.constant(aString)
	}
	return err
}

func (p *parser) set(c *Comparison) *Error {
	if err := p.expect(leftParen, aSet); err != nil {
		return err
	}
	if p.accept(rightParen) {
		return nil
	}
	for {
		value, err := p.constant(aConstant)
		if err != nil {
			return err
		}
		c.Set = append(c.Set, value)
		if !p.accept(comma) {
			return p.expect(rightParen, afterElement)
		}
	}
}

// path reads type:name and the steps after it.
func (p *parser) path(path *ObjectPath) *Error {
	if p.tok.kind != identifier && p.tok.kind != hyphenated {
		return p.unexpected(aPath)
	}
	path.Pos, path.Type = p.tok.pos, p.text[p.tok.pos:p.tok.end]
	p.advance()
	if err := p.expect(colon, colonSign); err != nil {
		return err
	}
	steps := make([]Step, 0, 2)
	name, err := p.name()
	if err != nil {
		return err
	}
	for steps = append(steps, name); ; steps = append(steps, name) {
		switch p.tok.kind {
		case dot:
			p.advance()
			name, err = p.name()
		case leftBracket:
			name, err = p.element()
		default:
			path.Steps = steps
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (p *parser) name() (Step, *Error) {
	step := Step{Pos: p.tok.pos, Name: p.text[p.tok.pos:p.tok.end]}
	switch p.tok.kind {
	case identifier:
	case quoted:
		step.Name = unquote(step.Name)
	default:
		return step, p.unexpected(aName)
	}
	p.advance()
	return step, nil
}

// element reads [n] or [*].
func (p *parser) element() (Step, *Error) {
	step := Step{Pos: p.tok.pos, Kind: AnyElement}
	p.advance()
	if !p.accept(asterisk) {
		if p.tok.kind != integer || p.text[p.tok.pos] == '-' {
			return step, p.unexpected(anIndex)
		}
		n, err := p.constant(anIndex)
		if err != nil {
			return step, err
		}
		step.Kind = Element
		step.Index, _ = n.Int64() // constant has held it against 64 bits
	}
	return step, p.expect(rightBracket, afterIndex)
}

// constant reads a literal of any kind.
func (p *parser) constant(what expectation) (Constant, *Error) {
	text := p.text[p.tok.pos:p.tok.end]
	c := Constant{Pos: p.tok.pos}
	switch p.tok.kind {
	case quoted:
		c.Kind, c.Text = String, unquote(text)
	case integer, float:
		return c, p.number(&c, text)
	case boolean:
		c.Kind, c.Text = Bool, text
	case hexadecimal:
		c.Kind, c.Text = Hex, text[2:len(text)-1]
	case base64text:
		c.Kind, c.Text = Binary, withoutLineFeeds(text[2:len(text)-1])
	case timestamp:
		c.Kind, c.Text = Timestamp, text[2:len(text)-1]
	default:
		return c, p.unexpected(what)
	}
	p.advance()
	return c, nil
}

// number brings an integer or float to its one form and holds it against what
// 64 bits can say.
func (p *parser) number(c *Constant, text string) *Error {
	text = strings.TrimPrefix(text, "+")
	c.Kind, c.Text = Integer, text
	if p.tok.kind == integer {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil {
			return &Error{Offset: c.Pos, Message: "integer " + shorten(text) + " is out of range",
				Expected: "at most 64 bits with sign"}
		}
		if text == "-0" {
			c.Text = "0"
		}
		p.advance()
		return nil
	}
	c.Kind, c.Text = Float, plainFloat(text)
	if f, err := strconv.ParseFloat(text, 64); err != nil || math.IsInf(f, 0) {
		return &Error{Offset: c.Pos, Message: "float " + shorten(text) + " is out of range"}
	}
	p.advance()
	return nil
}

// plainFloat writes a float with exactly the zeros before its point that it
// needs.
func plainFloat(text string) string {
	digits := strings.TrimPrefix(text, "-")
	plain := strings.TrimLeft(digits, "0")
	if plain[0] == '.' {
		plain = "0" + plain
	}
	if len(plain) == len(digits) {
		return text
	}
	return text[:len(text)-len(digits)] + plain
}

// unquote takes quotes and escapes off a string token.
func unquote(text string) string {
	text = text[1 : len(text)-1]
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
		}
		b = append(b, text[i])
	}
	return string(b)
}
