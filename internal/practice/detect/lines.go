package detect

import (
	"bytes"
	"slices"

	"entente/stix"
)

// lines puts spots together line by line.
type lines struct {
	name       string // of the text
	id         *textID
	set        *Set
	hit        func(Hit) error
	past       bool // nothing of it is remembered
	met        func(Hit)
	withOthers []uint64 // entries that met is given, a bit each
	stats      Stats

	before int64  // bytes of the line that came in earlier chunks
	start  []byte // how it begins
	line   []found
	text   []byte // all of it, while its hits are told; nil when it is too long
	last   []byte // of the last chunk, what its line feed is to come of

	columns columns
	begun   bool
	fields  []field // of the line whose hits are told
	asker   asker
	parts   []part            // of stories, that the line satisfies
	partOf  map[[2]uint32]int // those, by their indicators and stories
}

// part is some brackets of a story that a line satisfies, and the value that led there.
type part struct {
	indicator, story uint32
	bits             uint64
	at               *found
	group            []uint32
}

// found is a spot with its place and its text.
type found struct {
	spot
	column int64
	text   string
	field  string
}

// mostInLine is how many values of one line are put together for indicators that ask
// for several. What is beyond is told by itself alone.
const mostInLine = 1 << 14

// take tells the hits of a chunk, but for the line that it does not end.
func (l *lines) take(c *chunk) error {
	b, from := c.b, 0 // from is where the line begins
	if !l.begun && len(b) > 0 {
		l.begun, l.columns = true, csvColumns(b)
	}
	heads := c.heads
	for _, s := range c.spots {
		var err error
		if from, err = l.goOn(b, from, int(s.at)); err != nil {
			return err
		}
		for ; len(heads) > 0 && heads[0] <= int(s.at); heads = heads[1:] {
			l.columns.head(b[heads[0]:])
		}
		if l.before == 0 && len(l.line) == 0 {
			l.begin(b[from:])
		}
		l.line = append(l.line, found{s, l.before + int64(s.at) - int64(from) + 1, string(b[s.at : s.at+s.n]), ""})
		if len(l.line) == mostInLine {
			if err := l.flush(); err != nil {
				return err
			}
		}
	}
	from, err := l.goOn(b, from, len(b))
	if err != nil {
		return err
	}
	for _, at := range heads {
		l.columns.head(b[at:])
	}
	if l.last = l.last[:0]; l.before == 0 && len(l.line) > 0 && len(b)-from <= mostFielded {
		l.last = append(l.last, b[from:]...)
	}
	if l.before == 0 && from < len(b) && len(l.line) == 0 {
		l.begin(b[from:])
	}
	l.before += int64(len(b) - from)
	l.stats.Bytes += int64(len(b))
	return nil
}

// begin keeps how a line begins. So much of it stands in one chunk: none is cut before.
func (l *lines) begin(b []byte) {
	b = b[:min(len(b), startSize)]
	if n := bytes.IndexByte(b, '\n'); n >= 0 {
		b = b[:n]
	}
	l.start = append(l.start[:0], bytes.TrimSuffix(b, []byte("\r"))...)
}

// goOn gives where the line begins that goes on at a place, and tells the hits of the
// one that began at from if that is another.
func (l *lines) goOn(b []byte, from, at int) (int, error) {
	n := bytes.Count(b[from:max(from, at)], []byte{'\n'})
	if n == 0 {
		return from, nil
	}
	if l.text = nil; l.before == 0 {
		l.text = firstLine(b[from:])
	}
	err := l.flush()
	if l.text = nil; err != nil {
		return from, err
	}
	l.stats.Lines += int64(n)
	l.before = 0
	return bytes.LastIndexByte(b[:at], '\n') + 1, nil
}

func (l *lines) end() error {
	l.text = bytes.TrimSuffix(l.last, []byte("\r"))
	err := l.flush()
	if l.before > 0 {
		l.stats.Lines++ // the last one, without a line feed
	}
	return err
}

// flush tells the hits of a line.
func (l *lines) flush() error {
	l.asker.another()
	if l.nameFields(); len(l.line) == 0 {
		return nil
	}
	slices.SortStableFunc(l.line, func(a, b found) int { return int(a.column - b.column) })
	var in map[uint32]bool
	var told map[[2]uint64]bool // each indicator once at a place
	var met map[uint32]bool     // the entries, and whether anything asks for one alone
	if len(l.line) > 1 || l.set.length(l.line[0].entry) > 1 {
		told, met = map[[2]uint64]bool{}, map[uint32]bool{}
	}
	for i := range l.line {
		f := &l.line[i]
		l.meet(f)
		alone, again := met[f.entry]
		if again && !alone {
			continue // what asks for it with others was asked, once a line
		}
		for at := l.set.entries.at(f.entry).head; at != 0; at = l.set.links.at(at - 1).ofEntry {
			k := l.set.links.at(at - 1)
			if k.group != 0 {
				if in == nil {
					in = l.entries()
				}
				if g := &l.set.groups[k.group-1]; !again && l.passes(g, in) {
					if err := l.tellGroup(f, k.indicator, g); err != nil {
						return err
					}
				}
				continue
			}
			alone = true
			key := [2]uint64{uint64(k.indicator), uint64(f.column)}
			if told[key] {
				continue
			}
			if told != nil {
				told[key] = true
			}
			if err := l.tell(f, k.indicator, nil, nil); err != nil {
				return err
			}
		}
		if met != nil {
			met[f.entry] = alone
		}
	}
	err := l.remember()
	l.line = l.line[:0]
	return err
}

// passes tells whether a line, in which some entries are, has all that a group asks for.
func (l *lines) passes(g *group, in map[uint32]bool) bool {
	return !slices.ContainsFunc(g.entries, func(e uint32) bool { return !in[e] }) && l.holds(g.asks)
}

// tellGroup tells a hit of a group, or notes that a line satisfies a pair of brackets of a story.
func (l *lines) tellGroup(f *found, indicator uint32, g *group) error {
	if g.story == 0 {
		return l.tell(f, indicator, g.entries, nil)
	}
	key := [2]uint32{indicator, g.story}
	n, noted := l.partOf[key]
	switch {
	case noted:
		l.parts[n].bits |= 1 << g.bracket
	case !l.past:
		if l.partOf == nil {
			l.partOf = map[[2]uint32]int{}
		}
		l.partOf[key] = len(l.parts)
		l.parts = append(l.parts, part{indicator, g.story, 1 << g.bracket, f, g.entries})
	}
	return nil
}

// remember remembers what a line satisfies of stories, and tells those that are whole by it.
func (l *lines) remember() (err error) {
	if len(l.parts) == 0 {
		return nil
	}
	if l.id == nil {
		l.id = new(textID)
	}
	at, untimed, spent := l.set.memory.when(string(l.start)), false, effort{parts: len(l.parts), steps: mostSteps}
	for i := range l.parts {
		p := &l.parts[i]
		place := Place{Text: l.name, Line: l.stats.Lines + 1, Value: p.at.text[:min(len(p.at.text), longestSeen)], Time: at}
		became := l.set.memory.note(l.set.storyOf(p.indicator, p.story), lineOf{place, p.bits, l.id}, &spent)
		l.stats.Forgotten += became.forgotten
		untimed = untimed || became.untimed
		if became.whole && err == nil {
			err = l.tell(p.at, p.indicator, p.group, &became)
		}
	}
	if untimed {
		l.stats.Untimed++
	}
	clear(l.parts)
	clear(l.partOf)
	l.parts = l.parts[:0]
	return err
}

// nameFields finds out what the log calls the fields that values stand in, and puts URLs
// together whose parts stand in two. The marks of their hosts are no hits.
func (l *lines) nameFields() {
	if len(l.line) == 0 {
		return
	}
	l.fields = l.columns.fieldsOf(l.text)
	all := l.fields
	j := joiner{all: all, left: mostJoined}
	for i := range len(l.line) {
		f := &l.line[i]
		if l.set.entries.at(f.entry).kind == kindHost {
			mark := *f
			l.join(&j, &mark)
		} else if in := named(all, int(f.column)-1); in != nil {
			f.field = in.name
		}
	}
	l.line = slices.DeleteFunc(l.line, func(f found) bool { return l.set.entries.at(f.entry).kind == kindHost })
}

func (l *lines) entries() map[uint32]bool {
	in := map[uint32]bool{}
	for i := range l.line {
		in[l.line[i].entry] = true
	}
	return in
}

func (l *lines) tell(f *found, indicator uint32, group []uint32, whole *outcome) error {
	h := Hit{Line: l.stats.Lines + 1, Column: f.column, Value: f.text, How: f.how, Field: f.field, Start: string(l.start),
		Matched: l.set.value(f.entry), Indicator: l.set.indicator(indicator)}
	for _, e := range group {
		if e != f.entry {
			h.With = append(h.With, l.set.value(e))
		}
	}
	if whole != nil {
		h.After = whole.with
	}
	l.stats.Hits++
	return l.hit(h)
}

func (s *Set) value(ref uint32) stix.Value {
	e := s.entries.at(ref)
	return stix.Value{Kind: e.kind, Text: string(s.text(e))}
}
