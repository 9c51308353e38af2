package storetest

import (
	"testing"

	"entente/internal/store"
)

func snapshots(t *testing.T, open Open) {
	story(t, open, "ASnapshotStandsStillWhileWritesGoOn", func(k *keeper) {
		value := store.Value{Kind: 1, Text: "192.0.2.1"}
		a := k.keep(withEdges(withValues(indicator("a", v1, "a"), value), store.Ref{Path: "r", ID: "malware--m"}))
		b := k.keep(indicator("b", v1, "b"))
		k.set("t", "k", "old")
		k.appendLeaves(0, 3)
		snap, err := k.Snapshot()
		k.ok(err)
		before := k.see(snap)
		check := func() {
			k.Helper()
			k.same("everything in the snapshot", k.see(snap), before)
			k.same("fetched", len(k.fetch(snap, a, b)), 2)
			places, err := snap.Lookup(k.ctx(), value.Kind, value.Text, everywhere(), 10)
			k.ok(err)
			k.same("looked up", places, []store.Place{a})
			edges, err := snap.Edges(k.ctx(), []store.Target{{ID: "malware--m"}}, everywhere(), 10)
			k.ok(err)
			k.same("edges", edges[0], []store.Edge{{Place: a, Path: "r"}})
			if _, _, err := snap.Leaf(3); err == nil {
				k.Fatalf("a leaf appended later is in the snapshot")
			}
		}
		check()
		k.put(indicator("a", v2, "newer"))
		check()
		k.remove(1, a.Added)
		k.reclass(1, b.Added, "red")
		check()
		k.set("t", "k", "new")
		k.set("t", "l", "new")
		k.appendLeaves(3, 4)
		check()
		k.ok(snap.Close())
		k.same("the store goes on", k.texts(all(1)), []string{"newer", "b"})
	})

	story(t, open, "ASnapshotIsTakenOfWhatIsDurable", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		snap, err := k.Snapshot()
		k.ok(err)
		rows, _ := k.pageOf(snap, all(1))
		k.same("rows", len(rows), 1)
		k.ok(snap.Close())
	})

	story(t, open, "SnapshotsOfDifferentInstantsStandSideBySide", func(k *keeper) {
		var snaps []store.Snapshot
		for i := range 5 {
			snap, err := k.Snapshot()
			k.ok(err)
			snaps = append(snaps, snap)
			k.put(indicator(string(rune('a'+i)), v1, "x"))
		}
		for i, snap := range snaps {
			rows, _ := k.pageOf(snap, all(1))
			k.same("rows", len(rows), i)
			k.ok(snap.Close())
		}
	})
}

// sight is what a reader gives without being asked for anything particular.
type sight struct {
	Rows    []row
	Latest  []row
	Changes []change
	Member  []store.Keyed
	Count   int64
	Now     store.Tick
	Leaves  int64
}

func (k *keeper) see(r store.Reader) sight {
	k.Helper()
	rows, _ := k.pageOf(r, all(1))
	newest, _ := k.pageOf(r, latest(1))
	changes, _ := k.changesOf(r, 0, 100_000)
	return sight{
		Rows: rows, Latest: newest, Changes: changes, Member: k.member(r, "t", ""),
		Count: total(r.Count(1)), Now: r.Now(), Leaves: r.LogSize(),
	}
}
