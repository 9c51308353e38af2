package pattern

import "strings"

// qualifiers checks the qualifiers that stand behind one expression. That each
// kind may stand once is demanded of a bare observation only: a group may be
// narrowed again, as in ([a:b = 1] REPEATS 2 TIMES) REPEATS 2 TIMES, and the
// reference validator lets it be narrowed twice by one kind.
func (c *checker) qualifiers(e *Qualified) {
	var seen [StartStop + 1]bool
	_, bare := e.Operand.(*Observation)
	for _, q := range e.Qualifiers {
		if seen[q.Kind] && bare && !e.Grouped {
			c.report(ruleRepeated, q.Pos, "an observation has two qualifiers of one kind",
				"leave one out, or put the observation and its first qualifier in parentheses")
		}
		seen[q.Kind] = true
		c.qualifier(q)
	}
}

func (c *checker) qualifier(q Qualifier) {
	switch q.Kind {
	case Within:
		c.sign(q.Number)
		if seconds, err := q.Number.Float64(); err != nil || seconds <= 0 {
			c.report(ruleWithin, q.Number.Pos, "WITHIN needs more than 0 seconds", "")
		}
	case Repeats:
		c.sign(q.Number)
		if times, err := q.Number.Int64(); err != nil || times < 1 {
			c.report(ruleRepeats, q.Number.Pos, "REPEATS needs at least 1 time", "")
		}
	case StartStop:
		c.moment(q.Start)
		c.moment(q.Stop)
		if !q.Start.before(q.Stop) {
			c.report(ruleStartStop, q.Stop.Pos, "STOP is not later than START, so no observation can match",
				"the time of an observation is at or after START and before STOP")
		}
	}
}

// moment checks what stands behind START or STOP. STIX 2.0 wrote strings there:
// what they mean is plain, so that matching takes them.
func (c *checker) moment(v Constant) {
	c.constant(v)
	if strings.HasPrefix(c.text[min(v.Pos, len(c.text)):], "'") {
		c.report(ruleMoment, v.Pos, "START and STOP take timestamps; strings stood there in STIX 2.0", "write t before the quote")
	}
}
