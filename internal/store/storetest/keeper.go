package storetest

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/sealed"
	"entente/internal/store"
)

// keeper is a store under test with the hands to test it: what should work
// and does not ends the test at once.
type keeper struct {
	rapid.TB
	store.Store
	outer *testing.T
	open  Open
	dir   string
	clock *clock
}

// clock is the time that the store is told. It stands until it is set.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()).UTC() }

func (c *clock) set(at time.Time) { c.micros.Store(at.UnixMicro()) }

func (c *clock) move(by time.Duration) { c.micros.Add(by.Microseconds()) }

var epoch = time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)

func newKeeper(t *testing.T, open Open) *keeper {
	t.Helper()
	return newKeeperFor(t, t, open)
}

// newKeeperFor tells failures to tb, which may be one run of a property.
func newKeeperFor(tb rapid.TB, t *testing.T, open Open) *keeper {
	tb.Helper()
	k := &keeper{TB: tb, outer: t, open: open, dir: t.TempDir(), clock: &clock{}}
	k.clock.set(epoch)
	k.start()
	return k
}

func (k *keeper) start() {
	k.Helper()
	s, err := k.open(k.outer, k.dir, k.clock.now)
	k.ok(err)
	k.Store = s
}

func (k *keeper) close() {
	k.Helper()
	k.ok(k.Store.Close())
	k.Store = nil
}

func (k *keeper) reopen() {
	k.Helper()
	k.close()
	k.start()
}

func (k *keeper) ctx() context.Context { return context.Background() }

func (k *keeper) ok(err error) {
	k.Helper()
	if err != nil {
		k.Fatalf("unexpected error: %v", err)
	}
}

// same compares what the store gave with what it should have given.
func (k *keeper) same(what string, got, want any) {
	k.Helper()
	if d := cmp.Diff(want, got); d != "" {
		k.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// verify lets the store judge itself.
func (k *keeper) verify() {
	k.Helper()
	var problems []string
	k.ok(k.Verify(k.ctx(), func(p string) { problems = append(problems, p) }))
	if len(problems) > 0 {
		k.Fatalf("Verify found: %q", problems)
	}
}

func (k *keeper) commit(b *store.Batch) []store.Outcome {
	k.Helper()
	out, err := k.Commit(k.ctx(), b)
	k.ok(err)
	if want := len(b.Puts) + len(b.Removes) + len(b.Reclasses); len(out) != want {
		k.Fatalf("%d outcomes for %d parts", len(out), want)
	}
	return out
}

func (k *keeper) puts(puts ...store.Put) []store.Outcome {
	k.Helper()
	return k.commit(&store.Batch{Puts: puts})
}

func (k *keeper) put(p store.Put) store.Outcome {
	k.Helper()
	return k.puts(p)[0]
}

// becomes puts an object and asserts what became of it.
func (k *keeper) becomes(want store.State, p store.Put) store.Outcome {
	k.Helper()
	o := k.put(p)
	k.same("state of "+p.ID, o.State, want)
	return o
}

func (k *keeper) remove(c store.Collection, added store.Tick) store.Outcome {
	k.Helper()
	return k.commit(&store.Batch{Removes: []store.Remove{{Collection: c, Added: added}}})[0]
}

func (k *keeper) reclass(c store.Collection, added store.Tick, class string) store.Outcome {
	k.Helper()
	return k.commit(&store.Batch{Reclasses: []store.Reclass{{Collection: c, Added: added, Class: class}}})[0]
}

// set writes one member row.
func (k *keeper) set(table, key, value string) {
	k.Helper()
	k.commit(&store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Set(table, key, []byte(value))
		return nil
	}})
}

// named gives the names of classes, sorted.
func (k *keeper) named(classes []store.ClassID) (names []string) {
	for _, c := range classes {
		names = append(names, k.Classes()[c])
	}
	slices.Sort(names)
	return names
}

// only is the set of the classes named, as far as the store knows them.
func only(r store.Reader, names ...string) *store.Classes {
	set := new(store.Classes)
	for id, name := range r.Classes() {
		if id > 0 && slices.Contains(names, name) {
			set.Add(store.ClassID(id))
		}
	}
	return set
}

// all asks for everything in a collection, with bodies.
func all(c store.Collection) store.PageQuery {
	return store.PageQuery{
		Collection: c, Visible: store.AllClasses(), Limit: 100_000,
		Versions: store.VersionFilter{All: true}, Bodies: true,
	}
}

// latest asks for the latest versions in a collection, with bodies.
func latest(c store.Collection) store.PageQuery {
	q := all(c)
	q.Versions = store.VersionFilter{}
	return q
}

// pageOf reads one page of r and lays it open.
func (k *keeper) pageOf(r store.Reader, q store.PageQuery) (rows []row, more bool) {
	k.Helper()
	p, err := r.Page(k.ctx(), q)
	k.ok(err)
	defer p.Close()
	rows = layOpen(p.Rows)
	last := q.After
	for _, r := range rows {
		if r.Added <= last {
			k.Fatalf("a page after %d has %d behind %d", q.After, r.Added, last)
		}
		last = r.Added
	}
	if len(rows) > q.Limit {
		k.Fatalf("a page of limit %d has %d rows", q.Limit, len(rows))
	}
	return rows, p.More
}

// rows reads one page that must be the whole.
func (k *keeper) rows(q store.PageQuery) []row {
	k.Helper()
	rows, more := k.pageOf(k.Store, q)
	if more {
		k.Fatalf("more than %d rows", len(rows))
	}
	return rows
}

// walk pages through q to its end and gives the pages one after the other.
func (k *keeper) walk(r store.Reader, q store.PageQuery) (pages [][]row) {
	k.Helper()
	for {
		rows, more := k.pageOf(r, q)
		pages = append(pages, rows)
		if !more {
			return pages
		}
		if len(rows) == 0 {
			k.Fatalf("an empty page after %d says that there is more", q.After)
		}
		q.After = rows[len(rows)-1].Added
	}
}

// texts are the bodies a query gives, in order.
func (k *keeper) texts(q store.PageQuery) []string {
	k.Helper()
	texts := []string{}
	for _, r := range k.rows(q) {
		texts = append(texts, textOf(r.Body))
	}
	return texts
}

// asideIn are the conflicts kept aside in a collection, as "source class text".
func (k *keeper) asideIn(c store.Collection) (all []string) {
	k.Helper()
	for a, err := range k.Conflicts(c) {
		if err != nil {
			k.Fatal(err)
		}
		all = append(all, a.Source+" "+a.Class+" "+textOf(string(sealed.Open(a.Body))))
	}
	return all
}

func layOpen(rows []store.Row) []row {
	var open []row
	for _, r := range rows {
		open = append(open, layRowOpen(r))
	}
	return open
}

// layRowOpen copies everything: a page's strings and bodies die with it.
func layRowOpen(r store.Row) row {
	return row{
		Collection: r.Collection, Added: r.Added, Class: r.Class,
		ID: string([]byte(r.ID)), Version: string([]byte(r.Version)), Spec: string([]byte(r.Spec)), Source: r.Source,
		Body: string(sealed.Open(r.Body)),
	}
}
