package lookup_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
)

// clock is a time that a test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func (p *place) watches() (*lookup.Watches, *clock) {
	c := &clock{noon}
	return lookup.NewWatches(p.x, c.now), c
}

// turns are the changes of a check as "change id".
func (p *place) turns(w *lookup.Watches, name string, peek bool) []string {
	p.failer.Helper()
	c, err := w.Check(p.t.Context(), p.partner, name, peek)
	if err != nil {
		p.failer.Fatal(err)
	}
	out := []string{}
	for _, t := range c.Changes {
		out = append(out, string(t.What)+" "+t.ID)
	}
	return out
}

func (p *place) watch(w *lookup.Watches, name string, values ...string) lookup.Watch {
	p.failer.Helper()
	watch, err := w.Add(p.t.Context(), p.partner, name, values)
	if err != nil {
		p.failer.Fatal(err)
	}
	return watch
}

const ends = `{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000009","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","valid_until":"2026-06-02T00:00:00Z","object_marking_refs":["` + green + `"]}`

func TestWatchTellsWhatChanges(t *testing.T) {
	p := newWorld(t).place(t)
	w, now := p.watches()
	a, b := thing{typ: "indicator", n: 1, version: 1, value: "198.51.100.7"}, thing{typ: "indicator", n: 2, version: 1, value: "198.51.100.0/24"}
	p.publish(a.json(), ends)
	if watch := p.watch(w, "vpn", "198.51.100[.]7", "nobody.example"); watch.Known != 2 || !watch.Checked.Equal(noon) {
		t.Errorf("the watch begins as %+v", watch)
	}
	expect := func(peek bool, want ...string) {
		t.Helper()
		if got := p.turns(w, "vpn", peek); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	expect(false)
	p.publish(b.json())
	expect(true, "new "+b.id())
	expect(true, "new "+b.id())
	expect(false, "new "+b.id())
	expect(false)
	a.version++
	p.publish(a.json())
	expect(false, "changed "+a.id())
	now.Time = noon.AddDate(0, 0, 2)
	expect(false, "changed indicator--00000000-0000-4000-8000-000000000009") // it has expired
	sighting := `{"type":"sighting","spec_version":"2.1","id":"` + id("sighting", 1) + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","count":3,"sighting_of_ref":"` + a.id() + `","object_marking_refs":["` + green + `"]}`
	p.publish(sighting)
	expect(false, "changed "+a.id())
	a.version, a.value = a.version+1, "203.0.113.1" // it is about something else
	p.publish(a.json())
	expect(false, "gone "+a.id())
	expect(false)
}

func TestWatchReadsWithTheRightsOfItsOwnerNow(t *testing.T) {
	p := newWorld(t).place(t)
	w, _ := p.watches()
	a := thing{typ: "indicator", n: 1, version: 1, value: "198.51.100.7"}
	p.publish(a.json())
	p.watch(w, "vpn", "198.51.100.7")
	grants := p.partner.Grants
	p.partner.Grants = nil
	c, err := w.Check(t.Context(), p.partner, "vpn", false)
	if err != nil || len(c.Changes) != 1 || c.Changes[0].What != lookup.Gone || c.Changes[0].ID != a.id() || c.Changes[0].Finding != nil {
		t.Errorf("without the grant: %+v, %v", c, err)
	}
	a.version++
	p.publish(a.json())
	if got := p.turns(w, "vpn", false); len(got) > 0 {
		t.Errorf("a version that its owner may not see is told as %q", got)
	}
	p.partner.Grants = grants
	if got := p.turns(w, "vpn", false); !slices.Equal(got, []string{"new " + a.id()}) {
		t.Errorf("with the grant again: %q", got)
	}
	other := p.partner
	for _, by := range []struct{ who, id string }{{"ana", "2"}, {p.partner.Account, "3"}} { // also of the same name, opened later
		other.Account, other.ID = by.who, by.id
		if _, err := w.Check(t.Context(), other, "vpn", false); !errors.Is(err, exchange.ErrNotFound) {
			t.Errorf("%v checks the watch of another: %v", by, err)
		}
		if list, err := w.List(other); err != nil || len(list) > 0 {
			t.Errorf("%v is listed %+v, %v", by, list, err)
		}
	}
}

// Nothing that its owner may not see changes what a watch tells.
func TestNothingUnseenChangesACheck(t *testing.T) {
	world := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		visible := rapid.SliceOfN(someThing(false), 1, 12).Draw(rt, "visible")
		hidden := rapid.SliceOfN(someThing(true), 0, 12).Draw(rt, "hidden")
		half := rapid.IntRange(0, len(visible)).Draw(rt, "half")
		plain, mixed := world.place(rt), world.place(rt)
		w, _ := plain.watches()
		name := func(p *place) string { return p.alias }
		tell := func(p *place) string {
			c, err := w.Check(t.Context(), p.partner, name(p), false)
			if err != nil {
				rt.Fatal(err)
			}
			return p.told(c.Changes) + fmt.Sprint(c.More)
		}
		mixed.publishAll(hidden[:len(hidden)/2])
		for _, p := range []*place{plain, mixed} {
			p.publishAll(visible[:half])
			p.watch(w, name(p), append([]string{"malware 1.1"}, someValues...)...)
			p.publishAll(visible[half:])
		}
		mixed.publishAll(hidden[len(hidden)/2:])
		if a, b := tell(plain), tell(mixed); a != b {
			rt.Fatalf("told without what is hidden:\n%s\nand with it:\n%s", a, b)
		}
		mixed.publishAll(hidden)
		if got := mixed.turns(w, name(mixed), false); len(got) > 0 {
			rt.Fatalf("told of nothing: %q", got)
		}
	})
}

func TestEachChangeIsToldOnce(t *testing.T) {
	p := newWorld(t).place(t)
	w, _ := p.watches()
	p.watch(w, "vpn", "198.51.100.7")
	var all []thing
	for n := range 5 {
		all = append(all, thing{typ: "indicator", n: n, version: 1, value: "198.51.100.7"})
	}
	p.publishAll(all)
	var told sync.Map
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			c, err := w.Check(t.Context(), p.partner, "vpn", false)
			if err != nil {
				t.Error(err)
			}
			for _, turn := range c.Changes {
				if _, twice := told.LoadOrStore(turn.ID, true); twice {
					t.Errorf("%s is told twice", turn.ID)
				}
			}
		})
	}
	group.Wait()
	for _, o := range all {
		if _, ok := told.Load(o.id()); !ok {
			t.Errorf("%s is not told", o.id())
		}
	}
}

func TestWatchesAreBounded(t *testing.T) {
	p := newWorld(t).place(t)
	w, _ := p.watches()
	for _, c := range []struct {
		name   string
		values []string
		say    string
	}{
		{"", []string{"a.example"}, "letters"},
		{"a/b", []string{"a.example"}, "letters"},
		{strings.Repeat("x", 65), []string{"a.example"}, "letters"},
		{"vpn", nil, "1 to 100"},
		{"vpn", make([]string, 101), "1 to 100"},
		{"vpn", []string{""}, "no value"},
		{"vpn", []string{"a.example", "a.example"}, "twice"},
		{"vpn", slices.Collect(longTexts(5)), "16384"},
	} {
		if _, err := w.Add(t.Context(), p.partner, c.name, c.values); !errors.Is(err, exchange.ErrInvalid) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%.10q with %d values: %v; want %q", c.name, len(c.values), err, c.say)
		}
	}
	for n := range lookup.MaxWatches {
		p.watch(w, fmt.Sprint("w", n), "nobody.example")
	}
	if _, err := w.Add(t.Context(), p.partner, "more", []string{"a.example"}); !errors.Is(err, exchange.ErrInvalid) || !strings.Contains(err.Error(), "you have 1000") {
		t.Errorf("one more: %v", err)
	}
	if _, err := w.Add(t.Context(), p.partner, "w1", []string{"a.example"}); !errors.Is(err, exchange.ErrExists) {
		t.Errorf("the same name again: %v", err)
	}
	if err := w.Remove(t.Context(), p.partner, "w1"); err != nil {
		t.Fatal(err)
	}
	p.watch(w, "more", "a.example")
	if err := w.Remove(t.Context(), p.partner, "w1"); !errors.Is(err, exchange.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}

func longTexts(n int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(strings.Repeat(string(rune('a'+i)), 4000)) {
				return
			}
		}
	}
}

// What leaves an answer that is cut may be there still, and is not told as gone.
func TestACutAnswerTellsOfNothingThatIsOnlyLeftOut(t *testing.T) {
	p := newWorld(t).place(t)
	w, _ := p.watches()
	values := []string{"198.51.100.7"}
	for n := range 99 { // of 100 values ten objects each are compared
		values = append(values, fmt.Sprintf("w%d.example", n))
	}
	add := func(from, to int) {
		for n := from; n < to; n++ {
			o := thing{typ: "indicator", n: n, version: 1, value: "198.51.100.7"}
			p.publish(o.json())
		}
	}
	add(0, 10)
	p.watch(w, "vpn", values...)
	add(10, 13)
	c, err := w.Check(t.Context(), p.partner, "vpn", false)
	if err != nil || !c.More || len(c.Changes) != 3 || c.Changes[0].What != lookup.New || c.Changes[2].What != lookup.New {
		t.Errorf("three more than are compared: %v, %s", err, p.told(c))
	}
}
