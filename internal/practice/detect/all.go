package detect

import (
	"math"
	"time"

	"entente/stix/pattern"
	"entente/stix/pattern/match"
)

// hitsAll tells whether a pattern holds of whatever it is asked of: of each of several values
// that have nothing in common, or of an object without any.
func hitsAll(text []byte) bool {
	p, err := pattern.Parse(string(text))
	if err != nil {
		return false
	}
	m, err := match.Compile(string(text))
	if err != nil {
		return false
	}
	paths := map[string][]string{}
	for c := range p.Comparisons() {
		paths[c.Path.Type] = append(paths[c.Path.Type], c.Path.String()[len(c.Path.Type)+1:])
	}
	holds := func(values []any) bool {
		// Seen at any time, as often as it takes.
		o := match.Observation{First: time.Time{}, Last: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Count: math.MaxInt32}
		for kind, paths := range paths {
			object := &match.Object{Type: kind, Values: map[string][]any{}}
			for _, path := range paths {
				object.Values[path] = values
			}
			o.Objects = append(o.Objects, object)
		}
		found, err := m.Match([]match.Observation{o})
		return err == nil && found != nil
	}
	for _, values := range anything {
		if !holds(values) {
			return holds(nil)
		}
	}
	return true
}

// anything are values of each sort that a comparison knows, as far apart as they can be; no
// number is below zero, since none in a log is.
var anything = [][]any{
	{"xqzk.wvj", int64(0), "17.45.67.8"},
	{"81-20", int64(1_000_003), "181.200.3.9"},
	{"#", int64(77), "99.1.2.3"},
}
