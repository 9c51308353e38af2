package match

import (
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"entente/stix/pattern"
)

// Holds tells whether one observation satisfies the pattern by itself. Of a pattern of one pair
// of brackets alone it takes so many steps at most, which are counted down: one compares some
// bytes of a value, in some hundredths of a microsecond. The error is [ErrTooHard] when they do
// not suffice.
func (m *Matcher) Holds(o *Observation, steps *int64) (bool, error) {
	if p := m.root; p.kind != single || p.slot.need != 1 || len(p.slot.alternatives) > 1 || len(p.slot.alternatives[0].limits) > 0 {
		found, err := m.Try([]Observation{*o}, steps)
		return found != nil, err
	}
	l := look{o: o, steps: steps}
	if m.brackets[0].test.seen(&l) {
		return true, nil
	}
	if *steps < 0 {
		return false, ErrTooHard
	}
	return false, nil
}

// price is what a comparison takes of a value, in steps.
type price struct {
	flat    int64
	perByte int64 // in 1024ths
}

// What one byte takes, in 1024ths of a step.
const (
	perByte     = 16  // that is compared
	perRune     = 64  // that is brought to NFC, or looked for
	perLikeRune = 128 // of the part of LIKE that is tried at a place
)

func (p price) of(value any) int64 {
	n := 0
	switch v := value.(type) {
	case string:
		n = len(v)
	case []byte:
		n = len(v)
	}
	return 1 + p.flat + int64(n)*p.perByte>>10
}

// setPrice is by whether IN looks a text up, or goes over all there are.
func setPrice(e *pattern.Comparison) price {
	for _, value := range e.Set {
		if value.Kind != pattern.String || isDigest(e.Path.Steps) {
			return price{flat: int64(len(e.Set)), perByte: perByte * int64(1+len(e.Set))}
		}
	}
	return price{perByte: perByte}
}

// likePrice is by the longest part with a character for any, which is tried at each place.
func likePrice(pattern string) price {
	longest := 0
	for part := range strings.SplitSeq(pattern, "%") {
		if strings.Contains(part, "_") {
			longest = max(longest, utf8.RuneCountInString(part))
		}
	}
	return price{perByte: perRune + perLikeRune*int64(longest)}
}

// expressionPrice is by the states that each letter may take an expression through.
func expressionPrice(expr string) price {
	states := 0
	if e, err := syntax.Parse(expr, syntax.Perl); err == nil {
		if p, err := syntax.Compile(e.Simplify()); err == nil {
			states = len(p.Inst)
		}
	}
	return price{perByte: perRune * int64(1+states)}
}
