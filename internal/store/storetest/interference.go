package storetest

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// interference is the property that a page is a function of what its reader
// may see: two worlds that differ only in what is hidden give the same.
func interference(t *testing.T, open Open) {
	t.Run("PagesDoNotDependOnWhatIsHidden", func(t *testing.T) {
		rapid.Check(t, func(rt *rapid.T) {
			visible := rapid.SliceOfN(someObject("A", "B"), 0, 20).Draw(rt, "visible")
			left, right := newKeeperFor(rt, t, open), newKeeperFor(rt, t, open)
			left.weave(rt, visible)
			right.weave(rt, visible)
			for range 8 {
				q := someQuery().Draw(rt, "query")
				left.same("page", right.released(q), left.released(q))
			}
			left.same("rows beside pages", right.releasedBeside(), left.releasedBeside())
			left.close()
			right.close()
		})
	})
}

var visibleClasses = []string{"green", "amber"}

// weave puts the visible objects, each at its own time, and hidden ones
// anywhere before, between and after them.
func (k *keeper) weave(rt *rapid.T, visible []store.Put) {
	// Hidden versions and digests clash with no visible one: what a writer is
	// told of a clash is for the exchange to blur.
	hidden := rapid.SliceOfN(someObject("H", "A"), 0, 20).Draw(rt, "hidden")
	hide := func() {
		draft := hidden[0]
		hidden = hidden[1:]
		version := draft.Version
		if version != "" {
			fraction := rapid.SampledFrom([]string{"000001", "7", "0000002"}).Draw(rt, "hidden fraction")
			version = "2024-01-01T10:00:00." + fraction + "Z"
		}
		p := carrying(object(draft.ID, version, "hidden"))
		p.Collection, p.Source = draft.Collection, draft.Source
		p.Class = rapid.SampledFrom([]string{"red", "black"}).Draw(rt, "hidden class")
		o := k.put(p)
		switch rapid.IntRange(0, 3).Draw(rt, "then") {
		case 0:
			k.remove(p.Collection, o.Added)
		case 1:
			k.reclass(p.Collection, o.Added, "dark")
		}
	}
	for i, p := range visible {
		for len(hidden) > 0 && rapid.Bool().Draw(rt, "one hidden first") {
			hide()
		}
		k.clock.set(epoch.Add(time.Duration(i+1) * time.Minute))
		k.put(inClass(visibleClasses[i%2], p))
	}
	for len(hidden) > 0 {
		hide()
	}
}

// released is all that a reader gets by paging through q, class numbers aside,
// which count all classes and are not for readers.
func (k *keeper) released(q store.PageQuery) (pages [][]row) {
	k.Helper()
	q.Visible = only(k, visibleClasses...)
	pages = k.walk(k.Store, q)
	for _, page := range pages {
		for i := range page {
			page[i].Class = 0
		}
	}
	return pages
}

func (k *keeper) releasedBeside() (list []string) {
	k.Helper()
	visible := only(k, visibleClasses...)
	scope := store.Scope{1: visible, 2: visible}
	tell := func(what string, p store.Place) {
		list = append(list, fmt.Sprintf("%s: %d %s %d", what, p.Collection, k.Classes()[p.Class], p.Added))
	}
	for _, id := range someIDs {
		rows, err := k.Versions(k.ctx(), 1, id, visible)
		k.ok(err)
		for _, r := range rows {
			tell(id+" "+r.Version, store.Place{Collection: 1, Class: r.Class, Added: r.Added})
		}
		edges, err := k.Edges(k.ctx(), []store.Target{{ID: id}}, scope, 5)
		k.ok(err)
		for _, e := range edges[0] {
			tell(id+" from "+e.Path, e.Place)
		}
	}
	carriers, err := k.Within(k.ctx(), store.Range{Kind: 1, From: "192.0.2.0", To: "192.0.2.9"}, scope, 5)
	k.ok(err)
	for _, c := range carriers {
		tell("in a range "+c.Text, c.Place)
	}
	for _, v := range someValues {
		places, err := k.Lookup(k.ctx(), v.Kind, v.Text, scope, 5)
		k.ok(err)
		for _, p := range places {
			tell(v.Text, p)
		}
	}
	return list
}
