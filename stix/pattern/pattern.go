package pattern

import "iter"

// Limits on one pattern. The standard has none: these are beyond what a STIX
// object of usual size can hold, or anybody means.
const (
	MaxLength      = 1 << 20 // bytes of text
	MaxComparisons = 1 << 15 // comparison expressions
	DefaultDepth   = 100     // parentheses and brackets inside each other
)

// Pattern is a parsed STIX pattern (STIX 2.1 section 9.3). It is not changed
// after Parse and may be shared between goroutines.
type Pattern struct {
	Text string                // as given to Parse
	Root ObservationExpression // what must be observed
}

// Option changes how Parse reads.
type Option func(*options)

type options struct{ depth int }

// MaxDepth lets parentheses and brackets stand n deep inside each other, in
// place of DefaultDepth.
func MaxDepth(n int) Option {
	return func(o *options) { o.depth = n }
}

// Parse reads a pattern by the grammar alone; what the standard demands
// beyond it is found by [Pattern.Check]. Its error is always an [*Error].
func Parse(text string, opts ...Option) (*Pattern, error) {
	p := parser{scanner: scanner{text: text}, maxDepth: DefaultDepth}
	if len(opts) > 0 {
		p.maxDepth = depth(opts)
	}
	root, err := p.pattern()
	if err != nil {
		return nil, err.at(text)
	}
	return &Pattern{Text: text, Root: root}, nil
}

// depth stands by itself so that Parse, mostly called without options, keeps
// its parser off the heap.
func depth(opts []Option) int {
	o := options{depth: DefaultDepth}
	for _, opt := range opts {
		opt(&o)
	}
	return o.depth
}

// Comparisons walks the comparison expressions from left to right.
func (p *Pattern) Comparisons() iter.Seq[*Comparison] {
	return func(yield func(*Comparison) bool) {
		walkObservation(p.Root, yield)
	}
}

// Qualifiers walks the qualifiers from left to right.
func (p *Pattern) Qualifiers() iter.Seq[Qualifier] {
	return func(yield func(Qualifier) bool) {
		walkQualifiers(p.Root, yield)
	}
}

func walkQualifiers(e ObservationExpression, yield func(Qualifier) bool) bool {
	switch e := e.(type) {
	case *Qualified:
		if !walkQualifiers(e.Operand, yield) {
			return false
		}
		for _, q := range e.Qualifiers {
			if !yield(q) {
				return false
			}
		}
	case *Combination:
		for _, operand := range e.Operands {
			if !walkQualifiers(operand, yield) {
				return false
			}
		}
	}
	return true
}

func walkObservation(e ObservationExpression, yield func(*Comparison) bool) bool {
	switch e := e.(type) {
	case *Observation:
		return walkComparison(e.Test, yield)
	case *Qualified:
		return walkObservation(e.Operand, yield)
	case *Combination:
		for _, operand := range e.Operands {
			if !walkObservation(operand, yield) {
				return false
			}
		}
	}
	return true
}

func walkComparison(e ComparisonExpression, yield func(*Comparison) bool) bool {
	switch e := e.(type) {
	case *Comparison:
		return yield(e)
	case *Boolean:
		for _, operand := range e.Operands {
			if !walkComparison(operand, yield) {
				return false
			}
		}
	}
	return true
}
