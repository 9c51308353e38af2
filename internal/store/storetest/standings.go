package storetest

import (
	"fmt"
	"slices"
	"testing"

	"entente/internal/store"
)

// standing gives what stands under an id, and that other ids beside it change
// nothing.
func (k *keeper) standing(id string, most int) []store.Standing {
	k.Helper()
	list, err := k.Standings(k.ctx(), []string{"malware--0f5a3c1e-7b7f-4c6e-9d50-0d9b1a3affff", id, ""}, most)
	k.ok(err)
	k.same("what stands under ids that are not there", len(list[0])+len(list[2]), 0)
	return none(list[1])
}

// stands is what stands where it came.
func stands(at store.Place, source string) store.Standing {
	return store.Standing{Place: at, Source: source, Since: at.Added}
}

func standings(t *testing.T, open Open) {
	story(t, open, "TheNewestStandsFirst", func(k *keeper) {
		first, third := indicator("a", v1, "first"), inClass("red", indicator("a", v3, "third"))
		second := inClass("green", indicator("a", v2, "second"))
		second.Source = "B"
		a, c := k.keep(first), k.keep(third)
		out := k.put(second)
		b := store.Place{Collection: 1, Class: out.Class, Added: out.Added}
		k.same("under the second", out.Under, true)
		want := []store.Standing{stands(c, third.Source), stands(b, "B"), stands(a, first.Source)}
		k.same("standings", k.standing(first.ID, 10), want)
		k.same("one and what is below it", k.standing(first.ID, 1), want)
		moved := k.reclass(1, b.Added, "amber")
		want[1].Place = store.Place{Collection: 1, Class: moved.Class, Added: moved.Added}
		k.same("re-classed", k.standing(first.ID, 10), want)
		k.remove(1, c.Added)
		k.same("after a removal", k.standing(first.ID, 10), want[1:])
	})

	story(t, open, "EachCollectionHasItsOwn", func(k *keeper) {
		here, there := indicator("a", v1, "one"), inClass("red", indicator("a", v2, "two"))
		there.Collection = 2
		a, b := k.keep(here), k.keep(there)
		k.same("standings", k.standing(here.ID, 1), []store.Standing{stands(a, here.Source), stands(b, there.Source)})
	})

	story(t, open, "AFaceStandsWithItsObject", func(k *keeper) {
		p := indicator("a", v1, "all of it")
		out := k.puts(p, faceOf(p, "some of it"))
		one := stands(store.Place{Collection: 1, Class: out[0].Class, Added: out[0].Added}, p.Source)
		one.Face = out[1].Class
		k.same("standings", k.standing(p.ID, 1), []store.Standing{one})
		newer := k.keep(indicator("a", v2, "newer"))
		k.same("the newest, and below it", k.standing(p.ID, 1), []store.Standing{stands(newer, p.Source), one})
	})

	story(t, open, "AllVariantsStand", func(k *keeper) {
		for i, source := range []string{"A", "B", "A"} {
			k.put(inClass([]string{"red", "green", "amber"}[i], address("x", source, fmt.Sprint("by ", i))))
		}
		list := k.standing(address("x", "A", "").ID, 1)
		var said []string
		for _, s := range list {
			said = append(said, fmt.Sprint(s.Source, " ", k.named([]store.ClassID{s.Class}), s.Bare))
		}
		k.same("standings", said, []string{"A [amber] true", "B [green] true", "A [red] true"})
	})

	story(t, open, "OfManyVersionsTheNewestAreGiven", func(k *keeper) {
		var want []store.Standing
		for i := range 300 {
			p := indicator("a", fmt.Sprintf("2024-01-01T00:00:00.%03dZ", i), fmt.Sprint(i))
			at := k.keep(p)
			if i == 0 || i >= 296 { // and the ends of what is below them
				want = append([]store.Standing{stands(at, p.Source)}, want...)
			}
		}
		k.same("standings", k.standing(indicator("a", v1, "").ID, 3), want)
		k.same("of all", len(k.standing(indicator("a", v1, "").ID, 1000)), 300)
	})

	story(t, open, "OfOlderVersionsTheNewestAndTheFirstOfEachKindAreGiven", func(k *keeper) {
		var want []store.Standing
		for i := range 300 {
			p := indicator("a", fmt.Sprintf("2024-01-01T00:00:00.%03dZ", i), fmt.Sprint(i))
			if p.Source = "stranger"; i < 20 {
				p.Source = []string{"A", "B"}[i%2]
			}
			if i == 7 {
				p = inClass("red", p)
			}
			at := k.keep(p)
			if slices.Contains([]int{0, 1, 7, 18, 19, 20, 298, 299}, i) {
				want = append([]store.Standing{stands(at, p.Source)}, want...)
			}
		}
		k.same("standings", k.standing(indicator("a", v1, "").ID, 1), want)
	})

	story(t, open, "WhichCameFirstIsKnownOfAnyOrderOfVersions", func(k *keeper) {
		version := func(i int) store.Put {
			return indicator("a", fmt.Sprintf("2024-01-01T00:00:00.%03dZ", i), fmt.Sprint(i))
		}
		first := k.keep(version(150))
		moved := k.reclass(1, first.Added, "amber")
		first.Class, first.Added = moved.Class, moved.Added
		came := stands(first, version(0).Source)
		came.Since = k.standing(version(0).ID, 1)[0].Since
		k.same("moved", came.Since < first.Added, true)
		var below store.Place
		for i := range 300 {
			if p := inClass("amber", version(i)); i == 298 {
				below = k.keep(p)
			} else if i != 150 {
				k.keep(p)
			}
		}
		list := k.standing(version(0).ID, 1)
		k.same("the newest, the newest below it and the first", list[1:], []store.Standing{stands(below, came.Source), came})
		list = k.standing(version(0).ID, 1000)
		k.same("of all", slices.Contains(list, came), true)
	})
}
