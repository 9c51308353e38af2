package storetest

import (
	"fmt"
	"testing"

	"entente/internal/store"
)

func versions(t *testing.T, open Open) {
	story(t, open, "ANewerVersionBecomesTheLatest", func(k *keeper) {
		k.becomes(store.New, indicator("a", v1, "one"))
		k.becomes(store.New, indicator("a", v2, "two"))
		k.same("latest", k.texts(latest(1)), []string{"two"})
		k.same("all", k.texts(all(1)), []string{"one", "two"})
	})

	story(t, open, "AnOlderVersionArrivingLateIsKeptButNotTheLatest", func(k *keeper) {
		k.put(indicator("a", v3, "three"))
		k.becomes(store.Older, indicator("a", v1, "one"))
		k.becomes(store.Older, indicator("a", v2, "two"))
		k.same("latest", k.texts(latest(1)), []string{"three"})
		k.same("in order of date added", k.texts(all(1)), []string{"three", "one", "two"})
		k.same("versions", k.versionsOf(1, "indicator--a"), []string{v1, v2, v3})
	})

	story(t, open, "VersionsOfOneBatchAreOrderedToo", func(k *keeper) {
		out := k.puts(indicator("a", v2, "two"), indicator("a", v3, "three"), indicator("a", v1, "one"))
		k.same("states", states(out), []store.State{store.New, store.New, store.Older})
		k.same("latest", k.texts(latest(1)), []string{"three"})
	})

	story(t, open, "ANewerVersionTheReaderMayNotSeeDoesNotHideTheOlder", func(k *keeper) {
		k.put(inClass("green", indicator("a", v1, "one")))
		k.put(inClass("amber", indicator("a", v2, "two")))
		k.put(inClass("red", indicator("a", v3, "three")))
		for _, c := range []struct {
			classes []string
			latest  string
		}{
			{[]string{"green"}, "one"}, {[]string{"amber"}, "two"}, {[]string{"red"}, "three"},
			{[]string{"green", "amber"}, "two"}, {[]string{"green", "red"}, "three"},
		} {
			q := latest(1)
			q.Visible = only(k, c.classes...)
			k.same("latest", k.texts(q), []string{c.latest})
		}
	})

	story(t, open, "AnOlderVersionInAnotherClassIsLatestForItsReaders", func(k *keeper) {
		k.put(inClass("red", indicator("a", v3, "three")))
		k.becomes(store.Older, inClass("green", indicator("a", v1, "one")))
		k.becomes(store.Older, inClass("green", indicator("a", v2, "two")))
		q := latest(1)
		q.Visible = only(k, "green")
		k.same("latest for green", k.texts(q), []string{"two"})
	})

	story(t, open, "AnOlderVersionIsToldTheClassesOfTheNewer", func(k *keeper) {
		k.puts(inClass("red", indicator("a", v3, "three")), inClass("red", indicator("a", "2024-01-04T10:00:00Z", "four")))
		two := k.becomes(store.Older, inClass("green", indicator("a", v2, "two")))
		one := k.becomes(store.Older, inClass("green", indicator("a", v1, "one")))
		k.same("over two", k.named(two.Over), []string{"red"})
		k.same("over one", k.named(one.Over), []string{"green", "red"})
		k.remove(1, two.Added)
		again := k.becomes(store.Older, inClass("green", indicator("a", v2, "two")))
		k.same("over two again", k.named(again.Over), []string{"red"})
	})

	story(t, open, "LatestIsDecidedInEachCollection", func(k *keeper) {
		k.put(indicator("a", v1, "one"))
		k.put(inCollection(2, indicator("a", v2, "two")))
		k.same("first", k.texts(latest(1)), []string{"one"})
		k.same("second", k.texts(latest(2)), []string{"two"})
	})

	story(t, open, "ARemovedLatestGivesWayToTheVersionBefore", func(k *keeper) {
		k.put(indicator("a", v1, "one"))
		two := k.put(indicator("a", v2, "two"))
		k.remove(1, two.Added)
		k.same("latest", k.texts(latest(1)), []string{"one"})
		k.same("versions", k.versionsOf(1, "indicator--a"), []string{v1})
		k.becomes(store.New, indicator("a", v2, "two again"))
	})

	story(t, open, "AReclassedLatestGivesWayForThoseWhoLostIt", func(k *keeper) {
		k.put(inClass("green", indicator("a", v1, "one")))
		two := k.put(inClass("green", indicator("a", v2, "two")))
		k.reclass(1, two.Added, "red")
		q := latest(1)
		q.Visible = only(k, "green")
		k.same("latest for green", k.texts(q), []string{"one"})
		k.same("latest for all", k.texts(latest(1)), []string{"two"})
	})

	story(t, open, "AVersionThatIsNoTimestampComesBeforeAllThatAre", func(k *keeper) {
		k.becomes(store.New, indicator("a", "yesterday", "odd"))
		k.becomes(store.New, indicator("a", v1, "one"))
		k.becomes(store.Older, indicator("a", "long ago", "odder"))
		k.becomes(store.Conflict, indicator("a", "yesterday", "other"))
		k.same("latest", k.texts(latest(1)), []string{"one"})
		k.same("versions", k.versionsOf(1, "indicator--a"), []string{"long ago", "yesterday", v1})
	})

	story(t, open, "VersionsAreGivenAsWritten", func(k *keeper) {
		k.put(indicator("a", "2024-01-01T10:00:00.120Z", "one"))
		k.same("versions", k.versionsOf(1, "indicator--a"), []string{"2024-01-01T10:00:00.120Z"})
		k.same("row", k.rows(all(1))[0].Version, "2024-01-01T10:00:00.120Z")
	})

	story(t, open, "VersionsAreThoseTheReaderMaySee", func(k *keeper) {
		k.put(inClass("green", indicator("a", v1, "one")))
		k.put(inClass("red", indicator("a", v2, "two")))
		k.put(inClass("green", indicator("a", v3, "three")))
		k.put(inClass("green", indicator("ab", v1, "of another id")))
		rows, err := k.Versions(k.ctx(), 1, "indicator--a", only(k, "green"))
		k.ok(err)
		k.same("count", len(rows), 2)
		k.same("first", rows[0].Version, v1)
		k.same("last", rows[1].Version, v3)
		k.same("bodies are not read", rows[0].Body.Len()+rows[1].Body.Len(), 0)
		rows, err = k.Versions(k.ctx(), 1, "indicator--a", nil)
		k.ok(err)
		k.same("for who sees none", len(rows), 0)
	})
}

func filters(t *testing.T, open Open) {
	fill := func(k *keeper) {
		k.puts(indicator("a", v2, "a2"), indicator("b", v1, "b1"), indicator("a", v1, "a1"),
			address("x", "A", "x"), withSpec("2.0", object("malware--m", v3, "m3")), indicator("a", v3, "a3"))
	}
	for _, c := range []struct {
		name   string
		filter func(*store.PageQuery)
		want   []string
	}{
		{"NoVersionFilterMeansLatest", func(q *store.PageQuery) {}, []string{"b1", "x", "m3", "a3"}},
		{"LatestSaysTheSame", func(q *store.PageQuery) { q.Versions.Latest = true }, []string{"b1", "x", "m3", "a3"}},
		{"AllGivesEveryVersion", func(q *store.PageQuery) { q.Versions.All = true }, []string{"a2", "b1", "a1", "x", "m3", "a3"}},
		{"FirstGivesTheOldestOfEach", func(q *store.PageQuery) { q.Versions.First = true }, []string{"b1", "a1", "x", "m3"}},
		{"FirstAndLatestTogether", func(q *store.PageQuery) { q.Versions.First, q.Versions.Latest = true, true },
			[]string{"b1", "a1", "x", "m3", "a3"}},
		{"ExactGivesThatVersion", func(q *store.PageQuery) { q.Versions.Exact = []string{v2} }, []string{"a2"}},
		{"ExactComparesAsInstants", func(q *store.PageQuery) {
			q.Versions.Exact = []string{"2024-01-01T10:00:00.000Z", "2024-01-03T10:00:00.0000000Z"}
		}, []string{"b1", "a1", "m3", "a3"}},
		{"ExactAndLatestTogether", func(q *store.PageQuery) {
			q.Versions.Exact, q.Versions.Latest = []string{v2}, true
		}, []string{"a2", "b1", "x", "m3", "a3"}},
		{"ExactThatIsNoTimestampMatchesNothing", func(q *store.PageQuery) { q.Versions.Exact = []string{"last"} }, nil},
		{"IdsAreMatchedWhole", func(q *store.PageQuery) {
			q.Versions.All, q.IDs = true, []string{"indicator--b", "malware--m", "indicator--", "malware--mm"}
		}, []string{"b1", "m3"}},
		{"TypesAreMatchedWhole", func(q *store.PageQuery) { q.Types = []string{"malware", "ipv4", "indicator--a"} }, []string{"m3"}},
		{"SeveralTypesMeanAnyOfThem", func(q *store.PageQuery) { q.Types = []string{"malware", "ipv4-addr"} }, []string{"x", "m3"}},
		{"SpecsAreMatched", func(q *store.PageQuery) { q.Specs = []string{"2.0"} }, []string{"m3"}},
		{"FiltersJoin", func(q *store.PageQuery) {
			q.Types, q.IDs, q.Specs = []string{"indicator"}, []string{"indicator--a", "malware--m"}, []string{"2.1"}
		}, []string{"a3"}},
		{"AnUnknownIdMatchesNothing", func(q *store.PageQuery) { q.IDs = []string{"indicator--none"} }, nil},
	} {
		story(t, open, c.name, func(k *keeper) {
			fill(k)
			q := latest(1)
			c.filter(&q)
			k.same("texts", none(k.texts(q)), c.want)
			var one []string
			q.Limit = 1
			for _, page := range k.walk(k.Store, q) {
				for _, r := range page {
					one = append(one, textOf(r.Body))
				}
			}
			k.same("texts one by one", one, c.want)
		})
	}

	story(t, open, "FirstIsDecidedForTheReader", func(k *keeper) {
		k.put(inClass("red", indicator("a", v1, "one")))
		k.put(inClass("green", indicator("a", v2, "two")))
		k.put(inClass("green", indicator("a", v3, "three")))
		q := all(1)
		q.Versions, q.Visible = store.VersionFilter{First: true}, only(k, "green")
		k.same("first for green", k.texts(q), []string{"two"})
	})

	story(t, open, "FirstAndLatestAreOfTheSpecificationsAskedFor", func(k *keeper) {
		of := func(version, spec string) {
			p := indicator("a", version, spec+" of "+version)
			p.Spec = spec
			k.put(p)
		}
		of(v1, "2.0")
		of(v2, "2.1")
		of(v3, "2.0")
		for _, c := range []struct {
			versions store.VersionFilter
			spec     string
			want     []string
		}{
			{store.VersionFilter{}, "2.1", []string{"2.1 of " + v2}},
			{store.VersionFilter{First: true}, "2.1", []string{"2.1 of " + v2}},
			{store.VersionFilter{Latest: true}, "2.0", []string{"2.0 of " + v3}},
			{store.VersionFilter{First: true}, "2.0", []string{"2.0 of " + v1}},
			{store.VersionFilter{First: true, Latest: true}, "2.0", []string{"2.0 of " + v1, "2.0 of " + v3}},
		} {
			for _, ids := range [][]string{nil, {indicator("a", v1, "").ID}} {
				q := all(1)
				q.Versions, q.Specs, q.IDs = c.versions, []string{c.spec}, ids
				k.same(fmt.Sprint(c.versions, " of ", c.spec, " by ids ", ids), k.texts(q), c.want)
			}
		}
	})
}
