package exchange_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"entente/internal/exchange"
)

// meanwhile has something published between a look at what is to go and its removal: in
// front of the next commit.
func (h *house) meanwhile(b *between, raw string) {
	done := false
	b.set(func() {
		b.commit = func() error {
			if done {
				return nil
			}
			done = true
			_, err := h.x.Publish(context.Background(), h.operator, publication(h.t, raw))
			return err
		}
	})
}

// strict is an identity that makes notes stricter, which refer to it.
var strict = made("identity", 1, t1, red, `,"name":"x"`)

// What is given another class, and so another date, while it is looked for goes all the
// same.
func TestWhatMovesMeanwhileIsErased(t *testing.T) {
	for name, erase := range map[string]func(h *house) (int, error){
		"by its marking": func(h *house) (int, error) {
			return h.x.EraseDue(t.Context(), time.Now().Add(31*24*time.Hour))
		},
		"on request": func(h *house) (int, error) {
			return h.x.EraseObjects(t.Context(), h.cleo, []string{idOf("note", 1)})
		},
		"recalled": func(h *house) (int, error) {
			return h.x.Recall(t.Context(), h.cleo, "c", idOf("note", 1), exchange.Query{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, b := buildBetween(t)
			h.kept(private, 30)
			h.publish(h.operator, object(1, t1, private, ``), object(1, t2, private, ``))
			h.meanwhile(b, strict)
			if n, err := erase(h); n != 2 || err != nil {
				t.Errorf("%d went (%v); want two versions", n, err)
			}
			if got := h.given(h.cleo, idOf("note", 1)); len(got) != 0 {
				t.Errorf("left: %q", got)
			}
			for _, table := range []string{"personal-held", "erase-due", "personal-came"} {
				if got := rowsOf(t, h, table); len(got) != 0 {
					t.Errorf("%s has %q", table, got)
				}
			}
		})
	}
}

// A producer's stricter version moves the older ones, too, and is there to be recalled.
func TestARecallTakesWhatAStricterVersionMoves(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, green, ``), object(1, t2, green, ``))
	h.meanwhile(b, object(1, t3, red, ``))
	if n, err := h.x.Recall(t.Context(), h.operator, "c", idOf("note", 1), exchange.Query{}); n != 3 || err != nil {
		t.Errorf("%d are taken (%v); want all three", n, err)
	}
	h.gives("after", idOf("note", 1), 0, 0, 0)
}

// What the one who recalls does not see any more is not found, and stays.
func TestARecallTakesNothingThatIsHiddenMeanwhile(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, green, ``))
	h.meanwhile(b, strict)
	if _, err := h.x.Recall(t.Context(), h.bo, "c", idOf("note", 1), exchange.Query{}); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("%v; want that it is not found", err)
	}
	h.gives("after", idOf("note", 1), 0, 0, 1)
}

// It takes all, also where only some have moved.
func TestARecallTakesWhatMovesAndWhatStays(t *testing.T) {
	h, b := buildBetween(t)
	h.publish(h.operator, object(1, t1, red, ``), object(1, t2, green, ``)) // the first is as strict already
	h.meanwhile(b, strict)
	if n, err := h.x.Recall(t.Context(), h.operator, "c", idOf("note", 1), exchange.Query{}); n != 2 || err != nil {
		t.Errorf("%d are taken (%v); want both", n, err)
	}
	h.gives("after", idOf("note", 1), 0, 0, 0)
}
