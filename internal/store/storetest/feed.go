package storetest

import (
	"fmt"
	"testing"

	"entente/internal/store"
)

// feed are stories of Changes, which followers read.
func feed(t *testing.T, open Open) {
	story(t, open, "WhatHappenedIsToldInOrder", func(k *keeper) {
		a, b := indicator("a", v1, "a"), inCollection(2, indicator("b", v1, "b"))
		first := k.puts(a, b)
		gone := k.remove(1, first[0].Added)
		moved := k.reclass(2, first[1].Added, "red")
		k.same("changes", k.changesAfter(0), []change{
			{Kind: store.ChangeRemoved, Was: first[0].Added,
				Row: row{Collection: 1, Added: gone.Added, ID: a.ID, Version: v1}},
			{Kind: store.ChangeReclassed, Was: first[1].Added, Row: row{
				Collection: 2, Added: moved.Added, Class: moved.Class,
				ID: b.ID, Version: v1, Spec: "2.1", Body: string(b.Body),
			}},
		})
	})

	story(t, open, "AnAddedRowIsToldWithItsBody", func(k *keeper) {
		p := withSpec("2.0", indicator("a", v1, "a"))
		o := k.put(p)
		k.same("changes", k.changesAfter(0), []change{{Kind: store.ChangeAdded, Row: row{
			Collection: 1, Added: o.Added, Class: o.Class, ID: p.ID, Version: v1, Spec: "2.0", Body: string(p.Body),
		}}})
	})

	story(t, open, "AFurtherMembershipIsAChangeOfItsOwn", func(k *keeper) {
		p := indicator("a", v1, "a")
		k.put(p)
		mark := k.Now()
		there := k.put(inCollection(2, respelled(p)))
		list := k.changesAfter(mark)
		k.same("changes", len(list), 1)
		k.same("place", []any{list[0].Row.Collection, list[0].Row.Added}, []any{store.Collection(2), there.Added})
		k.same("body", list[0].Row.Body, string(p.Body))
	})

	story(t, open, "SameAndConflictAreNoChange", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		mark := k.Now()
		k.puts(indicator("a", v1, "a"), indicator("a", v1, "other"))
		k.remove(1, 1)
		k.set("t", "k", "v")
		k.same("changes", len(k.changesAfter(mark)), 0)
	})

	story(t, open, "AfterAndLimitCutTheFeed", func(k *keeper) {
		var out []store.Outcome
		for i := range 7 {
			out = append(out, k.put(indicator(fmt.Sprint(i), v1, "x")))
		}
		for _, limit := range []int{1, 2, 6, 7, 8} {
			var got []store.Tick
			after, more := store.Tick(0), true
			for more {
				var list []change
				list, more = k.changesOf(k.Store, after, limit)
				k.same("full runs but the last", len(list) == limit || !more, true)
				for _, c := range list {
					got = append(got, c.Row.Added)
				}
				after = got[len(got)-1]
			}
			k.same("more is exact", len(got), len(out))
			for i, o := range out {
				k.same("tick", got[i], o.Added)
			}
		}
		k.same("after the last", len(k.changesAfter(out[6].Added)), 0)
	})

	story(t, open, "AStepWhoseRowWentStaysAsRemovalOfTheRowBefore", func(k *keeper) {
		added := k.put(indicator("a", v1, "a")).Added
		moved := k.reclass(1, added, "amber").Added
		again := k.reclass(1, moved, "red").Added
		gone := k.remove(1, again).Added
		step := func(at, was store.Tick) change {
			return change{Kind: store.ChangeRemoved, Was: was,
				Row: row{Collection: 1, Added: at, ID: "indicator--a", Version: v1}}
		}
		k.same("changes", k.changesAfter(0), []change{step(moved, added), step(again, moved), step(gone, again)})
		k.reopen()
		k.same("changes", k.changesAfter(0), []change{step(moved, added), step(again, moved), step(gone, again)})
	})
}

// follow applies a feed to what a follower knows: the rows it holds, by tick.
// A Was that it never heard of is nothing to it.
func follow(known map[store.Tick]row, list []change) {
	for _, c := range list {
		if c.Was != 0 {
			delete(known, c.Was)
		}
		if c.Kind != store.ChangeRemoved {
			known[c.Row.Added] = c.Row
		}
	}
}
