package detect

import (
	"bytes"
	"encoding/hex"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
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

// Remove takes an indicator or an identity out: from now on the set knows nothing of it.
func (s *Set) Remove(id string) {
	if n, ok := s.creators[id]; ok {
		s.names[n].version, s.names[n].name = "", ""
	}
	short := appendPacked(nil, id)
	ref, ok := s.find(hashWord(s.key, short), short)
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
func (s *Set) Worn() bool { return s.gone > 10_000+(int(s.indicators.n+s.entries.n)+len(s.groups))/4 }

// forget leaves nothing of an indicator's texts.
func (s *Set) forget(ref uint32) {
	i := s.indicators.at(ref)
	s.arena.wipe(i.at, int(i.id)+int(i.version)+int(i.name))
	delete(s.waiting, ref)
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
			c = compile([]byte(s.waiting[ref]))
			s.endsAt(i.until)
		}
		delete(s.waiting, ref)
		s.tally(ref, -1)
		i.left, i.nothing = c.left, c.isNothing()
		s.look(ref, c.any, c.stories)
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

func (s *Set) find(h uint64, id []byte) (uint32, bool) {
	for i := s.ids.start(h); ; {
		ref, after, ok := s.ids.next(h, i)
		if !ok || bytes.Equal(s.id(ref), id) {
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
func (s *Set) creator(id []byte) uint32 {
	n, ok := s.creators[string(id)]
	if !ok {
		n = uint32(len(s.names))
		s.creators[string(id)] = n
		s.names = append(s.names, creator{id: string(id)})
	}
	return n
}

func unpacked(id string) string {
	if len(id) != 16 {
		return strings.TrimSuffix(id, "\n")
	}
	h := hex.EncodeToString([]byte(id))
	return "indicator--" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// appendPacked appends an id in half its size, when it is of the usual form.
func appendPacked(dst []byte, id string) []byte {
	if digits, ok := strings.CutPrefix(id, "indicator--"); ok && len(digits) == 36 {
		if short, ok := appendUUID(dst, digits); ok {
			return short
		}
	}
	if dst = append(dst, id...); len(id) == 16 {
		dst = append(dst, '\n') // so that it is not taken for a packed one
	}
	return dst
}

// appendUUID appends the bytes of a UUID that is written as unpacked writes it.
func appendUUID(dst []byte, text string) ([]byte, bool) {
	for i := 0; i < len(text); i += 2 {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return nil, false
			}
			i++
		}
		high, low := digitOf[text[i]], digitOf[text[i+1]]
		if high|low > 15 {
			return nil, false
		}
		dst = append(dst, high<<4|low)
	}
	return dst, true
}

// digitOf is what a hexadecimal digit in lower case stands for; 255 for all else.
var digitOf = func() (of [256]byte) {
	for i := range of {
		of[i] = 255
	}
	for i, c := range []byte("0123456789abcdef") {
		of[c] = byte(i)
	}
	return of
}()
