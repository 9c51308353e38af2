package search

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"entente/internal/exchange"
	"entente/internal/store"
)

// Hit is one object found, in plain words.
type Hit struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Name       string `json:"name,omitempty"`
	By         string `json:"by,omitempty"` // a name, or the id of who is not known here
	Date       string `json:"date"`         // of the version or, without any, of the addition
	Revoked    bool   `json:"revoked,omitempty"`
	TLP        string `json:"tlp"`
	Collection string `json:"collection"`        // alias
	Matched    string `json:"matched,omitempty"` // the field: name, alias, label or description
	Snippet    string `json:"snippet,omitempty"` // of that field, around the first word that was looked for

	producer string
	rank     field
	added    store.Tick
}

// hit describes the object that was read last.
func (s *searching) hit(page *exchange.Page, i int, rank field) Hit {
	d := &s.doc
	matched := fieldNames[rank]
	snippet := s.query.snippet(d, rank)
	if rank == fieldWhole && snippet != "" {
		matched = fieldNames[fieldAlias]
	}
	return Hit{
		ID: strings.Clone(page.ID(i)), Type: d.Type, Date: d.day(page.Added(i)), Revoked: d.Revoked,
		Name:       cmp.Or(d.Name, d.Value, d.Path, d.Key, d.Display, excerpt(d.Pattern), excerpt(d.Abstract), excerpt(d.Content)),
		TLP:        page.Class(i).TLP.String(),
		Collection: s.aliases[page.Collection(i)],
		Matched:    matched, Snippet: snippet,
		producer: d.Producer, rank: rank, added: page.Added(i),
	}
}

// Sizes of what is shown of a text, in characters.
const (
	excerptRunes = 80
	aroundRunes  = 60
)

// excerpt keeps the beginning of a long text's first line.
func excerpt(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	if utf8.RuneCountInString(s) <= excerptRunes {
		return s
	}
	return string([]rune(s)[:excerptRunes-1]) + "…"
}

// snippet shows where a word stands that was looked for, in the field that
// gave the hit its rank; nothing of a name, which is shown anyway.
func (q *Query) snippet(d *document, rank field) string {
	if rank == fieldWhole && whole(spelled(d.Name)) != q.whole {
		rank = fieldAlias
	}
	for _, text := range d.texts(rank) {
		if rank <= fieldName || text == d.Name {
			continue
		}
		if at, end, ok := q.firstIn(text); ok {
			return around(text, at, end)
		}
	}
	return ""
}

// firstIn finds the first stretch without spaces that has one of the words.
func (q *Query) firstIn(text string) (at, end int, ok bool) {
	for at < len(text) {
		space := len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r\n"))
		at += space
		end = len(text)
		if n := strings.IndexAny(text[at:], " \t\r\n"); n >= 0 {
			end = at + n
		}
		found := false
		termsOf(text[at:end], false, func(term string) { found = found || q.looksFor(term) })
		if found {
			return at, end, true
		}
		at = end
	}
	return 0, 0, false
}

func (q *Query) looksFor(term string) bool {
	for i := range q.words {
		w := &q.words[i]
		if w.begin != "" && strings.HasPrefix(term, w.begin) {
			return true
		}
		for _, all := range w.any {
			for _, t := range all {
				if t == term {
					return true
				}
			}
		}
	}
	return false
}

// around is the text from a little before a stretch to a little behind it, on
// one line, cut between words where there are spaces.
func around(text string, at, end int) string {
	before, after := text[:at], text[min(end, at+4*aroundRunes):]
	within := strings.ToValidUTF8(text[at:len(text)-len(after)], "")
	if r := []rune(before); len(r) > aroundRunes {
		before = string(r[len(r)-aroundRunes:])
		if _, words, ok := strings.Cut(before, " "); ok {
			before = words
		}
		before = "…" + before
	}
	if r := []rune(after); len(r) > aroundRunes {
		after = string(r[:aroundRunes])
		if last := strings.LastIndexByte(after, ' '); last > 0 {
			after = after[:last]
		}
		after += "…"
	}
	return strings.Join(strings.Fields(before+within+after), " ")
}
