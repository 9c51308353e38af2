package device

import (
	"cmp"
	"slices"
	"strings"
)

// Left is what was left out for one reason.
type Left struct {
	Reason  string `json:"reason"`
	Count   int    `json:"count"`   // of values, or of indicators where it is for what they are
	Example string `json:"example"` // a value, or the id of an indicator
}

// leftOut is what is left out, by reason.
type leftOut map[string]*Left

func (all leftOut) leave(reason, example string, n int) {
	l := all[reason]
	if l == nil {
		l = &Left{Reason: reason, Example: strings.Clone(example)}
		all[reason] = l
	}
	if l.Count += n; example < l.Example {
		l.Example = strings.Clone(example) // the same one, in whatever order pages are read
	}
}

// left is how many were left out of a list for a reason.
func (l *List) left(reason string) int {
	if i := slices.IndexFunc(l.Left, func(one Left) bool { return one.Reason == reason }); i >= 0 {
		return l.Left[i].Count
	}
	return 0
}

func (all leftOut) list() (list []Left) {
	for _, l := range all {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Left) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}
