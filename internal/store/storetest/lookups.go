package storetest

import (
	"fmt"
	"strings"
	"testing"

	"entente/internal/store"
)

// lookups are stories of Lookup, Edges and Fetch.
func lookups(t *testing.T, open Open) {
	value := store.Value{Kind: 1, Text: "192.0.2.1"}
	ref := store.Ref{Path: "source_ref", ID: "malware--m"}
	carrying := func(name string) store.Put {
		return withEdges(withValues(indicator(name, v1, name), value), ref)
	}

	story(t, open, "AValueIsFoundInOrderOfCollectionClassAndDate", func(k *keeper) {
		k.put(inClass("green", indicator("intern", v1, "green is class 1")))
		k.put(inClass("red", indicator("intern2", v1, "red is class 2")))
		a := k.keep(inCollection(2, inClass("green", carrying("a"))))
		b := k.keep(inClass("red", carrying("b")))
		c := k.keep(inClass("green", carrying("c")))
		d := k.keep(inClass("green", carrying("d")))
		k.same("places", k.lookup(1, "192.0.2.1"), []store.Place{c, d, b, a})
		k.same("edges", k.edgesOf("malware--m"), []store.Edge{
			{Place: c, Path: "source_ref"}, {Place: d, Path: "source_ref"}, {Place: b, Path: "source_ref"}, {Place: a, Path: "source_ref"},
		})
	})

	story(t, open, "ALookupSeesTheScopeAlone", func(k *keeper) {
		green := k.keep(inClass("green", carrying("a")))
		red := k.keep(inClass("red", carrying("b")))
		there := k.keep(inCollection(2, inClass("red", carrying("c"))))
		for _, c := range []struct {
			name  string
			scope store.Scope
			want  []store.Place
		}{
			{"no scope", nil, nil},
			{"a collection without classes", store.Scope{1: nil}, nil},
			{"one class", store.Scope{1: only(k, "green")}, []store.Place{green}},
			{"another class", store.Scope{1: only(k, "red")}, []store.Place{red}},
			{"all classes of one", store.Scope{1: store.AllClasses()}, []store.Place{green, red}},
			{"different classes in two", store.Scope{1: only(k, "green"), 2: only(k, "red")}, []store.Place{green, there}},
			{"a collection that is not there", store.Scope{9: store.AllClasses()}, nil},
		} {
			places, err := k.Lookup(k.ctx(), value.Kind, value.Text, c.scope, 100)
			k.ok(err)
			k.same("lookup with "+c.name, none(places), c.want)
			edges, err := k.Edges(k.ctx(), []store.Target{{ID: ref.ID}}, c.scope, 100)
			k.ok(err)
			var at []store.Place
			for _, e := range edges[0] {
				at = append(at, e.Place)
			}
			k.same("edges with "+c.name, at, c.want)
		}
	})

	story(t, open, "WhichClassCameFirstDoesNotShow", func(k *keeper) {
		// Red comes first, and amber before green, in whose texts' order they are given.
		k.put(inCollection(2, inClass("red", indicator("z", v1, "z"))))
		var amber, green []store.Place
		for i := range 3 {
			amber = append(amber, k.keep(inClass("amber", carrying(fmt.Sprint("a", i)))))
			green = append(green, k.keep(inClass("green", carrying(fmt.Sprint("g", i)))))
		}
		red := k.keep(inClass("red", carrying("r")))
		want := append(append(amber, green...), red)
		scope := store.Scope{1: store.AllClasses()}
		for limit := 1; limit <= 8; limit++ {
			places, err := k.Lookup(k.ctx(), value.Kind, value.Text, scope, limit)
			k.ok(err)
			k.same("places", places, want[:min(limit, 7)])
			var edges []store.Place
			for after := (store.Edge{}); len(edges) < 7; { // page by page
				page, err := k.Edges(k.ctx(), []store.Target{{ID: ref.ID, After: after}}, scope, limit)
				k.ok(err)
				if len(page[0]) == 0 {
					break
				}
				for _, e := range page[0] {
					edges = append(edges, e.Place)
				}
				after = page[0][len(page[0])-1]
			}
			k.same("edges", edges, want)
		}
	})

	story(t, open, "ALimitBoundsWhatIsFound", func(k *keeper) {
		var places []store.Place
		for i := range 5 {
			k.put(inClass("red", carrying(fmt.Sprint("hidden", i))))
			places = append(places, k.keep(carrying(fmt.Sprint(i))))
		}
		scope := store.Scope{1: only(k, "green")}
		for limit := 1; limit <= 6; limit++ {
			got, err := k.Lookup(k.ctx(), value.Kind, value.Text, scope, limit)
			k.ok(err)
			k.same("places", got, places[:min(limit, 5)])
			edges, err := k.Edges(k.ctx(), []store.Target{{ID: ref.ID}}, scope, limit)
			k.ok(err)
			k.same("edges", len(edges[0]), min(limit, 5))
		}
	})

	story(t, open, "ManyValuesAreFoundAsEachAlone", func(k *keeper) {
		one, two, none := store.Value{Kind: 1, Text: "192.0.2.1"}, store.Value{Kind: 2, Text: "a.example"}, store.Value{Kind: 1, Text: "192.0.2.9"}
		k.puts(withValues(indicator("a", v1, "x"), one, two), withValues(inClass("red", indicator("b", v1, "y")), one), withValues(indicator("c", v1, "z"), two))
		values := []store.Value{two, none, one, two, {}}
		for _, scope := range []store.Scope{everywhere(), {1: only(k, "green")}, {}} {
			for _, limit := range []int{1, 100} {
				many, err := k.Lookups(k.ctx(), values, scope, limit)
				if err != nil {
					k.Fatal(err)
				}
				k.same("answers", len(many), len(values))
				for i, v := range values {
					alone, err := k.Lookup(k.ctx(), v.Kind, v.Text, scope, limit)
					if err != nil {
						k.Fatal(err)
					}
					k.same("places of "+v.Text, many[i], alone)
				}
			}
		}
	})

	story(t, open, "ARangeHoldsTextsOfOneLengthInOrder", func(k *keeper) {
		at := map[string]store.Place{}
		for i, text := range []string{"\x20b\x00", "\x20a\xff", "\x18a\x00", "\x20c\x00", "\x20b\x00\x00", "\x20b"} {
			at[text] = k.keep(withValues(indicator(fmt.Sprint(i), v1, "x"), store.Value{Kind: 1, Text: text}, store.Value{Kind: 2, Text: "\x20b\x01"}))
		}
		hidden := k.keep(inClass("red", withValues(indicator("hidden", v1, "x"), store.Value{Kind: 1, Text: "\x20b\x00"})))
		further := k.keep(inCollection(2, withValues(indicator("further", v1, "x"), store.Value{Kind: 1, Text: "\x20b\x00"})))
		in := store.Range{Kind: 1, From: "\x20a\x00", To: "\x20b\xff"}
		want := []store.Carrier{
			{Text: "\x20a\xff", Place: at["\x20a\xff"]}, {Text: "\x20b\x00", Place: at["\x20b\x00"]},
			{Text: "\x20b\x00", Place: hidden}, {Text: "\x20b\x00", Place: further},
		}
		all, err := k.Within(k.ctx(), in, everywhere(), 100)
		k.ok(err)
		k.same("all", all, want)
		seen, err := k.Within(k.ctx(), in, store.Scope{1: only(k, "green"), 2: only(k, "green")}, 100)
		k.ok(err)
		k.same("what is visible", seen, []store.Carrier{want[0], want[1], want[3]})
		for i := range want {
			one, err := k.Within(k.ctx(), in, everywhere(), 1)
			k.ok(err)
			k.same("one by one", one, want[i:i+1])
			in.After = one[0]
		}
		none, err := k.Within(k.ctx(), in, everywhere(), 1)
		k.ok(err)
		k.same("behind the last", len(none), 0)
		for _, r := range []store.Range{{Kind: 1, From: "b", To: "a"}, {Kind: 1, From: "a", To: "bb"}, {Kind: 3, From: "\x00", To: "\xff"}} {
			none, err := k.Within(k.ctx(), r, everywhere(), 100)
			k.ok(err)
			k.same("no range", len(none), 0)
		}
	})

	story(t, open, "EdgesGoOnWhereTheyWereLeft", func(k *keeper) {
		var want []store.Edge
		for i := range 3 {
			at := k.keep(withEdges(indicator(fmt.Sprint(i), v1, "x"), ref, store.Ref{Path: "a_ref", ID: ref.ID}))
			want = append(want, store.Edge{Place: at, Path: "a_ref"}, store.Edge{Place: at, Path: ref.Path})
		}
		for after := (store.Edge{}); len(want) > 0; want = want[1:] {
			found, err := k.Edges(k.ctx(), []store.Target{{ID: "nobody"}, {ID: ref.ID, After: after}, {ID: ref.ID}}, everywhere(), 1)
			k.ok(err)
			k.same("no edges", len(found[0]), 0)
			k.same("the next edge", found[1], want[:1])
			after = found[1][0]
		}
	})

	story(t, open, "FetchLeavesOutWhatIsSuperseded", func(k *keeper) {
		one := k.keep(inClass("green", indicator("a", v1, "one")))
		two := k.keep(inClass("red", indicator("a", v2, "two")))
		k.same("for who sees both", len(k.fetchLatest(k.Store, everywhere(), one, two)), 1)
		k.same("for who sees the older", k.fetchLatest(k.Store, store.Scope{1: only(k, "green")}, one)[0].Version, v1)
	})

	story(t, open, "ValuesAreMatchedWholeAndByKind", func(k *keeper) {
		texts := []string{"", "a", "a\x00", "a\x00b", "ab", "\x00", "\xff", "\xff\xff", "a.example",
			strings.Repeat("long/", 13), strings.Repeat("long/", 13) + "1", strings.Repeat("long/", 60), strings.Repeat("long/", 60) + "1"}
		places := map[store.Value]store.Place{}
		for i, text := range texts {
			for _, kind := range []uint8{0, 1, 2, 255} {
				v := store.Value{Kind: kind, Text: text}
				places[v] = k.keep(withValues(indicator(fmt.Sprint(i, kind), v1, "x"), v))
			}
		}
		for v, place := range places {
			k.same(fmt.Sprintf("places of %d %q", v.Kind, v.Text), k.lookup(v.Kind, v.Text), []store.Place{place})
		}
		k.same("another text", k.lookup(1, "a.exampl"), []store.Place(nil))
		k.same("another kind", k.lookup(3, "a"), []store.Place(nil))
	})

	story(t, open, "IdsOfEdgesAreMatchedWhole", func(k *keeper) {
		a := k.keep(withEdges(indicator("a", v1, "a"), store.Ref{Path: "r", ID: "malware--1"}))
		b := k.keep(withEdges(indicator("b", v1, "b"), store.Ref{Path: "r", ID: "malware--12"}))
		k.same("edges", k.edgesOf("malware--1"), []store.Edge{{Place: a, Path: "r"}})
		k.same("edges", k.edgesOf("malware--12"), []store.Edge{{Place: b, Path: "r"}})
		k.same("edges", k.edgesOf("malware--"), []store.Edge(nil))
	})

	story(t, open, "IdsOfAnyShapeAreToldApart", func(k *keeper) {
		for i, id := range someIDs {
			p := object(id, v1, fmt.Sprint(i))
			if i%2 == 0 {
				p = object(id, "", fmt.Sprint(i))
			}
			place := k.keep(withEdges(p, store.Ref{Path: "r", ID: "to " + id}, store.Ref{Path: "r", ID: id}))
			k.same("versions of "+id, k.versionsOf(1, id), []string{p.Version})
			k.same("edges to "+id, k.edgesOf(id), []store.Edge{{Place: place, Path: "r"}})
			k.same("edges to another", k.edgesOf("to "+id), []store.Edge{{Place: place, Path: "r"}})
			q := latest(1)
			q.IDs = []string{id}
			k.same("page of "+id, k.texts(q), []string{fmt.Sprint(i)})
			k.same("id as written", k.rows(q)[0].ID, id)
		}
	})

	story(t, open, "EachPathIsAnEdgeAndARepetitionIsNone", func(k *keeper) {
		p := withValues(indicator("a", v1, "a"), value, value)
		a := k.keep(withEdges(p, store.Ref{Path: "object_refs[1]", ID: "malware--m"},
			store.Ref{Path: "object_refs[0]", ID: "malware--m"}, store.Ref{Path: "object_refs[1]", ID: "malware--m"},
			store.Ref{Path: "object_refs[2]", ID: "malware--n"}))
		k.same("edges", k.edgesOf("malware--m"), []store.Edge{
			{Place: a, Path: "object_refs[0]"}, {Place: a, Path: "object_refs[1]"},
		})
		k.same("places", k.lookup(value.Kind, value.Text), []store.Place{a})
	})

	story(t, open, "OlderVersionsAreFoundToo", func(k *keeper) {
		two := k.keep(withValues(indicator("a", v2, "two"), value))
		one := k.keep(withValues(indicator("a", v1, "one"), value))
		k.same("places", k.lookup(value.Kind, value.Text), []store.Place{two, one})
	})

	story(t, open, "AFurtherMembershipIsFoundInItsCollection", func(k *keeper) {
		here := k.keep(carrying("a"))
		there := k.keep(inCollection(2, carrying("a")))
		k.same("places", k.lookup(value.Kind, value.Text), []store.Place{here, there})
		k.remove(1, here.Added)
		k.same("places", k.lookup(value.Kind, value.Text), []store.Place{there})
		k.same("edges", k.edgesOf(ref.ID), []store.Edge{{Place: there, Path: ref.Path}})
	})

	story(t, open, "WhatWasFoundIsFetchedInTheOrderAsked", func(k *keeper) {
		a, b, c := k.keep(carrying("a")), k.keep(inCollection(2, carrying("b"))), k.keep(carrying("c"))
		k.remove(2, b.Added)
		other := a
		other.Class = 99
		rows := k.fetch(k.Store, c, b, a, other, store.Place{Collection: 5, Class: 1, Added: a.Added})
		k.same("rows", len(rows), 2)
		k.same("first", textOf(rows[0].Body), "c")
		k.same("second", rows[1], k.rows(all(1))[0])
		k.same("nothing asked", len(k.fetch(k.Store)), 0)
	})
}
