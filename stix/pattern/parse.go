package pattern

import (
	"fmt"
	"unicode/utf8"
)

// parser is a recursive descent over the grammar of the package comment with
// one token ahead. It stops at the first error.
type parser struct {
	scanner
	tok         token // the token ahead
	last        token // the token before it
	depth       int
	maxDepth    int
	comparisons int
}

func (p *parser) pattern() (ObservationExpression, *Error) {
	if len(p.text) > MaxLength {
		return nil, &Error{Offset: MaxLength, Message: fmt.Sprintf("the pattern is %d bytes long", len(p.text)),
			Expected: fmt.Sprintf("at most %d", MaxLength)}
	}
	if !utf8.ValidString(p.text) {
		return nil, &Error{Offset: invalidUTF8(p.text), Message: "the pattern is not UTF-8 text"}
	}
	p.advance()
	root, err := p.observations(FollowedBy)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.unexpected(afterObservation)
	}
	return root, nil
}

func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return i
			}
		}
	}
	return len(text)
}

func (p *parser) advance() { p.last, p.tok = p.tok, p.next() }

// accept moves over a token of a kind, if it is ahead.
func (p *parser) accept(k kind) bool {
	if p.tok.kind != k {
		return false
	}
	p.advance()
	return true
}

// expect moves over a token of a kind or fails.
func (p *parser) expect(k kind, what expectation) *Error {
	if !p.accept(k) {
		return p.unexpected(what)
	}
	return nil
}

// enter counts a parenthesis or bracket; leave counts it off.
func (p *parser) enter() *Error {
	if p.depth++; p.depth > p.maxDepth {
		return &Error{Offset: p.tok.pos, Message: fmt.Sprintf("brackets and parentheses are nested more than %d deep", p.maxDepth),
			Hint: "take out those that group nothing"}
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// observationJoin is the token of each observation operator.
var observationJoin = [...]kind{FollowedBy: kwFollowedBy, AnyOf: kwOr, AllOf: kwAnd}

// observations reads a chain joined by op, whose operands bind tighter.
func (p *parser) observations(op ObservationOperator) (ObservationExpression, *Error) {
	if op > AllOf {
		return p.observation()
	}
	first, err := p.observations(op + 1)
	if err != nil || p.tok.kind != observationJoin[op] {
		return first, err
	}
	chain := &Combination{Pos: first.Offset(), Op: op, Operands: []ObservationExpression{first}}
	for p.accept(observationJoin[op]) {
		operand, err := p.observations(op + 1)
		if err != nil {
			return nil, err
		}
		chain.Operands = append(chain.Operands, operand)
	}
	return chain, nil
}

// observation reads brackets or parentheses with their qualifiers.
func (p *parser) observation() (ObservationExpression, *Error) {
	pos, grouped := p.tok.pos, p.tok.kind == leftParen
	var expr ObservationExpression
	var err *Error
	switch p.tok.kind {
	case leftBracket:
		expr, err = p.brackets()
	case leftParen:
		expr, err = p.group()
	default:
		err = p.unexpected(anObservation)
	}
	if err != nil {
		return nil, err
	}
	if !p.atQualifier() {
		return expr, nil
	}
	qualified := &Qualified{Pos: pos, Operand: expr, Grouped: grouped}
	for p.atQualifier() {
		q, err := p.qualifier()
		if err != nil {
			return nil, err
		}
		qualified.Qualifiers = append(qualified.Qualifiers, q)
	}
	return qualified, nil
}

func (p *parser) brackets() (ObservationExpression, *Error) {
	observation := &Observation{Pos: p.tok.pos}
	if err := p.enter(); err != nil {
		return nil, err
	}
	p.advance()
	test, err := p.tests(Or)
	if err != nil {
		return nil, err
	}
	observation.Test = test
	p.leave()
	return observation, p.expect(rightBracket, afterComparison)
}

func (p *parser) group() (ObservationExpression, *Error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	p.advance()
	expr, err := p.observations(FollowedBy)
	if err != nil {
		return nil, err
	}
	p.leave()
	return expr, p.expect(rightParen, afterGrouped)
}

func (p *parser) atQualifier() bool {
	return p.tok.kind == kwWithin || p.tok.kind == kwRepeats || p.tok.kind == kwStart
}

func (p *parser) qualifier() (Qualifier, *Error) {
	q := Qualifier{Pos: p.tok.pos}
	var err *Error
	switch word := p.tok.kind; word {
	case kwWithin:
		p.advance()
		q.Kind = Within
		if q.Number, err = p.amount(theSeconds, integer, float); err == nil {
			err = p.expect(kwSeconds, secondsWord)
		}
	case kwRepeats:
		p.advance()
		q.Kind = Repeats
		if q.Number, err = p.amount(theTimes, integer, integer); err == nil {
			err = p.expect(kwTimes, timesWord)
		}
	default:
		p.advance()
		q.Kind = StartStop
		err = p.startStop(&q)
	}
	return q, err
}

// amount reads an unsigned number of one of two kinds.
func (p *parser) amount(what expectation, a, b kind) (Constant, *Error) {
	if p.tok.kind != a && p.tok.kind != b || p.text[p.tok.pos] == '-' {
		return Constant{}, p.unexpected(what)
	}
	return p.constant(what)
}

func (p *parser) startStop(q *Qualifier) (err *Error) {
	if q.Start, err = p.moment(); err != nil {
		return err
	}
	if err = p.expect(kwStop, stopWord); err != nil {
		return err
	}
	q.Stop, err = p.moment()
	return err
}

// moment reads a timestamp, or the string that STIX 2.0 has in its place: the
// constant is the same, [Pattern.Check] tells them apart.
func (p *parser) moment() (Constant, *Error) {
	if text := p.text[p.tok.pos:p.tok.end]; p.tok.kind == quoted && isTimestamp(text[1:len(text)-1]) {
		c := Constant{Pos: p.tok.pos, Kind: Timestamp, Text: text[1 : len(text)-1]}
		p.advance()
		return c, nil
	}
	if p.tok.kind != timestamp {
		return Constant{}, p.unexpected(aTimestamp)
	}
	return p.constant(aTimestamp)
}
