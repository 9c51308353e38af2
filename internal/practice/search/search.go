package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"entente/internal/abreast"
	"entente/internal/exchange"
	"entente/internal/store"
)

// Limits of an answer.
const (
	DefaultLimit = 20
	MaxLimit     = 1000
)

const (
	mostExamined = 1000 // objects that one answer looks into, for phrases and for days
	mostUnread   = 1000 // how far what is still to be read is counted
	mostNamesake = 64   // producers of one name
)

// Options say how much of an answer is wanted.
type Options struct {
	Limit int    // hits; DefaultLimit when 0, at most MaxLimit
	Next  string // where an earlier answer to the same query ended
}

// Results are what a query found, the best first.
type Results struct {
	Hits []Hit `json:"items"`

	// Next goes on behind the last hit; empty when there is no more. An answer
	// to a phrase may hold fewer hits than asked for, and more may follow.
	Next string `json:"next,omitempty"`

	// Unread is how many objects that the reader may see are not searched yet,
	// counted up to 1,000.
	Unread int `json:"unread,omitempty"`

	// Unknown are the names of producers of which the reader sees no identity.
	Unknown []string `json:"unknown_producers,omitempty"`
}

// Search answers a query for one reader. Errors: exchange.ErrNotFound and
// exchange.ErrForbidden of a collection that the query names,
// exchange.ErrBadCursor.
func Search(ctx context.Context, view *exchange.View, q *Query, o Options) (Results, error) {
	a := Results{Hits: []Hit{}}
	s, err := begin(ctx, view, q, o)
	if err != nil {
		return a, err
	}
	defer s.close()
	if a.Unread, err = s.index.Unread(ctx, FollowerName, mostUnread); err != nil {
		return a, err
	}
	if a.Unknown, err = s.name(); err != nil {
		return a, err
	}
	if len(q.producers) == 0 || len(s.producers) > 0 {
		if err := s.run(s.ranks()); err != nil {
			return a, err
		}
	}
	if len(s.hits) > s.limit { // the one behind the page only says that it is there
		s.hits = s.hits[:s.limit]
		last := &s.hits[s.limit-1]
		s.next = view.Mark(s.listing(), position{last.rank, last.added}.append(nil))
	}
	if err := s.sign(); err != nil {
		return a, err
	}
	a.Hits, a.Next = s.hits, s.next
	return a, nil
}

// searching is one answer in the making.
type searching struct {
	evaluation
	view     *exchange.View
	beside   *evaluation // of the same, for another goroutine; nil until it is needed
	limit    int
	from     position
	hits     []Hit
	next     string
	examined int
	doc      document
	aliases  map[store.Collection]string
}

// position is a place in the order of hits: behind the spot of a rank that was
// added then. The zero position is before all.
type position struct {
	rank  field
	added store.Tick
}

func (p position) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(b, byte(p.rank)), uint64(p.added))
}

func begin(ctx context.Context, view *exchange.View, q *Query, o Options) (*searching, error) {
	s := &searching{view: view, limit: o.Limit, hits: []Hit{}, aliases: map[store.Collection]string{}}
	if s.limit <= 0 {
		s.limit = DefaultLimit
	}
	s.limit = min(s.limit, MaxLimit)
	s.evaluation = evaluation{ctx: ctx, query: q}
	if o.Next != "" {
		raw, err := view.Resume(s.listing(), o.Next)
		if err != nil || len(raw) != 9 || raw[0] >= byte(fields) {
			return nil, exchange.ErrBadCursor
		}
		s.from = position{field(raw[0]), store.Tick(binary.BigEndian.Uint64(raw[1:]))}
	}
	for _, c := range view.Collections() {
		s.aliases[c.Number] = c.Alias
	}
	var err error
	s.index, err = view.Index(exchange.Narrowing{Collections: q.collections, TLP: q.tlp})
	return s, err
}

func (s *searching) close() {
	s.index.Close()
	if s.beside != nil {
		s.beside.index.Close()
	}
}

// listing names what a mark belongs to.
func (s *searching) listing() string { return "search " + s.query.text }

// ranks are the ranks in which the query may find something, the best first.
func (s *searching) ranks() []field {
	if len(s.query.ranking()) == 0 {
		return []field{fieldFacts}
	}
	return []field{fieldWhole, fieldName, fieldAlias, fieldLabel, fieldDescription}
}

var errEnough = errors.New("enough")

// run looks through all runs, the newest first, rank by rank, until there are
// enough hits.
func (s *searching) run(ranks []field) error {
	newest, any, err := s.index.Newest()
	if err != nil || !any {
		return err
	}
	for _, rank := range ranks {
		if rank < s.from.rank || rank == fieldWhole && s.query.whole == "" {
			continue
		}
		for run := int64(newest); run >= 0; {
			found, err := s.some(uint32(run), rank, rank > fieldWhole && int64(newest)-run >= inVain)
			if err != nil {
				return err
			}
			for _, spots := range found {
				if err := s.take(rank, spots); errors.Is(err, errEnough) {
					return nil
				} else if err != nil {
					return err
				}
			}
			run -= int64(len(found))
		}
	}
	return nil
}

// inVain is after how many runs the next are read two at a time: most answers
// come from the first, and a whole name costs one seek a run.
const inVain = 2

// some gives what matches in a run and, if two, in the one before it, the newer
// first.
func (s *searching) some(run uint32, rank field, two bool) ([][]spot, error) {
	if !two || run == 0 {
		spots, err := s.matches(run, rank)
		return [][]spot{spots}, err
	}
	if s.beside == nil {
		index, err := s.index.Beside()
		if err != nil {
			return nil, err
		}
		s.beside = &evaluation{ctx: s.ctx, index: index, query: s.query, producers: s.producers}
	}
	found := make([][]spot, 2)
	err := abreast.Two(func() (err error) {
		found[0], err = s.matches(run, rank)
		return err
	}, func() (err error) {
		found[1], err = s.beside.matches(run-1, rank)
		return err
	})
	return found, err
}

// take looks at what the index gave, the newest first.
func (s *searching) take(rank field, spots []spot) error {
	if rank == s.from.rank && s.from.added != 0 {
		spots = slices.DeleteFunc(spots, func(p spot) bool { return p.added >= s.from.added })
	}
	slices.SortFunc(spots, func(a, b spot) int { return cmp.Compare(b.added, a.added) })
	for len(spots) > 0 {
		some := spots[:min(len(spots), max(16, s.limit+1-len(s.hits)))]
		spots = spots[len(some):]
		if err := s.examine(rank, some); err != nil {
			return err
		}
		if len(s.hits) > s.limit {
			s.hits = s.hits[:s.limit+1]
			return errEnough
		}
		if s.examined += len(some); s.examined >= mostExamined {
			s.next = s.view.Mark(s.listing(), position{rank, some[len(some)-1].added}.append(nil))
			return errEnough
		}
	}
	return nil
}

// examine makes hits of those spots that still hold and that have the phrases
// and the dates asked for.
func (s *searching) examine(rank field, spots []spot) error {
	places := make([]store.Place, len(spots))
	for i, p := range spots {
		places[i] = p.place()
	}
	page, err := s.view.Current(s.ctx, places)
	if err != nil {
		return err
	}
	defer page.Close()
	for i := range page.Len() {
		s.doc.read(page.Bytes(i))
		if s.query.holds(&s.doc, page.Added(i)) {
			s.hits = append(s.hits, s.hit(page, i, rank))
		}
	}
	return nil
}

// holds tells whether an object has what the index cannot tell: phrases, days.
func (q *Query) holds(d *document, added store.Tick) bool {
	if q.since != "" || q.until != "" {
		day := d.day(added)
		if day < q.since || q.until != "" && day[:len(q.until)] > q.until {
			return false
		}
	}
	for i := range q.words {
		if w := &q.words[i]; w.phrase != nil && !d.has(w) {
			return false
		}
	}
	return !slices.ContainsFunc(q.without, func(w word) bool { return w.phrase != nil && d.has(&w) })
}

// has tells whether a text of the object has the pieces of a phrase behind each
// other.
func (d *document) has(w *word) bool {
	first, last := w.fields()
	for f := first; f <= last; f++ {
		for _, text := range d.texts(f) {
			if len(text) > longestText {
				text = strings.ToValidUTF8(text[:longestText], "")
			}
			if contains(spelled(text), w.phrase) {
				return true
			}
		}
	}
	return false
}

func contains(pieces, phrase []string) bool {
	for i := 0; i+len(phrase) <= len(pieces); i++ {
		if slices.Equal(pieces[i:i+len(phrase)], phrase) {
			return true
		}
	}
	return false
}

// name finds the producers that the query names, among the identities that the
// reader sees; unknown are the names that none of those has.
func (s *searching) name() (unknown []string, err error) {
	for _, name := range s.query.producers {
		if strings.Contains(name, "--") {
			s.producers = append(s.producers, name)
			continue
		}
		ids, err := s.namesakes(name)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			unknown = append(unknown, name)
		}
		s.producers = append(s.producers, ids...)
	}
	return unknown, nil
}

func (s *searching) namesakes(name string) (ids []string, err error) {
	q := &Query{whole: whole(spelled(name)), types: []string{"identity"}, text: name}
	named, err := begin(s.ctx, s.view, q, Options{Limit: mostNamesake})
	if err != nil {
		return nil, err
	}
	defer named.close()
	if err := named.run([]field{fieldWhole}); err != nil {
		return nil, err
	}
	for i := range named.hits {
		ids = append(ids, named.hits[i].ID)
	}
	return ids, nil
}

// sign puts the names of producers into the hits.
func (s *searching) sign() error {
	names := map[string]string{}
	var ids []string
	for i := range s.hits {
		if id := s.hits[i].producer; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	pages, err := s.view.Objects(s.ctx, ids)
	if err != nil {
		return err
	}
	for _, page := range pages {
		for i := range page.Len() {
			s.doc.read(page.Bytes(i))
			names[strings.Clone(page.ID(i))] = s.doc.Name
		}
		page.Close()
	}
	for i := range s.hits {
		s.hits[i].By = cmp.Or(names[s.hits[i].producer], s.hits[i].producer)
	}
	return nil
}
