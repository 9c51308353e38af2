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
	gathered  gathered // nothing between two lists
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
			if spots, err = e.withWord(run, spots, w, fieldLabel, fieldLabel); err != nil {
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
		if spots, err = e.withoutWord(run, spots, w, first, last); err != nil {
			return nil, err
		}
	}
	return spots, nil
}

// postings gives those of some terms, each with the field that it counts as.
// Once each answers false, no more of the same term need be given.
type postings func(each func(p *store.Posting, in field) (more bool)) error

// gather makes spots of postings.
func (e *evaluation) gather(list postings) ([]spot, error) {
	err := list(func(p *store.Posting, in field) bool {
		e.gathered.add(p, in)
		return true
	})
	return e.gathered.spots(), err
}

// narrow keeps the spots that a filter has, too.
func (e *evaluation) narrow(spots []spot, filter postings) ([]spot, error) {
	if len(spots) == 0 {
		return spots, nil
	}
	s := newSieve(spots)
	err := filter(func(p *store.Posting, _ field) bool { return s.meet(p, fieldWhole) }) // filters carry no weight
	return s.kept(), err
}

// withWord keeps the spots that have a word in some fields, too.
func (e *evaluation) withWord(run uint32, spots []spot, w *word, first, last field) ([]spot, error) {
	if w.joined() {
		list, err := e.word(run, w, first, last)
		return intersect(spots, list), err
	}
	s := newSieve(spots)
	err := e.simple(run, w, first, last)(s.meet)
	return s.kept(), err
}

// withoutWord keeps the spots that lack a word in some fields.
func (e *evaluation) withoutWord(run uint32, spots []spot, w *word, first, last field) ([]spot, error) {
	if w.joined() {
		list, err := e.word(run, w, first, last)
		return subtract(spots, list), err
	}
	s := newSieve(spots)
	err := e.simple(run, w, first, last)(s.meet)
	return s.left(), err
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
		return e.gather(e.term(run, fieldWhole, e.query.whole))
	case fieldFacts:
		return e.unranked(run)
	}
	words := e.query.ranking()
	if rank != fieldName { // where reading them tells as soon
		if any, err := e.standsIn(run, words, rank); err != nil || !any {
			return nil, err
		}
	}
	spots, err := e.word(run, words[0], fieldName, rank)
	for _, w := range words[1:] {
		if err != nil || len(spots) == 0 {
			return nil, err
		}
		spots, err = e.withWord(run, spots, w, fieldName, rank)
	}
	if err != nil {
		return nil, err
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
	s := newSieve(out) // whole names were told already
	err = e.term(run, fieldWhole, e.query.whole)(s.meet)
	return s.left(), err
}

// standsIn tells whether any of the words stands in a field.
func (e *evaluation) standsIn(run uint32, words []*word, in field) (any bool, err error) {
	for _, w := range words {
		if w.joined() {
			spots, err := e.word(run, w, in, in)
			if err != nil || len(spots) > 0 {
				return true, err
			}
			continue
		}
		first := func(*store.Posting) bool {
			any = true
			return false
		}
		if w.begin != "" {
			err = e.index.Begins(e.ctx, run, uint8(in), w.begin, first)
		}
		for _, term := range slices.Concat(w.any...) {
			if err == nil && !any {
				err = e.index.Term(e.ctx, run, uint8(in), term, first)
			}
		}
		if err != nil || any {
			return any, err
		}
	}
	return false, nil
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
			list, err = e.withWord(run, list, &words[j], fieldLabel, fieldLabel)
		}
		return list, err
	}
	if filters := e.filters(run); len(filters) > 0 {
		return e.gather(filters[0])
	}
	return e.gather(e.facts(run, factYear, func(string) bool { return true })) // narrowed by scope alone
}

// filters give the lists of the query's filters.
func (e *evaluation) filters(run uint32) (lists []postings) {
	q := e.query
	if len(e.producers) > 0 {
		lists = append(lists, e.terms(run, fieldFacts, factProducer, e.producers))
	}
	if len(q.types) > 0 {
		lists = append(lists, e.terms(run, fieldFacts, factType, q.types))
	}
	if q.since != "" || q.until != "" {
		lists = append(lists, e.dates(run))
	}
	return lists
}

// dates gives what may be of the dates asked for, to the month.
func (e *evaluation) dates(run uint32) postings {
	since, until := e.query.since, e.query.until
	all := []postings{e.facts(run, factYear, func(year string) bool {
		return (since == "" || year > since[:4] || year == since) && (until == "" || year < until[:4] || year == until)
	})}
	for i, edge := range []string{since, until} {
		if len(edge) <= 4 || i == 1 && len(since) > 4 && since[:4] == until[:4] {
			continue // no month is asked for, or those of this year are there
		}
		all = append(all, e.facts(run, factMonth+edge[:4], func(month string) bool {
			month = edge[:4] + month
			return month >= since[:min(7, len(since))] && (until == "" || month[:min(7, len(until))] <= until[:min(7, len(until))])
		}))
	}
	return together(all)
}

// together gives the postings of some lists, one after another.
func together(lists []postings) postings {
	return func(each func(*store.Posting, field) bool) error {
		for _, list := range lists {
			if err := list(each); err != nil {
				return err
			}
		}
		return nil
	}
}

// facts gives the facts that begin so and whose rest is wanted.
func (e *evaluation) facts(run uint32, begin string, wanted func(string) bool) postings {
	return func(each func(*store.Posting, field) bool) error {
		return e.index.Begins(e.ctx, run, uint8(fieldFacts), begin, func(p *store.Posting) bool {
			if wanted(strings.TrimPrefix(p.Term, begin)) {
				each(p, fieldFacts)
			}
			return true
		})
	}
}

// terms gives some terms of a field.
func (e *evaluation) terms(run uint32, in field, kind string, terms []string) postings {
	lists := make([]postings, len(terms))
	for i, t := range terms {
		lists[i] = e.term(run, in, kind+shorten(t))
	}
	return together(lists)
}

// term gives one term; nothing when it is empty.
func (e *evaluation) term(run uint32, in field, term string) postings {
	return func(each func(*store.Posting, field) bool) error {
		if term == "" {
			return nil
		}
		return e.index.Term(e.ctx, run, uint8(in), term, func(p *store.Posting) bool { return each(p, in) })
	}
}

// joined tells whether several terms must be there together for the word to be.
func (w *word) joined() bool {
	return slices.ContainsFunc(w.any, func(all []string) bool { return len(all) > 1 })
}

// simple gives the postings of a word that is not joined, in some fields.
func (e *evaluation) simple(run uint32, w *word, first, last field) postings {
	var lists []postings
	for f := first; f <= last; f++ {
		if w.begin != "" {
			lists = append(lists, func(each func(*store.Posting, field) bool) error {
				return e.index.Begins(e.ctx, run, uint8(f), w.begin, func(p *store.Posting) bool {
					each(p, f)
					return true
				})
			})
			continue
		}
		for _, term := range slices.Concat(w.any...) {
			lists = append(lists, e.term(run, f, term))
		}
	}
	return together(lists)
}

// word gives the spots of a word in some fields, in order of place.
func (e *evaluation) word(run uint32, w *word, first, last field) (spots []spot, err error) {
	if !w.joined() {
		return e.gather(e.simple(run, w, first, last))
	}
	for _, all := range w.any {
		if len(all) == 0 {
			continue
		}
		found, err := e.gather(e.simple(run, &word{any: [][]string{all[:1]}}, first, last))
		for _, term := range all[1:] {
			if err != nil || len(found) == 0 {
				break
			}
			found, err = e.withWord(run, found, &word{any: [][]string{{term}}}, first, last)
		}
		if err != nil {
			return nil, err
		}
		spots = union(spots, found)
	}
	return spots, nil
}
