package search

import (
	"fmt"
	"slices"
	"strings"

	"entente/internal/exchange"
)

// NewFollowerOfRuns makes a follower whose runs hold so many objects.
func NewFollowerOfRuns(x *exchange.Exchange, objects int) *Follower {
	f := NewFollower(x)
	f.run = objects
	return f
}

// Matches tells whether a query finds an object with the text for its name, by
// looking at the text alone.
func Matches(query, text string) (bool, error) {
	q, err := Parse(query)
	if err != nil {
		return false, err
	}
	d := document{Type: "malware", Name: text}
	_, found := q.plainly(&d, 0)
	return found, nil
}

// Terms are all terms of a name.
func Terms(text string) (terms []string) {
	termsOf(text, true, func(t string) { terms = append(terms, t) })
	return terms
}

// Posted are all terms that are posted of an object.
func Posted(raw []byte) (terms []string) {
	var d document
	d.read(raw)
	w := newWords()
	d.terms(0, w, func(_ field, n termNumber) { terms = append(terms, w.terms[n]) })
	return terms
}

// Plainly answers for one object what the index answers for all: its rank, and
// whether it is found at all. Producers are ids here.
func Plainly(query string, raw []byte, added int64) (rank int, found bool) {
	q, err := Parse(query)
	if err != nil {
		panic(fmt.Sprint(query, err))
	}
	var d document
	d.read(raw)
	return q.plainly(&d, 0)
}

func (q *Query) plainly(d *document, _ int) (rank int, found bool) {
	terms := map[field][]string{}
	w := newWords()
	d.terms(0, w, func(f field, n termNumber) { terms[f] = append(terms[f], w.terms[n]) })
	in := func(w *word) field { // the weightiest field; fields when there is none
		first, last := w.fields()
		for f := first; f <= last; f++ {
			if w.begin != "" && slices.ContainsFunc(terms[f], func(t string) bool { return strings.HasPrefix(t, w.begin) }) {
				return f
			}
		}
		best := fields
		for _, all := range w.any {
			worst := first
			for _, t := range all {
				at := fields
				for f := last + 1; f > first; f-- {
					if slices.Contains(terms[f-1], t) {
						at = f - 1
					}
				}
				worst = max(worst, at)
			}
			best = min(best, worst)
		}
		return best
	}
	worst := fieldName
	for i := range q.words {
		w := &q.words[i]
		at := in(w)
		if at == fields {
			return 0, false
		}
		if !w.label {
			worst = max(worst, at)
		}
	}
	for i := range q.without {
		if w := &q.without[i]; w.phrase == nil && in(w) < fields {
			return 0, false
		}
	}
	if len(q.ranking()) == 0 {
		worst = fieldFacts
	} else if slices.Contains(terms[fieldWhole], q.whole) {
		worst = fieldWhole
	}
	if len(q.types) > 0 && !slices.Contains(q.types, d.Type) || len(q.producers) > 0 && !slices.Contains(q.producers, d.Producer) {
		return 0, false
	}
	return int(worst), q.holds(d, 0)
}
