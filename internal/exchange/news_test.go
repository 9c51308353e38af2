package exchange_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// mirror is what somebody keeps who is told news of notes.
type mirror struct {
	point exchange.Point
	notes map[string]string // the newest version of each
	anew  int
}

func (m *mirror) add(raw []byte) error {
	var o struct{ ID, Modified string }
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	if stix.CompareVersions(o.Modified, m.notes[o.ID]) > 0 {
		m.notes[o.ID] = o.Modified
	}
	return nil
}

// refresh takes the news in, or all where the view is another one.
func (m *mirror) refresh(t *testing.T, v *exchange.View) {
	t.Helper()
	news, err := v.News(t.Context(), m.point, "note")
	if errors.Is(err, exchange.ErrAnew) {
		m.anew++
		m.point, m.notes = v.Point(), map[string]string{}
		err = v.All(t.Context(), m.add, "note")
	} else if err == nil {
		for _, id := range news.Gone {
			delete(m.notes, id)
		}
		m.point = news.To
		err = v.Each(t.Context(), news, m.add)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Who is told the news has what who reads all has, for a partner and for a curator, whatever
// is published, marked otherwise, recalled and agreed; and is seldom sent to read all.
func TestNewsIsAllThatChanged(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			h, r := build(t), rand.New(rand.NewPCG(seed, 3))
			readers := []account.Principal{h.bo, h.cleo}
			mirrors := []mirror{{notes: map[string]string{}}, {notes: map[string]string{}}}
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for step := range 80 {
				at = at.Add(time.Minute)
				n := 1 + r.IntN(8)
				id := fmt.Sprintf("note--00000000-0000-4000-8000-%012d", n)
				switch k := r.IntN(20); {
				case k < 12:
					h.publish(h.operator, object(n, at.Format("2006-01-02T15:04:05.000Z"), []string{clear, green, amber, red}[r.IntN(4)], ""))
				case k < 16:
					if _, err := h.x.Recall(t.Context(), h.operator, "c", id, exchange.Query{}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
						t.Fatal(err)
					}
				case k < 17:
					h.agree("one", []handling.Level{handling.Green, handling.Amber}[r.IntN(2)])
				}
				if step%3 > 0 {
					continue
				}
				for i, who := range readers {
					v := h.x.View(who)
					mirrors[i].refresh(t, v)
					fresh := mirror{notes: map[string]string{}}
					if err := v.All(t.Context(), fresh.add, "note"); err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(fresh.notes, mirrors[i].notes); diff != "" {
						t.Fatalf("step %d, %s: %s", step, who.Account, diff)
					}
				}
			}
			if mirrors[1].anew != 1 {
				t.Errorf("a curator, who sees all at any time, was sent to read all %d times", mirrors[1].anew)
			}
		})
	}
}

// Nothing is told of what its reader may not see, neither that it is there nor that it goes;
// and a point is that reader's alone.
func TestNewsIsSilent(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, red, ""), object(2, t1, clear, ""))
	bo, cleo := h.x.View(h.bo), h.x.View(h.cleo)
	points := map[*exchange.View]exchange.Point{bo: bo.Point(), cleo: cleo.Point()}
	h.publish(h.operator, object(3, t1, red, ""))
	for _, n := range []int{1, 2, 3} {
		if _, err := h.x.Recall(t.Context(), h.operator, "c", idOf("note", n), exchange.Query{}); err != nil {
			t.Fatal(err)
		}
	}
	gone := map[*exchange.View]string{}
	for v, p := range maps.All(points) {
		news, err := v.News(t.Context(), p, "note")
		if err != nil {
			t.Fatal(err)
		}
		gone[v] = strings.Join(news.Gone, " ")
		if len(news.There) > 0 {
			t.Errorf("%v", news.There)
		}
	}
	if want := idOf("note", 2); gone[bo] != want {
		t.Errorf("bo is told that %s went, want %s", gone[bo], want)
	}
	if !strings.Contains(gone[cleo], idOf("note", 1)) {
		t.Errorf("cleo is told that %s went", gone[cleo])
	}
	if _, err := bo.News(t.Context(), points[cleo], "note"); !errors.Is(err, exchange.ErrAnew) {
		t.Errorf("bo by cleo's point: %v", err)
	}
	for _, text := range []string{"", "x", "BQ", points[bo].String()[1:]} {
		if _, err := exchange.ParsePoint(text); !errors.Is(err, exchange.ErrBadCursor) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if p, err := exchange.ParsePoint(points[bo].String()); err != nil || p != points[bo] {
		t.Errorf("%v, %v", p, err)
	}
}

// Who is told that something is gone has not asked for it in vain.
func TestNewsOfWhatIsGoneAreNoQuestions(t *testing.T) {
	h := build(t)
	h.publish(h.operator, object(1, t1, green, ""))
	v := h.x.View(h.bo)
	point := v.Point()
	h.publish(h.operator, object(1, t2, red, ""))
	news, err := v.News(t.Context(), point, "note")
	if err != nil || len(news.IDs()) != 1 {
		t.Fatalf("%d, %v", len(news.IDs()), err)
	}
	if err := v.Each(t.Context(), news, func(raw []byte) error { return fmt.Errorf("it was given: %s", raw) }); err != nil {
		t.Fatal(err)
	}
	if list, err := h.x.Denials(t.Context(), h.operator, time.Time{}, 10); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	if page, err := v.Page(t.Context(), "c", exchange.Query{IDs: news.Gone, Limit: 1}); err != nil || page.Len() != 0 {
		t.Fatal(err)
	}
	if list, err := h.x.Denials(t.Context(), h.operator, time.Time{}, 10); err != nil || len(list) != 1 {
		t.Errorf("asked by name: %+v, %v", list, err)
	}
}

// What was told to a reader is read as much at once as is soon read, however much it is.
func TestWhatWasToldIsReadAPageAtATime(t *testing.T) {
	h := build(t)
	var ids, got []string
	long := fmt.Sprintf(`,"abstract":%q`, strings.Repeat("x", 900_000))
	for n := 1; n <= 20; n++ {
		ids = append(ids, noteID(n))
		h.publish(h.operator, object(n, t1, clear, long))
	}
	for page, err := range h.x.View(h.bo).NewestPages(t.Context(), ids) {
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for i := range page.Len() {
			got, size = append(got, strings.Clone(page.ID(i))), size+len(page.Bytes(i))
		}
		if size > 9<<20 {
			t.Errorf("%d bytes at once", size)
		}
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Error(diff)
	}
}
