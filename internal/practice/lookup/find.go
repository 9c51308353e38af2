package lookup

import (
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"entente/internal/exchange"
	"entente/stix"
)

// DefaultLimit is how many objects an answer holds at most unless asked
// otherwise; MaxLimit is the most that can be asked for.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Answer is what is known of one text.
type Answer struct {
	Asked    string    `json:"asked"`
	Readings []Value   `json:"readings"` // what the text was read as, the likeliest first
	Note     string    `json:"note,omitempty"`
	Findings []Finding `json:"findings"`
	More     bool      `json:"more,omitempty"`         // there is more than the limit allows
	Told     []Owner   `json:"told,omitempty"`         // whose it is, as they have told; for accounts of the own member
	Lists    []Listed  `json:"warninglists,omitempty"` // that it is on; for accounts of the own member

	text []byte // as AppendJSON writes it, where that is all there is of it; see FindOne
}

// Owner is an organisation that has told, itself and in its own name, that a value or
// what holds it is its own: a mail's domain, a network. Where there are several, it is
// contested.
type Owner struct {
	Org   string `json:"org"`
	Kind  string `json:"kind"` // of the asset, as entente asset add has them
	Value string `json:"value"`
	ID    string `json:"id"` // of the statement
}

// Value is a value that an object may carry.
type Value struct {
	Kind string `json:"kind"` // ip, domain, url, hash, email, cve, wallet, asn, file, cert, regkey, agent, name, other
	Text string `json:"value"`
}

// Finder looks texts up for one reader. It is used by one goroutine.
type Finder struct {
	view   *exchange.View
	limit  int
	now    time.Time
	read   properties       // buffer: what is read of objects, one behind the other
	names  map[string]named // of objects, by id; empty when not known here
	beside *Beside
	until  time.Time // when what was found begins or ends to hold next; zero: never

	speakers *exchange.Speakers
}

// NewFinder makes a finder; answers hold at most limit objects (DefaultLimit
// when 0), and say what holds at now.
func NewFinder(view *exchange.View, limit int, now time.Time) *Finder {
	f := &Finder{view: view, limit: min(limit, MaxLimit), now: now, beside: &Beside{}, names: map[string]named{}, speakers: view.Speakers()}
	if f.limit <= 0 {
		f.limit = DefaultLimit
	}
	return f
}

// mostAtOnce is how many findings Each may hold at a time.
const mostAtOnce = 20_000

// Each is Find for any number of texts, which are looked up some at a time, so
// that what is held does not grow with them. An error ends it.
func (f *Finder) Each(ctx context.Context, texts []string) iter.Seq2[*Answer, error] {
	return func(yield func(*Answer, error) bool) {
		for some := range slices.Chunk(texts, max(1, mostAtOnce/f.limit)) {
			answers, err := f.Find(ctx, some...)
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range answers {
				if !yield(&answers[i], nil) {
					return
				}
			}
		}
	}
}

// Find tells what is known of each text, answer i of texts[i]. A text that is
// no value has no readings.
func (f *Finder) Find(ctx context.Context, texts ...string) ([]Answer, error) {
	f.read = takeBuffer()
	defer func() { giveBuffer(f.read) }()
	q := question{readings: make([][]Reading, len(texts)), places: make(map[stix.Value]int, 4*len(texts))}
	lengths := sync.OnceValues(func() (*exchange.Lengths, error) { return f.view.PrefixLengths(ctx) })
	held := func(addressBits, bits int) bool {
		l, err := lengths()
		return err != nil || l.Has(addressBits, bits)
	}
	for i, text := range texts {
		q.readings[i] = withHost(readingsIn(text, held))
		for _, r := range q.readings[i] {
			q.ask(r.Value)
		}
	}
	if err := f.collect(ctx, &q); err != nil {
		return nil, err
	}
	answers := make([]Answer, len(texts))
	for i, text := range texts {
		a, err := f.answer(ctx, text, q.readings[i], &q)
		if err != nil {
			return nil, err
		}
		answers[i] = a
	}
	return answers, f.lookAround(ctx, answers)
}

// question is many texts, each value of theirs asked once.
type question struct {
	readings [][]Reading
	values   []stix.Value
	places   map[stix.Value]int // in values and found
	found    [][]Finding
	more     []bool
}

func (q *question) ask(v stix.Value) {
	if _, asked := q.places[v]; !asked {
		q.places[v] = len(q.values)
		q.values = append(q.values, v)
	}
}

// collect finds the objects of all values.
func (f *Finder) collect(ctx context.Context, q *question) error {
	pages, err := f.view.Find(ctx, q.values, f.limit)
	if err != nil {
		return err
	}
	q.found, q.more = make([][]Finding, len(pages)), make([]bool, len(pages))
	for i, page := range pages {
		q.more[i] = page.More()
		for row := range page.Len() {
			finding, err := f.describe(ctx, page, row)
			if err != nil {
				for _, p := range pages[i:] {
					p.Close()
				}
				return err
			}
			q.found[i] = append(q.found[i], finding)
		}
		page.Close()
	}
	return nil
}

// FindOne is the answer to one text, to be written as JSON and not looked into: where
// nothing has changed for the reader since it was asked last, it is the same (see
// exchange.View.Again). What the answer is made of besides what the view shows belongs into
// the question, and when time changes it next into until.
func FindOne(ctx context.Context, view *exchange.View, limit int, now time.Time, beside *Beside, text string) (Answer, error) {
	kept, err := view.Again(ctx, "find "+strconv.Itoa(limit)+" "+beside.Mark+" "+text, now, func(v *exchange.View) ([]byte, time.Time, error) {
		f := NewFinder(v, limit, now).With(beside)
		answers, err := f.Find(ctx, text)
		if err != nil {
			return nil, time.Time{}, err
		}
		return answers[0].AppendJSON(nil), f.until, nil
	})
	return Answer{text: kept}, err
}

// turns notes when an object begins or ends to hold, if that is still to come.
func (f *Finder) turns(o properties) {
	for _, property := range [...]string{"valid_from", "valid_until"} {
		t, err := stix.ParseTimestamp(o.text(property))
		if err != nil {
			continue
		}
		if at := t.Time(); at.After(f.now) && (f.until.IsZero() || at.Before(f.until)) {
			f.until = at
		}
	}
}

func (f *Finder) describe(ctx context.Context, page *exchange.Page, row int) (Finding, error) {
	o := f.properties(page.Bytes(row))
	finding := o.describe(f.now)
	f.turns(o)
	f.read = f.read[:len(f.read)-len(o)]
	class := page.Class(row)
	if finding.TLP = class.TLP.String(); class.PAP > 0 {
		finding.PAP = class.PAP.String()
	}
	finding.Collections = []string{f.view.Alias(page.Collection(row))}
	if finding.Type != "note" {
		return finding, nil
	}
	if a, ok := stix.StatedAsset(page.Bytes(row)); ok {
		org, err := f.speakers.Of(ctx, page, row)
		if err != nil {
			return finding, err
		}
		finding.owner = Owner{org, a.Kind, a.Value, finding.ID}
	}
	return finding, nil
}

// answer puts the findings of a text's readings together.
func (f *Finder) answer(ctx context.Context, text string, readings []Reading, q *question) (Answer, error) {
	a := Answer{Asked: text, Readings: []Value{}, Findings: []Finding{}, Note: almost(text)}
	at := map[string]int{}
	for _, r := range readings {
		if r.Wider == "" {
			a.Readings = append(a.Readings, Value{r.Kind.String(), r.Text})
			a.Lists = f.beside.on(r.Value, a.Lists)
		}
		i := q.places[r.Value]
		a.More = a.More || q.more[i]
		for _, finding := range q.found[i] {
			finding.Kind, finding.Matched, finding.Wider = kindOf(r), r.Text, r.Wider
			a.add(finding, at)
			a.own(&finding)
		}
	}
	if len(readings) > 0 && readings[0].Kind == stix.ValueIP && strings.Contains(readings[0].Text, "/") {
		page, found, err := f.view.Within(ctx, readings[0].Text, f.limit)
		if err != nil {
			return a, err
		}
		defer page.Close()
		a.More = a.More || page.More()
		for row := range page.Len() {
			finding, err := f.describe(ctx, page, row)
			if err != nil {
				return a, err
			}
			finding.Kind, finding.Matched, finding.Wider = stix.ValueIP.String(), found[row], Inside
			a.add(finding, at)
		}
	}
	slices.SortStableFunc(a.Findings, func(x, y Finding) int { return x.compare(&y) })
	if len(a.Findings) > f.limit {
		a.Findings, a.More = a.Findings[:f.limit], true
	}
	return a, nil
}

// own notes whose the value is by a finding, the narrowest of each organisation, which
// come first.
func (a *Answer) own(f *Finding) {
	known := func(o Owner) bool { return strings.EqualFold(o.Org, f.owner.Org) }
	if f.owner.Org != "" && f.Holds() && f.Wider != OnIt && !slices.ContainsFunc(a.Told, known) {
		a.Told = append(a.Told, f.owner)
	}
}

// add puts a finding into the answer, each object once.
func (a *Answer) add(finding Finding, at map[string]int) {
	i, twice := at[finding.ID]
	if !twice {
		at[finding.ID] = len(a.Findings)
		a.Findings = append(a.Findings, finding)
		return
	}
	known := &a.Findings[i]
	if !slices.Contains(known.Collections, finding.Collections[0]) {
		known.Collections = append(slices.Clip(known.Collections), finding.Collections[0])
	}
}
