package match

import (
	"net/netip"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"entente/stix/pattern"
)

// comparison is a comparison expression, ready to be held against values.
type comparison struct {
	typ     string
	steps   []pattern.Step
	key     string // the path as Object.Values has it
	anyKey  string // the same with [*] for its one index
	index   int64  // that index; -1 without one
	coding  coding
	exists  bool
	negated bool
	dated   bool                 // it compares with timestamps
	holds   func(value any) bool // NOT left out of it
	price   price
}

func newComparison(e *pattern.Comparison) (*comparison, error) {
	c := &comparison{typ: e.Path.Type, steps: e.Path.Steps, index: -1, negated: e.Negated, exists: e.Op == pattern.Exists}
	c.dated = e.Value.Kind == pattern.Timestamp || len(e.Set) > 0 && e.Set[0].Kind == pattern.Timestamp
	c.key = keyOf(e.Path)
	indexed, indexes := e.Path, 0
	indexed.Steps = append([]pattern.Step(nil), e.Path.Steps...)
	for i, s := range indexed.Steps {
		switch s.Kind {
		case pattern.Property:
			c.coding = codingOf(s.Name)
		case pattern.Element:
			indexes++
			indexed.Steps[i].Kind, c.index = pattern.AnyElement, s.Index
		}
	}
	if indexes == 1 {
		c.anyKey = keyOf(indexed)
	} else {
		c.index = -1
	}
	var err error
	c.holds, c.price, err = predicate(e)
	return c, err
}

func keyOf(p pattern.ObjectPath) string { return strings.TrimPrefix(p.String(), p.Type+":") }

// predicate is what a comparison says of one value, NOT left aside, and what that takes.
func predicate(e *pattern.Comparison) (func(any) bool, price, error) {
	switch e.Op {
	case pattern.Exists:
		return func(any) bool { return true }, price{}, nil
	case pattern.In:
		test, err := inSet(e)
		return test, setPrice(e), err
	case pattern.Like:
		text := norm.NFC.String(e.Value.Text)
		return texts(like(text)), likePrice(text), nil
	case pattern.Matches:
		text := norm.NFC.String(e.Value.Text)
		expr, err := regexp.Compile(text)
		if err != nil {
			return nil, price{}, err
		}
		return texts(expr.MatchString, e.Value.Text), expressionPrice(text), nil
	case pattern.IsSubset, pattern.IsSuperset:
		return inBlock(e), price{perByte: perByte}, nil
	}
	test, err := ordering(e)
	return test, price{perByte: perByte}, err
}

func inBlock(e *pattern.Comparison) func(any) bool {
	said, _ := block(e.Value.Text)
	if e.Op == pattern.IsSubset {
		return func(v any) bool { return within(v, func(b netip.Prefix) bool { return covers(said, b) }) }
	}
	return func(v any) bool { return within(v, func(b netip.Prefix) bool { return covers(b, said) }) }
}

// ordering is of =, != and what asks for less or more.
func ordering(e *pattern.Comparison) (func(any) bool, error) {
	want, err := constantOf(e.Value)
	if err != nil {
		return nil, err
	}
	digest := isDigest(e.Path.Steps)
	switch e.Op {
	case pattern.Equal:
		return func(v any) bool { return want.equal(v, digest) }, nil
	case pattern.NotEqual:
		return func(v any) bool { return !want.equal(v, digest) }, nil
	}
	op := e.Op
	return func(v any) bool {
		order, ok := want.compare(v)
		return ok && ordered(op, order)
	}, nil
}

func ordered(op pattern.Operator, order int) bool {
	switch op {
	case pattern.Less:
		return order < 0
	case pattern.LessOrEqual:
		return order <= 0
	case pattern.Greater:
		return order > 0
	}
	return order >= 0
}

// isDigest tells a path to one of the values of a hashes property.
func isDigest(steps []pattern.Step) bool {
	if len(steps) < 2 {
		return false
	}
	name := steps[len(steps)-2].Name
	return name == "hashes" || strings.HasSuffix(name, "_hashes")
}

func inSet(e *pattern.Comparison) (func(any) bool, error) {
	set := make([]constant, 0, len(e.Set))
	texts := make(map[string]bool)
	for _, value := range e.Set {
		c, err := constantOf(value)
		if err != nil {
			return nil, err
		}
		if value.Kind == pattern.String {
			texts[value.Text] = true
		}
		set = append(set, c)
	}
	digest := isDigest(e.Path.Steps)
	return func(v any) bool {
		text, ok := v.(string)
		if ok && (texts[text] || len(texts) == len(set) && !digest) {
			return texts[text] // most sets are of strings: one look-up
		}
		for i := range set {
			if set[i].equal(v, digest) {
				return true
			}
		}
		return false
	}, nil
}

// texts makes a test of texts one of values. Texts are brought to NFC first;
// bytes are read as code points below 256, and a pattern that holds a larger
// one matches none (STIX 2.1 sections 9.6.1 and 9.6.3).
func texts(test func(string) bool, source ...string) func(any) bool {
	wide := false
	for _, s := range source {
		_, ok := narrow(s)
		wide = wide || !ok
	}
	return func(v any) bool {
		switch v := v.(type) {
		case string:
			return test(norm.NFC.String(v))
		case []byte:
			return !wide && test(widen(v))
		}
		return false
	}
}

// block reads an address or a CIDR block, whose host bits mean nothing.
func block(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, true
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func within(v any, test func(netip.Prefix) bool) bool {
	text, ok := v.(string)
	if !ok {
		return false
	}
	b, ok := block(text)
	return ok && test(b)
}

// covers tells whether block a holds all of b; those of two families never do.
func covers(a, b netip.Prefix) bool {
	return a.IsValid() && a.Bits() <= b.Bits() && a.Contains(b.Addr())
}
