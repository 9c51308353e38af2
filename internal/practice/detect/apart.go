package detect

import (
	"slices"

	"entente/stix"
)

// Past begins to go over a text that tells what was seen at some time: of its lines nothing
// is remembered for patterns of several observations. Values that an indicator asks for with
// others are given to met, as hits without an indicator: see Together.
func (s *Set) Past(hit func(Hit) error, met func(Hit)) *Feed {
	f := s.NewFeed("", hit)
	f.l.past, f.l.met, f.l.withOthers = true, met, make([]uint64, s.entries.n/64+1)
	for i := range s.groups {
		for _, e := range s.groups[i].entries {
			if s.groups[i].asks == 0 {
				f.l.withOthers[e/64] |= 1 << (e % 64)
			}
		}
	}
	return f
}

// meet tells of the past that a value stands in a line which is asked for with others.
func (l *lines) meet(f *found) {
	if l.met != nil && l.withOthers[f.entry/64]>>(f.entry%64)&1 != 0 {
		l.met(Hit{Line: l.stats.Lines + 1, Column: f.column, Value: f.text, How: f.how, Matched: l.set.value(f.entry)})
	}
}

// Together gives the indicators that ask for several values, all of which were met so many times as
// met says, with those values. Whether they stood in one line, or their lines in the order and
// the time that a pattern asks for, is not asked: who knows of values alone cannot tell.
func (s *Set) Together(met func(stix.Value) int, give func(indicator string, values []stix.Value)) {
	stories := map[[2]uint32]*tale{}
	for ref := range s.links.n {
		l := s.links.at(ref)
		if l.group == 0 {
			continue
		}
		g := &s.groups[l.group-1] // of nothing when it was taken out
		values, times := s.allMet(g, met)
		if times == 0 {
			continue
		}
		if g.story == 0 {
			give(s.indicator(l.indicator).ID, values)
			continue
		}
		key := [2]uint32{l.indicator, g.story}
		if stories[key] == nil {
			stories[key] = &tale{counts: make([]int, mostBrackets)}
		}
		stories[key].counts[g.bracket] += times
		stories[key].values = append(stories[key].values, values...)
	}
	for key, t := range stories {
		p := plotOf(s.stories[key[1]-1].text)
		if next := 0; p != nil && could(p.root, t.counts, 1, &next) {
			give(s.indicator(key[0]).ID, t.values)
		}
	}
}

// tale is what was met of a story: of each of its brackets how often, and what.
type tale struct {
	counts []int
	values []stix.Value
}

// allMet are the values of a group and how often they were met, all of them; 0 when one was not, or
// when fields are asked besides.
func (s *Set) allMet(g *group, met func(stix.Value) int) (values []stix.Value, times int) {
	if g.asks != 0 || len(g.entries) == 0 {
		return nil, 0
	}
	for _, e := range g.entries {
		v := s.value(e)
		n := met(v)
		if n == 0 {
			return nil, 0
		}
		if times == 0 || n < times {
			times = n
		}
		values = append(values, v)
	}
	return slices.Clip(values), times
}
