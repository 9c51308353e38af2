package account_test

import (
	"fmt"
	"strings"
	"testing"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// What belonged to a removed account goes with it, also more than one batch of
// it, and where the removal was cut short at the next start; nothing else goes.
func TestARemovedAccountLeavesNothingBehind(t *testing.T) {
	h := newHouse(t)
	h.Belong("draft", "watch")
	id := map[string]string{}
	for _, name := range []string{"ana", "bo", "cy"} {
		acc, _, err := h.Add(t.Context(), h.by, account.Application{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		id[name] = h.principal(acc).ID
	}
	write := func(put func(tx store.Tx)) {
		t.Helper()
		if _, err := h.store.Commit(t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error { put(tx); return nil }}); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx store.Tx) {
		for i := range 2500 {
			tx.Set("draft", fmt.Sprint(id["ana"], "\x00", i), []byte("x"))
		}
		for _, owner := range id {
			tx.Set("watch", owner+"\x00", nil)
			tx.Set("draft", owner, nil)
			tx.Set("other", owner+"\x00", nil)
		}
	})
	left := func(name string) string {
		var all []string
		for _, table := range []string{"draft", "watch", "other"} {
			for row, err := range h.store.Rows(table, id[name]) {
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, table+strings.TrimPrefix(row.Key, id[name]))
			}
		}
		return strings.Join(all, " ")
	}
	if err := h.Remove(t.Context(), h.by, "ana"); err != nil {
		t.Fatal(err)
	}
	if got := left("ana"); got != "draft other\x00" {
		t.Errorf("of ana is left %q", got)
	}
	if got := left("bo"); got != "draft watch\x00 other\x00" {
		t.Errorf("of bo is left %q", got)
	}

	write(func(tx store.Tx) { tx.Set("account-gone", id["cy"], nil) }) // as after a cut
	if err := h.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := left("cy"); got != "draft other\x00" {
		t.Errorf("of cy is left %q", got)
	}
	for row := range h.store.Rows("account-gone", "") {
		t.Errorf("%q is still to be tidied", row.Key)
	}
}
