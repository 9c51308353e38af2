package search_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/search"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// kept is a membership as a plain list has it.
type kept struct {
	thing
	raw        string
	collection string
	added      store.Tick
}

// sees tells whether a reader may see it.
func (d *desk) sees(p account.Principal, k kept) bool {
	if p.Account == d.ana.Account {
		return k.tlp != "red"
	}
	return strings.HasPrefix(k.collection, "c") && (k.tlp == "green" || k.tlp == "clear")
}

// scan answers a query by looking at everything that the reader may see.
func (d *desk) scan(p account.Principal, query string, all []kept) []string {
	newest := map[string]kept{}
	for _, k := range all {
		old, there := newest[k.id()]
		if d.sees(p, k) && (!there || cmp.Or(stix.CompareVersions(k.modified, old.modified), cmp.Compare(k.added, old.added)) > 0) {
			newest[k.id()] = k
		}
	}
	type ranked struct {
		kept
		rank int
	}
	var found []ranked
	for _, k := range newest {
		if rank, ok := search.Plainly(query, []byte(k.raw), int64(k.added)); ok {
			found = append(found, ranked{k, rank})
		}
	}
	slices.SortFunc(found, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.added, a.added))
	})
	lines := []string{}
	for _, f := range found {
		lines = append(lines, f.id()+" "+f.modified+" "+f.collection)
	}
	return lines
}

// stand gives all the labels and dates that they have by now: a version by somebody
// else than who brought an object is as strict as that.
func (d *desk) stand(all []kept) {
	d.Helper()
	view := d.x.View(account.Operator(ownOrg))
	for i := range all {
		k := &all[i]
		page, err := view.Page(d.ctx(), k.collection, exchange.Query{IDs: []string{k.id()}, Limit: 100, Versions: store.VersionFilter{All: true}})
		if err != nil {
			d.Fatal(err)
		}
		for n := range page.Len() {
			if page.Version(n) == k.modified {
				k.added, k.tlp = page.Added(n), page.Class(n).TLP.String()
			}
		}
		page.Close()
	}
}

func (d *desk) lines(p account.Principal, query string, limit int) []string {
	d.Helper()
	lines := []string{}
	for _, h := range d.hits(p, query, limit) {
		lines = append(lines, h.ID+" "+h.Date+"T00:00:00.000Z "+h.Collection)
	}
	return lines
}

// anew is the desk with empty collections, for one run of a property.
func (d *desk) anew(tb rapid.TB) *desk {
	tb.Helper()
	d.again++
	fresh := *d
	fresh.TB = tb
	fresh.furnish(d.suffix())
	return &fresh
}

func (d *desk) suffix() string { return fmt.Sprint(d.again) }

var (
	someWords   = []string{"evil", "APT-28", "apt28", "cobalt", "strike", "Cobalt Strike", "海莲花", "évil"}
	someQueries = []string{"evil", "apt28", "apt 28", "cobalt strike", `"cobalt strike"`, "co*", "evil -strike", `-"cobalt strike" cobalt`,
		"type:tool", "evil type:malware", "label:evil", "evil since:2024-01-02", "until:2024-01-02 cobalt", "莲花", "cobalt evil strike", "label:cobalt strike"}
)

func someThing(rt *rapid.T) thing {
	words := func(name string, most int) string {
		return fmt.Sprint(rapid.SliceOfN(rapid.SampledFrom(someWords), 0, most).Draw(rt, name))
	}
	return thing{
		typ: rapid.SampledFrom([]string{"malware", "tool", "indicator"}).Draw(rt, "type"), n: rapid.IntRange(1, 6).Draw(rt, "id"),
		name: words("name", 2), description: words("description", 3),
		aliases: rapid.SliceOfN(rapid.SampledFrom(someWords), 0, 1).Draw(rt, "aliases"), labels: rapid.SliceOfN(rapid.SampledFrom(someWords), 0, 1).Draw(rt, "labels"),
		modified: rapid.SampledFrom([]string{"2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z", "2024-02-01T00:00:00.000Z"}).Draw(rt, "modified"),
		tlp:      rapid.SampledFrom([]string{"green", "clear", "amber", "red"}).Draw(rt, "tlp"),
	}
}

// A search gives what a scan of all that its reader may see gives, in the same
// order, whatever the size of the pages.
func TestSearchAnswersAsAScanDoes(t *testing.T) {
	once := newDesk(t)
	rapid.Check(t, func(rt *rapid.T) {
		d := once.anew(rt)
		var all []kept
		for range rapid.IntRange(1, 6).Draw(rt, "changes") {
			if len(all) > 0 && rapid.IntRange(0, 3).Draw(rt, "recall") == 0 {
				all = d.recall(all, rapid.SampledFrom(all).Draw(rt, "recalled"))
				continue
			}
			collection := rapid.SampledFrom([]string{"c", "d"}).Draw(rt, "collection") + d.suffix()
			things := rapid.SliceOfN(rapid.Custom(someThing), 1, 8).Draw(rt, "things")
			all = append(all, d.keep(collection, things...)...)
		}
		d.settled()
		d.stand(all)
		for _, p := range []account.Principal{d.ana, d.bo} {
			for range 6 {
				query := rapid.SampledFrom(someQueries).Draw(rt, "query")
				limit := rapid.SampledFrom([]int{1, 2, 100}).Draw(rt, "limit")
				d.same(p.Account+" asks for "+query, d.lines(p, query, limit), d.scan(p, query, all))
			}
		}
	})
}

// What a reader may not see changes nothing for him: hits, their order, cursors
// and counts.
func TestWhatIsUnseenChangesNothing(t *testing.T) {
	once := newDesk(t)
	rapid.Check(t, func(rt *rapid.T) {
		seen := rapid.SliceOfN(rapid.Custom(someThing), 1, 12).Draw(rt, "seen")
		query := rapid.SampledFrom(someQueries).Draw(rt, "query")
		var answers [2][]string
		for world := range 2 {
			d := once.anew(rt)
			var things []thing
			came := map[string]bool{}
			for _, o := range seen {
				for world == 1 && rapid.Bool().Draw(rt, "hidden") {
					h := someThing(rt)
					h.tlp, h.modified = "red", "2025-01-01T00:00:00.000Z"
					if !came[h.id()] || rapid.Bool().Draw(rt, "other id") { // who brings an object first binds others
						h.n += 100
					}
					things = append(things, h)
				}
				came[o.id()] = true
				if o.tlp == "red" {
					o.tlp = "amber"
				}
				things = append(things, o)
			}
			d.keep("c"+d.suffix(), things...)
			d.settled()
			for _, h := range d.hits(d.ana, query, 2) {
				answers[world] = append(answers[world], fmt.Sprintf("%s %s %s %s %s", h.ID, h.Name, h.Date, h.Matched, h.Snippet))
			}
		}
		if !slices.Equal(answers[0], answers[1]) {
			rt.Fatalf("%s: %q, beside the unseen %q", query, answers[0], answers[1])
		}
	})
}
