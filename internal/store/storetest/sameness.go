package storetest

import (
	"fmt"
	"testing"

	"entente/internal/store"
)

func sameness(t *testing.T, open Open) {
	story(t, open, "NewContentIsKept", func(k *keeper) {
		p := indicator("a", v1, "first")
		o := k.becomes(store.New, p)
		k.same("rows", k.rows(all(1)), []row{{
			Collection: 1, Added: o.Added, Class: o.Class,
			ID: p.ID, Version: v1, Spec: "2.1", Body: string(p.Body),
		}})
		k.same("class", k.Classes()[o.Class], "green")
	})

	story(t, open, "TheSameContentAgainChangesNothing", func(k *keeper) {
		first := k.put(indicator("a", v1, "first"))
		before := k.changesAfter(0)
		again := k.becomes(store.Same, inClass("amber", indicator("a", v1, "first")))
		k.same("place told", []any{again.Added, again.Class}, []any{first.Added, first.Class})
		k.same("changes", k.changesAfter(0), before)
	})

	story(t, open, "TheSameContentInOtherBytesLeavesTheFirstBytes", func(k *keeper) {
		p := indicator("a", v1, "first")
		k.put(p)
		k.becomes(store.Same, respelled(p))
		k.same("body", k.rows(all(1))[0].Body, string(p.Body))
	})

	story(t, open, "TheSameContentTwiceInOneBatchIsKeptOnce", func(k *keeper) {
		p := indicator("a", v1, "first")
		out := k.puts(p, respelled(p))
		k.same("states", states(out), []store.State{store.New, store.Same})
		k.same("place told", out[1].Added, out[0].Added)
		k.same("rows", len(k.rows(all(1))), 1)
	})

	story(t, open, "OtherContentUnderOneVersionIsAConflictAndNotShown", func(k *keeper) {
		first := k.put(indicator("a", v1, "first"))
		for range 2 {
			o := k.becomes(store.Conflict, inClass("clear", indicator("a", v1, "forged")))
			k.same("place told", []any{o.Added, o.Class}, []any{first.Added, first.Class})
		}
		k.same("texts", k.texts(all(1)), []string{"first"})
		k.same("versions", len(k.versionsOf(1, "indicator--a")), 1)
	})

	story(t, open, "ConflictsAreKeptAsideEachOnce", func(k *keeper) {
		k.put(indicator("a", v1, "first"))
		forged := inClass("clear", indicator("a", v1, "forged"))
		forged.Source = "Somebody"
		k.becomes(store.Conflict, forged)
		k.becomes(store.Conflict, forged)
		k.same("of collection 1", k.asideIn(1), []string{"Somebody clear forged"})
		k.same("of collection 2", k.asideIn(2), []string(nil))
	})

	story(t, open, "AConflictWithinOneBatchIsFoundToo", func(k *keeper) {
		out := k.puts(indicator("a", v1, "first"), indicator("a", v1, "other"), indicator("b", v1, "good"))
		k.same("states", states(out), []store.State{store.New, store.Conflict, store.New})
		k.same("texts", k.texts(all(1)), []string{"first", "good"})
	})

	story(t, open, "AConflictLeavesNoIndexBehind", func(k *keeper) {
		k.put(indicator("a", v1, "first"))
		k.put(withEdges(withValues(indicator("a", v1, "forged"),
			store.Value{Kind: 1, Text: "192.0.2.1"}), store.Ref{Path: "created_by_ref", ID: "identity--x"}))
		k.same("lookup", k.lookup(1, "192.0.2.1"), []store.Place(nil))
		k.same("edges", k.edgesOf("identity--x"), []store.Edge(nil))
		k.same("count", k.Count(1), map[store.ClassID]int64{1: 1})
	})

	story(t, open, "ContentOfAConflictCanBePutOnceTheOtherIsRemoved", func(k *keeper) {
		first := k.put(indicator("a", v1, "first"))
		k.becomes(store.Conflict, indicator("a", v1, "other"))
		k.remove(1, first.Added)
		k.becomes(store.New, indicator("a", v1, "other"))
		k.same("texts", k.texts(all(1)), []string{"other"})
	})

	story(t, open, "VersionsAreComparedAsInstants", func(k *keeper) {
		k.put(indicator("a", "2024-01-01T10:00:00Z", "first"))
		for _, v := range []string{"2024-01-01T10:00:00.000Z", "2024-01-01T10:00:00.0Z", "2024-01-01T10:00:00.000000000000Z"} {
			k.becomes(store.Conflict, indicator("a", v, "other"))
		}
		k.becomes(store.New, indicator("a", "2024-01-01T10:00:00.001Z", "later"))
		k.same("versions", k.versionsOf(1, "indicator--a"),
			[]string{"2024-01-01T10:00:00Z", "2024-01-01T10:00:00.001Z"})
	})

	story(t, open, "VersionsDifferInTheLastOfManyDigits", func(k *keeper) {
		k.becomes(store.New, indicator("a", "2024-01-01T10:00:00.000000000002Z", "two"))
		k.becomes(store.Older, indicator("a", "2024-01-01T10:00:00.000000000001Z", "one"))
		k.becomes(store.New, indicator("a", "2024-01-01T10:00:00.1Z", "tenth"))
		k.becomes(store.Conflict, indicator("a", "2024-01-01T10:00:00.10Z", "other tenth"))
		k.becomes(store.Older, indicator("a", "2024-01-01T10:00:00.09Z", "less"))
		k.same("latest", k.texts(latest(1)), []string{"tenth"})
	})

	story(t, open, "CollectionsKeepTheirOwnContent", func(k *keeper) {
		k.becomes(store.New, indicator("a", v1, "here"))
		k.becomes(store.New, inCollection(2, indicator("a", v1, "there")))
		k.same("first", k.texts(all(1)), []string{"here"})
		k.same("second", k.texts(all(2)), []string{"there"})
	})

	story(t, open, "OneBodyServesSeveralCollections", func(k *keeper) {
		p := indicator("a", v1, "first")
		k.put(p)
		k.becomes(store.New, inCollection(2, inClass("amber", respelled(p))))
		k.becomes(store.New, inCollection(3, respelled(p)))
		for c := store.Collection(1); c <= 3; c++ {
			k.same(fmt.Sprintf("body in %d", c), k.rows(all(c))[0].Body, string(p.Body))
		}
	})
}

func states(out []store.Outcome) []store.State {
	var s []store.State
	for _, o := range out {
		s = append(s, o.State)
	}
	return s
}
