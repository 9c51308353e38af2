package exchange_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

// seen is one line of a model of the audit.
type seen struct{ account, version string }

// What the audit says of each object is what was given of it, whoever read it,
// in whatever way, also after recalls and restarts.
func TestWhoSawIsExact(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := build(t)
		h.x.Follow()
		model := map[string]map[seen]bool{} // by id: content or not
		note := func(by account.Principal, page *exchange.Page, content bool) {
			defer page.Close()
			for i := range page.Len() {
				id, line := string([]byte(page.ID(i))), seen{by.Account, string([]byte(page.Version(i)))}
				if model[id] == nil {
					model[id] = map[seen]bool{}
				}
				model[id][line] = model[id][line] || content
			}
		}
		id := func(n int) string { return fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n) }
		reader := func() account.Principal {
			return rapid.SampledFrom([]account.Principal{h.ana, h.bo, h.cleo}).Draw(rt, "reader")
		}
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			n := rapid.IntRange(1, 4).Draw(rt, "n")
			switch rapid.SampledFrom([]string{"publish", "publish", "page", "page", "versions", "recall", "restart"}).Draw(rt, "step") {
			case "publish":
				day := rapid.IntRange(1, 5).Draw(rt, "day")
				h.publish(h.operator, object(n, fmt.Sprintf("2026-01-%02dT00:00:00Z", day), rapid.SampledFrom([]string{clear, green, amber, red}).Draw(rt, "marking"), ""))
			case "page":
				by := reader()
				q := exchange.Query{Limit: rapid.IntRange(1, 3).Draw(rt, "limit"), Bodies: rapid.Bool().Draw(rt, "bodies"), Versions: store.VersionFilter{All: rapid.Bool().Draw(rt, "all")}}
				for {
					page, err := h.x.View(by).Page(t.Context(), "c", q)
					if err != nil {
						rt.Fatal(err)
					}
					q.Next = page.Next
					note(by, page, q.Bodies)
					if q.Next == "" {
						break
					}
				}
			case "versions":
				by := reader()
				page, err := h.x.View(by).Versions(t.Context(), "c", id(n))
				if err == nil {
					note(by, page, false)
				} else if !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
			case "recall":
				if _, err := h.x.Recall(t.Context(), h.operator, "c", id(n), exchange.Query{}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
			case "restart":
				h.close()
				h.open()
				h.x.Follow()
			}
		}
		h.followed()
		for n := 1; n <= 4; n++ {
			sights, gaps, err := h.x.WhoSaw(t.Context(), h.operator, id(n))
			if err != nil || len(gaps) > 0 {
				rt.Fatal(err, gaps)
			}
			got := map[seen]bool{}
			for _, s := range sights {
				line := seen{s.Reader.Account, s.Version}
				got[line] = got[line] || s.Content
				if s.From.Before(s.Added) || s.Until.Before(s.From) {
					rt.Fatalf("%s was given %s from %v until %v, and it came at %v", line.account, s.Version, s.From, s.Until, s.Added)
				}
			}
			if diff := cmp.Diff(model[id(n)], got, cmp.Comparer(func(a, b map[seen]bool) bool {
				return len(a) == len(b) && (len(a) == 0 || cmp.Equal(fmt.Sprint(a), fmt.Sprint(b)))
			})); diff != "" {
				rt.Fatalf("object %d: %s", n, diff)
			}
		}
		for _, by := range []account.Principal{h.ana, h.bo, h.cleo} {
			want, got := map[string]bool{}, map[string]bool{}
			for object, lines := range model {
				for line := range lines {
					if line.account == by.Account {
						want[object+" "+line.version] = true
					}
				}
			}
			sights, _, err := h.x.WhatSaw(t.Context(), h.operator, by.Account, time.Time{}, 10_000)
			if err != nil {
				rt.Fatal(err)
			}
			for _, s := range sights {
				got[s.Object+" "+s.Version] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("%s: %s", by.Account, diff)
			}
		}
		h.close()
		h.open()
	})
}

// followed waits until the followers have taken all that there is.
func (h *house) followed() {
	h.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		states, err := h.x.Followers()
		if err != nil {
			h.t.Fatal(err)
		}
		waiting := false
		for _, s := range states {
			waiting = waiting || s.Waits > 0
		}
		if !waiting {
			return
		}
		select {
		case <-tick.C:
		case <-h.t.Context().Done():
			h.t.Fatal("the followers do not come to an end")
		}
	}
}

// A node that is killed before it wrote what it gave says so after its restart,
// and says of whom; one that ends in peace has no gap.
func TestAuditKnowsItsGaps(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	h.read(h.bo, exchange.Query{})
	if err := h.store.Close(); err != nil { // as if killed: the ledger finds the store closed
		t.Fatal(err)
	}
	h.x.Close()
	h.open()
	_, gaps, err := h.x.WhoSaw(t.Context(), h.operator, "note--00000000-0000-4000-8000-000000000001")
	if err != nil || len(gaps) != 1 || gaps[0].Reader.Account != "bo" || gaps[0].Until.IsZero() {
		t.Errorf("%v, %v; want one gap of bo", gaps, err)
	}
	h.close()
	h.open()
	if _, gaps, err = h.x.WhoSaw(t.Context(), h.operator, "note--00000000-0000-4000-8000-000000000001"); err != nil || len(gaps) != 1 {
		t.Errorf("%v, %v; want the same gap after a quiet end", gaps, err)
	}
}

// Who names an object that is not for him leaves a denial with its reason; what
// does not exist leaves none. Only auditors and admins may ask.
func TestDenials(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, amber, ""))
	for n := 1; n <= 2; n++ {
		page, err := h.x.View(h.bo).Page(t.Context(), "c", exchange.Query{Limit: 1, IDs: []string{fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n)}})
		if err != nil {
			t.Fatal(err)
		}
		page.Close()
	}
	list, err := h.x.Denials(t.Context(), h.operator, time.Time{}, 10)
	if err != nil || len(list) != 1 || list[0].Reader.Account != "bo" || list[0].Object != "note--00000000-0000-4000-8000-000000000001" || list[0].Reason == "" {
		t.Errorf("%+v, %v; want the one that exists", list, err)
	}
	auditor := account.Principal{ID: "1", Account: "ada", Org: own, Own: true, Role: account.Auditor}
	if _, err := h.x.Denials(t.Context(), auditor, time.Time{}, 10); err != nil {
		t.Error(err)
	}
	for _, by := range []account.Principal{h.ana, h.bo, h.cleo} {
		if _, err := h.x.Denials(t.Context(), by, time.Time{}, 10); !errors.Is(err, exchange.ErrForbidden) {
			t.Errorf("%s: %v, want ErrForbidden", by.Account, err)
		}
	}
}

// A seal binds the readings and the acts to the log; whoever changes a row
// afterwards is found out.
func TestSealedAudit(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	h.read(h.bo, exchange.Query{})
	seal, err := h.x.SealAudit(t.Context(), h.operator)
	if err != nil || seal.Readings != 1 {
		t.Fatalf("%+v, %v", seal, err)
	}
	problems := func() (list []string) {
		t.Helper()
		if err := h.x.VerifyAudit(t.Context(), h.operator, func(p string) { list = append(list, p) }); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if p := problems(); len(p) > 0 {
		t.Error(p)
	}
	_, err = h.store.Commit(t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for row, err := range tx.Rows("audit-reading", "") {
			if err != nil {
				return err
			}
			row.Value[len(row.Value)-1]++
			tx.Set("audit-reading", row.Key, row.Value)
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	if p := problems(); len(p) != 1 {
		t.Errorf("%q; want one problem", p)
	}
}
