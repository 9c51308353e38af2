package exchange_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// agree makes, replaces or ends the agreement with bo's organisation.
func (h *house) agree(name string, tlp handling.Level, in ...store.Collection) {
	h.t.Helper()
	history, _ := h.book.History(name)
	var err error
	if tlp == 0 {
		_, err = h.book.End(h.t.Context(), h.operator, name)
	} else {
		_, err = h.book.Add(h.t.Context(), h.operator, handling.Agreement{Name: name, Kind: handling.Bilateral, To: []handling.Name{"org:brookwater"},
			TLP: tlp, PAP: handling.PAPRed, Purposes: handling.Defence, Grounds: 1, Collections: in}, len(history))
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// poller reads a collection again and again, from the last date it was told.
type poller struct {
	h     *house
	who   account.Principal
	date  store.Tick
	got   map[string]int // how often each object came
	pages []string       // what each page was, to the cursor
}

// poll reads what is new, by pages of at most limit, and checks the dates.
func (p *poller) poll(limit int) {
	p.h.t.Helper()
	q := exchange.Query{After: p.date, Limit: limit, Versions: store.VersionFilter{All: true}, Bodies: true, Types: []string{"note"}}
	for {
		page, err := p.h.x.View(p.who).Page(p.h.t.Context(), "c", q)
		if err != nil {
			p.h.t.Fatal(err)
		}
		text := ""
		for i := range page.Len() {
			if page.Date(i) < p.date {
				p.h.t.Fatalf("a page goes back from date %d to %d", p.date, page.Date(i))
			}
			p.date = page.Date(i)
			id := strings.Clone(page.ID(i))
			p.got[id]++
			text += fmt.Sprint(id[len(id)-4:], "@", page.Date(i), " ")
		}
		p.pages = append(p.pages, text+page.Next)
		more := page.More()
		q.Next = page.Next
		if page.Len() > limit || more != (q.Next != "") {
			p.h.t.Fatalf("%d objects of at most %d, more is %v, and the cursor %q", page.Len(), limit, more, q.Next)
		}
		page.Close()
		if !more {
			return
		}
	}
}

func (h *house) poller(who account.Principal) *poller {
	return &poller{h: h, who: who, got: map[string]int{}}
}

// Whatever is published, agreed and ended while a partner polls by date: he
// gets each object that he may see, and none twice unless it was opened twice.
func TestPollersGetWhatIsOpenedLater(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h := build(t)
			r := rand.New(rand.NewPCG(seed, 1))
			p := h.poller(h.bo)
			labels := []string{clear, green, amber, red}
			in, narrowed := map[string]handling.Level{}, false
			for i := range 120 {
				switch n := r.IntN(10); {
				case n < 6:
					h.publish(h.operator, object(i+1, t1, labels[r.IntN(len(labels))], ""))
				case n < 9:
					p.poll(1 + r.IntN(5))
				default:
					name := []string{"one", "two"}[r.IntN(2)]
					level := []handling.Level{0, handling.Green, handling.Amber, handling.Amber}[r.IntN(4)]
					if level == 0 && in[name] == 0 {
						continue
					}
					h.agree(name, level)
					narrowed = narrowed || level < in[name]
					in[name] = level
				}
			}
			p.poll(3)
			seen := h.poller(h.bo)
			seen.poll(7)
			for id := range seen.got {
				if p.got[id] == 0 {
					t.Errorf("%s is seen, and never came by polling", id)
				}
			}
			if most := slices.Max(mapValues(p.got)); most > 1 && !narrowed {
				t.Errorf("something came %d times though nothing was ended or narrowed", most)
			}
		})
	}
}

func mapValues(m map[string]int) (values []int) {
	for _, n := range m {
		values = append(values, n)
	}
	return values
}

// One agreement, made late: everything comes once, in the order of its dates.
func TestWhatAnAgreementOpensComesOnce(t *testing.T) {
	h := build(t)
	for i := range 50 {
		h.publish(h.operator, object(i+1, t1, []string{green, amber}[i%2], ""))
	}
	p := h.poller(h.bo)
	p.poll(4)
	if len(p.got) != 25 {
		t.Fatalf("before the agreement %d objects came", len(p.got))
	}
	before := p.date
	h.agree("one", handling.Amber)
	h.publish(h.operator, object(51, t1, amber, ""), object(52, t1, green, ""))
	p.poll(4)
	if len(p.got) != 52 || slices.Max(mapValues(p.got)) != 1 || p.date <= before {
		t.Errorf("after the agreement %d objects have come, one of them %d times", len(p.got), slices.Max(mapValues(p.got)))
	}
	h.close() // what was opened keeps its date over a restart
	h.open()
	again := &poller{h: h, who: h.bo, date: before, got: map[string]int{}}
	again.poll(9)
	if len(again.got) != 27 {
		t.Errorf("from the same date after a restart %d objects come", len(again.got))
	}
}

// What is agreed for one collection opens it there, at that date; what was read there
// before by another agreement keeps its dates, and elsewhere nothing changes.
func TestWhatIsAgreedForACollectionOpensItThere(t *testing.T) {
	h := build(t)
	other, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "other"})
	if err != nil {
		t.Fatal(err)
	}
	first, ok := h.number("c")
	if !ok || other.Number == first {
		t.Fatal(first, other.Number)
	}
	for i := range 20 {
		h.publish(h.operator, object(i+1, t1, []string{green, amber}[i%2], ""))
	}
	p := h.poller(h.bo)
	p.poll(4)
	h.agree("there", handling.Amber, other.Number)
	before := slices.Clone(p.pages)
	if p.poll(4); len(p.got) != 10 || len(p.pages) != len(before)+1 {
		t.Errorf("for another collection, and %d objects came", len(p.got))
	}
	h.agree("here", handling.Amber, first, other.Number)
	h.publish(h.operator, object(21, t1, amber, ""))
	p.poll(3)
	h.agree("one", handling.Amber)
	h.agree("here", 0)
	p.poll(3)
	if len(p.got) != 21 || slices.Max(mapValues(p.got)) != 1 {
		t.Errorf("agreed here, then for all, then here no more: %d objects came, one of them %d times", len(p.got), slices.Max(mapValues(p.got)))
	}
	h.agree("one", handling.Amber, other.Number)
	if seen := h.poller(h.bo); true {
		if seen.poll(7); len(seen.got) != 10 {
			t.Errorf("agreed elsewhere alone, %d objects are seen", len(seen.got))
		}
	}
}

// number is that of a collection.
func (h *house) number(alias string) (store.Collection, bool) {
	c, err := h.x.View(h.operator).Collection(alias)
	return c.Number, err == nil
}

// An embargo that ends is such an opening.
func TestWhatAnEmbargoHeldBackComesWhenItEnds(t *testing.T) {
	h := build(t)
	until := time.Now().Add(10 * time.Minute).UTC().Format(time.RFC3339)
	definition := `{"type":"marking-definition","spec_version":"2.1","id":"` + private + `","created":"2026-01-01T00:00:00Z","name":"x","extensions":{` +
		`"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","embargo_until":"` + until + `"}}}`
	h.publish(h.operator, definition, object(1, t1, "", `,"object_marking_refs":["`+green+`","`+private+`"]`), object(2, t1, green, ""))
	p := h.poller(h.bo)
	p.poll(1)
	if len(p.got) != 1 {
		t.Fatalf("under the embargo %v came", p.got)
	}
	h.ahead.Store(int64(12 * time.Minute))
	p.poll(1)
	if len(p.got) != 2 || slices.Max(mapValues(p.got)) != 1 {
		t.Errorf("after the embargo there are %v", p.got)
	}
}

// Runs of what stands in other collections show in nothing: not in pages, nor
// where they end, nor in cursors.
func TestRunsOfOtherCollectionsDoNotShow(t *testing.T) {
	h := build(t)
	if _, err := h.x.AddCollection(t.Context(), h.operator, exchange.Collection{Alias: "hidden"}); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		h.publish(h.operator, object(i+1, t1, green, ""))
	}
	h.agree("one", handling.Amber)
	for i := range 10 {
		h.publish(h.operator, object(i+11, t1, green, ""))
	}
	read := func() (pages [][]string) {
		for limit := 1; limit < 23; limit += 3 {
			p := h.poller(h.bo)
			p.poll(limit)
			pages = append(pages, p.pages)
		}
		return pages
	}
	before := read()
	hidden := publication(t, object(100, t1, amber, ""))
	hidden.Collection = "hidden"
	if _, err := h.x.Publish(t.Context(), h.operator, hidden); err != nil {
		t.Fatal(err)
	}
	for i, pages := range read() {
		if !slices.Equal(before[i], pages) {
			t.Errorf("before %q\nafter  %q", before[i], pages)
		}
	}
}
