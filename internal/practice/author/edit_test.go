package author_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/author"
	"entente/internal/trust/handling"
	"entente/stix"
)

func TestAnEditIsANewVersion(t *testing.T) {
	o := open(t)
	first := o.indicator()
	o.now = o.now.Add(time.Minute)
	second := o.edit(first.ID, author.Edit{
		Set: []string{"name=Control server", "labels[]=c2", "confidence=85"}, Unset: []string{"valid_until"}, TLP: "green",
		Patch: []byte(`{"description":null,"external_references":[{"source_name":"x","external_id":"1"}]}`),
	})
	const want = `{"confidence":85,"created":"2026-05-01T12:00:00.000Z","created_by_ref":"` + ownID + `",` +
		`"external_references":[{"external_id":"1","source_name":"x"}],"id":"ID","labels":["c2"],"modified":"2026-05-01T12:01:00.000Z","name":"Control server",` +
		`"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],` +
		`"pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","spec_version":"2.1","type":"indicator","valid_from":"2026-05-01T12:00:00.000Z"}`
	if got := strings.Replace(string(second.Object), first.ID, "ID", 1); got != want {
		t.Errorf("the object is\n%s, want\n%s", got, want)
	}
	if v := o.versions("default", first.ID); !slices.Equal(v, []string{first.Version, second.Version}) {
		t.Errorf("its versions are %v", v)
	}
}

func TestAVersionIsLaterAlsoWhenTheClockStepsBack(t *testing.T) {
	o := open(t)
	w := o.indicator()
	o.now = o.now.Add(-24 * time.Hour)
	for i := range 3 {
		next := o.edit(w.ID, author.Edit{Set: []string{fmt.Sprint("confidence=", i)}})
		if stix.CompareVersions(next.Version, w.Version) <= 0 || next.Verdict != author.Done {
			t.Fatalf("version %s comes after %s", next.Version, w.Version)
		}
		w = next
	}
	if w.Version != "2026-05-01T12:00:00.003Z" {
		t.Errorf("the third edit is version %s", w.Version)
	}
}

func TestAnEditThatChangesNothingWritesNothing(t *testing.T) {
	o := open(t)
	first := o.indicator()
	o.now = o.now.Add(time.Minute)
	if w := o.edit(first.ID, author.Edit{Set: []string{"name=198.51.100.7"}}); w.Verdict != author.Same || w.Version != first.Version {
		t.Errorf("it is %s, version %s", w.Verdict, w.Version)
	}
	if n := len(o.versions("default", first.ID)); n != 1 {
		t.Errorf("there are %d versions", n)
	}
}

func TestWhatMakesAnObjectTheOneItIsStays(t *testing.T) {
	o := open(t)
	w := o.indicator()
	for set, word := range map[string]string{
		"id=indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0009": "id makes", "created=2020-01-01": "created makes",
		"created_by_ref=" + otherID: "created_by_ref makes", "revoked=true": "entente revoke", "spec_version=2.0": "spec_version makes",
	} {
		_, err := o.desk.Edit(t.Context(), o.ana, w.ID, author.Edit{Set: []string{set}})
		o.refused(err, exchange.ErrInvalid, word)
	}
	_, err := o.desk.Edit(t.Context(), o.ana, w.ID, author.Edit{Unset: []string{"pattern"}})
	o.refused(err, exchange.ErrInvalid, "pattern is missing")
	_, err = o.desk.Edit(t.Context(), o.ana, w.ID, author.Edit{Unset: []string{"labels"}})
	o.refused(err, exchange.ErrInvalid, "no labels to take away")
	_, err = o.desk.Edit(t.Context(), o.ana, "tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0009", author.Edit{})
	o.refused(err, exchange.ErrNotFound)
}

func TestTheObjectsOfOthersAreNotChanged(t *testing.T) {
	o := open(t)
	o.theirs()
	_, err := o.desk.Edit(t.Context(), o.ana, theirs, author.Edit{Set: []string{"name=x"}})
	o.refused(err, exchange.ErrForbidden, "made by Water ISAC", "entente note", "--copy")
	_, err = o.desk.Revoke(t.Context(), o.ana, theirs, "")
	o.refused(err, exchange.ErrForbidden, "made by Water ISAC")

	address := o.new(author.NewObject{Type: "ipv4-addr", For: "198.51.100.7"})
	_, err = o.desk.Edit(t.Context(), o.ana, address.ID, author.Edit{Set: []string{"value=198.51.100.8"}})
	o.refused(err, exchange.ErrInvalid, "a fact that has no versions")
}

func TestACopyIsOnesOwnAndSaysWhatItIsDerivedFrom(t *testing.T) {
	o := open(t)
	o.theirs()
	w := o.edit(theirs, author.Edit{Copy: true, Set: []string{"confidence=20"}})
	if w.ID == theirs || property(t, w.Object, "created_by_ref") != `"`+ownID+`"` || property(t, w.Object, "confidence") != "20" {
		t.Errorf("the copy is %s", w.Object)
	}
	if got := property(t, w.Object, "object_marking_refs"); got != `["`+handling.AmberStrict.Definition()+`"]` {
		t.Errorf("the copy is marked %s", got)
	}
	edges, err := o.x.View(o.ana).Page(t.Context(), "default", exchange.Query{Types: []string{"relationship"}, Limit: 5, Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	defer edges.Close()
	if edges.Len() != 1 || property(t, edges.Bytes(0), "target_ref") != `"`+theirs+`"` || property(t, edges.Bytes(0), "relationship_type") != `"derived-from"` {
		t.Errorf("%d relationships", edges.Len())
	}
	if again := o.edit(theirs, author.Edit{Copy: true, Set: []string{"confidence=20"}}); again.Verdict != author.Same || again.ID != w.ID {
		t.Errorf("copying twice makes %s", again.Verdict)
	}
}

func TestAnEditOfAStaleVersionTellsBothSides(t *testing.T) {
	o := open(t)
	first := o.indicator()
	second := o.edit(first.ID, author.Edit{Set: []string{"name=Theirs"}, Unset: []string{"valid_until"}})
	_, err := o.desk.Edit(t.Context(), o.ana, first.ID, author.Edit{Base: first.Version, Set: []string{"name=Yours"}})
	o.refused(err, exchange.ErrStale, first.Version, second.Version, `name became "Theirs", valid_until was taken away`, `you would make name "Yours"`, "--base "+second.Version)
	stale, ok := errors.AsType[*author.Stale](err)
	if !ok || len(stale.Theirs) != 2 || len(stale.Yours) != 1 || string(stale.Yours[0].Was) != `"198.51.100.7"` {
		t.Fatalf("it is told as %+v", stale)
	}
	// Merging is no way around a clash.
	_, err = o.desk.Edit(t.Context(), o.ana, first.ID, author.Edit{Base: first.Version, Merge: true, Set: []string{"name=Yours"}})
	o.refused(err, exchange.ErrStale)
	_, err = o.desk.Revoke(t.Context(), o.ana, first.ID, first.Version)
	o.refused(err, exchange.ErrStale)
	_, err = o.desk.Edit(t.Context(), o.ana, first.ID, author.Edit{Base: "2020-01-01T00:00:00Z", Set: []string{"name=Yours"}})
	o.refused(err, exchange.ErrInvalid, "has no version 2020-01-01T00:00:00Z; its newest is "+second.Version)

	other := author.Edit{Base: first.Version, Set: []string{"confidence=85"}}
	_, err = o.desk.Edit(t.Context(), o.ana, first.ID, other)
	o.refused(err, exchange.ErrStale, "--merge")
	other.Merge = true
	merged := o.edit(first.ID, other)
	if property(t, merged.Object, "name") != `"Theirs"` || property(t, merged.Object, "confidence") != "85" || property(t, merged.Object, "valid_until") != "" {
		t.Errorf("merged it is %s", merged.Object)
	}
}

func TestARevocationIsTheLastVersionEverywhere(t *testing.T) {
	o := open(t)
	w := o.indicator()
	o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}, Collection: "feed"})
	gone, err := o.desk.Revoke(t.Context(), o.ana, w.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if property(t, gone.Object, "revoked") != "true" || !slices.Equal(gone.Collections, []string{"default", "feed"}) {
		t.Errorf("it is %s in %v", gone.Object, gone.Collections)
	}
	for _, c := range gone.Collections {
		if v := o.versions(c, w.ID); len(v) != 2 || v[1] != gone.Version {
			t.Errorf("collection %s has versions %v", c, v)
		}
	}
	if again, err := o.desk.Revoke(t.Context(), o.ana, w.ID, ""); err != nil || again.Verdict != author.Same {
		t.Errorf("revoking twice is %s, %v", again.Verdict, err)
	}
	_, err = o.desk.Edit(t.Context(), o.ana, w.ID, author.Edit{Set: []string{"name=x"}})
	o.refused(err, exchange.ErrInvalid, "was revoked at", "nothing follows")
}

func TestAnEditReachesWhereItsWriterMayWrite(t *testing.T) {
	o := open(t)
	w := o.indicator()
	o.new(author.NewObject{Type: "indicator", For: "198.51.100.7", Until: "30d", Set: []string{"description=Seen at the gate"}, Collection: "feed"})
	next, err := o.desk.Edit(t.Context(), o.cy, w.ID, author.Edit{Set: []string{"confidence=5"}})
	if err != nil || !slices.Equal(next.Collections, []string{"default"}) || !slices.Contains(next.Told, "it stays as it was in feed, where you may not write") {
		t.Fatalf("%v %+v", err, next)
	}
	// Who may write there brings it along, without another change.
	again := o.edit(w.ID, author.Edit{})
	if v := o.versions("feed", w.ID); again.Verdict != author.Done || again.Version != next.Version || len(v) != 2 {
		t.Errorf("it is %s, feed has %v", again.Verdict, v)
	}
	tool := o.new(author.NewObject{Type: "tool", Set: []string{"name=x"}, Collection: "feed"})
	_, err = o.desk.Edit(t.Context(), o.cy, tool.ID, author.Edit{Set: []string{"name=y"}})
	o.refused(err, exchange.ErrForbidden, "you may not write to feed")
}

// Of writers who edit one version at once exactly one wins, each other is told
// both sides, and what the winner wrote is there.
func TestOfManyEditorsOneWins(t *testing.T) {
	o := open(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := o.new(author.NewObject{Type: "tool", Set: []string{"name=x"}})
		crowd := rapid.IntRange(2, 6).Draw(rt, "editors")
		withBase := rapid.Bool().Draw(rt, "with a base")
		rounds := rapid.IntRange(1, 3).Draw(rt, "rounds")
		for round := range rounds {
			answers := make([]error, crowd)
			var editing sync.WaitGroup
			for i := range crowd {
				editing.Go(func() {
					c := author.Edit{Base: w.Version, Set: []string{fmt.Sprintf("x_example_by=%d.%d", round, i)}}
					if !withBase && i == 0 {
						c.Base = "" // what it reads is its base
					}
					_, answers[i] = o.desk.Edit(t.Context(), o.ana, w.ID, c)
				})
			}
			editing.Wait()
			won := []int{}
			for i, err := range answers {
				if err == nil {
					won = append(won, i)
					continue
				}
				if stale, ok := errors.AsType[*author.Stale](err); !ok || len(stale.Theirs) != 1 || len(stale.Yours) != 1 {
					rt.Fatalf("editor %d is told %v", i, err)
				}
			}
			// Without a base, the first may have read what another had written.
			if len(won) != 1 && (withBase || len(won) != 2 || won[0] != 0) {
				rt.Fatalf("%v won", won)
			}
			v := o.versions("default", w.ID)
			if len(v) < round+2 {
				rt.Fatalf("the versions are %v", v)
			}
			w.Version = v[len(v)-1]
		}
	})
}
