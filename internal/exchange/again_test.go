package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// around is what a view shows of an object and of what refers to it.
func around(ctx context.Context, t rapid.TB, v *exchange.View, id string) []byte {
	var text strings.Builder
	tell := func(p *exchange.Page) {
		for i := range p.Len() {
			fmt.Fprintf(&text, "%s %s %s\n", v.Alias(p.Collection(i)), p.ID(i), p.Bytes(i))
		}
		p.Close()
	}
	pages, err := v.Objects(ctx, []string{id})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		tell(p)
	}
	refs, err := v.Edges(ctx, []string{id}, 20, "")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(&text, refs.Of, refs.More)
	tell(refs.Page)
	return []byte(text.String())
}

// An answer that is given again is the one that would be made now, and who was given it
// stands in the audit as if it had been.
func TestWhatIsGivenAgainIsWhatWouldBeMade(t *testing.T) {
	asked, made := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		h := build(t)
		bo, bea := h.bo, h.bo
		bo.ID, bea.ID, bea.Account = "1", "2", "bea"
		id := func(n int) string { return fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n) }
		ask := func(n int) {
			for {
				before := h.store.Now()
				asked++
				got, err := h.x.View(bo).Again(t.Context(), id(n), time.Now(), func(v *exchange.View) ([]byte, time.Time, error) {
					made++
					return around(t.Context(), rt, v, id(n)), time.Time{}, nil
				})
				if err != nil {
					rt.Fatal(err)
				}
				want := around(t.Context(), rt, h.x.View(bea), id(n))
				if h.store.Now() != before { // what is of another class now came between
					continue
				}
				if diff := cmp.Diff(string(want), string(got)); diff != "" {
					rt.Fatalf("what is given again of object %d differs:\n%s", n, diff)
				}
				return
			}
		}
		day, agreed := 0, false
		for range rapid.IntRange(2, 20).Draw(rt, "steps") {
			n := rapid.IntRange(1, 3).Draw(rt, "n")
			switch rapid.SampledFrom([]string{"ask", "ask", "ask", "ask", "publish", "relate", "recall", "agree", "grant"}).Draw(rt, "step") {
			case "ask":
				ask(n)
			case "publish":
				day++
				h.publish(h.operator, object(n, fmt.Sprintf("2026-01-%02dT00:00:00Z", day), rapid.SampledFrom([]string{clear, green, amber, red}).Draw(rt, "marking"), ""))
			case "relate":
				other := rapid.IntRange(4, 6).Draw(rt, "other")
				marking := rapid.SampledFrom([]string{green, amber, red}).Draw(rt, "marking")
				h.publish(h.operator, strings.Replace(object(other, t1, marking, ""), "identity--00000000-0000-4000-8000-000000000001", id(n), 1))
			case "recall":
				if _, err := h.x.Recall(t.Context(), h.operator, "c", id(n), exchange.Query{}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
			case "agree":
				level := rapid.SampledFrom([]handling.Level{0, handling.Green, handling.Amber}).Draw(rt, "level")
				if level != 0 || agreed {
					h.agree("brook", level)
				}
				agreed = level != 0
			case "grant":
				bo.Grants, bea.Grants = map[string]account.Access{}, map[string]account.Access{}
				if rapid.Bool().Draw(rt, "granted") {
					bo.Grants, bea.Grants = h.bo.Grants, h.bo.Grants
				}
			}
		}
		for n := 1; n <= 6; n++ {
			sights, _, err := h.x.WhoSaw(t.Context(), h.operator, id(n))
			if err != nil {
				rt.Fatal(err)
			}
			got, want := map[string]bool{}, map[string]bool{}
			for _, s := range sights {
				of := map[string]map[string]bool{"bo": got, "bea": want}[s.Reader.Account]
				of[fmt.Sprint(s.Version, s.Content, s.Added)] = true
			}
			if diff := cmp.Diff(want, got); diff != "" {
				rt.Fatalf("who was given object %d again: %s", n, diff)
			}
		}
	})
	if t.Logf("asked %d times, made %d times", asked, made); made >= asked {
		t.Error("nothing was ever given again")
	}
}

// An answer that tells of times holds until the first of them, and not before it was made.
func TestAnAnswerHoldsUntilTimeChangesIt(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	reader := h.bo
	reader.ID = "1"
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	made := 0
	ask := func(at time.Time, want int) {
		t.Helper()
		text, err := h.x.View(reader).Again(t.Context(), "q", at, func(*exchange.View) ([]byte, time.Time, error) {
			made++
			return fmt.Append(nil, made), noon.Add(time.Hour), nil
		})
		if err != nil || string(text) != fmt.Sprint(want) {
			t.Errorf("at %v: %q, %v; want %d", at, text, err, want)
		}
	}
	ask(noon, 1)
	ask(noon.Add(time.Hour-1), 1)
	ask(noon.Add(-1), 2)
	ask(noon, 2)
	ask(noon.Add(time.Hour), 3)
	ask(noon.Add(time.Hour), 4)
}

// What fails, is large, or is asked by nobody in particular is not kept.
func TestWhatIsNotKept(t *testing.T) {
	h := build(t)
	reader := h.bo
	ask := func(size int, fails error) (made bool) {
		t.Helper()
		_, err := h.x.View(reader).Again(t.Context(), "q", time.Now(), func(*exchange.View) ([]byte, time.Time, error) {
			made = true
			return make([]byte, size), time.Time{}, fails
		})
		if !errors.Is(err, fails) {
			t.Errorf("%v, want %v", err, fails)
		}
		return made
	}
	trouble := errors.New("trouble")
	twice := func(size int, fails error) (first, second bool) { return ask(size, fails), ask(size, fails) }
	for _, c := range []struct {
		reader string
		size   int
		fails  error
		kept   bool
	}{{"", 1, nil, false}, {"1", 1 << 20, nil, false}, {"1", 1, trouble, false}, {"1", 1, nil, true}} {
		reader.ID = c.reader
		if first, second := twice(c.size, c.fails); !first || second == c.kept {
			t.Errorf("%+v: made %v, %v", c, first, second)
		}
	}
}

// What leaves once more by its place is accounted for as if it had been read, and does not
// leave where it may not be read any more.
func TestWhatLeavesOnceMore(t *testing.T) {
	h := build(t)
	h.agree("brook", handling.Amber)
	for n := range 5 {
		h.publish(h.operator, object(n+1, t1, []string{green, amber}[n%2], ""))
	}
	bo, bea := h.bo, h.bo
	bo.ID, bea.ID, bea.Account = "1", "2", "bea"
	page, err := h.x.View(bo).Page(t.Context(), "c", exchange.Query{Limit: 10, Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	places := make([]store.Place, page.Len())
	for i := range places {
		places[len(places)-1-i] = page.Place(i)
	}
	page.Close()
	if all, err := h.x.View(bea).GiveAgain(t.Context(), places); !all || err != nil || len(places) != 5 {
		t.Fatalf("%d places: %v, %v", len(places), all, err)
	}
	h.agree("brook", 0)
	cat := bea
	cat.ID, cat.Account = "3", "cat"
	if all, err := h.x.View(cat).GiveAgain(t.Context(), places); all || err != nil {
		t.Fatalf("without an agreement: %v, %v", all, err)
	}
	sights, _, err := h.x.WhoSaw(t.Context(), h.operator, "note--00000000-0000-4000-8000-000000000002")
	if err != nil {
		t.Fatal(err)
	}
	var saw []string
	for _, s := range sights {
		saw = append(saw, fmt.Sprint(s.Reader.Account, " ", s.Content))
	}
	if slices.Sort(saw); !slices.Equal(saw, []string{"bea true", "bo true"}) {
		t.Errorf("seen by %q", saw)
	}
}
