package detect

import (
	"encoding/hex"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"entente/stix"
)

// Indicator is what a hit tells of the indicator behind it.
type Indicator struct {
	ID         string
	Name       string    // may be empty
	By         string    // the id of who made it (created_by_ref); may be empty
	ByName     string    // the name of that identity, when the set was given it
	Since      time.Time // valid_from
	Until      time.Time // valid_until; zero when it has no end
	Confidence int       // 0 to 100; -1 when it says none
}

// indicator is kept of each. Its id, its version and its name stand one after the
// other in the arena.
type indicator struct {
	since, until      int64 // seconds since 1970; 0 when there is none
	at                place
	by                uint32 // number of its creator
	head              uint32 // of its links, plus one
	id, version, name uint16 // bytes; an id of none was removed
	confidence        int8
	left              Reason // why something of it is not looked for
	nothing           bool   // of it is looked for
}

// creator is an identity.
type creator struct{ id, version, name string }

// longestName is how much of a name is kept, in bytes.
const longestName = 256

// draft is an indicator as it came.
type draft struct {
	name, pattern, language string
	from, until             stix.Timestamp
	confidence              int
	revoked                 bool
}

// Add takes an indicator in, or an identity, whose name is told with what it made.
// A newer version takes the place of an older one, also when it ends it; an older
// one, and any other object, changes nothing.
func (s *Set) Add(o *stix.Object) {
	if p := s.prepare(o); p != nil {
		s.put(p)
	}
}

// prepared is an object that only has to be put in. Making it does not touch the
// set.
type prepared struct {
	draft
	compiled
	identity        bool
	id, version, by string
}

func (s *Set) prepare(o *stix.Object) *prepared {
	p := &prepared{id: o.ID, version: o.Version(), by: o.CreatedByRef, identity: o.Type == "identity"}
	switch o.Type {
	case "identity":
		p.name = read(o.Raw, true).name
	case "indicator":
		p.draft = read(o.Raw, true)
		p.left = s.holds(o, &p.draft)
	default:
		return nil
	}
	p.version = p.version[:min(len(p.version), 64)]
	return p
}

// Remove takes an indicator or an identity out: from now on the set knows nothing of it.
func (s *Set) Remove(id string) {
	if n, ok := s.creators[id]; ok {
		s.names[n].version, s.names[n].name = "", ""
	}
	id = packed(id)
	ref, ok := s.find(hashText(s.key, id), id)
	if !ok || id == "" {
		return
	}
	s.take(ref)
	i := s.indicators.at(ref)
	s.forget(ref)
	*i = indicator{nothing: true}
	s.gone++
}

// Worn tells that so much was taken out of a set that one compiled anew is smaller.
func (s *Set) Worn() bool { return s.gone > 10_000+int(s.indicators.n+s.entries.n)/4 }

// forget leaves nothing of an indicator's texts.
func (s *Set) forget(ref uint32) {
	i := s.indicators.at(ref)
	s.arena.wipe(i.at, int(i.id)+int(i.version)+int(i.name))
	delete(s.waiting, ref)
}

// holds tells why nothing of an indicator is looked for; 0 when that depends on
// its pattern.
func (s *Set) holds(o *stix.Object, d *draft) Reason {
	switch {
	case o.Revoked:
		return Revoked
	case d.language != "stix" && d.language != "":
		return NotSTIX
	}
	return [...]Reason{NotYet, 0, NoLonger}[1+stix.Validity(d.from, d.until, s.at)]
}

// HitsEverywhere tells whether a part of an indicator would hit nearly all there is: sets
// leave that out.
func HitsEverywhere(o *stix.Object) bool {
	d := read(o.Raw, false)
	return (d.language == "stix" || d.language == "") && compile(d.pattern).left == Everywhere
}

func (s *Set) put(p *prepared) {
	if p.identity {
		c := &s.names[s.creator(p.id)]
		if stix.CompareVersions(p.version, c.version) > 0 {
			c.version, c.name = p.version, p.name
		}
		return
	}
	id := packed(p.id)
	h := hashText(s.key, id)
	ref, known := s.find(h, id)
	if known {
		if stix.CompareVersions(p.version, string(s.version(ref))) <= 0 {
			return
		}
		s.take(ref)
		s.forget(ref)
	}
	if p.left == 0 {
		p.compiled = compile(p.pattern)
	}
	i := indicator{
		at: s.arena.add(id, p.version, p.name),
		id: uint16(len(id)), version: uint16(len(p.version)), name: uint16(len(p.name)),
		by: s.creator(p.by), since: seconds(p.from), until: seconds(p.until), confidence: int8(p.confidence),
		left: p.left, nothing: len(p.any) == 0,
	}
	if known {
		*s.indicators.at(ref) = i
	} else {
		if s.ids.full() {
			s.ids.grow(func(ref uint32) (uint64, bool) { return hashText(s.key, s.id(ref)), s.indicators.at(ref).id > 0 })
		}
		ref = s.indicators.add(i)
		s.ids.put(h, ref)
	}
	if s.endsAt(i.until); i.left == NotYet {
		s.waiting[ref] = strings.Clone(p.pattern)
		s.endsAt(i.since)
	}
	for _, a := range p.any {
		s.include(ref, a)
	}
	s.tally(ref, 1)
}

// endsAt notes a second, unless it is 0, after which a set is to be advanced.
func (s *Set) endsAt(second int64) {
	if second != 0 {
		s.due = min(s.due, second)
	}
}

// Advance takes a set to a later moment: what has begun to hold since is looked for, and
// what has ended is not any more.
func (s *Set) Advance(at time.Time) {
	if !at.After(s.at) {
		return
	}
	s.at = at
	now := at.Unix()
	if now <= s.due {
		return
	}
	s.due = math.MaxInt64
	for ref := range s.indicators.n {
		i := s.indicators.at(ref)
		switch {
		case i.until == 0 || i.nothing:
		case i.until < now:
			s.take(ref)
			i.left, i.nothing = NoLonger, true
			s.tally(ref, 1)
		default:
			s.due = min(s.due, i.until)
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(s.waiting)) {
		i := s.indicators.at(ref)
		if i.since >= now {
			s.due = min(s.due, i.since)
			continue
		}
		c := compiled{left: NoLonger}
		if i.until == 0 || i.until >= now {
			c = compile(s.waiting[ref])
			s.endsAt(i.until)
		}
		delete(s.waiting, ref)
		s.tally(ref, -1)
		i.left, i.nothing = c.left, len(c.any) == 0
		for _, a := range c.any {
			s.include(ref, a)
		}
		s.tally(ref, 1)
	}
}

// take stops looking for what an indicator says.
func (s *Set) take(ref uint32) {
	s.exclude(ref)
	s.tally(ref, -1)
}

func (s *Set) tally(ref uint32, by int) {
	i := s.indicators.at(ref)
	if !i.nothing {
		s.live += by
	}
	switch c := &s.left[i.left]; {
	case i.left != 0 && i.nothing:
		c.Wholly += by
	case i.left != 0:
		c.Partly += by
	}
}

// part is a text of an indicator, from one place to another.
func (s *Set) part(ref uint32, from, n int) []byte {
	return s.arena.text(s.indicators.at(ref).at+place(from), n)
}

func (s *Set) id(ref uint32) []byte { return s.part(ref, 0, int(s.indicators.at(ref).id)) }

func (s *Set) version(ref uint32) []byte {
	i := s.indicators.at(ref)
	return s.part(ref, int(i.id), int(i.version))
}

func (s *Set) find(h uint64, id string) (uint32, bool) {
	for i := s.ids.start(h); ; {
		ref, after, ok := s.ids.next(h, i)
		if !ok || string(s.id(ref)) == id {
			return ref, ok
		}
		i = after
	}
}

// indicator is what a hit tells of one.
func (s *Set) indicator(ref uint32) Indicator {
	i := s.indicators.at(ref)
	by := s.names[i.by]
	out := Indicator{ID: unpacked(string(s.id(ref))), By: by.id, ByName: by.name, Confidence: int(i.confidence),
		Name: string(s.part(ref, int(i.id)+int(i.version), int(i.name)))}
	if i.since != 0 {
		out.Since = time.Unix(i.since, 0).UTC()
	}
	if i.until != 0 {
		out.Until = time.Unix(i.until, 0).UTC()
	}
	return out
}

// creator is the number of an identity.
func (s *Set) creator(id string) uint32 {
	n, ok := s.creators[id]
	if !ok {
		n = uint32(len(s.names))
		id = strings.Clone(id)
		s.creators[id] = n
		s.names = append(s.names, creator{id: id})
	}
	return n
}

// read reads what a set asks of an indicator, its name only where that is asked for.
func read(raw []byte, named bool) draft {
	d := draft{confidence: -1}
	for key, value := range stix.Split(raw) {
		switch string(key) {
		case "name":
			if named {
				d.name = cut(stix.Text(value))
			}
		case "pattern":
			d.pattern = stix.Text(value)
		case "revoked":
			d.revoked = string(value) == "true"
		case "pattern_type":
			if d.language = "stix"; string(value) != `"stix"` {
				d.language = stix.Text(value)
			}
		case "valid_from":
			d.from, _ = stix.ParseTimestamp(stix.Text(value))
		case "valid_until":
			d.until, _ = stix.ParseTimestamp(stix.Text(value))
		case "confidence":
			d.confidence = sureness(value)
		}
	}
	return d
}

// sureness reads a number from 0 to 100; -1 for all else.
func sureness(value []byte) int {
	n := 0
	if len(value) == 2 && value[0]-'1' < 9 && value[1]-'0' < 10 { // as mostly
		return int(value[0]-'0')*10 + int(value[1]-'0')
	}
	if json.Unmarshal(value, &n) != nil || n < 0 || n > 100 {
		return -1
	}
	return n
}

func cut(name string) string {
	if len(name) <= longestName {
		return name
	}
	return strings.ToValidUTF8(name[:longestName], "")
}

func seconds(t stix.Timestamp) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Time().Unix()
}

// packed is an id in half its size, when it is of the usual form.
func packed(id string) string {
	_, uuid, err := stix.ParseID(id)
	if short := string(uuid[:]); err == nil && unpacked(short) == id {
		return short
	}
	return lengthened(id)
}

// lengthened keeps an id of another form from being taken for a packed one.
func lengthened(id string) string {
	if len(id) == 16 {
		return id + "\n"
	}
	return id
}

func unpacked(id string) string {
	if len(id) != 16 {
		return strings.TrimSuffix(id, "\n")
	}
	h := hex.EncodeToString([]byte(id))
	return "indicator--" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
