package exchange_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/store"
)

// on puts the exchange on a store.
func (h *house) on(st store.Store) {
	h.t.Helper()
	x, err := exchange.Open(h.t.Context(), st, exchange.Options{Own: own})
	if err != nil {
		h.t.Fatal(err)
	}
	h.x = x
}

// owing has malware 2 become red on a disk that is full once faces are owed for it,
// so that they do not come.
func (h *house) owing() *between {
	h.t.Helper()
	h.x.Close()
	full := false
	trouble := &between{Store: h.store}
	h.on(trouble)
	trouble.set(func() {
		trouble.commit = func() error {
			if full = full || len(rowsOf(h.t, h, "face-owed")) > 0; full {
				return store.ErrFull
			}
			return nil
		}
	})
	if _, err := h.x.Publish(h.t.Context(), h.operator, publication(h.t, malware(2, t2, red))); err == nil {
		h.t.Error("it is acknowledged, though what is shown is not there yet")
	}
	return trouble
}

// What is shown of an object that becomes stricter is not lost, wherever a kill or
// a full disk comes in between.
func TestFacesComeAfterAKill(t *testing.T) {
	all := false
	for stop := 1; !all; stop++ { // transactions, until they are all there are
		h := build(t)
		h.publish(h.operator, malware(1, t1, green), malware(2, t1, green), report(1, green, 1, 2), report(2, green, 1, 2))
		h.x.Close()
		commits := 0
		trouble := &between{Store: h.store, commit: func() error {
			if commits++; commits > stop {
				return store.ErrFull
			}
			return nil
		}}
		h.on(trouble)
		_, err := h.x.Publish(t.Context(), h.operator, publication(t, malware(2, t2, red)))
		all = err == nil
		h.x.Close()
		h.on(h.store)
		m2There := len(h.given(h.cleo, m2)) == 2
		for n := 1; n <= 2; n++ {
			h.gives("after the start", idOf("report", n), 1, 1, 1)
			if body := h.given(h.bo, idOf("report", n)); len(body) == 1 && m2There == strings.Contains(body[0], m2) {
				t.Errorf("stopped after %d: bo is given %s", stop, body)
			}
		}
		if rows := rowsOf(t, h, "face-owed"); len(rows) > 0 {
			t.Errorf("stopped after %d: %d rows are left", stop, len(rows))
		}
		h.verify()
	}
}

// What refers to something, and what refers to that, becomes as strict, wherever a kill
// or a full disk comes in between, and whoever wrote it.
func TestWhatRefersIsStricterAfterAKill(t *testing.T) {
	for _, curated := range []bool{true, false} {
		all := false
		for stop := 1; !all; stop++ { // transactions, until they are all there are
			h := build(t)
			writer := h.bo
			if curated {
				writer = h.operator
			}
			h.from("Cedar", malware(1, t1, green), malware(2, t1, green))
			for _, raw := range []string{relation(1, 1, 2, green), about(1, r1), about(2, idOf("note", 1)), report(1, green, 2), about(3, idOf("report", 1))} {
				h.publish(writer, raw)
			}
			h.x.Close()
			commits := 0
			h.on(&between{Store: h.store, commit: func() error {
				if commits++; commits > stop {
					return store.ErrFull
				}
				return nil
			}})
			p := publication(t, malware(2, t2, red))
			p.Source = "Cedar"
			_, err := h.x.Publish(t.Context(), h.operator, p)
			all = err == nil
			h.x.Close()
			h.on(h.store)
			what := fmt.Sprintf("stopped after %d, by a curator %v", stop, curated)
			for _, id := range []string{m2, r1, idOf("note", 1), idOf("note", 2), idOf("report", 1), idOf("note", 3)} {
				want := []int{0, 0, 1}
				if id == m2 {
					want[2] = 2
				}
				h.gives(what, id, want...)
			}
			h.verify()
		}
	}
}

// A face that is owed is no looser than a version that comes before it, nor is what was
// written by who could read it.
func TestOwedFacesAreWithdrawn(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green), report(1, green, 1, 2))
	h.publish(h.bo, about(1, idOf("report", 1)))
	trouble := h.owing()
	trouble.set(func() { trouble.commit = nil })
	h.publish(h.operator, strings.Replace(report(1, red, 1), `"modified":"`+t1, `"modified":"`+t2, 1))
	h.gives("its producer marked stricter", idOf("report", 1), 0, 0, 2)
	h.gives("its producer marked stricter", idOf("note", 1), 0, 0, 1)
	h.verify()
}

// A face that is owed goes with its object.
func TestOwedFacesGoWithTheirObjects(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green), report(1, green, 1, 2), report(2, green, 1, 2))
	trouble := h.owing()
	h.x.Close()
	h.gives("before the start", idOf("report", 2), 0, 0, 1)
	if n := len(rowsOf(t, h, "face-owed")); n != 2 {
		t.Errorf("%d faces are owed, want 2", n)
	}
	trouble.set(func() { trouble.commit = nil })
	if _, err := h.x.Recall(t.Context(), h.operator, "c", idOf("report", 1), exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	if n := len(rowsOf(t, h, "face-owed")); n != 1 {
		t.Errorf("%d faces are owed, want 1", n)
	}
	h.on(h.store)
	h.gives("after the start", idOf("report", 1), 0, 0, 0)
	h.gives("after the start", idOf("report", 2), 1, 1, 1)
	h.verify()
}

// scales weighs what is written in one batch, and counts what is read at once.
type scales struct {
	store.Store
	bytes, places int // at most
}

func (s *scales) Commit(ctx context.Context, b *store.Batch) ([]store.Outcome, error) {
	n := 0
	for i := range b.Puts {
		n += len(b.Puts[i].Body)
	}
	s.bytes = max(s.bytes, n)
	return s.Store.Commit(ctx, b)
}

func (s *scales) Fetch(ctx context.Context, places []store.Place, latest store.Scope) (*store.Page, error) {
	s.places = max(s.places, len(places))
	return s.Store.Fetch(ctx, places, latest)
}

// However many and long the objects are that become stricter, few of them are held
// at once.
func TestTighteningHoldsFewObjects(t *testing.T) {
	h := build(t)
	letters := 200_000
	if testing.Short() { // the race detector looks at each of them
		letters /= 10
	}
	long := `,"description":"` + strings.Repeat("x", letters) + `","name":`
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green))
	for n := range 100 {
		h.publish(h.operator, strings.Replace(report(n, green, 1, 2), `,"name":`, long, 1))
	}
	h.x.Close()
	s := &scales{Store: h.store}
	h.on(s)
	h.publish(h.operator, malware(2, t2, red))
	if s.bytes > 9<<20 || s.places > 16 {
		t.Errorf("%d bytes were written at once, and %d objects read; want about 8 MiB and 16", s.bytes, s.places)
	}
	for n := range 100 {
		if body := h.given(h.bo, idOf("report", n)); len(body) != 1 || strings.Contains(body[0], m2) {
			t.Fatalf("bo is given %d of report %d", len(body), n)
		}
	}
}

// A face that is to come, and of which nothing may be shown any more before it
// does, does not come.
func TestOwedFacesThatShowNothingDoNotCome(t *testing.T) {
	h := build(t)
	h.publish(h.operator, malware(1, t1, green), malware(2, t1, green))
	h.publish(h.bo, report(1, green, 1, 2))
	trouble := h.owing()
	trouble.set(func() { trouble.commit = nil })
	// That bo could see this one only its own publication knows.
	h.publish(h.operator, malware(1, t2, red))
	h.gives("after the other", idOf("report", 1), 0, 0, 1)
	h.x.Close()
	h.on(h.store)
	h.gives("after the start", idOf("report", 1), 0, 0, 1)
	if n := len(rowsOf(t, h, "face-owed")); n != 0 {
		t.Errorf("%d faces are owed", n)
	}
	h.verify()
}

// An object that comes again shows no more than it did, though what it refers to has
// gone meanwhile.
func TestAnObjectThatComesAgainShowsNoMore(t *testing.T) {
	h := build(t)
	raw := made("report", 1, t1, green, `,"name":"r","published":"2026-01-01T00:00:00Z","description":"plant","object_refs":["`+m1+`"],"granular_markings":[{"marking_ref":"`+red+`","selectors":["description"]}]`)
	h.publish(h.operator, malware(1, t1, green), raw)
	h.gives("before", idOf("report", 1), 1, 1, 1)
	h.publish(h.operator, malware(1, t2, red))
	h.gives("after", idOf("report", 1), 0, 0, 1)
	if _, err := h.x.Recall(t.Context(), h.operator, "c", m1, exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	h.publish(h.operator, raw)
	h.gives("again", idOf("report", 1), 0, 0, 1)
	h.verify()
}
