package handling

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/internal/trust/account"
)

// Name is a recipient as markings and agreements write it: "org:NAME",
// "group:NAME" or "person:ACCOUNT@ORG". It is folded (account.Fold), so that an
// exclusion holds whatever the case and composition of its letters.
type Name string

// maxName bounds a name, in bytes.
const maxName = 1024

// ParseName reads a recipient.
func ParseName(s string) (Name, error) {
	kind, rest, _ := strings.Cut(s, ":")
	switch {
	case kind != "org" && kind != "group" && kind != "person":
		return "", fmt.Errorf("%.80q names no recipient; write org:NAME, group:NAME or person:ACCOUNT@ORG", s)
	case rest == "" || len(s) > maxName || !utf8.ValidString(s) || strings.TrimSpace(rest) != rest || strings.ContainsFunc(rest, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "", fmt.Errorf("%.80q: a recipient's name has 1 to %d printable characters and no space at its ends", s, maxName)
	}
	if account, org, ok := strings.Cut(rest, "@"); kind == "person" && (!ok || account == "" || org == "") {
		return "", fmt.Errorf("%.80q: a person is named as person:ACCOUNT@ORG", s)
	}
	return Name(kind + ":" + account.Fold(rest)), nil
}

// isPerson tells whether one individual is named, as TLP:RED asks.
func (n Name) isPerson() bool { return strings.HasPrefix(string(n), "person:") }

// Audience is who may read: one of each release list, and none of the
// excluded. The zero Audience limits nobody. A release list without a name
// leaves nobody.
type Audience struct {
	// To are the release lists. Each is sorted, none holds all of another: a
	// list that does says nothing more, and is left out.
	To [][]Name

	Not []Name // excluded; sorted
}

// names tells whether it names anybody.
func (a *Audience) names() bool { return len(a.To)+len(a.Not) > 0 }

// Bounds of one audience.
const (
	maxLists = 64
	maxNames = 1024
)

// join adds the limits of another audience.
func (a Audience) join(b Audience) Audience {
	return Audience{To: absorb(slices.Concat(a.To, b.To)), Not: union(a.Not, b.Not)}
}

// union is the sorted set of the elements of both.
func union[T cmp.Ordered](a, b []T) []T {
	if len(b) == 0 && slices.IsSorted(a) {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// absorb leaves the release lists that say something, in order. Two sets of
// lists let the same readers through only when this gives the same.
func absorb(lists [][]Name) [][]Name {
	if len(lists) == 0 {
		return nil
	}
	lists = slices.Clone(lists)
	slices.SortFunc(lists, func(a, b []Name) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	var kept [][]Name
	for _, list := range lists {
		if !slices.ContainsFunc(kept, func(k []Name) bool { return within(k, list) }) {
			kept = append(kept, list)
		}
	}
	slices.SortFunc(kept, slices.Compare)
	return kept
}

// within tells whether a sorted list holds all of a shorter one.
func within(short, long []Name) bool {
	for _, n := range short {
		if _, ok := slices.BinarySearch(long, n); !ok {
			return false
		}
	}
	return true
}

// persons are the release lists with what names individuals alone.
func persons(lists [][]Name) [][]Name {
	out := make([][]Name, len(lists))
	for i, list := range lists {
		out[i] = slices.DeleteFunc(slices.Clone(list), func(n Name) bool { return !n.isPerson() })
	}
	return absorb(out)
}

// size is how many names there are, and lists.
func (a Audience) size() (lists, names int) {
	names = len(a.Not)
	for _, list := range a.To {
		names += len(list)
	}
	return len(a.To), names
}

// nobody is the release lists that let no one through.
func nobody() [][]Name { return [][]Name{{}} }

// excludes tells whether a reader is among the excluded.
func (a Audience) excludes(r *Reader) (Name, bool) {
	for _, n := range a.Not {
		if r.is(n) {
			return n, true
		}
	}
	return "", false
}

// lists tells whether every release list names the reader.
func (a Audience) lists(r *Reader) bool {
	for _, list := range a.To {
		if !slices.ContainsFunc(list, r.is) {
			return false
		}
	}
	return true
}

// appendLists writes release lists: names with '|' between, lists with ','.
func appendLists(lists [][]Name) string { return joined(lists, escape, "|", ",") }

// joined writes release lists, with something between names and between lists.
func joined(lists [][]Name, name func(Name) string, or, and string) string {
	texts := make([]string, len(lists))
	for i, list := range lists {
		names := make([]string, len(list))
		for j, n := range list {
			names[j] = name(n)
		}
		texts[i] = strings.Join(names, or)
	}
	return strings.Join(texts, and)
}

// parseLists reads what appendLists wrote.
func parseLists(s string) ([][]Name, error) {
	var lists [][]Name
	for text := range strings.SplitSeq(s, ",") {
		list := []Name{}
		if text != "" {
			for name := range strings.SplitSeq(text, "|") {
				n, err := unescape(name)
				if err != nil {
					return nil, err
				}
				list = append(list, n)
			}
		}
		slices.Sort(list)
		lists = append(lists, slices.Compact(list))
	}
	return absorb(lists), nil
}

// escape keeps a name from ending its list or its field.
func escape(n Name) string { return url.PathEscape(string(n)) }

func unescape(s string) (Name, error) {
	text, err := url.PathUnescape(s)
	if err != nil {
		return "", err
	}
	return ParseName(text)
}
