package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// namely is what a reader is given of an id that objects name, and of what refers
// to who: last digits and versions. Single look-ups remember what they read.
func (h *house) namely(by account.Principal, id, who string) string {
	h.t.Helper()
	var found []string
	pages, err := h.x.View(by).Objects(h.t.Context(), []string{id})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range pages {
		for i := range p.Len() {
			found = append(found, strings.Clone(p.Version(i)[:10]))
		}
		p.Close()
	}
	r, err := h.x.View(by).Edges(h.t.Context(), []string{who}, 10, "")
	if err != nil {
		h.t.Fatal(err)
	}
	defer r.Close()
	for i := range r.Len() {
		found = append(found, fmt.Sprintf("by %s", r.Version(i)[:10]))
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// plainly is the same of the id, as a page that remembers nothing of it has it.
func (h *house) plainly(by account.Principal, id string) string {
	h.t.Helper()
	page, err := h.x.View(by).Page(h.t.Context(), "c", exchange.Query{IDs: []string{id}, Limit: 100})
	if err != nil {
		h.t.Fatal(err)
	}
	defer page.Close()
	var found []string
	for i := range page.Len() {
		found = append(found, strings.Clone(page.Version(i)[:10]))
	}
	return strings.Join(found, " ")
}

// What single look-ups remember is of one instant, and who may have it is decided
// each time: a version, an agreement and its end, a recall and an erasure are in
// force with the next question.
func TestWhatIsRememberedOutlivesNothing(t *testing.T) {
	h := build(t)
	const id, who = "note--00000000-0000-4000-8000-000000000001", "identity--00000000-0000-4000-8000-000000000001"
	first, second := t1[:10], t2[:10]
	both := func(version string) string { return version + " by " + version }
	for _, step := range []struct {
		what          string
		do            func()
		bo, ana, cleo string
	}{
		{"nothing", func() {}, "", "", ""},
		{"published", func() { h.publish(h.operator, object(1, t1, amber, "")) }, "", both(first), both(first)},
		{"agreed", func() { h.agree("brook", handling.Amber) }, both(first), both(first), both(first)},
		{"agreed no more", func() { h.agree("brook", 0) }, "", both(first), both(first)},
		{"agreed again", func() { h.agree("stream", handling.Amber) }, both(first), both(first), both(first)},
		{"newer and stricter", func() { h.publish(h.operator, object(1, t2, red, "")) }, "?", "?", both(second)},
		{"recalled", func() {
			if _, err := h.x.Recall(t.Context(), h.operator, "c", id, exchange.Query{Versions: store.VersionFilter{All: true}}); err != nil {
				t.Fatal(err)
			}
		}, "", "", ""},
		{"published anew", func() { h.publish(h.operator, object(1, "2026-01-03T00:00:00Z", green, "")) }, both("2026-01-03"), both("2026-01-03"), both("2026-01-03")},
		{"erased", func() {
			if _, err := h.x.EraseObjects(t.Context(), h.cleo, []string{id}); err != nil {
				t.Fatal(err)
			}
		}, "", "", ""},
	} {
		step.do()
		for _, time := range []string{"read", "remembered"} {
			for _, c := range []struct {
				by   account.Principal
				want string
			}{{h.bo, step.bo}, {h.ana, step.ana}, {h.cleo, step.cleo}} {
				what := fmt.Sprintf("%s, %s, %s", step.what, c.by.Account, time)
				if c.want == "?" { // whatever he is shown, it is the same
					if c.want = h.plainly(c.by, id); c.want != "" {
						c.want = both(c.want)
					}
				}
				want(t, what, h.namely(c.by, id, who), c.want)
			}
		}
	}
}
