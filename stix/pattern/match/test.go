package match

import "entente/stix/pattern"

// test is what stands in one pair of square brackets. AND demands that one
// object passes both sides (STIX 2.1 section 9.5).
type test struct {
	c    *comparison // of a single comparison
	op   pattern.BooleanOperator
	kids []test
}

func newTest(e pattern.ComparisonExpression, refuse func(pos int, err error) error) (test, error) {
	b, ok := e.(*pattern.Boolean)
	if !ok {
		e := e.(*pattern.Comparison)
		c, err := newComparison(e)
		if err != nil {
			return test{}, refuse(e.OpPos, err)
		}
		return test{c: c}, nil
	}
	t := test{op: b.Op}
	for _, operand := range b.Operands {
		kid, err := newTest(operand, refuse)
		if err != nil {
			return test{}, err
		}
		t.kids = append(t.kids, kid)
	}
	return t, nil
}

func (t *test) holds(l *look, o *Object) bool {
	if t.c != nil {
		return l.holds(t.c, o)
	}
	for i := range t.kids {
		if t.kids[i].holds(l, o) != (t.op == pattern.And) {
			return t.op == pattern.Or
		}
	}
	return t.op == pattern.And
}

// seen tells whether an observation has an object that passes.
func (t *test) seen(l *look) bool {
	for _, o := range l.o.Objects {
		if t.holds(l, o) {
			return true
		}
	}
	return false
}
