package match

// Unread is a text that a pattern compares with a timestamp and that is none: nobody knows
// whether the comparison would hold.
type Unread struct {
	Observation int    // index in what Matcher.Unread was given
	Path        string // that leads to it, as in the pattern
	Text        string
}

// Unread tells what may have kept the observations from satisfying the pattern, after
// [Matcher.Match] has found none: texts that are no timestamps and that, were they some that
// suit, would make a match. Without any there is no match whatever they mean.
func (m *Matcher) Unread(observations []Observation) ([]Unread, error) {
	if !m.dated() {
		return nil, nil
	}
	steps := int64(maxWork)
	found, err := m.search(supplyOf(m, observations, true), &steps)
	if found == nil || err != nil {
		return nil, err
	}
	var all []Unread
	for _, b := range found.Bindings {
		for i := range m.brackets {
			if m.brackets[i].offset == b.Offset {
				all = append(all, m.brackets[i].test.unread(observations, b.Observation)...)
			}
		}
	}
	return all, nil
}

// unread are the texts that keep an observation from passing; none if it passes.
func (t *test) unread(observations []Observation, at int) []Unread {
	o := &observations[at]
	if t.seen(&look{o: o}) {
		return nil
	}
	for _, object := range o.Objects {
		l := look{o: o, generous: true}
		if !t.holds(&l, object) {
			continue
		}
		for i := range l.unread {
			l.unread[i].Observation = at
		}
		return l.unread
	}
	return nil
}

// dated tells whether the pattern compares anything with timestamps.
func (m *Matcher) dated() bool {
	for i := range m.brackets {
		if m.brackets[i].test.dated() {
			return true
		}
	}
	return false
}

func (t *test) dated() bool {
	if t.c != nil {
		return t.c.dated
	}
	for i := range t.kids {
		if t.kids[i].dated() {
			return true
		}
	}
	return false
}

// unreadable is a text that should be a timestamp and is none.
func (c *comparison) unreadable(value any) (string, bool) {
	text, ok := value.(string)
	if !ok || !c.dated {
		return "", false
	}
	_, ok = parseTime(text)
	return text, !ok
}
