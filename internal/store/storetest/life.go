package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"entente/internal/store"
)

// life are stories of opening, closing and of callers who leave.
func life(t *testing.T, open Open) {
	story(t, open, "AFreshStoreIsEmpty", func(k *keeper) {
		k.same("sight", k.see(k.Store), sight{Now: k.Now()})
		k.reopen()
		k.same("sight", k.see(k.Store), sight{Now: k.Now()})
	})

	story(t, open, "ReopeningKeepsEverything", func(k *keeper) {
		k.set("t", "k", "v")
		k.appendLeaves(0, 5)
		a := k.put(indicator("a", v1, "a"))
		k.puts(indicator("a", v2, "b"), inClass("red", address("x", "A", "c")), address("x", "B", "d"))
		k.remove(1, a.Added)
		k.reclass(1, k.rows(all(1))[0].Added, "amber")
		before, classes := k.see(k.Store), append([]string(nil), k.Classes()...)
		for range 3 {
			k.reopen()
			k.same("sight", k.see(k.Store), before)
			k.same("classes", k.Classes(), classes)
			k.verify()
		}
	})

	story(t, open, "ASecondOpeningIsLockedOut", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		second, err := k.open(k.outer, k.dir, k.clock.now)
		if !errors.Is(err, store.ErrLocked) {
			k.Fatalf("a second opening answers %v, %v, want ErrLocked", second, err)
		}
		k.put(indicator("b", v1, "b"))
		k.reopen()
		k.same("texts", k.texts(all(1)), []string{"a", "b"})
	})

	story(t, open, "AClosedStoreSaysSo", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		k.appendLeaves(0, 1)
		s := k.Store
		k.close()
		for name, err := range everyError(context.Background(), s) {
			if !errors.Is(err, store.ErrClosed) {
				k.Fatalf("%s of a closed store answers %v, want ErrClosed", name, err)
			}
		}
		_ = s.Close() // twice must not crash, whatever it answers
	})

	story(t, open, "ClosingWaitsForWritersOrRefusesThem", func(k *keeper) {
		const n = 20
		type answer struct {
			id  string
			err error
		}
		s, answers, begun := k.Store, make(chan answer), make(chan struct{}, n)
		for i := range n {
			go func() {
				id := fmt.Sprintf("indicator--%d", i)
				begun <- struct{}{}
				_, err := s.Commit(context.Background(), &store.Batch{Puts: []store.Put{object(id, v1, "x")}})
				answers <- answer{id, err}
			}()
		}
		for range n / 2 {
			<-begun
		}
		k.close()
		kept := map[string]bool{}
		for range n {
			a := <-answers
			if a.err != nil && !errors.Is(a.err, store.ErrClosed) {
				k.Errorf("%s: %v", a.id, a.err)
			}
			kept[a.id] = a.err == nil
		}
		k.start()
		for _, r := range k.rows(all(1)) {
			delete(kept, r.ID)
		}
		for id, acknowledged := range kept {
			if acknowledged {
				k.Errorf("%s was acknowledged and is not there", id)
			}
		}
	})

	story(t, open, "ACallerWhoHasLeftIsAnsweredWithItsReason", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		before := k.see(k.Store)
		ctx, leave := context.WithCancel(context.Background())
		leave()
		for name, err := range everyError(ctx, k.Store) {
			if asks := name != "Get" && name != "Rows" && name != "Leaf" && name != "ReadHashes" && name != "Snapshot"; !asks {
				continue // these take no context
			}
			if !errors.Is(err, context.Canceled) {
				k.Fatalf("%s answers %v, want context.Canceled", name, err)
			}
		}
		k.same("nothing was written", k.see(k.Store), before)
	})
}

// everyError calls everything that can answer an error.
func everyError(ctx context.Context, s store.Store) map[string]error {
	errs := map[string]error{}
	_, errs["Commit"] = s.Commit(ctx, &store.Batch{Puts: []store.Put{indicator("late", v1, "late")}})
	_, errs["Page"] = s.Page(ctx, all(1))
	_, errs["Versions"] = s.Versions(ctx, 1, "indicator--a", store.AllClasses())
	_, errs["Lookups"] = s.Lookups(ctx, nil, everywhere(), 10)
	_, errs["Lookup"] = s.Lookup(ctx, 1, "x", everywhere(), 10)
	_, errs["Within"] = s.Within(ctx, store.Range{Kind: 1, From: "a", To: "b"}, everywhere(), 10)
	_, errs["Edges"] = s.Edges(ctx, []store.Target{{ID: "x"}}, everywhere(), 10)
	_, errs["Fetch"] = s.Fetch(ctx, []store.Place{{Collection: 1, Class: 1, Added: 1}}, nil)
	_, errs["Changes"] = s.Changes(ctx, 0, 10)
	errs["Verify"] = s.Verify(ctx, func(string) {})
	_, errs["Backup"] = s.Backup(ctx, func(store.Part) error { return nil })
	_, errs["Get"] = s.Get("t", "k")
	_, _, errs["Leaf"] = s.Leaf(0)
	_, errs["ReadHashes"] = s.ReadHashes([]int64{0})
	for _, err := range s.Rows("t", "") {
		errs["Rows"] = err
	}
	if _, told := errs["Rows"]; !told {
		errs["Rows"] = errors.New("ends as if there were no rows")
	}
	snap, err := s.Snapshot()
	if errs["Snapshot"] = err; err == nil {
		_ = snap.Close()
	}
	return errs
}
