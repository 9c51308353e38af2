package storetest

import (
	"fmt"
	"testing"

	"entente/internal/store"
)

func removal(t *testing.T, open Open) {
	found := func(id string) store.Put {
		return withEdges(withValues(indicator(id, v1, id), store.Value{Kind: 1, Text: "192.0.2.1"}),
			store.Ref{Path: "created_by_ref", ID: "identity--x"})
	}

	story(t, open, "RemovedObjectLeavesTombstone", func(k *keeper) {
		o := k.put(indicator("a", v1, "one"))
		mark := k.Now()
		gone := k.remove(1, o.Added)
		k.same("state", gone.State, store.Removed)
		k.same("whose it was", gone.Source, indicator("a", v1, "").Source)
		k.same("what it was", gone.Gone, &store.Gone{Digest: indicator("a", v1, "one").Digest, Size: len(indicator("a", v1, "one").Body)})
		k.same("class", gone.Class, o.Class)
		k.same("changes", k.changesAfter(mark), []change{{
			Kind: store.ChangeRemoved, Was: o.Added,
			Row: row{Collection: 1, Added: gone.Added, ID: "indicator--a", Version: v1},
		}})
	})

	story(t, open, "RemovedObjectLeavesNoGhost", func(k *keeper) {
		place := k.keep(found("a"))
		k.same("found by", k.remove(1, place.Added).Gone.Values, found("a").Values)
		check := func() {
			k.same("page", len(k.rows(all(1))), 0)
			k.same("versions", len(k.versionsOf(1, "indicator--a")), 0)
			k.same("lookup", k.lookup(1, "192.0.2.1"), []store.Place(nil))
			k.same("edges", k.edgesOf("identity--x"), []store.Edge(nil))
			k.same("fetch", len(k.fetch(k.Store, place)), 0)
			k.same("count", total(k.Count(1)), int64(0))
			k.same("changes", len(k.changesAfter(0)), 1)
		}
		check()
		k.reopen()
		check()
	})

	story(t, open, "OthersStayWhenOneIsRemoved", func(k *keeper) {
		k.put(found("a"))
		b := k.keep(found("b"))
		k.put(found("c"))
		k.remove(1, b.Added)
		k.same("page", k.texts(all(1)), []string{"a", "c"})
		k.same("lookup", len(k.lookup(1, "192.0.2.1")), 2)
		k.same("edges", len(k.edgesOf("identity--x")), 2)
		k.same("count", total(k.Count(1)), int64(2))
	})

	story(t, open, "ManyThatAreRemovedFromTheMiddleHideNoneBehindThem", func(k *keeper) {
		const n, from, to = 700, 250, 530
		var puts []store.Put
		for i := range n {
			puts = append(puts, indicator(fmt.Sprintf("%04d", i), v1, fmt.Sprint(i)))
		}
		out := k.puts(puts...)
		q := all(1)
		q.Bodies = false
		k.same("before", len(k.rows(q)), n)
		for i := from; i < to; i++ { // an engine may keep what it has read in parts
			k.remove(1, out[i].Added)
			k.same("while they go", len(k.rows(q)), n-(i+1-from))
		}
	})

	story(t, open, "RemovedObjectCanBePutAgain", func(k *keeper) {
		first := k.put(found("a"))
		k.remove(1, first.Added)
		again := k.becomes(store.New, found("a"))
		if again.Added <= first.Added {
			k.Fatalf("put again at %d, first at %d", again.Added, first.Added)
		}
		k.same("page", k.texts(all(1)), []string{"a"})
		k.same("lookup", len(k.lookup(1, "192.0.2.1")), 1)
		k.same("changes", len(k.changesAfter(0)), 2)
	})

	story(t, open, "RemovedAndPutAgainInOneBatchIsStillTheSame", func(k *keeper) {
		// Puts are decided before removals.
		first := k.put(indicator("a", v1, "one"))
		out := k.commit(&store.Batch{
			Puts:    []store.Put{indicator("a", v1, "one")},
			Removes: []store.Remove{{Collection: 1, Added: first.Added}},
		})
		k.same("states", states(out), []store.State{store.Same, store.Removed})
		k.same("rows", len(k.rows(all(1))), 0)
	})

	story(t, open, "TheBodyStaysWhileAnotherCollectionHoldsIt", func(k *keeper) {
		p := indicator("a", v1, "one")
		here := k.put(p)
		k.put(inCollection(2, p))
		k.remove(1, here.Added)
		k.same("elsewhere", k.rows(all(2))[0].Body, string(p.Body))
		k.same("lookup elsewhere", len(k.versionsOf(2, p.ID)), 1)
		k.becomes(store.New, respelled(p))
		k.same("first bytes", k.rows(all(1))[0].Body, string(p.Body))
	})

	story(t, open, "TheBodyGoesWithItsLastMembership", func(k *keeper) {
		p := indicator("a", v1, "one")
		here := k.put(p)
		there := k.put(inCollection(2, p))
		k.remove(1, here.Added)
		k.remove(2, there.Added)
		k.reopen()
		k.becomes(store.New, respelled(p))
		k.same("bytes", k.rows(all(1))[0].Body, string(respelled(p).Body))
	})

	story(t, open, "TheBodyGoesWhenOneBatchTakesAllItsMemberships", func(k *keeper) {
		p := indicator("a", v1, "one")
		here, there := k.put(p), k.put(inCollection(2, p))
		k.commit(&store.Batch{Removes: []store.Remove{
			{Collection: 1, Added: here.Added}, {Collection: 2, Added: there.Added},
		}})
		k.puts(inCollection(2, respelled(p)), p)
		k.same("bytes there", k.rows(all(2))[0].Body, string(respelled(p).Body))
		k.same("bytes here", k.rows(all(1))[0].Body, string(respelled(p).Body))
	})

	story(t, open, "APutInTheBatchThatRemovesTheLastMembershipKeepsTheBody", func(k *keeper) {
		p := indicator("a", v1, "one")
		here := k.put(p)
		k.commit(&store.Batch{
			Puts:    []store.Put{inCollection(2, respelled(p))},
			Removes: []store.Remove{{Collection: 1, Added: here.Added}},
		})
		k.same("bytes", k.rows(all(2))[0].Body, string(p.Body))
	})

	story(t, open, "WhatWasKeptAsideGoesWithWhatItClashedWithWhereTheRemoveSaysSo", func(k *keeper) {
		clash := func(text, class string) store.Put { return inClass(class, indicator("a", v1, text)) }
		place := k.put(indicator("a", v1, "one"))
		k.puts(clash("two", "amber"), clash("three", "red"))
		k.becomes(store.Conflict, clash("two", "red")) // again, it changes nothing
		k.put(inCollection(2, indicator("a", v1, "one")))
		k.becomes(store.Conflict, inCollection(2, clash("two", "amber")))
		k.put(indicator("a", v2, "later"))
		k.put(inClass("amber", indicator("a", v2, "later, too")))
		removed := func(puts ...store.Put) [][32]byte {
			out := k.commit(&store.Batch{Puts: puts, Removes: []store.Remove{{Collection: 1, Added: place.Added, Aside: only(k, "amber", "green")}}})
			return out[len(puts)].Gone.Aside
		}
		k.same("digests", removed(), [][32]byte{clash("two", "").Digest})
		k.same("kept aside here", len(k.asideIn(1)), 2)
		k.same("kept aside there", len(k.asideIn(2)), 1)
		place = k.becomes(store.Older, indicator("a", v1, "one"))
		k.same("digests of what the same batch kept aside", removed(clash("four", "amber")), [][32]byte{clash("four", "").Digest})
		place = k.becomes(store.Older, indicator("a", v1, "one"))
		k.commit(&store.Batch{Removes: []store.Remove{{Collection: 1, Added: place.Added}}})
		k.reopen()
		source := indicator("a", v1, "").Source
		k.same("kept aside at last", k.asideIn(1), []string{source + " red three", source + " amber later, too"})
	})

	story(t, open, "WhatIsNotThereIsAbsent", func(k *keeper) {
		o := k.put(indicator("a", v1, "one"))
		out := k.commit(&store.Batch{
			Removes: []store.Remove{
				{Collection: 1, Added: o.Added + 1}, {Collection: 2, Added: o.Added}, {Collection: 1, Added: 0},
				{Collection: 1, Added: o.Added}, {Collection: 1, Added: o.Added},
			},
			Reclasses: []store.Reclass{{Collection: 1, Added: o.Added, Class: "red"}, {Collection: 7, Added: 7, Class: "red"}},
		})
		k.same("states", states(out), []store.State{
			store.Absent, store.Absent, store.Absent, store.Removed, store.Absent, store.Absent, store.Absent,
		})
		k.same("an absent part has no place", out[0], store.Outcome{State: store.Absent})
		k.same("rows", len(k.rows(all(1))), 0)
	})
}

func reclassing(t *testing.T, open Open) {
	story(t, open, "AReclassedObjectHasANewDateAndItsNewClass", func(k *keeper) {
		p := indicator("a", v1, "one")
		was := k.put(p)
		k.put(indicator("b", v1, "two"))
		o := k.reclass(1, was.Added, "red")
		k.same("state", o.State, store.Reclassed)
		k.same("class", k.Classes()[o.Class], "red")
		k.same("class before", o.Was, was.Class)
		if o.Added <= was.Added {
			k.Fatalf("re-classed to %d from %d", o.Added, was.Added)
		}
		rows := k.rows(all(1))
		k.same("rows", len(rows), 2)
		k.same("row", rows[1], row{
			Collection: 1, Added: o.Added, Class: o.Class, ID: p.ID, Version: v1, Spec: "2.1", Body: string(p.Body),
		})
	})

	story(t, open, "ReadersOfTheOldClassLoseItAndThoseOfTheNewGainIt", func(k *keeper) {
		was := k.put(inClass("green", indicator("a", v1, "one")))
		mark := k.Now()
		k.reclass(1, was.Added, "amber")
		green, amber := all(1), all(1)
		green.Visible, amber.Visible = only(k, "green"), only(k, "amber")
		amber.After = mark
		k.same("green", len(k.rows(green)), 0)
		k.same("amber, after what it had read", k.texts(amber), []string{"one"})
	})

	story(t, open, "TheOldPlaceIsGoneAndIndexesFollow", func(k *keeper) {
		p := withEdges(withValues(indicator("a", v1, "one"), store.Value{Kind: 2, Text: "example.com"}),
			store.Ref{Path: "created_by_ref", ID: "identity--x"})
		was := k.keep(p)
		o := k.reclass(1, was.Added, "red")
		now := store.Place{Collection: 1, Class: o.Class, Added: o.Added}
		check := func() {
			k.same("old place", len(k.fetch(k.Store, was)), 0)
			k.same("new place", len(k.fetch(k.Store, now)), 1)
			k.same("lookup", k.lookup(2, "example.com"), []store.Place{now})
			k.same("edges", k.edgesOf("identity--x"), []store.Edge{{Place: now, Path: "created_by_ref"}})
			k.same("count", k.countOf(1), map[string]int64{"red": 1})
			k.same("versions", k.versionsOf(1, p.ID), []string{v1})
		}
		check()
		k.reopen()
		check()
		k.same("state", k.remove(1, was.Added).State, store.Absent)
		k.same("state", k.remove(1, now.Added).State, store.Removed)
	})

	story(t, open, "ReclassingToItsOwnClassChangesNothing", func(k *keeper) {
		was := k.put(indicator("a", v1, "one"))
		o := k.reclass(1, was.Added, "green")
		k.same("outcome", o, store.Outcome{State: store.Same, Added: was.Added, Class: was.Class})
		k.same("changes", len(k.changesAfter(was.Added)), 0)
		k.same("count", k.countOf(1), map[string]int64{"green": 1})
	})

	story(t, open, "OnlyTheMembershipNamedIsReclassed", func(k *keeper) {
		p := indicator("a", v1, "one")
		here := k.put(p)
		k.put(inCollection(2, p))
		k.reclass(1, here.Added, "red")
		k.same("here", k.countOf(1), map[string]int64{"red": 1})
		k.same("there", k.countOf(2), map[string]int64{"green": 1})
	})

	story(t, open, "TheSameContentAfterReclassingIsToldAtItsNewPlace", func(k *keeper) {
		was := k.put(indicator("a", v1, "one"))
		o := k.reclass(1, was.Added, "red")
		again := k.becomes(store.Same, indicator("a", v1, "one"))
		k.same("place told", []any{again.Added, again.Class}, []any{o.Added, o.Class})
	})

	story(t, open, "EachClassIsInternedOnce", func(k *keeper) {
		for i, class := range []string{"green", "red", "green", "", "red", "gr", "green\x00"} {
			k.put(inClass(class, indicator(string(rune('a'+i)), v1, "x")))
		}
		check := func() {
			seen := map[string]int{}
			for _, name := range k.Classes()[1:] {
				seen[name]++
			}
			k.same("classes", seen, map[string]int{"green": 1, "red": 1, "": 1, "gr": 1, "green\x00": 1})
			k.same("count", k.countOf(1), map[string]int64{"green": 2, "red": 2, "": 1, "gr": 1, "green\x00": 1})
		}
		check()
		before := append([]string(nil), k.Classes()...)
		k.reopen()
		check()
		k.put(inClass("later", indicator("z", v1, "z")))
		k.same("older classes keep their numbers", k.Classes()[:len(before)], before)
	})
}

// countOf is Count by names, without classes that have no rows.
func (k *keeper) countOf(c store.Collection) map[string]int64 {
	names := k.Classes()
	n := map[string]int64{}
	for class, count := range k.Count(c) {
		if count != 0 {
			n[names[class]] = count
		}
	}
	return n
}

func total(count map[store.ClassID]int64) (n int64) {
	for _, c := range count {
		n += c
	}
	return n
}
