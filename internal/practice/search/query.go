package search

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/internal/spelling"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Bounds of a query.
const (
	MaxQuery = 4096 // bytes
	MaxItems = 32   // words, phrases and filters
)

// QueryError says what in a query cannot be understood; its text is for people.
type QueryError struct{ text string }

func (e *QueryError) Error() string { return e.text }

func wrong(format string, args ...any) error { return &QueryError{fmt.Sprintf(format, args...)} }

// Query is a query read.
type Query struct {
	words       []word // all must match
	without     []word // none may
	types       []string
	producers   []string // ids or names
	since       string   // a date or the beginning of one; empty for any
	until       string
	tlp         []handling.Level
	collections []string
	whole       string // the term of a name that is all of the words; empty when there can be none
	text        string

	pieces []string // of words and phrases, without labels
	begins bool     // one of the words is a beginning
}

// String is the query as it was written, but for space around it.
func (q *Query) String() string { return q.text }

// word is one thing to look for.
type word struct {
	any    [][]string // alternatives, each of terms that must all be there
	begin  string     // a term must begin so; then any is empty
	label  bool       // in a label
	phrase []string   // the pieces of a phrase, which must stand behind each other
}

// filters are the names of filters, with what each takes.
var filters = []struct {
	name string
	take func(q *Query, value string, not bool) error
}{
	{"type", (*Query).byType},
	{"since", (*Query).bySince},
	{"until", (*Query).byUntil},
	{"by", (*Query).byProducer},
	{"tlp", (*Query).byTLP},
	{"label", (*Query).byLabel},
	{"collection", (*Query).byCollection},
}

var filterForm = regexp.MustCompile(`^([A-Za-z_]+):([^/].*)?$`)

// Parse reads a query. Errors are *QueryError.
func Parse(text string) (*Query, error) {
	if len(text) > MaxQuery {
		return nil, wrong("the query has %d bytes; at most %d can be answered", len(text), MaxQuery)
	}
	if !utf8.ValidString(text) {
		return nil, wrong("the query is not UTF-8 text")
	}
	q := &Query{text: strings.TrimSpace(text)}
	items, err := itemsOf(text)
	if err != nil {
		return nil, err
	}
	if len(items) > MaxItems {
		return nil, wrong("the query has %d words and filters; at most %d can be answered, so leave some out", len(items), MaxItems)
	}
	for _, i := range items {
		if err := q.take(i); err != nil {
			return nil, err
		}
	}
	if !q.begins {
		q.whole = whole(q.pieces)
	}
	if len(q.words) == 0 && len(q.types)+len(q.producers)+len(q.tlp)+len(q.collections)+len(q.since)+len(q.until) == 0 {
		if len(q.without) > 0 {
			return nil, wrong("the query only says what not to look for; add a word or a filter, as type:malware")
		}
		return nil, wrong("there is no word in %q to look for", q.text)
	}
	return q, nil
}

// item is a piece of a query as it is written.
type item struct {
	not    bool
	filter string // its name
	text   string
	quoted bool
}

// itemsOf cuts a query. Marks that do not show are no part of it.
func itemsOf(text string) (items []item, err error) {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case strings.ContainsRune("“”„«»＂", r):
			return '"'
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		}
		return r
	}, text)
	for {
		text = strings.TrimLeft(text, " ")
		if text == "" {
			return items, nil
		}
		var i item
		if len(text) > 1 && text[0] == '-' && text[1] != ' ' {
			i.not, text = true, text[1:]
		}
		head, _, _ := strings.Cut(text, " ")
		head, _, _ = strings.Cut(head, `"`)
		if m := filterForm.FindStringSubmatch(head); m != nil {
			i.filter = strings.ToLower(m[1])
			text = text[len(m[1])+1:]
		}
		if rest, ok := strings.CutPrefix(text, `"`); ok {
			end := strings.IndexByte(rest, '"')
			if end < 0 {
				return nil, wrong("the quote before %.40q is not closed", rest)
			}
			i.text, i.quoted, text = rest[:end], true, rest[end+1:]
		} else {
			end := strings.IndexAny(text, ` "`)
			if end < 0 {
				end = len(text)
			}
			i.text, text = text[:end], text[end:]
		}
		if items = append(items, i); len(items) > 100*MaxItems {
			return items, nil // enough to say that there are too many
		}
	}
}

// take adds an item to the query.
func (q *Query) take(i item) error {
	if i.filter == "" {
		return q.takeWords(i)
	}
	for _, f := range filters {
		if f.name != i.filter {
			continue
		}
		if i.text = strings.TrimSpace(i.text); i.text == "" {
			return wrong("%s: says nothing; write it as %s", f.name, examples[f.name])
		}
		if i.not && f.name != "label" {
			return wrong("-%s: cannot be answered; only words, phrases and labels can be left out", f.name)
		}
		return f.take(q, i.text, i.not)
	}
	var names []string
	for _, f := range filters {
		names = append(names, f.name)
	}
	return wrong("%s: is no filter%s; filters are %s. To look for it as text, put it in quotes", i.filter, spelling.Meant(i.filter, slices.Values(names)), strings.Join(names, ", "))
}

var examples = map[string]string{"type": "type:malware", "since": "since:2024-05", "until": "until:2024-05-31", "by": `by:"ORG"`,
	"tlp": "tlp:green", "label": "label:ransomware", "collection": "collection:feed"}

func (q *Query) byType(value string, _ bool) error {
	for _, t := range strings.Split(strings.ToLower(value), ",") {
		if known := stix.Types(); !slices.Contains(known, t) && !strings.HasPrefix(t, "x-") {
			if hint := spelling.Meant(t, slices.Values(known)); hint != "" {
				return wrong("type:%s is no type of STIX%s", t, hint)
			}
		}
		q.types = append(q.types, t)
	}
	return nil
}

var dateForm = regexp.MustCompile(`^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$`)

func (q *Query) bySince(value string, _ bool) error { return dateOf("since", value, &q.since) }
func (q *Query) byUntil(value string, _ bool) error { return dateOf("until", value, &q.until) }

func dateOf(filter, value string, to *string) error {
	switch {
	case !dateForm.MatchString(value):
		return wrong("%s:%s is no date; write a year, a month or a day, as 2024, 2024-05 or 2024-05-31", filter, value)
	case *to != "":
		return wrong("%s: stands twice; give one date", filter)
	}
	*to = value
	return nil
}

func (q *Query) byProducer(value string, _ bool) error {
	q.producers = append(q.producers, value)
	return nil
}

func (q *Query) byTLP(value string, _ bool) error {
	for _, l := range strings.Split(strings.TrimPrefix(strings.ToLower(value), "tlp:"), ",") {
		level, err := handling.ParseLevel(l)
		if err != nil {
			return wrong("tlp: %v", err)
		}
		q.tlp = append(q.tlp, level)
	}
	return nil
}

func (q *Query) byCollection(value string, _ bool) error {
	q.collections = append(q.collections, value)
	return nil
}

func (q *Query) byLabel(value string, not bool) error {
	return q.add(item{not: not, text: value}, true)
}
