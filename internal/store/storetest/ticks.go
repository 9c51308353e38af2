package storetest

import (
	"fmt"
	"testing"
	"time"

	"entente/internal/store"
)

func ticks(t *testing.T, open Open) {
	story(t, open, "ADateAddedIsTheClocksTime", func(k *keeper) {
		at := epoch.Add(time.Hour)
		k.clock.set(at)
		o := k.put(indicator("a", v1, "one"))
		k.same("added", o.Added, store.Tick(at.UnixMicro()))
	})

	story(t, open, "DatesRiseWhileTheClockStands", func(k *keeper) {
		k.rising(func() { k.put(indicator(fmt.Sprint(k.clock.now(), len(k.rows(all(1)))), v1, "x")) }, 20)
	})

	story(t, open, "DatesRiseWhenTheClockStepsBack", func(k *keeper) {
		n := 0
		k.rising(func() {
			k.clock.move(-time.Hour)
			n++
			k.put(indicator(fmt.Sprint(n), v1, "x"))
		}, 20)
	})

	story(t, open, "DatesRiseOverAReopeningWithTheClockBehind", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		last := k.put(indicator("b", v1, "b")).Added
		k.clock.move(-24 * time.Hour)
		k.reopen()
		if o := k.put(indicator("c", v1, "c")); o.Added <= last {
			k.Fatalf("after reopening %d was given, after %d before it", o.Added, last)
		}
	})

	story(t, open, "ADateIsNotGivenAgainAfterItsRowIsRemoved", func(k *keeper) {
		gone := k.put(indicator("a", v1, "a")).Added
		tomb := k.remove(1, gone).Added
		if tomb <= gone {
			k.Fatalf("the tombstone of %d has the date %d", gone, tomb)
		}
		k.reopen()
		if o := k.put(indicator("b", v1, "b")); o.Added <= tomb {
			k.Fatalf("%d was given after the tombstone's %d", o.Added, tomb)
		}
	})

	story(t, open, "PartsOfABatchRiseInTheirOrder", func(k *keeper) {
		a := k.put(indicator("a", v1, "a")).Added
		b := k.put(indicator("b", v1, "b")).Added
		var in store.Tick
		out := k.commit(&store.Batch{
			Puts:      []store.Put{indicator("c", v1, "c"), inCollection(2, indicator("d", v1, "d"))},
			Removes:   []store.Remove{{Collection: 1, Added: a}},
			Reclasses: []store.Reclass{{Collection: 1, Added: b, Class: "red"}},
			Then: func(tx store.Tx, given []store.Outcome) error {
				in = tx.Tick()
				return nil
			},
		})
		last := b
		for i, o := range out {
			if o.Added <= last {
				k.Fatalf("part %d got %d after %d", i, o.Added, last)
			}
			last = o.Added
		}
		if in <= last {
			k.Fatalf("the transaction's tick %d is not after its parts' %d", in, last)
		}
		if o := k.put(indicator("e", v1, "e")); o.Added <= in {
			k.Fatalf("the next batch got %d, at or before the transaction's tick %d", o.Added, in)
		}
	})

	story(t, open, "NowIsTheNewestDateOfWhatIsThere", func(k *keeper) {
		for i := range 5 {
			mark := k.Now()
			o := k.put(indicator(fmt.Sprint(i), v1, fmt.Sprint(i)))
			if o.Added <= mark || k.Now() < o.Added {
				k.Fatalf("now was %d, then %d was given, now is %d", mark, o.Added, k.Now())
			}
		}
		before := k.Now()
		k.reopen()
		if k.Now() < k.rows(all(1))[4].Added || k.Now() > before {
			k.Fatalf("now is %d after reopening, was %d", k.Now(), before)
		}
	})
}

// rising does something n times and expects each row to come after all others.
func (k *keeper) rising(do func(), n int) {
	k.Helper()
	var last store.Tick
	for i := range n {
		do()
		rows := k.rows(all(1))
		if len(rows) != i+1 {
			k.Fatalf("%d rows after %d puts", len(rows), i+1)
		}
		if newest := rows[i].Added; newest <= last {
			k.Fatalf("date added %d after %d", newest, last)
		} else {
			last = newest
		}
	}
}
