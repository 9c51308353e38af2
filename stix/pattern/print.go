package pattern

import "strconv"

// String is the pattern in canonical form: one space between tokens, no
// comments, no needless parentheses or quotes. It parses to the same tree.
func (p *Pattern) String() string { return string(p.Root.appendTo(nil)) }

func (o *Observation) String() string { return string(o.appendTo(nil)) }
func (q *Qualified) String() string   { return string(q.appendTo(nil)) }
func (c *Combination) String() string { return string(c.appendTo(nil)) }
func (b *Boolean) String() string     { return string(b.appendTo(nil)) }
func (c *Comparison) String() string  { return string(c.appendTo(nil)) }
func (q Qualifier) String() string    { return string(q.appendTo(nil)) }
func (p ObjectPath) String() string   { return string(p.appendTo(nil)) }
func (c Constant) String() string     { return string(c.appendTo(nil)) }

func (op ObservationOperator) String() string {
	return [...]string{"FOLLOWEDBY", "OR", "AND"}[op]
}

func (op BooleanOperator) String() string {
	return [...]string{"OR", "AND"}[op]
}

func (op Operator) String() string {
	return [...]string{
		"=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS",
	}[op]
}

func (o *Observation) appendTo(b []byte) []byte {
	b = append(b, '[')
	b = o.Test.appendTo(b)
	return append(b, ']')
}

func (q *Qualified) appendTo(b []byte) []byte {
	_, simple := q.Operand.(*Observation)
	b = appendGroup(b, q.Operand, q.Grouped || !simple)
	for _, qualifier := range q.Qualifiers {
		b = append(b, ' ')
		b = qualifier.appendTo(b)
	}
	return b
}

func (c *Combination) appendTo(b []byte) []byte {
	for i, operand := range c.Operands {
		if i > 0 {
			b = append(b, ' ')
			b = append(b, c.Op.String()...)
			b = append(b, ' ')
		}
		inner, nested := operand.(*Combination)
		b = appendGroup(b, operand, nested && inner.Op <= c.Op)
	}
	return b
}

func (e *Boolean) appendTo(b []byte) []byte {
	for i, operand := range e.Operands {
		if i > 0 {
			b = append(b, ' ')
			b = append(b, e.Op.String()...)
			b = append(b, ' ')
		}
		inner, nested := operand.(*Boolean)
		b = appendGroup(b, operand, nested && inner.Op <= e.Op)
	}
	return b
}

func appendGroup(b []byte, e interface{ appendTo([]byte) []byte }, parentheses bool) []byte {
	if !parentheses {
		return e.appendTo(b)
	}
	b = append(b, '(')
	b = e.appendTo(b)
	return append(b, ')')
}

func (q Qualifier) appendTo(b []byte) []byte {
	switch q.Kind {
	case Within:
		b = append(b, "WITHIN "...)
		b = q.Number.appendTo(b)
		return append(b, " SECONDS"...)
	case Repeats:
		b = append(b, "REPEATS "...)
		b = q.Number.appendTo(b)
		return append(b, " TIMES"...)
	default:
		b = append(b, "START "...)
		b = q.Start.appendTo(b)
		b = append(b, " STOP "...)
		return q.Stop.appendTo(b)
	}
}

func (c *Comparison) appendTo(b []byte) []byte {
	if c.Op == Exists {
		if c.Negated {
			b = append(b, "NOT "...)
		}
		b = append(b, "EXISTS "...)
		return c.Path.appendTo(b)
	}
	b = c.Path.appendTo(b)
	if c.Negated {
		b = append(b, " NOT"...)
	}
	b = append(b, ' ')
	b = append(b, c.Op.String()...)
	b = append(b, ' ')
	if c.Op != In {
		return c.Value.appendTo(b)
	}
	b = append(b, '(')
	for i, value := range c.Set {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = value.appendTo(b)
	}
	return append(b, ')')
}

func (p ObjectPath) appendTo(b []byte) []byte {
	b = append(b, p.Type...)
	for i, step := range p.Steps {
		switch {
		case step.Kind == Element:
			b = append(b, '[')
			b = strconv.AppendInt(b, step.Index, 10)
			b = append(b, ']')
			continue
		case step.Kind == AnyElement:
			b = append(b, "[*]"...)
			continue
		case i == 0:
			b = append(b, ':')
		default:
			b = append(b, '.')
		}
		if isName(step.Name) {
			b = append(b, step.Name...)
		} else {
			b = appendQuoted(b, step.Name)
		}
	}
	return b
}

func (c Constant) appendTo(b []byte) []byte {
	switch c.Kind {
	case String:
		return appendQuoted(b, c.Text)
	case Hex:
		b = append(b, 'h')
	case Binary:
		b = append(b, 'b')
	case Timestamp:
		b = append(b, 't')
	default:
		return append(b, c.Text...)
	}
	return appendQuoted(b, c.Text)
}

func appendQuoted(b []byte, text string) []byte {
	b = append(b, '\'')
	for i := range len(text) {
		if text[i] == '\'' || text[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return append(b, '\'')
}

// isName tells whether a property name can stand without quotes.
func isName(name string) bool {
	for i := range len(name) {
		if !isNameByte(name[i]) || i == 0 && isDigit(name[i]) {
			return false
		}
	}
	return name != "" && keyword(name) == identifier
}
