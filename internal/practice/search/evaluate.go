package search

import (
	"context"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
)

// evaluation answers a query run by run from the index alone.
type evaluation struct {
	ctx       context.Context
	index     *exchange.Index
	query     *Query
	producers []string // ids of those whom the query names
}

// matches gives what matches in a run by words of which the lightest stands in
// the field rank, in order of place. Rank facts is for queries without words,
// rank whole for names that are all of the words.
func (e *evaluation) matches(run uint32, rank field) ([]spot, error) {
	spots, err := e.ranked(run, rank)
	if err != nil || len(spots) == 0 {
		return nil, err
	}
	for i := range e.query.words {
		if w := &e.query.words[i]; w.label && rank != fieldFacts {
			if spots, err = e.narrow(spots, func() ([]spot, error) { return e.word(run, w, fieldLabel, fieldLabel) }); err != nil {
				return nil, err
			}
		}
	}
	for _, filter := range e.filters(run) {
		if spots, err = e.narrow(spots, filter); err != nil {
			return nil, err
		}
	}
	for i := range e.query.without {
		w := &e.query.without[i]
		if len(spots) == 0 || w.phrase != nil {
			continue // a phrase is looked for in the objects
		}
		first, last := w.fields()
		not, err := e.word(run, w, first, last)
		if err != nil {
			return nil, err
		}
		spots = subtract(spots, not)
	}
	return spots, nil
}

// narrow keeps what a further list has, too.
func (e *evaluation) narrow(spots []spot, list func() ([]spot, error)) ([]spot, error) {
	if len(spots) == 0 {
		return spots, nil
	}
	more, err := list()
	if err != nil {
		return nil, err
	}
	for i := range more {
		more[i].in = 0 // filters carry no weight
	}
	return intersect(spots, more), nil
}

func (w *word) fields() (first, last field) {
	if w.label {
		return fieldLabel, fieldLabel
	}
	return fieldName, fieldDescription
}

// ranked gives the spots of the words of one rank.
func (e *evaluation) ranked(run uint32, rank field) ([]spot, error) {
	switch rank {
	case fieldWhole:
		return e.term(run, fieldWhole, e.query.whole, nil)
	case fieldFacts:
		return e.unranked(run)
	}
	words := e.query.ranking()
	exact := make([][]spot, len(words))
	any := false
	for i, w := range words {
		var err error
		if exact[i], err = e.word(run, w, rank, rank); err != nil {
			return nil, err
		}
		any = any || len(exact[i]) > 0
	}
	if !any {
		return nil, nil
	}
	var spots []spot
	for i, w := range words {
		list, err := e.upTo(run, w, rank, exact[i])
		if err != nil || len(list) == 0 {
			return nil, err
		}
		if i == 0 {
			spots = list
		} else if spots = intersect(spots, list); len(spots) == 0 {
			return nil, nil
		}
	}
	out := spots[:0]
	for _, s := range spots {
		if s.in == rank {
			out = append(out, s)
		}
	}
	if e.query.whole == "" || len(out) == 0 {
		return out, nil
	}
	higher, err := e.term(run, fieldWhole, e.query.whole, nil) // told already
	return subtract(out, higher), err
}

// upTo gives the spots of a word in the fields up to a rank, of which those in
// the field of the rank are there already.
func (e *evaluation) upTo(run uint32, w *word, rank field, exact []spot) ([]spot, error) {
	if slices.ContainsFunc(w.any, func(all []string) bool { return len(all) > 1 }) {
		return e.word(run, w, fieldName, rank) // its terms may stand in several fields
	}
	if rank == fieldName {
		return exact, nil
	}
	lower, err := e.word(run, w, fieldName, rank-1)
	return union(lower, exact), err
}

// ranking are the words by which hits are ranked.
func (q *Query) ranking() (words []*word) {
	for i := range q.words {
		if !q.words[i].label {
			words = append(words, &q.words[i])
		}
	}
	return words
}

// unranked gives what filters find in a run: the first of them, which the
// others narrow.
func (e *evaluation) unranked(run uint32) ([]spot, error) {
	if words := e.query.words; len(words) > 0 {
		list, err := e.word(run, &words[0], fieldLabel, fieldLabel)
		for j := 1; err == nil && j < len(words); j++ {
			list, err = e.narrow(list, func() ([]spot, error) { return e.word(run, &words[j], fieldLabel, fieldLabel) })
		}
		return list, err
	}
	if filters := e.filters(run); len(filters) > 0 {
		return filters[0]()
	}
	return e.facts(run, factYear, func(string) bool { return true }) // narrowed by scope alone
}

// filters give the lists of the query's filters.
func (e *evaluation) filters(run uint32) (lists []func() ([]spot, error)) {
	q := e.query
	if len(e.producers) > 0 {
		lists = append(lists, func() ([]spot, error) { return e.terms(run, fieldFacts, factProducer, e.producers) })
	}
	if len(q.types) > 0 {
		lists = append(lists, func() ([]spot, error) { return e.terms(run, fieldFacts, factType, q.types) })
	}
	if q.since != "" || q.until != "" {
		lists = append(lists, func() ([]spot, error) { return e.dates(run) })
	}
	return lists
}

// dates gives what may be of the dates asked for, to the month.
func (e *evaluation) dates(run uint32) ([]spot, error) {
	since, until := e.query.since, e.query.until
	spots, err := e.facts(run, factYear, func(year string) bool {
		return (since == "" || year > since[:4] || year == since) && (until == "" || year < until[:4] || year == until)
	})
	if err != nil {
		return nil, err
	}
	for i, edge := range []string{since, until} {
		if len(edge) <= 4 || i == 1 && len(since) > 4 && since[:4] == until[:4] {
			continue // no month is asked for, or those of this year are there
		}
		months, err := e.facts(run, factMonth+edge[:4], func(month string) bool {
			month = edge[:4] + month
			return month >= since[:min(7, len(since))] && (until == "" || month[:min(7, len(until))] <= until[:min(7, len(until))])
		})
		if err != nil {
			return nil, err
		}
		spots = union(spots, months)
	}
	return spots, nil
}

// facts gives the union of the facts that begin so and whose rest is wanted.
func (e *evaluation) facts(run uint32, begin string, wanted func(string) bool) ([]spot, error) {
	var spots []spot
	err := e.index.Begins(e.ctx, run, uint8(fieldFacts), begin, func(p *store.Posting) bool {
		if wanted(strings.TrimPrefix(p.Term, begin)) {
			spots = appendSpots(spots, p, fieldFacts)
		}
		return true
	})
	return settle(spots), err
}

// terms gives the union of some terms of a field.
func (e *evaluation) terms(run uint32, in field, kind string, list []string) (spots []spot, err error) {
	for _, t := range list {
		if spots, err = e.term(run, in, kind+shorten(t), spots); err != nil {
			return nil, err
		}
	}
	return settle(spots), nil
}

// term adds the spots of one term.
func (e *evaluation) term(run uint32, in field, term string, spots []spot) ([]spot, error) {
	if term == "" {
		return spots, nil
	}
	err := e.index.Term(e.ctx, run, uint8(in), term, func(p *store.Posting) bool {
		spots = appendSpots(spots, p, in)
		return true
	})
	return spots, err
}

func appendSpots(spots []spot, p *store.Posting, in field) []spot {
	set := setOf(p.Collection, p.Class)
	for _, t := range p.Added {
		spots = append(spots, spot{set, t, in})
	}
	return spots
}

// word gives the spots of a word in some fields, in order of place.
func (e *evaluation) word(run uint32, w *word, first, last field) (spots []spot, err error) {
	if w.begin != "" {
		for f := first; f <= last; f++ {
			err := e.index.Begins(e.ctx, run, uint8(f), w.begin, func(p *store.Posting) bool {
				spots = appendSpots(spots, p, f)
				return true
			})
			if err != nil {
				return nil, err
			}
		}
		return settle(spots), nil
	}
	for _, all := range w.any {
		var found []spot
		for i, term := range all {
			var list []spot
			for f := first; f <= last; f++ {
				in, err := e.term(run, f, term, nil)
				if err != nil {
					return nil, err
				}
				list = union(list, in)
			}
			if i == 0 {
				found = list
			} else {
				found = intersect(found, list)
			}
			if len(found) == 0 {
				break
			}
		}
		spots = union(spots, found)
	}
	return spots, nil
}
