package pattern

// ObservationExpression is what must be observed: an [*Observation], a
// [*Qualified] one, or a [*Combination] (STIX 2.1 section 9.5).
type ObservationExpression interface {
	Offset() int // byte offset of its first token in the pattern's text
	String() string
	appendTo([]byte) []byte
}

// ComparisonExpression is what one observation must hold: a [*Comparison] or
// a [*Boolean] of them (STIX 2.1 section 9.6).
type ComparisonExpression interface {
	Offset() int // byte offset of its first token in the pattern's text
	String() string
	appendTo([]byte) []byte
}

// Observation is one pair of square brackets: a single observation that
// passes a test.
type Observation struct {
	Pos  int // of the '['
	Test ComparisonExpression
}

// Qualified is an observation expression within limits of time or number.
type Qualified struct {
	Pos        int
	Operand    ObservationExpression
	Grouped    bool // the operand stood in parentheses
	Qualifiers []Qualifier
}

// Combination joins two or more observation expressions by one operator.
// FollowedBy holds between each operand and the next.
type Combination struct {
	Pos      int
	Op       ObservationOperator
	Operands []ObservationExpression
}

// ObservationOperator joins observation expressions (STIX 2.1 section 9.5.2).
type ObservationOperator uint8

// The observation operators, the weakest first.
const (
	FollowedBy ObservationOperator = iota
	AnyOf                          // OR
	AllOf                          // AND
)

// Qualifier narrows an observation expression (STIX 2.1 section 9.5.1).
type Qualifier struct {
	Pos  int
	Kind QualifierKind

	// Number is the seconds of Within (an integer or float constant) and the
	// times of Repeats (an integer constant).
	Number Constant

	// Start (included) and Stop (not included) are the timestamps of StartStop.
	Start, Stop Constant
}

// QualifierKind says what a Qualifier limits.
type QualifierKind uint8

// The kinds of qualifiers.
const (
	Within QualifierKind = iota
	Repeats
	StartStop
)

// Boolean joins two or more comparison expressions on one observation.
type Boolean struct {
	Pos      int
	Op       BooleanOperator
	Operands []ComparisonExpression
}

// BooleanOperator joins comparison expressions.
type BooleanOperator uint8

// The boolean operators, the weaker first.
const (
	Or BooleanOperator = iota
	And
)

// Comparison holds the values at an object path against a constant. Value is
// set for all operators but In, which has Set, and Exists, which has neither.
type Comparison struct {
	Pos     int
	Path    ObjectPath
	Negated bool // by NOT
	Op      Operator
	OpPos   int // of the operator, after NOT
	Value   Constant
	Set     []Constant
}

// Operator compares (STIX 2.1 section 9.6.1).
type Operator uint8

// The comparison operators.
const (
	Equal Operator = iota
	NotEqual
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	In
	Like
	Matches
	IsSubset
	IsSuperset
	Exists
)

// ObjectPath leads from objects of a type to a value (STIX 2.1 section 9.7).
type ObjectPath struct {
	Pos   int
	Type  string // object type, e.g. "file"
	Steps []Step // the first is always a Property
}

// Step is one component of an object path.
type Step struct {
	Pos   int // of the name, or of the '['
	Kind  StepKind
	Name  string // of a Property, unquoted
	Index int64  // of an Element, from 0
}

// StepKind says what a Step does.
type StepKind uint8

// The kinds of steps.
const (
	Property   StepKind = iota // .name
	Element                    // [3]
	AnyElement                 // [*]
)

// Offset is the byte offset of the '['.
func (o *Observation) Offset() int { return o.Pos }

// Offset is the byte offset of the first token.
func (q *Qualified) Offset() int { return q.Pos }

// Offset is the byte offset of the first token.
func (c *Combination) Offset() int { return c.Pos }

// Offset is the byte offset of the first token.
func (b *Boolean) Offset() int { return b.Pos }

// Offset is the byte offset of the first token.
func (c *Comparison) Offset() int { return c.Pos }
