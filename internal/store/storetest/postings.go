package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// postings are stories of the index of words.
func postings(t *testing.T, open Open) {
	post := func(k *keeper, list ...store.Posting) { k.commit(&store.Batch{Postings: list}) }
	at := func(run uint32, term string, class store.ClassID, added ...store.Tick) store.Posting {
		return store.Posting{Run: run, Field: 1, Term: term, Collection: 1, Class: class, Added: added}
	}

	story(t, open, "WhatIsPostedAddsUp", func(k *keeper) {
		k.same("an empty index", k.posted(everywhere(), 0, 1, "evil"), []string(nil))
		post(k, at(0, "evil", 1, 5, 7), at(0, "evil", 2, 6), at(0, "evils", 1, 8))
		post(k, at(0, "evil", 1, 9, 300, 1<<50), at(1, "evil", 1, 1<<51))
		want := []string{"evil 1/1 [5 7 9 300 1125899906842624]", "evil 1/2 [6]"}
		k.same("postings", k.posted(everywhere(), 0, 1, "evil"), want)
		k.same("the newest run", k.newestRun(), uint32(1))
		k.reopen()
		k.same("postings of another start", k.posted(everywhere(), 0, 1, "evil"), want)
		k.same("another field", k.posted(everywhere(), 0, 2, "evil"), []string(nil))
		k.same("another run", k.posted(everywhere(), 1, 1, "evil"), []string{"evil 1/1 [2251799813685248]"})
	})

	story(t, open, "TheBeginningOfATermFindsAllThatBeginSo", func(k *keeper) {
		post(k, at(0, "evil", 2, 5), at(0, "evil", 1, 4), at(0, "evils", 1, 8), at(0, "evi", 1, 3), at(0, "evj", 1, 2), at(0, "\xff", 1, 6), at(0, "evil\x01", 1, 9))
		k.same("evil*", k.posted(everywhere(), 0, 1, "evil*"), []string{"evil 1/1 [4]", "evil 1/2 [5]", "evil\x01 1/1 [9]", "evils 1/1 [8]"})
		k.same("evil* in one class", k.posted(store.Scope{1: classes(2)}, 0, 1, "evil*"), []string{"evil 1/2 [5]"})
		k.same("\xff*", k.posted(everywhere(), 0, 1, "\xff*"), []string{"\xff 1/1 [6]"})
	})

	story(t, open, "PostingsAreDroppedAtOnce", func(k *keeper) {
		post(k, at(0, "evil", 1, 5), at(7, "evil", 1, 6))
		snap, err := k.Snapshot()
		k.ok(err)
		k.commit(&store.Batch{DropPostings: true, Postings: []store.Posting{at(0, "good", 1, 5)}})
		k.same("dropped", k.posted(everywhere(), 7, 1, "evil"), []string(nil))
		k.same("posted with the drop", k.posted(everywhere(), 0, 1, "good"), []string{"good 1/1 [5]"})
		k.same("the snapshot", k.postedIn(snap, everywhere(), 7, 1, "evil"), []string{"evil 1/1 [6]"})
		k.ok(snap.Close())
		k.same("the newest run", k.newestRun(), uint32(0))
	})

	story(t, open, "ATermThatIsNoneIsRefused", func(k *keeper) {
		for _, term := range []string{"", "a\x00b", strings.Repeat("x", store.MaxTerm+1)} {
			if _, err := k.Commit(k.ctx(), &store.Batch{Postings: []store.Posting{at(0, term, 1, 5)}}); err == nil {
				k.Fatalf("the term %q was taken", term)
			}
		}
		post(k, at(0, strings.Repeat("x", store.MaxTerm), 1, 5), at(0, "nothing", 1))
		k.same("the longest", k.posted(everywhere(), 0, 1, "x*"), []string{strings.Repeat("x", store.MaxTerm) + " 1/1 [5]"})
		k.same("a posting of nothing", k.posted(everywhere(), 0, 1, "nothing"), []string(nil))
	})

	story(t, open, "PostingsEndWithTheirBatch", func(k *keeper) {
		_, err := k.Commit(k.ctx(), &store.Batch{Postings: []store.Posting{at(0, "evil", 1, 5)}, Then: func(store.Tx, []store.Outcome) error { return errRefused }})
		if err == nil {
			k.Fatal("the batch was taken")
		}
		k.same("postings", k.posted(everywhere(), 0, 1, "evil"), []string(nil))
	})
}

func classes(ids ...store.ClassID) *store.Classes {
	set := new(store.Classes)
	for _, id := range ids {
		set.Add(id)
	}
	return set
}

// posted gives the postings of a term, or with a star of what begins so, as
// "term collection/class [ticks]".
func (k *keeper) posted(scope store.Scope, run uint32, field uint8, term string) []string {
	k.Helper()
	return k.postedIn(k.Store, scope, run, field, term)
}

func (k *keeper) postedIn(r store.Reader, scope store.Scope, run uint32, field uint8, term string) (list []string) {
	k.Helper()
	p, err := r.Postings(scope)
	k.ok(err)
	defer p.Close()
	return k.readPostings(p, run, field, term)
}

func (k *keeper) readPostings(p store.Postings, run uint32, field uint8, term string) (list []string) {
	k.Helper()
	read := p.Term
	begin, cut := strings.CutSuffix(term, "*")
	if cut {
		read = p.Begins
	}
	k.ok(read(k.ctx(), run, field, begin, func(o *store.Posting) bool {
		if o.Run != run || o.Field != field {
			k.Fatalf("a posting of run %d and field %d, asked for %d and %d", o.Run, o.Field, run, field)
		}
		list = append(list, fmt.Sprintf("%s %d/%d %d", o.Term, o.Collection, o.Class, o.Added))
		return true
	}))
	return list
}

func (k *keeper) newestRun() uint32 {
	k.Helper()
	p, err := k.Postings(nil)
	k.ok(err)
	defer p.Close()
	run, ok, err := p.Newest()
	k.ok(err)
	if !ok {
		k.Fatal("nothing was posted")
	}
	return run
}

var someTerms = []string{"a", "ab", "abc", "b", "\xff"}

// somePostings adds to a batch what a follower might: ticks rise over all.
func (h *historian) somePostings(rt *rapid.T, b *store.Batch) {
	b.DropPostings = rapid.IntRange(0, 15).Draw(rt, "drop postings") == 0
	for range rapid.IntRange(0, 4).Draw(rt, "postings") {
		h.tick += store.Tick(rapid.IntRange(1, 1000).Draw(rt, "later"))
		b.Postings = append(b.Postings, store.Posting{
			Run:        uint32(rapid.IntRange(0, 2).Draw(rt, "run")),
			Field:      uint8(rapid.IntRange(0, 1).Draw(rt, "field")),
			Term:       rapid.SampledFrom(someTerms).Draw(rt, "term"),
			Collection: store.Collection(rapid.IntRange(1, 2).Draw(rt, "collection")),
			Class:      store.ClassID(rapid.IntRange(1, 4).Draw(rt, "class")),
			Added:      []store.Tick{h.tick, h.tick + 1}[:rapid.IntRange(1, 2).Draw(rt, "places")],
		})
		h.tick++
	}
}

func (h *historian) agreeOnPostings(rt *rapid.T, r store.Reader, m *model) {
	h.Helper()
	some := rapid.Custom(func(rt *rapid.T) *store.Classes {
		return classes(rapid.SliceOf(rapid.SampledFrom([]store.ClassID{1, 2, 3, 4})).Draw(rt, "classes")...)
	})
	scope := store.Scope{1: some.Draw(rt, "words in 1"), 2: some.Draw(rt, "words in 2")}
	p, err := r.Postings(scope)
	h.ok(err)
	defer p.Close()
	beside, err := p.Beside()
	h.ok(err)
	defer beside.Close()
	model := &modelPostings{m: m, scope: scope}
	for run := range uint32(3) {
		for field := range uint8(2) {
			for _, term := range slices.Concat(someTerms, []string{"*", "a*", "ab*", "b*"}) {
				want := h.readPostings(model, run, field, term)
				h.same("postings of "+term, h.readPostings(p, run, field, term), want)
				h.same("postings of "+term+", read beside", h.readPostings(beside, run, field, term), want)
			}
		}
	}
	run, any, err := p.Newest()
	h.ok(err)
	wantRun, wantAny, _ := model.Newest()
	h.same("whether anything was posted", any, wantAny)
	h.same("the newest run", run, wantRun)
}
