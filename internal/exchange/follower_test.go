package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/handling"
)

const waiting = 20 * time.Second

func yield() { runtime.Gosched() }

// counter is a follower that counts the objects it was given, in a row.
type counter struct {
	h     *house
	mu    sync.Mutex
	calls int
	fail  error
}

func (c *counter) Name() string { return "counter" }

func (c *counter) Follow(_ context.Context, changes *handling.Changes) (func(store.Tx) error, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.fail != nil {
		return nil, c.fail
	}
	n := changes.Len()
	return func(tx store.Tx) error {
		row, err := tx.Get("counter", "n")
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		old, _ := strconv.Atoi(string(row))
		tx.Set("counter", "n", []byte(strconv.Itoa(old+n)))
		return nil
	}, nil
}

func (c *counter) Reset(ctx context.Context) error {
	c.mu.Lock()
	c.fail = nil
	c.mu.Unlock()
	_, err := c.h.store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		tx.Delete("counter", "n")
		return nil
	}})
	return err
}

func (c *counter) count() int {
	row, _ := c.h.store.Get("counter", "n")
	n, _ := strconv.Atoi(string(row))
	return n
}

func TestAFollowerSeesEachChangeOnce(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""), object(2, t1, red, ""))
	c := &counter{h: h}
	h.x.Follow(c)
	eventually(t, "what was there is followed", func() bool { return c.count() == 2 })
	for i := range 20 {
		h.publish(h.operator, object(10+i, t1, green, ""))
	}
	eventually(t, "what came is followed", func() bool { return c.count() == 22 })

	h.close() // its cursor is kept
	h.open()
	c = &counter{h: h}
	h.x.Follow(c)
	h.publish(h.operator, object(50, t1, green, ""))
	eventually(t, "it goes on where it was", func() bool { return c.count() == 23 })
}

func TestAFollowerIsDroppedAndRebuilt(t *testing.T) {
	h := build(t)
	c := &counter{h: h}
	h.x.Follow(c)
	for i := range 5 {
		h.publish(h.operator, object(i+1, t1, green, ""))
	}
	eventually(t, "followed", func() bool { return c.count() == 5 })
	if _, err := h.x.Recall(t.Context(), h.cleo, "c", "note--00000000-0000-4000-8000-000000000001", exchange.Query{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the recall is followed", func() bool { return c.count() == 6 })
	if err := h.x.Rebuild(t.Context(), "counter"); err != nil {
		t.Fatal(err)
	}
	// Four objects are there, and the tombstone.
	eventually(t, "rebuilt from what is there", func() bool { return c.count() == 5 })
	if err := h.x.Rebuild(t.Context(), "nobody"); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("rebuilding a stranger: %v", err)
	}
}

// A follower that fails holds up no write, says so, and goes on once rebuilt.
func TestAFailingFollowerHoldsUpNothing(t *testing.T) {
	h := build(t)
	c := &counter{h: h, fail: errors.New("no room")}
	h.x.Follow(c)
	h.publish(h.operator, object(1, t1, green, ""))
	eventually(t, "its fault is told", func() bool {
		states, err := h.x.Followers()
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			if s.Name == "counter" {
				return s.Fault == "no room"
			}
		}
		return false
	})
	want(t, "a write", verdicts(h.publish(h.operator, object(2, t1, green, ""))), "new")
	if !waits(t, h, "counter") {
		t.Error("what the follower has not taken does not wait")
	}
	if err := h.x.Rebuild(t.Context(), "counter"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes on", func() bool { return c.count() == 2 })
}

func statement(id string) string {
	return fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","definition_type":"statement","definition":{"statement":"(c)"},"object_marking_refs":["%s"]}`, id, clear)
}

// An object that waits for its marking's definition reaches partners when the
// own member brings it, with a new date, so that those who poll by date see it.
func TestADefinitionOpensWhatWaitedForIt(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.publish(h.operator, object(1, t1, green, ""))
	waits := `,"object_marking_refs":["` + green + `","` + private + `"]`
	results := h.publish(h.operator, object(2, t1, "", waits), object(3, t1, green, ""))
	want(t, "before", h.sees(h.bo, exchange.Query{}), "1 3")

	h.publish(h.bo, statement(private)) // another organisation explains nothing
	want(t, "a partner's definition", h.sees(h.bo, exchange.Query{Types: []string{"note"}}), "1 3")

	cursor := results[1].Added
	h.publish(h.operator, statement("marking-definition--88888888-8888-4888-8888-888888888888"),
		`{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-02T00:00:00Z","definition_type":"statement","definition":{"statement":"(c)"},"object_marking_refs":["`+clear+`"]}`)
	eventually(t, "the object is opened", func() bool { return h.sees(h.bo, exchange.Query{Types: []string{"note"}}) == "1 3 2" })
	want(t, "by date", h.sees(h.bo, exchange.Query{After: cursor, Types: []string{"note"}}), "2")
}

// A name that arrives late opens RED to whom it names, as if it had been there,
// and to nobody where it is on another part than the label.
func TestALateNameOpensRedToWhomItNames(t *testing.T) {
	h := build(t)
	h.x.Follow()
	h.agree("one", handling.Red)
	parts := func(label, name string) string {
		return `,"granular_markings":[{"marking_ref":"` + label + `","selectors":["content"]},{"marking_ref":"` + name + `","selectors":["abstract"]}]`
	}
	h.publish(h.operator, object(1, t1, "", `,"object_marking_refs":["`+red+`","`+private+`"]`), object(2, t1, "", `,"abstract":"x"`+parts(red, private)), object(3, t1, green, ""))
	want(t, "before", h.sees(h.bo, exchange.Query{Types: []string{"note"}}), "3")
	h.publish(h.operator, `{"type":"marking-definition","spec_version":"2.1","id":"`+private+`","created":"2026-01-01T00:00:00Z","name":"x","extensions":{`+
		`"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","release_to":["person:bo@Brookwater"]}}}`)
	eventually(t, "the name opens", func() bool { return h.sees(h.bo, exchange.Query{Types: []string{"note"}}) == "3 1" })
}

// A definition that can open nothing to anybody, since another is missing still,
// leaves the dates alone.
func TestADefinitionThatOpensNothingMovesNothing(t *testing.T) {
	h := build(t)
	h.x.Follow()
	waits := `,"object_marking_refs":["` + amber + `","` + private + `","marking-definition--99999999-9999-4999-8999-999999999999"]`
	h.publish(h.operator, object(1, t1, "", waits), object(2, t1, green, ""))
	newest := h.publish(h.operator, statement(private))[0].Added
	eventually(t, "the definition is followed", func() bool {
		states, err := h.x.Followers()
		if err != nil {
			t.Fatal(err)
		}
		return states[0].Cursor >= newest
	})
	want(t, "own analyst", h.sees(h.ana, exchange.Query{Types: []string{"note"}}), "1 2")
}

// Together in one batch, in any order, nothing waits.
func TestADefinitionInTheSameBatchCountsAtOnce(t *testing.T) {
	h := build(t)
	waits := `,"object_marking_refs":["` + green + `","` + private + `"]`
	h.publish(h.operator, object(1, t1, "", waits), statement(private))
	want(t, "partner", h.sees(h.bo, exchange.Query{Types: []string{"note"}}), "1")
}

func TestPollersMissNothing(t *testing.T) {
	h := build(t)
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := h.x.Publish(t.Context(), h.ana, publication(t, object(w*1000+i+1, t1, green, ""))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := map[string]int{}
	var after store.Tick
	for len(seen) < writers*each {
		page, err := h.x.View(h.bo).Page(t.Context(), "c", exchange.Query{After: after, Limit: 7})
		if err != nil {
			t.Fatal(err)
		}
		for i := range page.Len() {
			seen[strings.Clone(page.ID(i))]++
			after = page.Added(i)
		}
		page.Close()
		if t.Failed() {
			break
		}
	}
	wg.Wait()
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was seen %d times", id, n)
		}
	}
}

// waits tells whether a follower has changes to take.
func waits(t *testing.T, h *house, name string) bool {
	t.Helper()
	states, err := h.x.Followers()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(states, func(s exchange.FollowerState) bool { return s.Name == name })
	if s := states[i]; (s.Waits > 0) != (s.Cursor < s.Newest) {
		t.Errorf("follower %s: oldest change waiting %d, cursor %d, newest %d", name, s.Waits, s.Cursor, s.Newest)
	}
	return states[i].Waits > 0
}

// Rows that members write take ticks, too; a follower is not behind for them.
func TestAFollowerThatTookAllIsNotBehind(t *testing.T) {
	h := build(t)
	h.x.Follow(&counter{h: h})
	h.publish(h.operator, object(1, t1, green, ""))
	eventually(t, "it is up to date", func() bool { return !waits(t, h, "counter") })
}
