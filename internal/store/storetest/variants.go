package storetest

import (
	"testing"

	"entente/internal/store"
)

// variants are stories of content without versions.
func variants(t *testing.T, open Open) {
	story(t, open, "ContentOfAnotherSourceStandsBeside", func(k *keeper) {
		k.becomes(store.New, address("x", "A", "by A"))
		k.becomes(store.Variant, address("x", "B", "by B"))
		k.becomes(store.Variant, address("x", "C", "by C"))
		k.same("latest", k.texts(latest(1)), []string{"by A", "by B", "by C"})
	})

	story(t, open, "AVariantIsToldTheClassesOfTheOthers", func(k *keeper) {
		k.put(inClass("red", address("x", "A", "by A")))
		b := k.becomes(store.Variant, inClass("green", address("x", "B", "by B")))
		c := k.becomes(store.Variant, inClass("amber", address("x", "C", "by C")))
		k.same("beside B", k.named(b.Over), []string{"red"})
		k.same("beside C", k.named(c.Over), []string{"green", "red"})
	})

	story(t, open, "OtherContentOfOneSourceSupersedesItsFormer", func(k *keeper) {
		k.becomes(store.New, address("x", "A", "old"))
		k.becomes(store.Variant, address("x", "B", "beside"))
		k.becomes(store.Variant, address("x", "A", "new"))
		k.same("latest", k.texts(latest(1)), []string{"beside", "new"})
		k.same("all", k.texts(all(1)), []string{"old", "beside", "new"})
		first := all(1)
		first.Versions = store.VersionFilter{First: true}
		k.same("first", k.texts(first), []string{"old", "beside"})
	})

	story(t, open, "ASourceAloneSupersedesAsNew", func(k *keeper) {
		k.becomes(store.New, address("x", "A", "old"))
		k.becomes(store.New, address("x", "A", "new"))
		k.same("latest", k.texts(latest(1)), []string{"new"})
	})

	story(t, open, "TheSameContentOfAnotherSourceIsTheSame", func(k *keeper) {
		first := k.put(address("x", "A", "text"))
		again := k.becomes(store.Same, address("x", "B", "text"))
		k.same("place told", again.Added, first.Added)
	})

	story(t, open, "SupersededContentAgainChangesNothing", func(k *keeper) {
		k.put(address("x", "A", "old"))
		k.put(address("x", "A", "new"))
		k.becomes(store.Same, address("x", "A", "old"))
		k.same("latest", k.texts(latest(1)), []string{"new"})
	})

	story(t, open, "AContentTheReaderMayNotSeeSupersedesNothingForIt", func(k *keeper) {
		k.put(address("x", "A", "old"))
		k.put(inClass("red", address("x", "A", "new")))
		q := latest(1)
		q.Visible = only(k, "green")
		k.same("latest for green", k.texts(q), []string{"old"})
		k.same("latest for all", k.texts(latest(1)), []string{"new"})
	})

	story(t, open, "ReclassingTheFormerContentDoesNotMakeItTheLatest", func(k *keeper) {
		old := k.put(address("x", "A", "old"))
		k.put(address("x", "A", "new"))
		k.reclass(1, old.Added, "amber")
		k.same("latest", k.texts(latest(1)), []string{"new"})
		k.same("in order of date added", k.texts(all(1)), []string{"new", "old"})
		k.reopen()
		k.same("latest after reopening", k.texts(latest(1)), []string{"new"})
	})

	story(t, open, "RemovingTheLatestBringsTheFormerBack", func(k *keeper) {
		k.put(address("x", "A", "old"))
		latestOne := k.put(address("x", "A", "new"))
		k.remove(1, latestOne.Added)
		k.same("latest", k.texts(latest(1)), []string{"old"})
		k.becomes(store.New, address("x", "A", "new"))
		k.same("latest after putting it again", k.texts(latest(1)), []string{"new"})
	})

	story(t, open, "ContentWithAndWithoutAVersionAreIndependent", func(k *keeper) {
		k.becomes(store.New, object("x-odd--1", "", "bare"))
		k.becomes(store.New, object("x-odd--1", v2, "second"))
		k.becomes(store.Older, object("x-odd--1", v1, "first"))
		k.same("latest", k.texts(latest(1)), []string{"bare", "second"})
		k.same("versions", k.versionsOf(1, "x-odd--1"), []string{"", v1, v2})
	})

	story(t, open, "ExactVersionOfContentWithoutOneIsItsDateAdded", func(k *keeper) {
		a := k.put(address("x", "A", "by A"))
		k.clock.move(1e9)
		k.put(address("x", "B", "by B"))
		q := all(1)
		q.Versions = store.VersionFilter{Exact: []string{stamp(a.Added)}}
		k.same("exact", k.texts(q), []string{"by A"})
	})
}
