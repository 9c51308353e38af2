package handling

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"entente/internal/store"
)

// Policy is the agreements of one moment, and what changed before, which tells
// since when a reader may read something. It is never changed.
type Policy struct {
	agreements []Agreement
	changes    []Change
	singled    map[store.Collection][]Agreement // by each collection that some name; see there
	named      map[Name]naming
}

// Change is an agreement that was made, replaced or ended.
type Change struct {
	At  time.Time  // from here on
	Was *Agreement // nil when there was none of the name
	Is  *Agreement // nil when it was ended
}

// maxChanges bounds how far back a policy looks. What was agreed earlier counts
// as agreed from the start.
const maxChanges = 1024

// NewPolicy is of agreements that have been checked, and of the changes that
// led to them, in the order of time. Without changes they were always there.
func NewPolicy(agreements []Agreement, changes ...Change) *Policy {
	list := slices.Clone(agreements)
	slices.SortFunc(list, func(a, b Agreement) int { return cmp.Compare(a.Name, b.Name) })
	changes = slices.Clone(changes[max(len(changes)-maxChanges, 0):])
	return &Policy{list, changes, singled(list, changes), namings(list, changes)}
}

// Agreements gives all of this moment, by name. The caller must not change them.
func (p *Policy) Agreements() []Agreement { return p.agreements }

// With gives the agreements with a reader, by name.
func (p *Policy) With(r Reader) []Agreement {
	var list []Agreement
	for _, i := range p.naming(&r).agreements {
		if p.agreements[i].with(&r) {
			list = append(list, p.agreements[i])
		}
	}
	return list
}

// At gives the agreements that a reader had at a time, by which it may be told on
// what something was released.
func (p *Policy) At(r Reader, at time.Time) []Agreement {
	eras := p.eras(&r)
	in := len(eras) - 1
	for in > 0 && eras[in].from.After(at) {
		in--
	}
	return eras[in].agreements
}

// era is a stretch of time with the agreements that one reader had then.
type era struct {
	from       time.Time // begins here, and ends where the next one does; the first has no beginning
	agreements []Agreement
}

// eras are the eras of a reader, in the order of time; the last is now.
func (p *Policy) eras(r *Reader) []era {
	all := []era{{agreements: p.With(*r)}}
	for _, i := range slices.Backward(p.naming(r).changes) {
		c := &p.changes[i]
		had, has := c.Was != nil && c.Was.with(r), c.Is != nil && c.Is.with(r)
		if !had && !has {
			continue
		}
		last := &all[len(all)-1]
		last.from = c.At
		before := slices.DeleteFunc(slices.Clone(last.agreements), func(a Agreement) bool { return has && a.Name == c.Is.Name })
		if had {
			before = append(before, *c.Was)
		}
		all = append(all, era{agreements: before})
	}
	slices.Reverse(all)
	return all
}

// alike is a text of what is and was agreed with a reader: readers for whom it is the same
// have the same eras.
func (p *Policy) alike(r *Reader) string {
	names, text := p.naming(r), []byte(nil)
	for _, i := range names.agreements {
		if p.agreements[i].with(r) {
			text = binary.AppendUvarint(text, uint64(i)+1)
		}
	}
	text = append(text, 0)
	for _, i := range names.changes {
		c := &p.changes[i]
		if c.Was != nil && c.Was.with(r) {
			text = binary.AppendUvarint(text, uint64(i)*2+1)
		}
		if c.Is != nil && c.Is.with(r) {
			text = binary.AppendUvarint(text, uint64(i)*2+2)
		}
	}
	return string(text)
}

// turnsOf are the moments up to now at which agreements may have changed an
// answer, the latest first.
func turnsOf(eras []era, now time.Time) []time.Time {
	var turns []time.Time
	for i, e := range eras {
		if i > 0 {
			turns = append(turns, e.from)
		}
		for j := range e.agreements {
			turns = slices.AppendSeq(turns, e.agreements[j].turns)
		}
	}
	turns = slices.DeleteFunc(turns, func(t time.Time) bool { return t.After(now) })
	slices.SortFunc(turns, func(a, b time.Time) int { return b.Compare(a) })
	return slices.CompactFunc(turns, time.Time.Equal)
}

// since tells from when on the class, which the reader may read now, has been
// allowed without a break; zero when from the start. Turns are those of the
// eras.
func (q *question) since(eras []era, turns []time.Time) time.Time {
	if q.class.Opens != 0 {
		opens := q.class.Opens.Time()
		i, _ := slices.BinarySearchFunc(turns, opens, func(a, b time.Time) int { return b.Compare(a) })
		turns = slices.Insert(slices.Clone(turns), i, opens)
	}
	in := len(eras) - 1
	for _, t := range turns {
		q.now = t.Add(-time.Microsecond)
		for in > 0 && eras[in].from.After(q.now) {
			in--
		}
		q.agreements = eras[in].agreements
		// The rules that time does not change hold, since they do now.
		if q.failing(timeRules[:]) != nil || !q.agreed().Allow {
			return t
		}
	}
	return time.Time{}
}
