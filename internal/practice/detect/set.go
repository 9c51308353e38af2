package detect

import (
	"math"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"entente/stix"
)

// Set is what indicators say, compiled. Many may scan by it at once, but not while
// it is being changed.
type Set struct {
	at    time.Time
	key   hashKey
	arena arena

	ids        slots // of indicators, by their ids
	indicators rows[indicator]
	creators   map[string]uint32 // number of an identity's id
	names      []creator

	values   slots // of entries, by what stands in a line
	entries  rows[entry]
	filter   filter
	links    rows[link] // an entry's indicators, as lists
	groups   []group    // of values that must stand in one line
	asked    []asked    // of lines in which the values of a group stand
	stories  []asked    // of several lines
	memory   *memory    // of lines that satisfied a part of one
	matchers *matchers  // of what was asked lately
	pieces   pieces     // of what has no value, by which lines are found
	free     []uint32

	nets4   [33]int // how many prefixes of each length there are
	wide4   uint32  // the lengths of those that are more than one address, a bit each
	nets6   [129]int
	lens    [256]int // how many values without a dot there are of each length
	lengths wordLengths
	hostIPs int                      // hosts of URLs that are addresses
	kinds   [stix.ValueOther + 2]int // how many entries in use there are of each kind

	left [reasons]Counts
	live int
	gone int // rows of indicators and entries, and groups, that nothing is in any more

	every func(stix.Value) // is given each value that stands in a text, in place of hits; nil for a set of indicators

	damaged *atomic.Bool // something of the file that it is from is not what it was

	due     int64             // the second after which something begins or ends to hold
	waiting map[uint32]string // patterns of indicators that do not hold yet
}

// Counts say how many indicators something holds of.
type Counts struct {
	Wholly int `json:"wholly"` // nothing of the indicator is looked for
	Partly int `json:"partly"`
}

// kindHost marks the host of a URL that is looked for; it is no hit by itself.
const kindHost = stix.ValueOther + 1

// kindPiece is a piece of what is asked of fields without any value: no text has it as a
// value of this kind.
const kindPiece = stix.ValueOther

// entry is one value that is looked for.
type entry struct {
	at   place
	n    uint16
	kind stix.ValueKind
	uses uint32 // by alternatives; 0 when nobody asks for it any more, and its text is wiped
	head uint32 // of its links, plus one
}

// link leads from an entry to an indicator that it hits, at once or as the
// trigger of a group. It is in two lists, of the entry and of the indicator. Of the first,
// in which there may be all that a set has, it knows what is before it, too.
type link struct {
	indicator, entry     uint32
	group                uint32 // plus one; 0 for a value by itself
	ofEntry, ofIndicator uint32 // the next ones, plus one
	before               uint32 // of the entry, plus one; 0 for the first
}

// group is a conjunction of several values, or of some with what is asked of fields.
type group struct {
	entries []uint32
	asks    uint32 // number of that, plus one; 0 for nothing
	story   uint32 // number of what it is a part of, plus one; 0 when it hits by itself
	bracket uint32 // of the story, that it satisfies
}

// NewSet makes an empty set, of indicators that are valid at a moment.
func NewSet(at time.Time) *Set {
	return &Set{at: at, due: math.MaxInt64, key: newHashKey(), creators: map[string]uint32{"": 0}, names: make([]creator, 1), filter: newFilter(new(slots)), waiting: map[uint32]string{}, memory: newMemory(), matchers: newMatchers(), damaged: new(atomic.Bool)}
}

// Len is how many indicators are looked for, wholly or in part.
func (s *Set) Len() int { return s.live }

// Values is how many different values are looked for.
func (s *Set) Values() (n int) {
	for k, uses := range s.kinds {
		if stix.ValueKind(k) != kindHost {
			n += uses
		}
	}
	return n
}

// LeftOut tells how many indicators are not looked for, wholly or in part, by the
// first reason of each.
func (s *Set) LeftOut() map[Reason]Counts {
	out := map[Reason]Counts{}
	for r, c := range s.left {
		if c != (Counts{}) {
			out[Reason(r)] = c
		}
	}
	return out
}

// sought is a value with what finds it.
type sought struct {
	stix.Value
	hash   uint64
	prefix netip.Prefix // that an address is
}

func (s *Set) sought(v stix.Value) sought {
	switch v.Kind {
	case stix.ValueIP:
		p, _ := stix.PrefixOf(v.Text)
		return sought{v, s.key.hashPrefix(p), p}
	case stix.ValueHash, stix.ValueCert, stix.ValueWallet:
		return sought{Value: v, hash: hashWord(s.key, v.Text)}
	}
	return sought{Value: v, hash: hashText(s.key, v.Text)}
}

func (s *Set) text(e *entry) []byte { return s.arena.text(e.at, int(e.n)) }

// lookup is the number of an entry.
func (s *Set) lookup(h uint64, kind stix.ValueKind, text string) (uint32, bool) {
	for i := s.values.start(h); ; {
		ref, after, ok := s.values.next(h, i)
		if !ok {
			return 0, false
		}
		if e := s.entries.at(ref); e.uses > 0 && e.kind == kind && string(s.text(e)) == text {
			return ref, true
		}
		i = after
	}
}

// use counts one more use of a value, and makes its entry if there is none.
func (s *Set) use(v sought) uint32 {
	ref, ok := s.lookup(v.hash, v.Kind, v.Text)
	if !ok {
		if s.values.full() {
			s.values.grow(func(ref uint32) bool { return s.entries.at(ref).uses > 0 })
			s.filter = newFilter(&s.values)
		}
		ref = s.entries.add(entry{at: keep(&s.arena, v.Text), n: uint16(len(v.Text)), kind: v.Kind})
		s.values.put(v.hash, ref)
		s.filter.add(v.hash)
	}
	e := s.entries.at(ref)
	if e.uses++; e.uses == 1 {
		s.count(v, 1)
		if v.Kind == kindPiece {
			s.pieces.add(ref, strings.Clone(v.Text))
		}
	}
	if host, ok := s.hostOf(v.Value); ok {
		s.use(host)
	}
	return ref
}

func (s *Set) unuse(ref uint32) {
	e := s.entries.at(ref)
	v := s.sought(s.value(ref))
	if e.uses--; e.uses == 0 {
		s.count(v, -1)
		s.arena.wipe(e.at, int(e.n))
		s.gone++
		if e.kind == kindPiece {
			s.dropPiece(int(e.n))
		}
	}
	if host, ok := s.hostOf(v.Value); ok {
		if mark, ok := s.lookup(host.hash, host.Kind, host.Text); ok {
			s.unuse(mark)
		}
	}
}

// hostOf is the mark of a URL's host.
func (s *Set) hostOf(v stix.Value) (mark sought, ok bool) {
	if v.Kind != stix.ValueURL {
		return mark, false
	}
	host, ok := stix.HostOf(v.Text)
	return s.sought(stix.Value{Kind: kindHost, Text: host.Text}), ok
}

// count keeps what shapes there are to look for.
func (s *Set) count(v sought, by int) {
	s.kinds[v.Kind] += by
	switch v.Kind {
	case kindHost:
		if _, ok := stix.PrefixOf(v.Text); ok {
			s.hostIPs += by
		}
	case stix.ValueIP:
		p := v.prefix
		if p.Addr().Is4() {
			s.nets4[p.Bits()] += by
			if p.Bits() < 32 {
				s.wide4 &^= 1 << p.Bits()
				if s.nets4[p.Bits()] > 0 {
					s.wide4 |= 1 << p.Bits()
				}
			}
		} else {
			s.nets6[p.Bits()] += by
		}
	case stix.ValueHash, stix.ValueCert, stix.ValueWallet:
		n := len(v.Text)
		s.lens[n] += by
		s.lengths.set(n, s.lens[n] > 0)
	}
}

// look looks for alternatives and stories from now on.
func (s *Set) look(indicator uint32, any []alternative, stories []story) {
	for _, a := range any {
		s.include(indicator, a, group{})
	}
	for _, one := range stories {
		for bracket, any := range one.brackets {
			for _, a := range any {
				s.include(indicator, a, group{story: note(&s.stories, one.text), bracket: uint32(bracket)})
			}
		}
	}
}

// include looks for an alternative, as a part of a story or by itself.
func (s *Set) include(indicator uint32, a alternative, g group) {
	if len(a.values) == 1 && a.asks == "" && g.story == 0 {
		s.connect(link{indicator: indicator, entry: s.use(s.sought(a.values[0]))})
		return
	}
	g.asks = note(&s.asked, a.asks)
	for _, v := range a.values {
		g.entries = append(g.entries, s.use(s.sought(v)))
	}
	rarest := slices.MinFunc(g.entries, func(a, b uint32) int { return s.length(a) - s.length(b) })
	s.groups = append(s.groups, g)
	s.connect(link{indicator: indicator, entry: rarest, group: uint32(len(s.groups))})
}

func (s *Set) connect(l link) {
	e, i := s.entries.at(l.entry), s.indicators.at(l.indicator)
	l.ofEntry, l.ofIndicator = e.head, i.head
	var ref uint32
	if n := len(s.free); n > 0 {
		ref = s.free[n-1]
		s.free = s.free[:n-1]
		*s.links.at(ref) = l
	} else {
		ref = s.links.add(l)
	}
	if e.head != 0 {
		s.links.at(e.head - 1).before = ref + 1
	}
	e.head, i.head = ref+1, ref+1
}

// disconnect takes a link out of its entry's list.
func (s *Set) disconnect(l *link) {
	at := &s.entries.at(l.entry).head
	if l.before != 0 {
		at = &s.links.at(l.before - 1).ofEntry
	}
	if *at = l.ofEntry; l.ofEntry != 0 {
		s.links.at(l.ofEntry - 1).before = l.before
	}
}

// length is how many indicators an entry leads to, up to a bound.
func (s *Set) length(ref uint32) (n int) {
	for at := s.entries.at(ref).head; at != 0 && n < 16; at = s.links.at(at - 1).ofEntry {
		n++
	}
	return n
}

// exclude looks for nothing of an indicator any more.
func (s *Set) exclude(indicator uint32) {
	for s.indicators.at(indicator).head != 0 {
		ref := s.indicators.at(indicator).head - 1
		l := *s.links.at(ref)
		s.indicators.at(indicator).head = l.ofIndicator
		s.disconnect(&l)
		s.free = append(s.free, ref)
		if l.group == 0 {
			s.unuse(l.entry)
			continue
		}
		g := &s.groups[l.group-1]
		for _, e := range g.entries {
			s.unuse(e)
		}
		if asked := noteNoMore(s.asked, g.asks); asked != "" {
			s.matchers.drop(asked)
		}
		if g.story != 0 {
			s.memory.forget(s.storyOf(indicator, g.story))
			noteNoMore(s.stories, g.story)
		}
		s.groups[l.group-1] = group{}
		s.gone++
	}
}
