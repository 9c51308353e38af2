package storetest

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"entente/internal/store"
)

// Lay puts the parts of a backup where Open then opens a store on them.
type Lay func(dir string, parts map[string][]byte) error

func backups(t *testing.T, open Open, lay Lay) {
	story(t, open, "ABackupHoldsOneInstant", func(k *keeper) {
		k.set("t", "k", "v")
		k.appendLeaves(0, 5)
		a := k.put(indicator("a", v1, "a"))
		k.puts(indicator("a", v2, "b"), inClass("red", address("x", "A", "c")), address("x", "B", "d"))
		k.remove(1, a.Added)
		before := k.see(k.Store)
		at, parts := k.backup()
		k.same("instant", at, k.instant())
		k.put(indicator("later", v1, "later"))
		k.set("t", "k", "later")
		k.appendLeaves(5, 2)

		r := k.restored(lay, parts)
		k.same("everything in the backup", r.see(r.Store), before)
		k.same("its instant", r.instant(), at)
		r.verify()
		r.put(indicator("a", v3, "goes on"))
		r.appendLeaves(5, 1)
		r.verify()
		r.close()
		k.same("the store goes on", k.texts(all(1)), []string{"b", "c", "d", "later"})
	})

	story(t, open, "AnEmptyStoreHasABackup", func(k *keeper) {
		at, parts := k.backup()
		r := k.restored(lay, parts)
		k.same("instant", r.instant(), at)
		k.same("sight", r.see(r.Store), k.see(k.Store))
		r.close()
	})

	story(t, open, "ABackupOfARestoredStoreHoldsTheSame", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		k.appendLeaves(0, 3)
		at, parts := k.backup()
		r := k.restored(lay, parts)
		again, parts := r.backup()
		k.same("instant", again, at)
		r.close()
		r = k.restored(lay, parts)
		k.same("texts", r.texts(all(1)), []string{"a"})
		r.close()
	})

	story(t, open, "APartIsReadAsOftenAsTheSinkLikes", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		_, err := k.Backup(k.ctx(), func(p store.Part) error {
			first, err := readPart(p)
			if err != nil {
				return err
			}
			second, err := readPart(p)
			if err != nil {
				return err
			}
			k.same(p.Name, string(second), string(first))
			return nil
		})
		k.ok(err)
	})

	story(t, open, "TheSinksErrorEndsABackupAndNothingElse", func(k *keeper) {
		k.put(indicator("a", v1, "a"))
		full, calls := errors.New("the sink is full"), 0
		_, err := k.Backup(k.ctx(), func(store.Part) error { calls++; return full })
		if !errors.Is(err, full) || calls != 1 {
			k.Fatalf("after %d parts the backup answers %v, want the sink's error after 1", calls, err)
		}
		k.put(indicator("b", v1, "b"))
		_, parts := k.backup()
		r := k.restored(lay, parts)
		k.same("texts", r.texts(all(1)), []string{"a", "b"})
		r.close()
	})

	story(t, open, "BackupsBesideWritersHoldAPrefix", func(k *keeper) { backupsBesideWriters(k, lay) })
}

// backupsBesideWriters takes backups while writers write numbered batches:
// each holds every batch acknowledged before it, none by half, and of each
// writer all up to one of its batches.
func backupsBesideWriters(k *keeper, lay Lay) {
	const crowd, rounds = 8, 30
	var writing sync.WaitGroup
	var mu sync.Mutex
	done := map[int64]bool{}
	for w := range crowd {
		writing.Go(func() {
			for round := range rounds {
				batch := int64(w*rounds + round)
				if err := writeBatch(k.Store, batch, w, 1+round%4); err != nil {
					k.Errorf("writer %d: %v", w, err)
					return
				}
				mu.Lock()
				done[batch] = true
				mu.Unlock()
			}
		})
	}
	for range 4 {
		mu.Lock()
		acknowledged := make([]int64, 0, len(done))
		for batch := range done {
			acknowledged = append(acknowledged, batch)
		}
		mu.Unlock()
		at, parts := k.backup()
		r := k.restored(lay, parts)
		r.verify()
		k.same("instant", r.instant(), at)
		there := map[int64]bool{}
		want := 0
		for _, row := range r.member(r.Store, "batch", "") {
			batch, err := strconv.ParseInt(row.Key, 10, 64)
			k.ok(err)
			n, err := strconv.Atoi(string(row.Value))
			k.ok(err)
			there[batch] = true
			want += n
		}
		k.same("objects", len(r.rows(all(1))), want)
		k.same("leaves", at.LogSize, int64(len(there)))
		for _, batch := range acknowledged {
			if !there[batch] {
				k.Fatalf("batch %d was acknowledged before the backup and is not in it", batch)
			}
		}
		for batch := range there {
			if batch%rounds > 0 && !there[batch-1] {
				k.Fatalf("the backup holds batch %d and not the one before it, of the same writer", batch)
			}
		}
		r.close()
	}
	writing.Wait()
}

// backup takes one and checks that parts are as long as they say.
func (k *keeper) backup() (store.Instant, map[string][]byte) {
	k.Helper()
	parts := map[string][]byte{}
	at, err := k.Backup(k.ctx(), func(p store.Part) error {
		if _, twice := parts[p.Name]; twice {
			return fmt.Errorf("the part %s comes twice", p.Name)
		}
		content, err := readPart(p)
		parts[p.Name] = content
		return err
	})
	k.ok(err)
	return at, parts
}

func readPart(p store.Part) ([]byte, error) {
	r, err := p.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err == nil && int64(len(content)) != p.Size {
		err = fmt.Errorf("part %s has %d bytes and says %d", p.Name, len(content), p.Size)
	}
	return content, err
}

// restored is a keeper of a store on a backup.
func (k *keeper) restored(lay Lay, parts map[string][]byte) *keeper {
	k.Helper()
	r := &keeper{TB: k.TB, outer: k.outer, open: k.open, dir: k.outer.TempDir(), clock: k.clock}
	k.ok(lay(r.dir, parts))
	r.start()
	return r
}

// instant is what the store is at now.
func (k *keeper) instant() store.Instant {
	k.Helper()
	size := k.LogSize()
	root, err := tlog.TreeHash(size, hashes(k.Store))
	k.ok(err)
	return store.Instant{Tick: k.Now(), LogSize: size, Root: root}
}
