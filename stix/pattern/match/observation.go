package match

import (
	"cmp"
	"time"
)

// Observation is something that was seen, once or several times.
type Observation struct {
	First time.Time
	Last  time.Time // the zero value means First

	// Count is how often it was seen; 0 means once. Each time counts as an
	// observation of its own (STIX 2.1 section 4.14, number_observed).
	Count int64

	// Objects are what was seen. A test in square brackets holds if one of
	// them passes it.
	Objects []*Object

	// Resolve finds the object that a *_ref or *_refs property names; nil when
	// there is none. May be nil.
	Resolve func(ref string) *Object
}

// Object is a cyber-observable object, as a tree or as single values, or both.
// Values are nil, bool, string, int, int64, float64, json.Number, time.Time,
// []byte, and in Properties also []any and map[string]any.
type Object struct {
	Type string

	// Properties are as in JSON.
	Properties map[string]any

	// Values are found by the path that leads to them, written as in a pattern
	// behind the colon: "dst_ref.value", "hashes.'SHA-256'", "protocols[*]".
	// They suit a program that has values and no STIX.
	Values map[string][]any
}

// instant is a point in time that holds any year, to the nanosecond.
type instant struct {
	s int64
	n int64 // of the second, from 0 to 999999999
}

func instantOf(t time.Time) instant { return instant{t.Unix(), int64(t.Nanosecond())} }

func (a instant) compare(b instant) int {
	if a.s != b.s {
		return cmp.Compare(a.s, b.s)
	}
	return cmp.Compare(a.n, b.n)
}

// plus adds a duration; sums beyond any year stay there.
func (a instant) plus(d instant) instant {
	s, n := a.s+d.s, a.n+d.n
	if n >= 1e9 {
		s, n = s+1, n-1e9
	}
	return instant{s, n}
}

// minus is the duration from b to a, or a time before a by b.
func (a instant) minus(b instant) instant {
	s, n := a.s-b.s, a.n-b.n
	if n < 0 {
		s, n = s-1, n+1e9
	}
	return instant{s, n}
}
