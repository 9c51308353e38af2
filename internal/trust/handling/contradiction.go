package handling

import (
	"slices"
	"strings"
)

// contradiction is why nobody at all can be in an audience that names somebody; empty
// when somebody can. A list without a name is for nobody, and meant so.
func (a Audience) contradiction() string {
	if slices.ContainsFunc(a.To, func(list []Name) bool { return len(list) == 0 }) || a.hasMember() {
		return ""
	}
	if whole := (Audience{To: a.To}); whole.hasMember() {
		return "its markings contradict each other: it is released to " + wordsOf(a.To) + ", and all of these are excluded"
	}
	return "its markings contradict each other: it is released to " + wordsOf(a.To) + ", and nobody is in both"
}

// hasMember tells whether there can be a reader in the audience: of an organisation
// that is named or another, who is a person that is named or another, in all groups
// but those that are excluded.
func (a Audience) hasMember() bool {
	if len(a.To) == 0 {
		return true
	}
	type reader struct{ org, person Name }
	readers := map[reader]bool{{}: true} // the other of another
	for _, list := range a.To {
		for _, n := range list {
			if org := n.org(); n.isPerson() {
				readers[reader{Name("org:" + org), n}] = true
			} else if org != "" {
				readers[reader{org: n}] = true
			}
		}
	}
	excluded := func(n Name) bool { _, ok := slices.BinarySearch(a.Not, n); return ok }
	for r := range readers {
		if excluded(r.org) || excluded(r.person) {
			continue
		}
		if !slices.ContainsFunc(a.To, func(list []Name) bool {
			return !slices.ContainsFunc(list, func(n Name) bool { return n == r.org || n == r.person || n.isGroup() && !excluded(n) })
		}) {
			return true
		}
	}
	return false
}

// org is the organisation that a name is of, folded; empty for a group.
func (n Name) org() string {
	kind, rest, _ := strings.Cut(string(n), ":")
	switch kind {
	case "org":
		return rest
	case "person":
		_, org, _ := strings.Cut(rest, "@")
		return org
	}
	return ""
}

// isGroup tells whether a group is named.
func (n Name) isGroup() bool { return strings.HasPrefix(string(n), "group:") }

// wordsOf says release lists for people.
func wordsOf(lists [][]Name) string {
	return joined(lists, func(n Name) string { return string(n) }, " or ", "; and to ")
}
