package detect

import (
	"slices"
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

	values  slots // of entries, by what stands in a line
	entries rows[entry]
	filter  filter
	links   rows[link] // an entry's indicators, as lists
	groups  []group    // of values that must stand in one line
	asked   []asked    // of lines in which the values of a group stand
	free    []uint32

	nets4   [33]int // how many prefixes of each length there are
	wide4   uint32  // the lengths of those that are more than one address, a bit each
	nets6   [129]int
	lens    [256]int // how many values without a dot there are of each length
	lengths wordLengths
	hostIPs int                      // hosts of URLs that are addresses
	kinds   [stix.ValueOther + 2]int // how many entries in use there are of each kind

	left [reasons]Counts
	live int
	gone int // rows of indicators and entries that nothing is in any more

	every func(stix.Value) // is given each value that stands in a text, in place of hits; nil for a set of indicators

	due     int64             // the second after which something begins or ends to hold; 0 when nobody has looked
	waiting map[uint32]string // patterns of indicators that do not hold yet
}

// Counts say how many indicators something holds of.
type Counts struct {
	Wholly int `json:"wholly"` // nothing of the indicator is looked for
	Partly int `json:"partly"`
}

// kindHost marks the host of a URL that is looked for; it is no hit by itself.
const kindHost = stix.ValueOther + 1

// entry is one value that is looked for.
type entry struct {
	at   place
	n    uint16
	kind stix.ValueKind
	uses uint32 // by alternatives; 0 when nobody asks for it any more, and its text is wiped
	head uint32 // of its links, plus one
}

// link leads from an entry to an indicator that it hits, at once or as the
// trigger of a group. It is in two lists, of the entry and of the indicator.
type link struct {
	indicator, entry     uint32
	group                uint32 // plus one; 0 for a value by itself
	ofEntry, ofIndicator uint32 // the next ones, plus one
}

// group is a conjunction of several values, or of some with what is asked of fields.
type group struct {
	entries []uint32
	asks    uint32 // number of that, plus one; 0 for nothing
}

// NewSet makes an empty set, of indicators that are valid at a moment.
func NewSet(at time.Time) *Set {
	return &Set{at: at, key: newHashKey(), creators: map[string]uint32{"": 0}, names: make([]creator, 1), filter: newFilter(0), waiting: map[uint32]string{}}
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

// hashOf is the hash under which a value is found.
func (s *Set) hashOf(kind stix.ValueKind, text []byte) uint64 {
	if kind != stix.ValueIP {
		return hashText(s.key, text)
	}
	p, _ := stix.PrefixOf(string(text))
	return s.key.hashPrefix(p)
}

func (s *Set) text(e *entry) []byte { return s.arena.text(e.at, int(e.n)) }

func (s *Set) hashOfEntry(ref uint32) uint64 {
	e := s.entries.at(ref)
	return s.hashOf(e.kind, s.text(e))
}

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
func (s *Set) use(v stix.Value) uint32 {
	h := s.hashOf(v.Kind, []byte(v.Text))
	ref, ok := s.lookup(h, v.Kind, v.Text)
	if !ok {
		if s.values.full() {
			s.filter = newFilter(s.values.larger())
			s.values.grow(func(ref uint32) (uint64, bool) {
				if s.entries.at(ref).uses == 0 {
					return 0, false
				}
				h := s.hashOfEntry(ref)
				s.filter.add(h)
				return h, true
			})
		}
		ref = s.entries.add(entry{at: s.arena.add(v.Text), n: uint16(len(v.Text)), kind: v.Kind})
		s.values.put(h, ref)
		s.filter.add(h)
	}
	e := s.entries.at(ref)
	if e.uses++; e.uses == 1 {
		s.count(v.Kind, v.Text, 1)
	}
	if v.Kind == stix.ValueURL {
		if host, ok := stix.HostOf(v.Text); ok {
			s.use(stix.Value{Kind: kindHost, Text: host.Text})
		}
	}
	return ref
}

func (s *Set) unuse(ref uint32) {
	e := s.entries.at(ref)
	text := string(s.text(e))
	if e.uses--; e.uses == 0 {
		s.count(e.kind, text, -1)
		s.arena.wipe(e.at, int(e.n))
		s.gone++
	}
	if e.kind == stix.ValueURL {
		if host, ok := stix.HostOf(text); ok {
			if mark, ok := s.lookup(s.hashOf(kindHost, []byte(host.Text)), kindHost, host.Text); ok {
				s.unuse(mark)
			}
		}
	}
}

// count keeps what shapes there are to look for.
func (s *Set) count(kind stix.ValueKind, text string, by int) {
	s.kinds[kind] += by
	switch kind {
	case kindHost:
		if _, ok := stix.PrefixOf(text); ok {
			s.hostIPs += by
		}
	case stix.ValueIP:
		p, _ := stix.PrefixOf(text)
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
		s.lens[len(text)] += by
		s.lengths.set(len(text), s.lens[len(text)] > 0)
	}
}

// include looks for an alternative from now on.
func (s *Set) include(indicator uint32, a alternative) {
	if len(a.values) == 1 && a.asks == "" {
		s.connect(link{indicator: indicator, entry: s.use(a.values[0])})
		return
	}
	g := group{asks: s.ask(a.asks)}
	for _, v := range a.values {
		g.entries = append(g.entries, s.use(v))
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
	e.head, i.head = ref+1, ref+1
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
		at := &s.entries.at(l.entry).head
		for *at != ref+1 {
			at = &s.links.at(*at - 1).ofEntry
		}
		*at = l.ofEntry
		s.free = append(s.free, ref)
		if l.group == 0 {
			s.unuse(l.entry)
			continue
		}
		for _, e := range s.groups[l.group-1].entries {
			s.unuse(e)
		}
		s.askNoMore(s.groups[l.group-1].asks)
		s.groups[l.group-1] = group{}
	}
}
