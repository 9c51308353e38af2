package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"entente/internal/store"
)

// memberRows are stories of the plain keyed table and of Batch.Then.
func memberRows(t *testing.T, open Open) {
	story(t, open, "AMemberRowIsReadBackAndReplaced", func(k *keeper) {
		k.set("account", "ana", "first")
		k.set("account", "ana", "second")
		got, err := k.Get("account", "ana")
		k.ok(err)
		k.same("value", string(got), "second")
		k.reopen()
		got, err = k.Get("account", "ana")
		k.ok(err)
		k.same("value after reopening", string(got), "second")
	})

	story(t, open, "WhatIsNotThereIsNotFound", func(k *keeper) {
		k.set("account", "ana", "x")
		for _, at := range []member{{"account", "an"}, {"account", "anab"}, {"accoun", "tana"}, {"accountana", ""}, {"", ""}, {"peer", "ana"}} {
			if _, err := k.Get(at.table, at.key); !errors.Is(err, store.ErrNotFound) {
				k.Fatalf("Get(%q, %q) answers %v, want ErrNotFound", at.table, at.key, err)
			}
		}
	})

	story(t, open, "AnEmptyValueIsARow", func(k *keeper) {
		k.set("t", "k", "")
		got, err := k.Get("t", "k")
		k.ok(err)
		k.same("length", len(got), 0)
		k.same("rows", len(k.member(k.Store, "t", "")), 1)
	})

	story(t, open, "AnEmptyValueIsARowToLaterBatches", func(k *keeper) {
		k.set("t", "k", "")
		for range 2 {
			var got []string
			k.commit(&store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
				got = append(txRows(tx, "t", ""), txGet(tx, "t", "k"), txGet(tx, "t", "none"))
				return nil
			}})
			k.same("what Then read", got, []string{"k=", "", "not found"})
			k.reopen()
		}
	})

	story(t, open, "KeysAndTablesAreAnyBytes", func(k *keeper) {
		names := []string{"", "\x00", "\x00\x00", "\x00\xff", "\x01", "a", "a\x00", "a\x00b", "a\x01", "ab", "b", "\xfe", "\xff", "\xff\x00", "\xff\xff"}
		for _, table := range names {
			for _, key := range names {
				k.set(table, key, fmt.Sprintf("%q %q", table, key))
			}
		}
		slices.Sort(names)
		for _, table := range names {
			for _, prefix := range append(names, "none") {
				var want []store.Keyed
				for _, key := range names {
					if len(key) >= len(prefix) && key[:len(prefix)] == prefix {
						want = append(want, store.Keyed{Key: key, Value: []byte(fmt.Sprintf("%q %q", table, key))})
					}
				}
				k.same(fmt.Sprintf("rows of %q from %q", table, prefix), k.member(k.Store, table, prefix), want)
			}
		}
	})

	story(t, open, "RowsCanBeLeftEarly", func(k *keeper) {
		k.set("t", "a", "1")
		k.set("t", "b", "2")
		for row, err := range k.Rows("t", "") {
			k.ok(err)
			k.same("first", row.Key, "a")
			break
		}
		k.set("t", "c", "3")
	})

	story(t, open, "ThenReadsItsOwnWrites", func(k *keeper) {
		k.set("t", "old", "old")
		k.set("t", "gone", "gone")
		var got []string
		k.commit(&store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
			tx.Set("t", "new", []byte("new"))
			tx.Set("t", "old", []byte("changed"))
			tx.Delete("t", "gone")
			tx.Delete("t", "never")
			got = append(got, txGet(tx, "t", "new"), txGet(tx, "t", "old"), txGet(tx, "t", "gone"))
			got = append(got, txRows(tx, "t", "")...)
			tx.Set("t", "gone", []byte("back"))
			tx.Delete("t", "new")
			got = append(got, txRows(tx, "t", "")...)
			got = append(got, txRows(tx, "t", "o")...)
			return nil
		}})
		k.same("what Then read", got, []string{
			"new", "changed", "not found", "new=new", "old=changed", "gone=back", "old=changed", "old=changed",
		})
		k.same("rows after", k.member(k.Store, "t", ""), []store.Keyed{
			{Key: "gone", Value: []byte("back")}, {Key: "old", Value: []byte("changed")},
		})
	})

	story(t, open, "ThenSeesWhatWasDecided", func(k *keeper) {
		var seen []store.Outcome
		out := k.commit(&store.Batch{
			Puts: []store.Put{indicator("a", v2, "two"), indicator("a", v1, "one")},
			Then: func(_ store.Tx, outcomes []store.Outcome) error {
				seen = slices.Clone(outcomes)
				return nil
			},
		})
		k.same("outcomes", out, seen)
		k.same("states", states(seen), []store.State{store.New, store.Older})
	})

	story(t, open, "AnErrorFromThenAbandonsAllOfItsBatch", func(k *keeper) {
		kept := k.put(indicator("kept", v1, "kept"))
		k.set("t", "kept", "kept")
		changes, now := k.changesAfter(0), k.Now()
		refused := errors.New("the quota is used up")
		_, err := k.Commit(k.ctx(), &store.Batch{
			Puts:      []store.Put{inClass("new class", indicator("a", v1, "lost"))},
			Removes:   []store.Remove{{Collection: 1, Added: kept.Added}},
			Reclasses: []store.Reclass{{Collection: 1, Added: kept.Added, Class: "red"}},
			Then: func(tx store.Tx, _ []store.Outcome) error {
				tx.Set("t", "lost", []byte("lost"))
				tx.Delete("t", "kept")
				tx.AppendLeaf([32]byte{1}, []byte("lost"))
				return refused
			},
		})
		if !errors.Is(err, refused) {
			k.Fatalf("Commit answers %v, want the error of Then", err)
		}
		check := func() {
			k.same("texts", k.texts(all(1)), []string{"kept"})
			k.same("changes", k.changesAfter(0), changes)
			k.same("count", k.countOf(1), map[string]int64{"green": 1})
			k.same("member rows", k.member(k.Store, "t", ""), []store.Keyed{{Key: "kept", Value: []byte("kept")}})
			k.same("leaves", k.LogSize(), int64(0))
		}
		check()
		k.same("now", k.Now(), now)
		k.becomes(store.New, indicator("a", v1, "found"))
		k.same("texts", k.texts(all(1)), []string{"kept", "found"})
		k.remove(1, k.rows(all(1))[1].Added)
		k.reopen()
		k.same("texts", k.texts(all(1)), []string{"kept"})
	})

	story(t, open, "AnAbandonedBatchLeavesOthersAlone", func(k *keeper) {
		refused := errors.New("refused")
		done := make(chan error)
		for i := range 20 {
			go func() {
				_, err := k.Commit(k.ctx(), &store.Batch{
					Puts: []store.Put{indicator(fmt.Sprint(i), v1, "x")},
					Then: func(tx store.Tx, _ []store.Outcome) error {
						tx.AppendLeaf([32]byte{byte(i)}, []byte{byte(i)})
						tx.Set("t", fmt.Sprintf("%02d", i), nil)
						if i%2 == 1 {
							return refused
						}
						return nil
					},
				})
				if (i%2 == 1) != errors.Is(err, refused) || (i%2 == 0 && err != nil) {
					err = fmt.Errorf("batch %d answers %w", i, err)
				} else {
					err = nil
				}
				done <- err
			}()
		}
		for range 20 {
			if err := <-done; err != nil {
				k.Errorf("%v", err)
			}
		}
		k.same("rows", len(k.rows(all(1))), 10)
		k.same("leaves", k.LogSize(), int64(10))
		k.same("member rows", len(k.member(k.Store, "t", "")), 10)
	})

	story(t, open, "ThenRunsAloneAmongAllWriters", func(k *keeper) {
		const n = 50
		done := make(chan error)
		for range n {
			go func() {
				_, err := k.Commit(k.ctx(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
					count, err := tx.Get("t", "count")
					if err != nil && !errors.Is(err, store.ErrNotFound) {
						return err
					}
					tx.Set("t", "count", append(slices.Clone(count), '.'))
					return nil
				}})
				done <- err
			}()
		}
		for range n {
			k.ok(<-done)
		}
		got, err := k.Get("t", "count")
		k.ok(err)
		k.same("counted", len(got), n)
	})

	story(t, open, "AnEmptyBatchIsHarmless", func(k *keeper) {
		k.same("outcomes", len(k.commit(&store.Batch{})), 0)
		k.same("changes", len(k.changesAfter(0)), 0)
	})
}

// What Then reads is noted as text: it may run on the engine's own goroutine,
// where a test must not end.
func txGet(tx store.Tx, table, key string) string {
	value, err := tx.Get(table, key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "not found"
	case err != nil:
		return err.Error()
	}
	return string(value)
}

func txRows(tx store.Tx, table, prefix string) (list []string) {
	for row, err := range tx.Rows(table, prefix) {
		if err != nil {
			return append(list, err.Error())
		}
		list = append(list, row.Key+"="+string(row.Value))
	}
	return list
}
