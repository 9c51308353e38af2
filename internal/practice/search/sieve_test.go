package search

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// somePostings are those of one term, as the store gives them: by collection and
// class, ticks rising.
var somePostings = rapid.Custom(func(rt *rapid.T) (list []store.Posting) {
	for c := range store.Collection(2) {
		for class := range store.ClassID(4) {
			added := rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(1, 40), func(n int) store.Tick { return store.Tick(n) }), 0, 12, rapid.ID).Draw(rt, "added")
			if slices.Sort(added); len(added) > 0 {
				list = append(list, store.Posting{Collection: c + 1, Class: class + 1, Added: added})
			}
		}
	}
	return list
})

// model is the weightiest field at each place, with nothing clever in it.
func model(terms [][]store.Posting, in []field) map[store.Place]field {
	m := map[store.Place]field{}
	for i, term := range terms {
		for _, p := range term {
			for _, t := range p.Added {
				at := store.Place{Collection: p.Collection, Class: p.Class, Added: t}
				if old, there := m[at]; !there || in[i] < old {
					m[at] = in[i]
				}
			}
		}
	}
	return m
}

func spotsOf(m map[store.Place]field) []spot {
	at := slices.SortedFunc(maps.Keys(m), func(a, b store.Place) int {
		return cmp.Or(cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Added, b.Added))
	})
	spots := []spot{}
	for _, p := range at {
		spots = append(spots, spot{setOf(p.Collection, p.Class), p.Added, m[p]})
	}
	return spots
}

// A sieve keeps what an intersection keeps and leaves what it leaves, whatever
// the terms and their fields, also when it ends a term as soon as it can.
func TestASieveIsAnIntersection(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(what string) ([][]store.Posting, []field) {
			terms := rapid.SliceOfN(somePostings, 0, 4).Draw(rt, what)
			return terms, rapid.SliceOfN(rapid.Map(rapid.IntRange(0, int(fields)-1), func(n int) field { return field(n) }), len(terms), len(terms)).Draw(rt, what+" fields")
		}
		first, firstIn := draw("first")
		second, secondIn := draw("second")
		give := func(terms [][]store.Posting, in []field) postings {
			return func(each func(*store.Posting, field) bool) error {
				for i, term := range terms {
					for j := range term {
						if !each(&term[j], in[i]) {
							break
						}
					}
				}
				return nil
			}
		}
		a, b := model(first, firstIn), model(second, secondIn)
		var e evaluation
		if _, err := e.gather(give(second, secondIn)); err != nil { // of which nothing may stay
			rt.Fatal(err)
		}
		spots, err := e.gather(give(first, firstIn))
		if err != nil || !slices.Equal(spots, spotsOf(a)) {
			rt.Fatalf("gathered %v, %v; want %v", spots, err, spotsOf(a))
		}
		both, only := map[store.Place]field{}, map[store.Place]field{}
		for at, in := range a {
			if other, there := b[at]; there {
				both[at] = max(in, other)
			} else {
				only[at] = in
			}
		}
		for _, c := range []struct {
			what string
			got  func(*sieve) []spot
			want map[store.Place]field
		}{{"kept", (*sieve).kept, both}, {"left", (*sieve).left, only}} {
			s := newSieve(slices.Clone(spots))
			if err := give(second, secondIn)(s.meet); err != nil {
				rt.Fatal(err)
			}
			if got := c.got(s); !slices.Equal(got, spotsOf(c.want)) {
				rt.Fatalf("%s of %v by %v are %v, want %v", c.what, spots, second, got, spotsOf(c.want))
			}
		}
	})
}
