package exchange_test

import (
	"errors"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
)

const t3 = "2026-01-03T00:00:00Z"

// edit publishes a version of note 1 that was made from another.
func (h *house) edit(by account.Principal, from, modified, marking string) error {
	h.t.Helper()
	p := publication(h.t, object(1, modified, marking, ""))
	p.Expect = []exchange.Expect{{ID: p.Objects[0].ID, Version: from}}
	_, err := h.x.Publish(h.t.Context(), by, p)
	return err
}

func TestAnEditOfAStaleVersionWritesNothing(t *testing.T) {
	h := build(t)
	h.publish(h.ana, object(1, t1, green, ""))
	if err := h.edit(h.ana, t1, t2, green); err != nil {
		t.Fatal(err)
	}
	if err := h.edit(h.bo, t1, t3, green); !errors.Is(err, exchange.ErrStale) {
		t.Errorf("the second of two editors is answered %v", err)
	}
	if err := h.edit(h.bo, "", t3, green); !errors.Is(err, exchange.ErrStale) {
		t.Errorf("who expects nothing is answered %v", err)
	}
	if err := h.edit(h.bo, t2, t3, green); err != nil {
		t.Error(err)
	}
}

// What a writer is told depends only on what the writer may see.
func TestANewerVersionThatIsNotSeenMakesNoEditStale(t *testing.T) {
	h := build(t)
	h.publish(h.ana, object(1, t1, green, ""))
	h.from("Fernwood", object(1, t2, red, ""))
	if err := h.edit(h.ana, t1, t3, green); err != nil {
		t.Errorf("an editor learns of a version in a class that is closed to them: %v", err)
	}
	if err := h.edit(h.wim, "", "2026-01-04T00:00:00Z", green); err != nil {
		t.Errorf("who may only write learns that something is there: %v", err)
	}
}

func TestPublicationsTogetherAreAllOrNothing(t *testing.T) {
	h := build(t)
	if _, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "d"}); err != nil {
		t.Fatal(err)
	}
	one, two := publication(t, object(1, t1, green, "")), publication(t, object(1, t1, green, ""), object(2, t1, green, ""))
	two.Collection = "d"
	refuse := errors.New("thought better of it")
	note := func(then error) func(store.Tx, [][]exchange.Result) error {
		return func(tx store.Tx, results [][]exchange.Result) error {
			if len(results) != 2 || len(results[1]) != 2 || results[1][1].Verdict != exchange.New {
				t.Errorf("the transaction is told %v", results)
			}
			tx.Set("test", "row", []byte("written"))
			return then
		}
	}
	if _, err := h.x.PublishAll(t.Context(), h.operator, []exchange.Publication{one, two}, note(refuse)); !errors.Is(err, refuse) {
		t.Errorf("the error of the transaction comes back as %v", err)
	}
	if _, err := h.x.Record("test", "row"); !errors.Is(err, exchange.ErrNotFound) {
		t.Error("a row of an abandoned batch is there")
	}
	if _, err := h.x.PublishAll(t.Context(), h.operator, []exchange.Publication{one, two}, note(nil)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{"c", "d"} {
		page, err := h.x.View(h.operator).Page(t.Context(), c, exchange.Query{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if page.Len() == 0 {
			t.Errorf("collection %s is empty", c)
		}
		page.Close()
	}
}
