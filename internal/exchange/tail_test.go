package exchange_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// tailed reads on until nothing more is there, and counts what comes; it begins anew
// by its cursor where again says so.
func (h *house) tailed(t *exchange.Tail, q exchange.TailQuery, limit int, got map[string]int, again func() bool) *exchange.Tail {
	h.t.Helper()
	for {
		page, err := t.Read(h.t.Context(), h.bo, limit, 1<<20)
		if err != nil {
			h.t.Fatal(err)
		}
		if page == nil {
			return t
		}
		for i := range page.Len() {
			page.Pass(i)
			got[page.Alias+" "+page.ID(i)]++
			if again() { // the rest of the page is lost
				q.Cursor = t.Cursor()
				if t, err = h.x.Tail(h.bo, q); err != nil {
					h.t.Fatal(err)
				}
				break
			}
		}
		page.Close()
	}
}

// Whatever is published, agreed and ended while a partner reads on in several
// collections, and however often he loses the connection: he gets what polling
// each of them gives.
func TestATailGivesWhatPollingGives(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h, r := build(t), rand.New(rand.NewPCG(seed, 2))
			d, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"})
			if err != nil {
				t.Fatal(err)
			}
			late := maps.Clone(h.bo.Grants)
			late[d.ID] = account.Read
			q := exchange.TailQuery{All: true, Types: []string{"note"}}
			tail, err := h.x.Tail(h.bo, q)
			if err != nil {
				t.Fatal(err)
			}
			p, got, again := h.poller(h.bo), map[string]int{}, func() bool { return r.IntN(4) == 0 }
			for i := range 120 {
				switch n := r.IntN(10); {
				case n < 6:
					one := publication(t, object(i+1, t1, []string{clear, green, amber, red}[r.IntN(4)], ""))
					one.Collection = []string{"c", "d"}[r.IntN(2)]
					if _, err := h.x.Publish(t.Context(), h.operator, one); err != nil {
						t.Fatal(err)
					}
				case n < 9:
					tail = h.tailed(tail, q, 1+r.IntN(5), got, again)
					p.poll(2) // c
				default:
					h.agree([]string{"one", "two"}[r.IntN(2)], []handling.Level{handling.Green, handling.Amber}[r.IntN(2)])
				}
				if i == 60 {
					h.bo.Grants = late // all of d comes, from its start
				}
			}
			h.tailed(tail, q, 3, got, again)
			p.poll(2)
			for id, n := range p.got {
				if got["c "+id] < n {
					t.Errorf("%s came %d times by polling, %d times to the tail", id, n, got["c "+id])
				}
			}
			for _, alias := range []string{"c", "d"} {
				for _, id := range strings.Fields(h.all(h.bo, alias)) {
					if got[alias+" "+id] == 0 {
						t.Errorf("%s stands in %s and never came", id, alias)
					}
				}
			}
		})
	}
}

// all are the ids of a collection that a reader sees.
func (h *house) all(who account.Principal, collection string) (ids string) {
	h.t.Helper()
	for page, err := range h.x.View(who).Pages(h.t.Context(), collection, exchange.Query{Limit: 50, Types: []string{"note"}, Versions: store.VersionFilter{All: true}}) {
		if err != nil {
			h.t.Fatal(err)
		}
		for i := range page.Len() {
			ids += page.ID(i) + " "
		}
	}
	return ids
}

// A cursor is its reader's and its query's alone.
func TestATailsCursorIsItsOwn(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, green, ""))
	tail, err := h.x.Tail(h.bo, exchange.TailQuery{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := tail.Read(t.Context(), h.bo, 1, 0)
	if err != nil || page == nil || page.Len() != 1 {
		t.Fatalf("%v, %v", page, err)
	}
	begin := tail.Cursor()
	page.Pass(0)
	page.Close()
	cursor := tail.Cursor()
	if begin == cursor {
		t.Error("the cursor stays though an object has passed")
	}
	for name, ask := range map[string]struct {
		who account.Principal
		q   exchange.TailQuery
	}{
		"another reader": {h.ana, exchange.TailQuery{Cursor: cursor}}, "another filter": {h.bo, exchange.TailQuery{Cursor: cursor, Types: []string{"note"}}},
		"other collections": {h.bo, exchange.TailQuery{Cursor: cursor, Collections: []string{"c"}}}, "cut": {h.bo, exchange.TailQuery{Cursor: cursor[:20]}},
		"changed": {h.bo, exchange.TailQuery{Cursor: "B" + strings.Repeat("A", len(cursor)-1)}},
	} {
		if _, err := h.x.Tail(ask.who, ask.q); !errors.Is(err, exchange.ErrBadCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.x.Tail(h.bo, exchange.TailQuery{Collections: []string{"none"}}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("a collection that is not there: %v", err)
	}
	if _, err := h.x.Tail(h.wim, exchange.TailQuery{Collections: []string{"c"}}); !errors.Is(err, exchange.ErrForbidden) {
		t.Errorf("a collection that is only written to: %v", err)
	}
	h.bo.Grants = nil
	named, err := h.x.Tail(h.ana, exchange.TailQuery{Collections: []string{"c"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := named.Read(t.Context(), h.bo, 1, 0); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("when the grant is gone: %v", err)
	}
}
