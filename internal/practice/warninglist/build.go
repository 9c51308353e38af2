package warninglist

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"entente/stix"
)

// chain is a set of lists: the number of its last member's node, plus one; 0 is empty.
type chain uint32

// chains are sets of lists, each there once. Most entries are on few lists, and many on
// the same, so that an entry costs a number.
type chains struct {
	nodes []node
	known map[node]chain
}

// node is one list and the ones before it.
type node struct {
	list uint16
	rest chain
}

// with is a set and one more list, whose number is not below those in it.
func (c *chains) with(set chain, list uint16) chain {
	if set != 0 && c.nodes[set-1].list == list {
		return set
	}
	n := node{list, set}
	if c.known == nil {
		c.known = map[node]chain{}
	}
	if c.known[n] == 0 {
		c.nodes = append(c.nodes, n)
		c.known[n] = chain(len(c.nodes))
	}
	return c.known[n]
}

// put adds a list to a text's set.
func (c *chains) put(to map[string]chain, text string, list uint16) {
	old, known := to[text]
	if !known {
		text = strings.Clone(text) // not a part of something larger
	}
	to[text] = c.with(old, list)
}

// Refused is an entry that is passed over.
type Refused struct {
	Entry string `json:"entry"`
	Why   string `json:"why"`
}

// Left is what of a list is passed over.
type Left struct {
	Count int       `json:"count"`
	First []Refused `json:"first,omitempty"` // of them, at most ten
}

// Builder makes a set of lists.
type Builder struct {
	table        *table
	lists, total int
}

// NewBuilder makes a builder of an empty set.
func NewBuilder() *Builder {
	return &Builder{table: &table{exact: map[string]chain{}, below: map[string]chain{}, prefixes: map[netip.Prefix]chain{}}}
}

// Add takes a list in, and tells which entries of it are passed over and why. An error
// is exchange.ErrInvalid; then nothing of the list is in the set.
func (b *Builder) Add(l *List) (Left, error) {
	if err := l.Check(); err != nil {
		return Left{}, err
	}
	switch {
	case b.lists == MaxLists:
		return Left{}, invalid("the warninglist %q: there are %d lists; no more are taken", l.Name, MaxLists)
	case b.total+len(l.Entries) > MaxTotal:
		return Left{}, invalid("the warninglist %q: with it all lists have %d entries; at most %d are taken", l.Name, b.total+len(l.Entries), MaxTotal)
	}
	b.lists, b.total = b.lists+1, b.total+len(l.Entries)
	return b.put(l), nil
}

func (b *Builder) put(l *List) (left Left) {
	t := b.table
	number := uint16(len(t.lists))
	t.lists = append(t.lists, head{name: l.Name, kinds: kindsOf(l)})
	t.about |= kindsOf(l)
	for _, e := range l.Entries {
		if err := t.add(l.Type, number, e); err != nil {
			if left.Count++; len(left.First) < 10 {
				left.First = append(left.First, Refused{shorten(e), err.Error()})
			}
		}
	}
	return left
}

// Set is all that was added. Nothing may be added after it.
func (b *Builder) Set() *Set {
	t := b.table
	t.chains.known = nil
	for i := range t.lists {
		l := &t.lists[i]
		slices.SortFunc(l.prefixes, comparePrefixes)
		l.prefixes = slices.Clip(slices.Compact(l.prefixes))
	}
	b.table = nil
	return &Set{tables: []*table{t}, mark: strconv.FormatUint(made.Add(1), 36)}
}

// made counts the sets of this process.
var made atomic.Uint64

// Join is a set that answers for several; lists of later ones come behind.
func Join(sets ...*Set) *Set {
	out := &Set{}
	for _, s := range sets {
		if s != nil {
			out.tables = append(out.tables, s.tables...)
			out.mark += s.mark + "."
		}
	}
	return out
}

// add takes one entry in; the error says why it is passed over.
func (t *table) add(as Type, list uint16, entry string) error {
	if len(entry) > maxEntry {
		return fmt.Errorf("it has %d bytes; at most %d are kept", len(entry), maxEntry)
	}
	if !oneLine(entry) {
		return errors.New("it is no line of text")
	}
	entry = strings.TrimSpace(entry)
	if entry == "" {
		return errors.New("it is empty")
	}
	switch as {
	case Text:
		return t.addText(list, entry)
	case Substring:
		if len(entry) < minNeedle {
			return fmt.Errorf("what has less than %d bytes stands in nearly every value", minNeedle)
		}
		t.needles.add(strings.ToLower(entry), list, &t.chains)
	case Hostname:
		return t.addHost(list, entry)
	case CIDR:
		return t.addPrefix(list, entry)
	case Regex:
		if len(t.expressions) == maxRegexes {
			return fmt.Errorf("there are %d expressions on all lists; no more are taken", maxRegexes)
		}
		re, err := compile(entry)
		if err != nil {
			return err
		}
		t.expressions = append(t.expressions, expression{re, entry, list})
	case Own:
		return t.addOwn(list, entry)
	}
	return nil
}

// addText takes in what a value must be. An entry that begins with a dot is a name with
// those below it, as such lists mean it.
func (t *table) addText(list uint16, entry string) error {
	if entry[0] == '.' && t.lists[list].kinds.has(stix.ValueDomain) {
		return t.addHost(list, entry)
	}
	var done []string
	for kind := stix.ValueIP; kind <= stix.ValueOther; kind++ {
		if !t.lists[list].kinds.has(kind) {
			continue
		}
		if v, ok := stix.NewValue(kind, entry); ok && !slices.Contains(done, v.Text) {
			t.chains.put(t.exact, v.Text, list)
			done = append(done, v.Text)
		}
	}
	if done == nil {
		return errors.New("it is no value of the kinds that the list is about")
	}
	return nil
}

// addHost takes in a name with those below it, or an address.
func (t *table) addHost(list uint16, entry string) error {
	host, ok := stix.Value{}, false
	if strings.Contains(entry, "://") {
		host, ok = stix.HostOf(entry)
	} else {
		host, ok = stix.NewValue(stix.ValueDomain, strings.TrimLeft(strings.TrimPrefix(entry, "*."), "."))
	}
	switch {
	case !ok || strings.ContainsAny(host.Text, " \\@"):
		return errors.New("it is no name of a host")
	case host.Kind == stix.ValueIP:
		return t.addPrefix(list, host.Text)
	}
	t.chains.put(t.below, host.Text, list)
	return nil
}

// addPrefix takes in an address or a network.
func (t *table) addPrefix(list uint16, entry string) error {
	p, ok := stix.PrefixOf(entry)
	switch {
	case !ok:
		return errors.New("it is no address and no network")
	case p.Bits() == 0:
		return errors.New("it holds every address")
	}
	t.prefixes[p] = t.chains.with(t.prefixes[p], list)
	t.lists[list].prefixes = append(t.lists[list].prefixes, p)
	t.lengths[family(p.Addr())][p.Bits()] = true
	return nil
}

// addOwn takes in what a person says to be on a list of one's own, by what it has the
// form of.
func (t *table) addOwn(list uint16, entry string) error {
	entry = strings.TrimSpace(stix.Refang(entry))
	if entry == "" {
		return errors.New("it is empty")
	}
	if p, ok := stix.PrefixOf(entry); ok {
		return t.addPrefix(list, p.String())
	}
	if !strings.ContainsAny(entry, "/\\@: ") && strings.Contains(entry, ".") {
		if err := t.addHost(list, entry); err != nil {
			return err
		}
	}
	return t.addText(list, strings.TrimLeft(entry, "."))
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

func comparePrefixes(a, b netip.Prefix) int {
	if c := a.Addr().Compare(b.Addr()); c != 0 {
		return c
	}
	return a.Bits() - b.Bits()
}

// shorten is enough of an entry to find it by.
func shorten(s string) string {
	if len(s) <= 200 {
		return strings.ToValidUTF8(s, "?")
	}
	return strings.ToValidUTF8(s[:200], "") + "…"
}
