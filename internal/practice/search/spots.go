package search

import (
	"sort"

	"entente/internal/store"
)

// spot is a place where a word stands, and the weightiest field of it there.
type spot struct {
	set   uint64 // collection and class
	added store.Tick
	in    field
}

func setOf(c store.Collection, class store.ClassID) uint64 { return uint64(c)<<32 | uint64(class) }

func (s spot) place() store.Place {
	return store.Place{Collection: store.Collection(s.set >> 32), Class: store.ClassID(s.set & 0xffffffff), Added: s.added}
}

func before(a, b spot) bool { return a.set < b.set || a.set == b.set && a.added < b.added }

// union gives the spots of both; where both have one, in the weightier field.
func union(a, b []spot) []spot {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	out := make([]spot, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case before(a[0], b[0]):
			out, a = append(out, a[0]), a[1:]
		case before(b[0], a[0]):
			out, b = append(out, b[0]), b[1:]
		default:
			both := a[0]
			both.in = min(both.in, b[0].in)
			out, a, b = append(out, both), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// intersect gives the spots that both have, each in the lighter field of its two.
// It writes over a.
func intersect(a, b []spot) []spot {
	out := a[:0]
	for _, s := range a {
		if b = from(b, s); len(b) == 0 {
			break
		}
		if b[0].set == s.set && b[0].added == s.added {
			s.in = max(s.in, b[0].in)
			out = append(out, s)
		}
	}
	return out
}

// subtract gives the spots of a that b lacks. It writes over a.
func subtract(a, b []spot) []spot {
	out := a[:0]
	for _, s := range a {
		if b = from(b, s); len(b) == 0 || b[0].set != s.set || b[0].added != s.added {
			out = append(out, s)
		}
	}
	return out
}

// from is the rest of a list from a spot on.
func from(list []spot, s spot) []spot {
	return ahead(list, func(at spot) bool { return before(at, s) })
}

// ahead is the rest of a list behind what is before something, found by doubling
// steps.
func ahead[T any](list []T, before func(T) bool) []T {
	if len(list) == 0 || !before(list[0]) {
		return list
	}
	step := 1
	for step < len(list) && before(list[step]) {
		step *= 2
	}
	low, high := step/2, min(step+1, len(list))
	return list[low+sort.Search(high-low, func(i int) bool { return !before(list[low+i]) }):]
}
