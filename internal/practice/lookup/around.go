package lookup

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/stix"
)

// mostAbout is how many references to one finding are told, and mostHeard how many are
// read to one indicator, since what is said of it counts for its score.
const (
	mostAbout = 12
	mostHeard = 100
)

// Mention is one step from a finding: what it indicates, who uses it, which
// report names it.
type Mention struct {
	Relation string `json:"relation"` // a relationship's type, or the property that refers to the finding
	Inward   bool   `json:"inward"`   // the other object says it of the finding, not the finding of the other
	ID       string `json:"id"`
	Type     string `json:"type"`
	Name     string `json:"name,omitempty"`
}

// compare puts what the finding says before what is said of it, and that before
// what only names it.
func (m Mention) compare(o Mention) int {
	rank := func(m Mention) int {
		switch {
		case !m.Inward:
			return 0
		case strings.HasSuffix(m.Relation, "_ref"), strings.HasSuffix(m.Relation, "_refs"):
			return 2
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(m), rank(o)), cmp.Compare(m.Relation, o.Relation), cmp.Compare(m.ID, o.ID))
}

// Sighted sums up the sightings of a finding that are told.
type Sighted struct {
	Count int      `json:"count"` // times
	First string   `json:"first,omitempty"`
	Last  string   `json:"last,omitempty"`
	By    []string `json:"by,omitempty"` // who has seen it
}

// named is an object as others speak of it.
type named struct{ typ, name string }

// lookAround adds to findings what speaks of them, and puts in names.
func (f *Finder) lookAround(ctx context.Context, answers []Answer) error {
	var findings []*Finding
	var ids []string
	first := map[string]*Finding{}
	for i := range answers {
		for j := range answers[i].Findings {
			finding := &answers[i].Findings[j]
			if first[finding.ID] == nil {
				first[finding.ID] = finding
				findings, ids = append(findings, finding), append(ids, finding.ID)
			}
		}
	}
	if len(findings) == 0 {
		return nil
	}
	if err := f.listen(ctx, findings, ids); err != nil {
		return err
	}
	if err := f.learn(ctx, findings); err != nil {
		return err
	}
	for _, finding := range findings {
		f.sign(finding)
		f.weigh(finding)
	}
	for i := range answers {
		for j := range answers[i].Findings {
			finding := &answers[i].Findings[j]
			same := first[finding.ID]
			finding.By, finding.About, finding.Sightings, finding.MoreAbout = same.By, same.About, same.Sightings, same.MoreAbout
			finding.Score, finding.Doubts = same.Score, same.Doubts
		}
	}
	return nil
}

// listen reads what speaks of findings, more of it where it counts for a score.
func (f *Finder) listen(ctx context.Context, findings []*Finding, ids []string) error {
	for _, indicators := range [...]bool{true, false} {
		var some []*Finding
		var of []string
		for i, finding := range findings {
			if (finding.worth != nil) == indicators {
				some, of = append(some, finding), append(of, ids[i])
			}
		}
		limit := mostAbout
		if indicators {
			limit = mostHeard
		}
		if len(of) == 0 {
			continue
		}
		if err := f.listenTo(ctx, some, of, limit); err != nil {
			return err
		}
	}
	return nil
}

func (f *Finder) listenTo(ctx context.Context, findings []*Finding, ids []string, limit int) error {
	spoken, err := f.view.Edges(ctx, ids, limit, "")
	if err != nil {
		return err
	}
	defer spoken.Close()
	seen := make([]properties, spoken.Len()) // a hub's referrers are read once
	for i, finding := range findings {
		finding.MoreAbout = spoken.More[i]
		for _, ref := range spoken.Of[i] {
			f.mention(finding, spoken, ref, seen)
		}
		slices.SortFunc(finding.About, Mention.compare)
		if len(finding.About) > mostAbout {
			finding.About, finding.MoreAbout = finding.About[:mostAbout], true
		}
	}
	return nil
}

// mention adds one object that refers to a finding.
func (f *Finder) mention(finding *Finding, spoken *exchange.Referrers, ref exchange.Reference, seen []properties) {
	if seen[ref.Row] == nil {
		seen[ref.Row] = f.properties(spoken.Bytes(ref.Row))
	}
	o := seen[ref.Row]
	path, _, _ := strings.Cut(ref.Path, "[")
	m := Mention{Relation: path, Inward: true, ID: o.text("id"), Type: o.text("type")}
	switch {
	case path == "created_by_ref" || string(o.raw("revoked")) == "true" || finding.hear(m.Type, path, o):
		return
	case m.Type == "sighting" && path == "sighting_of_ref":
		finding.sighted(o)
		return
	case m.Type == "relationship" && path == "source_ref":
		m = Mention{Relation: o.text("relationship_type"), ID: o.text("target_ref")}
	case m.Type == "relationship" && path == "target_ref":
		m = Mention{Relation: o.text("relationship_type"), Inward: true, ID: o.text("source_ref")}
	default:
		m.Name = o.name()
	}
	if m.Type == "" {
		m.Type, _, _ = strings.Cut(m.ID, "--")
	}
	if !slices.ContainsFunc(finding.About, func(o Mention) bool { return o.ID == m.ID && o.Relation == m.Relation && o.Inward == m.Inward }) {
		finding.About = append(finding.About, m)
	}
}

// sighted adds a sighting to the sum.
func (finding *Finding) sighted(o properties) {
	if finding.Sightings == nil {
		finding.Sightings = &Sighted{}
	}
	s := finding.Sightings
	times, given := o.number("count")
	if !given || times < 0 {
		times = 1
	}
	s.Count += times
	if first := o.first("first_seen", "created"); s.First == "" || stix.CompareVersions(first, s.First) < 0 {
		s.First = first
	}
	if last := o.first("last_seen", "first_seen", "created"); stix.CompareVersions(last, s.Last) > 0 {
		s.Last = last
	}
	by := o.texts("where_sighted_refs")
	if len(by) == 0 {
		by = []string{o.text("created_by_ref")}
	}
	for _, id := range by {
		if id != "" && !slices.Contains(s.By, id) {
			s.By = append(s.By, id)
		}
	}
}

// learn reads the names of what findings speak of.
func (f *Finder) learn(ctx context.Context, findings []*Finding) error {
	var unknown []string
	want := func(id string) {
		if _, known := f.names[id]; !known && id != "" {
			f.names[id] = named{}
			unknown = append(unknown, id)
		}
	}
	for _, finding := range findings {
		want(finding.producer)
		for _, m := range finding.About {
			if m.Name == "" {
				want(m.ID)
			}
		}
		if finding.Sightings != nil {
			for _, id := range finding.Sightings.By {
				want(id)
			}
		}
	}
	pages, err := f.view.Objects(ctx, unknown)
	if err != nil {
		return err
	}
	for _, p := range pages {
		for i := range p.Len() {
			o := f.properties(p.Bytes(i))
			f.names[strings.Clone(p.ID(i))] = named{o.text("type"), o.name()}
			f.read = f.read[:len(f.read)-len(o)]
		}
		p.Close()
	}
	return nil
}

// sign puts the names in.
func (f *Finder) sign(finding *Finding) {
	finding.By = cmp.Or(f.names[finding.producer].name, finding.producer)
	for i := range finding.About {
		m := &finding.About[i]
		m.Name = cmp.Or(m.Name, f.names[m.ID].name)
	}
	if s := finding.Sightings; s != nil {
		for i, id := range s.By {
			s.By[i] = cmp.Or(f.names[id].name, id)
		}
	}
}
