package lookup

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/stix"
)

// DefaultLimit is how many objects an answer holds at most unless asked otherwise.
const DefaultLimit = 50

// Answer is what is known of one text.
type Answer struct {
	Asked    string    `json:"asked"`
	Readings []string  `json:"readings"` // what the text was read as, as "ip 192.0.2.1"
	Findings []Finding `json:"findings"`
	More     bool      `json:"more,omitempty"` // there is more than the limit allows
}

// Finder looks texts up for one reader. It is used by one goroutine.
type Finder struct {
	view    *exchange.View
	limit   int
	now     time.Time
	aliases map[store.Collection]string
	names   map[string]string // of producers, by id; empty when not known here
}

// NewFinder makes a finder; answers hold at most limit objects (DefaultLimit
// when 0), and say what holds at now.
func NewFinder(view *exchange.View, limit int, now time.Time) *Finder {
	f := &Finder{view: view, limit: limit, now: now, aliases: map[store.Collection]string{}, names: map[string]string{}}
	if f.limit <= 0 {
		f.limit = DefaultLimit
	}
	for _, c := range view.Collections() {
		f.aliases[c.Number] = c.Alias
	}
	return f
}

// Find tells what is known of a text. A text that is no value has no readings.
func (f *Finder) Find(ctx context.Context, text string) (Answer, error) {
	a := Answer{Asked: text, Readings: []string{}, Findings: []Finding{}}
	readings := Readings(text)
	values := make([]stix.Value, len(readings))
	for i, r := range readings {
		if values[i] = r.Value; r.Wider == "" {
			a.Readings = append(a.Readings, r.Kind.String()+" "+r.Text)
		}
	}
	pages, err := f.view.Find(ctx, values, f.limit)
	if err != nil {
		return a, err
	}
	seen := map[string]bool{}
	for i, page := range pages {
		f.add(&a, readings[i], page, seen)
		page.Close()
	}
	if err := f.sign(ctx, a.Findings); err != nil {
		return a, err
	}
	slices.SortStableFunc(a.Findings, func(x, y Finding) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), stix.CompareVersions(y.Since, x.Since))
	})
	if len(a.Findings) > f.limit {
		a.Findings, a.More = a.Findings[:f.limit], true
	}
	return a, nil
}

// add puts what one reading has found into the answer, each object once.
func (f *Finder) add(a *Answer, r Reading, page *exchange.Page, seen map[string]bool) {
	a.More = a.More || page.More()
	for i := range page.Len() {
		if seen[page.ID(i)] {
			continue
		}
		seen[strings.Clone(page.ID(i))] = true
		finding := describe(page.Bytes(i), f.now)
		finding.Collection = f.aliases[page.Collection(i)]
		if finding.Wider = r.Wider; r.Wider != "" {
			finding.Matched = r.Text
		}
		a.Findings = append(a.Findings, finding)
	}
}

// sign puts the names of producers in.
func (f *Finder) sign(ctx context.Context, findings []Finding) error {
	var unknown []string
	for i := range findings {
		id := findings[i].producer
		if _, known := f.names[id]; !known && id != "" {
			f.names[id] = ""
			unknown = append(unknown, id)
		}
	}
	if len(unknown) > 0 {
		pages, err := f.view.Objects(ctx, unknown)
		if err != nil {
			return err
		}
		for _, p := range pages {
			for i := range p.Len() {
				f.names[strings.Clone(p.ID(i))] = describe(p.Bytes(i), f.now).Name
			}
			p.Close()
		}
	}
	for i := range findings {
		findings[i].By = cmp.Or(f.names[findings[i].producer], findings[i].producer)
	}
	return nil
}
