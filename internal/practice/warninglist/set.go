package warninglist

import (
	"net/netip"
	"slices"
	"strings"

	"entente/stix"
)

// Set answers on which lists a value is. It does not change; its methods are safe for
// concurrent use.
type Set struct {
	tables []*table
	mark   string
}

// Mark is another one for every set that a builder has made in this process, so that what
// was answered by a set can be told from what another would answer.
func (s *Set) Mark() string {
	if s == nil {
		return ""
	}
	return s.mark
}

// table is several lists in one.
type table struct {
	lists  []head
	about  kinds // of values that any of them is about
	chains chains

	exact       map[string]chain // what a value is, in the form in which it is looked up
	below       map[string]chain // names that stand for those below them, too
	prefixes    map[netip.Prefix]chain
	lengths     [2][129]bool // of prefixes there are, of IPv4 and IPv6
	needles     needles
	expressions []expression
}

// head is what of a list its entries lead to.
type head struct {
	name     string
	kinds    kinds
	prefixes []netip.Prefix // sorted when the set is made
}

// Hit is a list that a value is on.
type Hit struct {
	List  string `json:"list"`  // its name
	How   How    `json:"how"`   // in what way
	Entry string `json:"entry"` // the entry that the value is on it by, in the form in which it is compared
}

// How says in what way a value is on a list.
type How string

// The ways.
const (
	Is     How = "is"     // it is the entry
	Below  How = "below"  // it is a name below the entry
	On     How = "on"     // its host is the entry or below it: of a URL, of a mail address
	Within How = "within" // it is an address or a network within the entry
	Holds  How = "holds"  // it is a network that holds the entry
	Has    How = "has"    // it holds the entry as a part of its text
	Like   How = "like"   // it matches the entry, a regular expression
)

// String is the list, and the entry where that says more.
func (h *Hit) String() string {
	switch h.How {
	case Is, Like:
		return h.List
	case Holds:
		return h.List + " (which has " + h.Entry + " in it)"
	}
	return h.List + " (" + h.Entry + ")"
}

// On gives the lists that a value is on, each once, in the order in which they were
// added. A value is as objects are looked up by it (stix.NewValue).
func (s *Set) On(v stix.Value) (hits []Hit) {
	if s == nil {
		return nil
	}
	for _, t := range s.tables {
		if len(t.lists) > 0 {
			hits = append(hits, t.on(v)...)
		}
	}
	return hits
}

// Lists is how many lists there are.
func (s *Set) Lists() (n int) {
	if s == nil {
		return 0
	}
	for _, t := range s.tables {
		n += len(t.lists)
	}
	return n
}

// found collects the lists that one value is on.
type found struct {
	*table
	kind stix.ValueKind
	hits []numbered
}

type numbered struct {
	list uint16
	Hit
}

func (t *table) on(v stix.Value) []Hit {
	if !t.about.has(v.Kind) {
		return nil
	}
	f := found{table: t, kind: v.Kind}
	f.take(t.exact[v.Text], Is, v.Text)
	if v.Kind == stix.ValueIP {
		if p, ok := stix.PrefixOf(v.Text); ok {
			f.within(p, Within)
			f.holding(p)
		}
	}
	if host, how, ok := hostOf(v); ok {
		f.host(host, how)
	}
	if t.needles.begin != nil {
		t.needles.in(strings.ToLower(v.Text), func(needle string, lists chain) { f.take(lists, Has, needle) })
	}
	for _, e := range t.expressions {
		if t.lists[e.list].kinds.has(v.Kind) && e.MatchString(v.Text) {
			f.one(e.list, Like, e.source)
		}
	}
	if f.hits == nil {
		return nil
	}
	slices.SortStableFunc(f.hits, func(a, b numbered) int { return int(a.list) - int(b.list) })
	out := make([]Hit, len(f.hits))
	for i, h := range f.hits {
		out[i] = h.Hit
	}
	return out
}

// take notes the lists of a chain that are about such values.
func (f *found) take(lists chain, how How, entry string) {
	for lists != 0 {
		n := f.chains.nodes[lists-1]
		if f.lists[n.list].kinds.has(f.kind) {
			f.one(n.list, how, entry)
		}
		lists = n.rest
	}
}

// one notes a list, once.
func (f *found) one(list uint16, how How, entry string) {
	if !slices.ContainsFunc(f.hits, func(h numbered) bool { return h.list == list }) {
		f.hits = append(f.hits, numbered{list, Hit{f.lists[list].name, how, entry}})
	}
}

// hostOf is the name or the address that a value is of, and how it is on a list by it.
func hostOf(v stix.Value) (stix.Value, How, bool) {
	switch v.Kind {
	case stix.ValueDomain:
		return v, Below, true
	case stix.ValueURL:
		host, ok := stix.HostOf(v.Text)
		return host, On, ok
	case stix.ValueEmail:
		_, name, _ := strings.Cut(v.Text, "@")
		host, ok := stix.NewValue(stix.ValueDomain, name)
		return host, On, ok
	}
	return v, "", false
}

// host notes the lists of a name and those above it, or of an address.
func (f *found) host(host stix.Value, how How) {
	if host.Kind == stix.ValueIP {
		if p, ok := stix.PrefixOf(host.Text); ok {
			f.within(p, how)
		}
		return
	}
	for name := host.Text; name != ""; {
		as := how
		if how == Below && name == host.Text {
			as = Is
		}
		f.take(f.below[name], as, name)
		_, name, _ = strings.Cut(name, ".")
	}
}

// within notes the lists of the networks that an address or a network is within, the
// narrowest first.
func (f *found) within(p netip.Prefix, how How) {
	lengths := &f.lengths[family(p.Addr())]
	for bits := p.Bits(); bits >= 0; bits-- {
		if !lengths[bits] {
			continue
		}
		wider, err := p.Addr().Prefix(bits)
		if err != nil {
			continue
		}
		if lists := f.prefixes[wider]; lists != 0 {
			as := how
			if wider == p && how == Within {
				as = Is
			}
			f.take(lists, as, wider.String())
		}
	}
}

// holding notes the lists of what lies within a network.
func (f *found) holding(p netip.Prefix) {
	if p.IsSingleIP() {
		return
	}
	for i := range f.lists {
		l := &f.lists[i]
		at, same := slices.BinarySearchFunc(l.prefixes, p, comparePrefixes)
		if same {
			at++
		}
		if at < len(l.prefixes) && l.kinds.has(f.kind) && p.Contains(l.prefixes[at].Addr()) {
			f.one(uint16(i), Holds, l.prefixes[at].String())
		}
	}
}
