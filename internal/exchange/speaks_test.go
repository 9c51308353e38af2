package exchange_test

import (
	"fmt"
	"testing"

	"entente/internal/exchange"
	"entente/internal/trust/account"
)

// speaks gives for whom an object speaks, as somebody is told.
func (h *house) speaks(p account.Principal, id string) string {
	h.t.Helper()
	view := h.x.View(p)
	page, err := view.Page(h.t.Context(), "c", exchange.Query{IDs: []string{id}, Limit: 1, Bodies: true})
	if err != nil || page.Len() != 1 {
		h.t.Fatalf("%d objects, %v", page.Len(), err)
	}
	defer page.Close()
	org, err := view.Speakers().Of(h.t.Context(), page, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return org
}

func identity(n int, modified, name string) string {
	return made("identity", n, modified, green, `,"name":"`+name+`","identity_class":"organization"`)
}

func by(n int, author int, marking string) string {
	return made("note", n, t1, marking, `,"created_by_ref":"`+idOf("identity", author)+`","content":"x","object_refs":["`+idOf("identity", author)+`"]`)
}

func TestNobodySpeaksForAnother(t *testing.T) {
	h := &house{t: t, dir: t.TempDir(), operator: account.Operator(own), identity: idOf("identity", 9)}
	h.open()
	t.Cleanup(func() { h.close() })
	c, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "c"})
	if err != nil {
		t.Fatal(err)
	}
	grants := map[string]account.Access{c.ID: account.Read}
	bo := account.Principal{Account: "bo", Org: "Brookwater", Grants: grants}
	ana := account.Principal{Account: "ana", Org: own, Own: true, Grants: grants}

	h.from("Hub", identity(1, t1, "Brookwater"), by(1, 1, green)) // passed on
	h.from("Brookwater", by(2, 1, green))                         // whose identity came by another
	h.from("Mallow", identity(2, t1, "Mallow"), by(3, 1, green), by(4, 2, green))
	h.from("Mallow", identity(1, "2026-01-05T00:00:00Z", "Nobody")) // takes nobody's name away
	h.from(own, by(5, 1, green), identity(9, t1, own), by(6, 9, green))
	h.from("Cedar", by(7, 7, green)) // by nobody who is known
	h.from("Dara", identity(8, t1, "DARA"), by(8, 8, green))
	h.from("Elm", made("identity", 10, t1, red, `,"name":"Elm","identity_class":"organization"`), by(9, 10, red))
	// Whoever is first with as many versions as count of each takes nothing from the next.
	var many []string
	for i := range 101 {
		many = append(many, identity(11, fmt.Sprintf("2025-01-01T00:%02d:%02dZ", i/60, i%60), "Nobody"))
	}
	h.from("Mallow", many...)
	h.from("Fern", identity(11, t1, "Fern"), by(10, 11, green))
	h.from("Mallow", by(11, 11, green))
	for n, want := range map[int]string{10: "Fern", 11: "", 1: "", 2: "Brookwater", 3: "", 4: "Mallow", 5: "", 6: own, 7: "", 8: "Dara"} {
		if got := h.speaks(ana, idOf("note", n)); got != want {
			t.Errorf("note %d speaks for %q, want %q", n, got, want)
		}
		if got := h.speaks(bo, idOf("note", n)); got != "" {
			t.Errorf("a partner learns that note %d speaks for %q", n, got)
		}
	}
	if got := h.speaks(h.operator, idOf("note", 9)); got != "Elm" {
		t.Errorf("note 9 speaks for %q", got)
	}
}
