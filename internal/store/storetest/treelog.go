package storetest

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

// treeLog are stories of the transparency log.
func treeLog(t *testing.T, open Open) {
	story(t, open, "AnEmptyLogHasNoLeaf", func(k *keeper) {
		k.same("size", k.LogSize(), int64(0))
		if _, _, err := k.Leaf(0); err == nil {
			k.Fatalf("leaf 0 of an empty log was given")
		}
	})

	story(t, open, "LeavesAreNumberedAndReadBack", func(k *keeper) {
		k.appendLeaves(0, 3)
		k.appendLeaves(3, 5)
		check := func() {
			k.same("size", k.LogSize(), int64(8))
			for n := range 8 {
				commitment, opening, err := k.Leaf(int64(n))
				k.ok(err)
				k.same("commitment", commitment, commitmentOf(n))
				k.same("opening", string(opening), openingOf(n))
			}
			for _, n := range []int64{-1, 8, 1 << 40} {
				if _, _, err := k.Leaf(n); err == nil {
					k.Fatalf("leaf %d of a log of 8 was given", n)
				}
			}
		}
		check()
		k.reopen()
		check()
	})

	story(t, open, "EveryTreeProvesEveryRecordInIt", func(k *keeper) {
		const n = 70
		var roots []tlog.Hash
		for size := 0; size < n; {
			step := 1 + size%4
			k.appendLeaves(size, step)
			size += step
			for len(roots) < size { // also roots of trees between two batches
				roots = append(roots, plainRoot(len(roots)+1))
			}
			root, err := tlog.TreeHash(int64(size), hashes(k.Store))
			k.ok(err)
			k.same(fmt.Sprintf("root of %d", size), root, roots[size-1])
		}
		k.reopen()
		k.appendLeaves(int(k.LogSize()), 1)
		size := k.LogSize()
		root, err := tlog.TreeHash(size, hashes(k.Store))
		k.ok(err)
		for leaf := range size {
			proof, err := tlog.ProveRecord(size, leaf, hashes(k.Store))
			k.ok(err)
			commitment := commitmentOf(int(leaf))
			k.ok(tlog.CheckRecord(proof, size, root, leaf, tlog.RecordHash(commitment[:])))
		}
		for old := int64(1); old < size; old += 9 {
			proof, err := tlog.ProveTree(size, old, hashes(k.Store))
			k.ok(err)
			k.ok(tlog.CheckTree(proof, size, root, old, roots[old-1]))
		}
	})

	story(t, open, "HashesOutsideOfTheLogAreNotGiven", func(k *keeper) {
		k.appendLeaves(0, 5)
		for _, i := range []int64{-1, tlog.StoredHashIndex(0, 5), 1 << 40} {
			if _, err := k.ReadHashes([]int64{0, i}); err == nil {
				k.Fatalf("hash %d of a log of 5 was given", i)
			}
		}
		got, err := k.ReadHashes(nil)
		k.ok(err)
		k.same("no hashes", len(got), 0)
	})

	story(t, open, "AnActAndItsLeafAreOneTransaction", func(k *keeper) {
		var at []int64
		k.commit(&store.Batch{
			Puts: []store.Put{indicator("a", v1, "shared")},
			Then: func(tx store.Tx, _ []store.Outcome) error {
				at = append(at, tx.AppendLeaf(commitmentOf(0), []byte(openingOf(0))))
				at = append(at, tx.AppendLeaf(commitmentOf(1), nil))
				return nil
			},
		})
		k.same("indexes", at, []int64{0, 1})
		k.same("size", k.LogSize(), int64(2))
		_, opening, err := k.Leaf(1)
		k.ok(err)
		k.same("an empty opening", len(opening), 0)
		k.same("texts", k.texts(all(1)), []string{"shared"})
	})
}

func (k *keeper) appendLeaves(from, n int) {
	k.Helper()
	k.commit(&store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for i := from; i < from+n; i++ {
			if at := tx.AppendLeaf(commitmentOf(i), []byte(openingOf(i))); at != int64(i) {
				return fmt.Errorf("leaf %d was given index %d", i, at)
			}
		}
		return nil
	}})
}

func commitmentOf(n int) [32]byte { return sha256.Sum256([]byte(openingOf(n))) }

func openingOf(n int) string { return fmt.Sprintf("opening %d", n) }

// hashes lets tlog read the store's tree.
func hashes(r store.Reader) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		stored, err := r.ReadHashes(indexes)
		if err != nil {
			return nil, err
		}
		list := make([]tlog.Hash, len(stored))
		for i, h := range stored {
			list[i] = h
		}
		return list, nil
	})
}

// plainRoot is the root of the first n leaves by RFC 6962's recursive words.
func plainRoot(n int) tlog.Hash {
	var root func(lo, hi int) tlog.Hash
	root = func(lo, hi int) tlog.Hash {
		if hi-lo == 1 {
			commitment := commitmentOf(lo)
			return tlog.RecordHash(commitment[:])
		}
		split := 1
		for split*2 < hi-lo {
			split *= 2
		}
		return tlog.NodeHash(root(lo, lo+split), root(lo+split, hi))
	}
	return root(0, n)
}
