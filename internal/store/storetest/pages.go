package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/store"
)

func pages(t *testing.T, open Open) {
	story(t, open, "AnEmptyCollectionGivesAnEmptyPage", func(k *keeper) {
		k.put(inCollection(2, indicator("a", v1, "elsewhere")))
		rows, more := k.pageOf(k.Store, all(1))
		k.same("rows", len(rows), 0)
		k.same("more", more, false)
	})

	story(t, open, "WhoSeesNoClassGetsNothing", func(k *keeper) {
		k.put(indicator("a", v1, "one"))
		for _, none := range []*store.Classes{nil, new(store.Classes), only(k, "red")} {
			q := all(1)
			q.Visible = none
			rows, more := k.pageOf(k.Store, q)
			k.same("rows", len(rows), 0)
			k.same("more", more, false)
		}
	})

	story(t, open, "APageAfterTheLastRowIsEmpty", func(k *keeper) {
		o := k.put(indicator("a", v1, "one"))
		q := all(1)
		q.After = o.Added
		rows, more := k.pageOf(k.Store, q)
		k.same("rows", len(rows), 0)
		k.same("more", more, false)
		q.After--
		k.same("just before", k.texts(q), []string{"one"})
	})

	story(t, open, "AManifestReadsNoBodies", func(k *keeper) {
		k.put(indicator("a", v1, "one"))
		q := all(1)
		q.Bodies = false
		rows := k.rows(q)
		k.same("id", rows[0].ID, "indicator--a")
		k.same("body", rows[0].Body, "")
	})

	story(t, open, "HundredsOfIDsAreOnePageInOrder", func(k *keeper) {
		const n = 300
		var puts, newer []store.Put
		var ids []string
		for i := range n {
			name := fmt.Sprintf("%03d", (i*7)%n)
			puts = append(puts, inClass([...]string{"green", "red"}[i%2], indicator(name, v1, name)))
			if i%3 == 0 {
				newer = append(newer, inClass("red", indicator(name, v2, name+" newer")))
			}
			if i%5 > 0 { // some are not asked for, some are twice, some are not there
				ids = append(ids, "indicator--"+name, "indicator--absent"+name, "indicator--"+name)
			}
		}
		k.puts(puts...)
		k.puts(newer...)
		some := latest(1)
		some.Visible = only(k, "green")
		for _, q := range []store.PageQuery{all(1), latest(1), some} {
			want := []row{}
			for i := 0; i < len(ids); i += 3 {
				q.IDs = ids[i : i+1]
				want = append(want, k.rows(q)...)
			}
			slices.SortFunc(want, func(a, b row) int { return cmp.Compare(a.Added, b.Added) })
			q.IDs = ids
			k.same("rows", k.rows(q), want)
			q.Named = true
			k.same("rows, where the ids were named", k.rows(q), want)
			q.Limit = 50
			k.same("pages", slices.Concat(k.walk(k.Store, q)...), want)
		}
	})

	story(t, open, "ThousandsOfObjectsOfOneBatchAreGivenOnceAndInOrder", func(k *keeper) {
		const n = 3000
		var puts []store.Put
		for i := range n {
			class := [...]string{"green", "amber", "red", "clear"}[i%4]
			puts = append(puts, inClass(class, indicator(fmt.Sprintf("%04d", i), v1, fmt.Sprint(i))))
		}
		out := k.puts(puts...)
		for i := 1; i < n; i++ {
			if out[i].Added <= out[i-1].Added {
				k.Fatalf("ticks of one batch do not rise: %d after %d", out[i].Added, out[i-1].Added)
			}
		}
		for _, limit := range []int{1, 2, 7, 100, 1000, n, n + 1} {
			for _, reader := range []struct {
				visible *store.Classes
				step    int
			}{{store.AllClasses(), 1}, {only(k, "red"), 4}, {only(k, "green", "red"), 2}} {
				if limit < 7 && reader.step == 1 {
					continue // thousands of pages; the others see the same edges
				}
				q := latest(1)
				q.Visible, q.Limit = reader.visible, limit
				q.Bodies = limit > 2
				k.walkSees(q, out, reader.step)
			}
		}
	})

	story(t, open, "MoreIsExact", func(k *keeper) {
		var out []store.Outcome
		for i := range 4 {
			out = append(out, k.put(indicator(fmt.Sprint(i), v1, fmt.Sprint(i))))
			k.put(inClass("red", indicator(fmt.Sprint("hidden", i), v1, "hidden")))
		}
		k.put(inCollection(2, indicator("elsewhere", v1, "elsewhere")))
		for limit := 1; limit <= 5; limit++ {
			q := all(1)
			q.Visible, q.Limit = only(k, "green"), limit
			rows, more := k.pageOf(k.Store, q)
			k.same("rows", len(rows), min(limit, 4))
			k.same(fmt.Sprintf("more at limit %d", limit), more, limit < 4)
		}
		q := all(1)
		q.Types, q.Limit, q.Visible = []string{"indicator"}, 3, only(k, "green")
		k.remove(1, out[3].Added)
		_, more := k.pageOf(k.Store, q)
		k.same("more when what followed was removed", more, false)
	})

	story(t, open, "MoreDoesNotCountOlderVersions", func(k *keeper) {
		k.puts(indicator("a", v3, "three"), indicator("a", v2, "two"), indicator("a", v1, "one"))
		q := latest(1)
		q.Limit = 1
		_, more := k.pageOf(k.Store, q)
		k.same("more", more, false)
	})

	story(t, open, "PagesFollowTheDateAddedAndNotTheVersion", func(k *keeper) {
		k.put(indicator("c", v3, "c"))
		k.put(indicator("a", v1, "a"))
		k.put(indicator("b", v2, "b"))
		k.same("texts", k.texts(latest(1)), []string{"c", "a", "b"})
	})

	story(t, open, "MaxBytesEndsAPageEarly", func(k *keeper) {
		var size int
		for i := range 6 {
			p := indicator(fmt.Sprint(i), v1, strings.Repeat("x", 100))
			size = len(p.Body)
			k.put(p)
		}
		for _, c := range []struct{ bytes, rows int }{
			{0, 6}, {1, 1}, {size - 1, 1}, {size, 1}, {2*size - 1, 1}, {2 * size, 2}, {5*size + 1, 5}, {6 * size, 6},
		} {
			q := all(1)
			q.MaxBytes = c.bytes
			rows, more := k.pageOf(k.Store, q)
			k.same(fmt.Sprintf("rows in %d bytes", c.bytes), len(rows), c.rows)
			k.same("more", more, c.rows < 6)
			total := 0
			for _, page := range k.walk(k.Store, q) {
				total += len(page)
			}
			k.same("rows in all pages", total, 6)
		}
		q := all(1)
		q.MaxBytes, q.Bodies = 1, false
		k.same("a manifest has no bodies to bound", len(k.rows(q)), 6)
	})

	story(t, open, "NothingIsMissedWhenManyCollectionsAreWrittenAtOnce", func(k *keeper) {
		var puts []store.Put
		for i := range 60 {
			puts = append(puts, inCollection(store.Collection(i%3+1), indicator(fmt.Sprint(i), v1, fmt.Sprint(i))))
		}
		k.puts(puts...)
		for c := store.Collection(1); c <= 3; c++ {
			k.same("rows", len(k.rows(latest(c))), 20)
		}
	})
}

// walkSees pages through q and expects one in step of what was put: those
// that q may see, each once, in order, and all pages but the last full.
func (k *keeper) walkSees(q store.PageQuery, out []store.Outcome, step int) {
	k.Helper()
	var want []store.Tick
	for _, o := range out {
		if q.Visible.Has(o.Class) {
			want = append(want, o.Added)
		}
	}
	k.same("rows that should be seen", len(want), len(out)/step)
	var got []store.Tick
	pages := k.walk(k.Store, q)
	for i, page := range pages {
		if i < len(pages)-1 && len(page) != q.Limit {
			k.Fatalf("page %d of limit %d has %d rows and says that there is more", i, q.Limit, len(page))
		}
		for _, r := range page {
			got = append(got, r.Added)
		}
	}
	k.same(fmt.Sprintf("ticks at limit %d", q.Limit), got, want)
}
