package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"entente/internal/store"
)

// expects are the stories of two who change what both have read.
func expects(t *testing.T, open Open) {
	expecting := func(version string, visible *store.Classes) []store.Expect {
		return []store.Expect{{Collection: 1, ID: "indicator--a", Version: version, Visible: visible}}
	}
	story(t, open, "ABatchMadeFromTheNewestVersionIsWritten", func(k *keeper) {
		k.commit(&store.Batch{Expects: expecting("", store.AllClasses()), Puts: []store.Put{indicator("a", v1, "one")}})
		k.commit(&store.Batch{Expects: expecting(v1, store.AllClasses()), Puts: []store.Put{indicator("a", v2, "two")}})
		k.same("latest", k.texts(latest(1)), []string{"two"})
	})

	story(t, open, "ABatchMadeFromAnOlderVersionWritesNothing", func(k *keeper) {
		k.puts(indicator("a", v1, "one"), indicator("a", v2, "two"))
		for _, version := range []string{"", v1, v3} {
			ran := false
			_, err := k.Commit(k.ctx(), &store.Batch{
				Expects: expecting(version, store.AllClasses()),
				Puts:    []store.Put{indicator("a", v3, "three"), indicator("b", v1, "beside")},
				Then:    func(store.Tx, []store.Outcome) error { ran = true; return nil },
			})
			if !errors.Is(err, store.ErrChanged) || ran {
				k.Fatalf("expecting %q answers %v", version, err)
			}
		}
		k.same("all", k.texts(all(1)), []string{"one", "two"})
	})

	story(t, open, "VersionsAreExpectedAsInstants", func(k *keeper) {
		k.put(indicator("a", "2024-01-01T10:00:00Z", "one"))
		k.commit(&store.Batch{Expects: expecting("2024-01-01T10:00:00.000Z", store.AllClasses())})
	})

	story(t, open, "WhatTheWriterMayNotSeeIsNotExpected", func(k *keeper) {
		k.put(inClass("green", indicator("a", v1, "one")))
		k.put(inClass("red", indicator("a", v2, "two")))
		k.commit(&store.Batch{Expects: expecting(v1, only(k, "green"))})
		k.commit(&store.Batch{Expects: expecting("", &store.Classes{})})
		k.commit(&store.Batch{Expects: expecting("", nil)})
		if _, err := k.Commit(k.ctx(), &store.Batch{Expects: expecting(v1, only(k, "green", "red"))}); !errors.Is(err, store.ErrChanged) {
			k.Fatalf("who sees the newer version is answered %v", err)
		}
	})

	story(t, open, "OfManyWritersOneWins", func(k *keeper) {
		k.put(indicator("a", v1, "one"))
		var won, told atomic.Int64
		var crowd sync.WaitGroup
		for w := range 20 {
			crowd.Go(func() {
				_, err := k.Commit(k.ctx(), &store.Batch{
					Expects: expecting(v1, store.AllClasses()),
					Puts:    []store.Put{indicator("a", fmt.Sprintf("2025-01-01T00:00:%02dZ", w), fmt.Sprint(w))},
				})
				switch {
				case err == nil:
					won.Add(1)
				case errors.Is(err, store.ErrChanged):
					told.Add(1)
					if len(k.rows(all(1))) != 2 {
						k.Errorf("writer %d is told of a version that nobody sees", w)
					}
				default:
					k.Errorf("writer %d: %v", w, err)
				}
			})
		}
		crowd.Wait()
		k.same("won and told", []int64{won.Load(), told.Load()}, []int64{1, 19})
		k.same("versions", len(k.rows(all(1))), 2)
	})
}
