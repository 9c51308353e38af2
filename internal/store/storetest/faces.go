package storetest

import (
	"testing"

	"entente/internal/store"
)

// faceOf is a face of an object.
func faceOf(of store.Put, text string) store.Put {
	p := inClass("face", indicator("a", of.Version, text))
	p.ID, p.Collection, p.Source = of.ID, of.Collection, of.Source
	p.Face, p.Of = true, of.Digest
	return p
}

func faces(t *testing.T, open Open) {
	story(t, open, "AFaceStandsBesideItsObject", func(k *keeper) {
		p := indicator("a", v1, "all of it")
		out := k.puts(p, faceOf(p, "some of it"))
		k.same("states", states(out), []store.State{store.New, store.New})
		k.same("texts", k.texts(all(1)), []string{"all of it", "some of it"})
		out = k.puts(p, faceOf(p, "some of it"))
		k.same("again", states(out), []store.State{store.Same, store.Same})
		k.same("brought back", k.becomes(store.Same, indicator("a", v1, "some of it")).Class, out[1].Class)
		k.becomes(store.Conflict, indicator("a", v1, "something else"))
	})

	story(t, open, "WithoutItsObjectAFaceIsNotKept", func(k *keeper) {
		p, other := indicator("a", v1, "all of it"), indicator("a", v1, "something else")
		k.same("alone", states(k.puts(faceOf(p, "some of it"))), []store.State{store.Absent})
		k.put(other)
		k.same("of a conflict", states(k.puts(p, faceOf(p, "some of it"))), []store.State{store.Conflict, store.Absent})
		k.same("texts", k.texts(all(1)), []string{"something else"})
	})

	story(t, open, "AFaceComesWithItsObjectUnlessItIsLate", func(k *keeper) {
		p := indicator("a", v1, "all of it")
		k.put(p)
		k.same("with what was there", states(k.puts(p, faceOf(p, "some of it"))), []store.State{store.Same, store.Absent})
		late := faceOf(p, "some of it")
		late.Late = true
		k.same("late", states(k.puts(late)), []store.State{store.New})
		k.same("texts", k.texts(all(1)), []string{"all of it", "some of it"})
	})

	story(t, open, "ANewerVersionTakesThePlaceOfBoth", func(k *keeper) {
		first, second := indicator("a", v1, "first"), indicator("a", v2, "second")
		out := k.puts(first, faceOf(first, "of the first"), second, faceOf(second, "of the second"))
		k.same("states", states(out), []store.State{store.New, store.New, store.New, store.New})
		for class, want := range map[store.ClassID]string{out[0].Class: "second", out[1].Class: "of the second"} {
			q := latest(1)
			q.Visible = new(store.Classes)
			q.Visible.Add(class)
			k.same("latest", k.texts(q), []string{want})
		}
	})

	story(t, open, "WithItsFaceInOneBatchAnObjectDoesNotGo", func(k *keeper) {
		p := indicator("a", v1, "all of it")
		added := k.put(p).Added
		face := faceOf(p, "some of it")
		face.Late = true
		out, err := k.Commit(k.ctx(), &store.Batch{Puts: []store.Put{face}, Removes: []store.Remove{{Collection: 1, Added: added}}})
		k.ok(err)
		k.same("states", states(out), []store.State{store.New, store.Absent})
		k.same("texts", k.texts(all(1)), []string{"all of it", "some of it"})
		k.same("later", k.remove(1, added).State, store.Removed)
		k.same("texts after it", len(k.texts(all(1))), 0)
	})

	story(t, open, "AFaceGoesWithItsObject", func(k *keeper) {
		p := indicator("a", v1, "all of it")
		out := k.puts(p, faceOf(p, "some of it"))
		gone := k.remove(1, out[0].Added)
		k.same("gone", []any{gone.State, gone.Gone.Face}, []any{store.Removed, false})
		k.same("its face", gone.Gone.Shown, store.Place{Collection: 1, Class: out[1].Class, Added: out[1].Added})
		k.same("texts", len(k.texts(all(1))), 0)
		out = k.puts(p, faceOf(p, "some of it")) // both again
		gone = k.remove(1, out[1].Added)
		k.same("gone alone", []any{gone.State, gone.Gone.Face}, []any{store.Removed, true})
		k.same("what stays", k.texts(all(1)), []string{"all of it"})
	})
}
