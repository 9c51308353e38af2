package pebble_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/sealed"
	"entente/internal/store"
	"entente/internal/store/pebble"
)

// A ledger writes numbered batches and keeps account of those acknowledged, so
// that after any mishap judge can say what must be there, and that nothing is
// there by half. Each batch puts three objects, re-classes and removes some of
// earlier ones, sets a member row that tells what it did, and appends a leaf.
type ledger struct {
	acknowledged []int
	places       map[string]store.Place // of objects in acknowledged batches
	errs         []error
}

// told is the member row of a batch.
type told struct {
	Removed   []string
	Reclassed []string
}

func newLedger() *ledger { return &ledger{places: map[string]store.Place{}} }

func openOn(fs vfs.FS) (*pebble.Store, error) {
	return pebble.Open(context.Background(), "data", pebble.Options{
		FS: fs, MemTable: 32 << 10, CacheBytes: 1 << 20, Now: func() time.Time { return time.UnixMicro(1_709_208_000_000_000) },
	})
}

// objectID is the id of object i of batch n; its bytes follow from n and i.
func objectID(n, i int) string {
	return fmt.Sprintf("indicator--%08x-0000-4000-8000-%012x", n, i)
}

func objectBody(id string) string {
	seed := sha256.Sum256([]byte(id))
	noise := make([]byte, 400)
	for i, r := 0, rand.New(rand.NewChaCha8(seed)); i < len(noise); i++ {
		noise[i] = 'a' + byte(r.IntN(26))
	}
	return fmt.Sprintf(`{"id":%q,"noise":%q}`, id, noise)
}

func valueOf(n int) string { return fmt.Sprintf("host-%d.example", n) }

// batch makes batch n. What it re-classes and removes is from the batches two
// and three before, of those that were acknowledged.
func (l *ledger) batch(n int) *store.Batch {
	b := &store.Batch{}
	for i := range 3 {
		id := objectID(n, i)
		b.Puts = append(b.Puts, store.Put{
			Collection: 1, ID: id, Version: "2024-01-01T00:00:00Z", Spec: "2.1", Source: "A",
			Class: []string{"green", "amber"}[n%2], Digest: sha256.Sum256([]byte(id)), Body: []byte(objectBody(id)),
			Values: []store.Value{{Kind: 2, Text: valueOf(n)}}, Edges: []store.Ref{{Path: "x_ref", ID: objectID(n, 0)}},
		})
	}
	var did told
	if id := objectID(n-2, 0); l.places[id].Added != 0 {
		did.Reclassed = append(did.Reclassed, id)
		b.Reclasses = append(b.Reclasses, store.Reclass{Collection: 1, Added: l.places[id].Added, Class: "red"})
	}
	if id := objectID(n-3, 1); l.places[id].Added != 0 {
		did.Removed = append(did.Removed, id)
		b.Removes = append(b.Removes, store.Remove{Collection: 1, Added: l.places[id].Added})
	}
	b.Then = func(tx store.Tx, _ []store.Outcome) error {
		value, err := json.Marshal(did)
		if err != nil {
			return err
		}
		tx.Set("batch", strconv.Itoa(n), value)
		tx.AppendLeaf(sha256.Sum256([]byte(strconv.Itoa(n))), []byte(strconv.Itoa(n)))
		return nil
	}
	return b
}

// write commits batch n and takes account of the answer.
func (l *ledger) write(s store.Store, n int) error {
	out, err := s.Commit(context.Background(), l.batch(n))
	if err != nil {
		l.errs = append(l.errs, fmt.Errorf("batch %d: %w", n, err))
		return err
	}
	l.acknowledged = append(l.acknowledged, n)
	for i := range 3 {
		l.places[objectID(n, i)] = store.Place{Collection: 1, Class: out[i].Class, Added: out[i].Added}
	}
	return nil
}

// judge reads everything back: the store finds itself in order, every batch
// acknowledged is there, and each batch that is there is there whole.
func judge(t *testing.T, s store.Store, acknowledged []int) {
	t.Helper()
	err := s.Verify(context.Background(), func(problem string) { t.Errorf("Verify found: %s", problem) })
	if err != nil {
		t.Errorf("Verify did not finish: %v", err)
	}
	if err := audit(s, acknowledged); err != nil {
		t.Error(err)
	}
}

// object is what judge knows of one.
type object struct{ class, body string }

// audit is judge without Verify, for stores that may answer errors: it gives
// back the first error met, or what is wrong with the data as errWrong.
func audit(s store.Reader, acknowledged []int) error {
	batches, want, err := expected(s)
	if err != nil {
		return err
	}
	for _, n := range acknowledged {
		if !slices.Contains(batches, n) {
			return wrong("batch %d was acknowledged and is not there", n)
		}
	}
	got, err := everything(s)
	if err != nil {
		return err
	}
	if err := sameObjects("page", got, want); err != nil {
		return err
	}
	followed, err := followAll(s)
	if err != nil {
		return err
	}
	if err := sameObjects("feed", followed, want); err != nil {
		return err
	}
	return auditIndexes(s, batches, want)
}

// expected folds the batches that are there, in the order of their leaves.
func expected(s store.Reader) (batches []int, want map[string]object, err error) {
	want = map[string]object{}
	for leaf := range s.LogSize() {
		_, opening, err := s.Leaf(leaf)
		if err != nil {
			return nil, nil, fmt.Errorf("leaf %d: %w", leaf, err)
		}
		n, err := strconv.Atoi(string(opening))
		if err != nil {
			return nil, nil, wrong("leaf %d is %q", leaf, opening)
		}
		row, err := s.Get("batch", string(opening))
		if err != nil {
			return nil, nil, fmt.Errorf("member row of batch %d, whose leaf is there: %w", n, err)
		}
		var did told
		if err := json.Unmarshal(row, &did); err != nil {
			return nil, nil, wrong("member row of batch %d is %q", n, row)
		}
		batches = append(batches, n)
		for i := range 3 {
			id := objectID(n, i)
			want[id] = object{[]string{"green", "amber"}[n%2], objectBody(id)}
		}
		for _, id := range did.Reclassed {
			want[id] = object{"red", want[id].body}
		}
		for _, id := range did.Removed {
			delete(want, id)
		}
	}
	rows := 0
	for _, err := range s.Rows("batch", "") {
		if err != nil {
			return nil, nil, fmt.Errorf("member rows: %w", err)
		}
		rows++
	}
	if rows != len(batches) {
		return nil, nil, wrong("%d member rows for %d leaves", rows, len(batches))
	}
	return batches, want, nil
}

func everything(s store.Reader) (map[string]object, error) {
	got := map[string]object{}
	q := store.PageQuery{
		Collection: 1, Visible: store.AllClasses(), Limit: 40, Bodies: true,
		Versions: store.VersionFilter{All: true},
	}
	for more := true; more; {
		page, err := s.Page(context.Background(), q)
		if err != nil {
			return nil, fmt.Errorf("page after %d: %w", q.After, err)
		}
		for _, r := range page.Rows {
			if _, twice := got[r.ID]; twice {
				return nil, wrong("%s is there twice", r.ID)
			}
			got[string([]byte(r.ID))] = object{s.Classes()[r.Class], string(sealed.Open(r.Body))}
			q.After = r.Added
		}
		more = page.More
		page.Close()
	}
	return got, nil
}

// followAll applies the whole feed, as a new follower would.
func followAll(s store.Reader) (map[string]object, error) {
	known := map[store.Tick]string{}
	objects := map[string]object{}
	var after store.Tick
	for more := true; more; {
		run, err := s.Changes(context.Background(), after, 50)
		if err != nil {
			return nil, fmt.Errorf("changes after %d: %w", after, err)
		}
		for _, c := range run.List {
			after = c.Row.Added
			if id, held := known[c.Was]; held {
				delete(objects, id)
				delete(known, c.Was)
			}
			if c.Kind != store.ChangeRemoved {
				id := string([]byte(c.Row.ID))
				known[c.Row.Added] = id
				objects[id] = object{s.Classes()[c.Row.Class], string(sealed.Open(c.Row.Body))}
			}
		}
		more = run.More
		run.Close()
	}
	return objects, nil
}

func auditIndexes(s store.Reader, batches []int, want map[string]object) error {
	scope := store.Scope{1: store.AllClasses()}
	for _, n := range batches {
		there := 0
		for i := range 3 {
			if _, kept := want[objectID(n, i)]; kept {
				there++
			}
		}
		places, err := s.Lookup(context.Background(), 2, valueOf(n), scope, 100)
		if err != nil {
			return fmt.Errorf("look-up of batch %d: %w", n, err)
		}
		edges, err := s.Edges(context.Background(), []store.Target{{ID: objectID(n, 0)}}, scope, 100)
		if err != nil {
			return fmt.Errorf("edges of batch %d: %w", n, err)
		}
		if len(places) != there || len(edges[0]) != there {
			return wrong("batch %d has %d objects, %d places and %d edges", n, there, len(places), len(edges[0]))
		}
		page, err := s.Fetch(context.Background(), places, nil)
		if err != nil {
			return fmt.Errorf("fetch of batch %d: %w", n, err)
		}
		for _, r := range page.Rows {
			if string(sealed.Open(r.Body)) != want[r.ID].body {
				return wrong("%s was fetched otherwise", r.ID)
			}
		}
		page.Close()
	}
	var count int64
	for _, n := range s.Count(1) {
		count += n
	}
	if count != int64(len(want)) {
		return wrong("%d objects are counted, %d are there", count, len(want))
	}
	return nil
}

func sameObjects(where string, got, want map[string]object) error {
	for id, w := range want {
		if g, there := got[id]; !there {
			return wrong("%s: %s is not there", where, id)
		} else if g != w {
			return wrong("%s: %s is in class %s with %d bytes, should be in %s with %d", where, id, g.class, len(g.body), w.class, len(w.body))
		}
	}
	for id := range got {
		if _, wanted := want[id]; !wanted {
			return wrong("%s: %s is there and should not be", where, id)
		}
	}
	return nil
}

// errWrong is data that is not what was written, told as if it were.
type errWrong string

func (e errWrong) Error() string { return string(e) }

func wrong(format string, args ...any) error { return errWrong(fmt.Sprintf(format, args...)) }
