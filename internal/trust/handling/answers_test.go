package handling_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/store"
	"entente/internal/trust/handling"
)

// What a reader is answered is the same whether others, who are like it or not, asked
// before or nobody did; and it is what Decide says.
func TestReadersWhoAreAlikeChangeNothingForEachOther(t *testing.T) {
	texts := []string{"tlp:clear", "tlp:green", "tlp:amber", "tlp:amber+strict", "tlp:green opens:2026-11-26T12:01Z", "tlp:amber closes:2026-11-26T12:02Z",
		"tlp:amber to:org:cert-b", "tlp:amber not:org:cert-b", "tlp:green to:group:water", "tlp:amber not:person:p2@cert-c", "tlp:red to:person:p1@cert-b",
		"tlp:amber personal", "tlp:green unreviewed", "nonsense", "tlp:amber pap:red", "tlp:green to:org:cert-c opens:2026-11-26T12:01Z"}
	sets := everyPolicy(t)
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range sets {
			if !yield(name) {
				return
			}
		}
	})
	var readers []handling.Profile
	for _, org := range []string{"cert-a", "cert-b", "cert-c"} {
		for i, groups := range []string{"", "water\n", "energy\n"} {
			readers = append(readers, handling.Reader{Standing: handling.Partner, Org: org, Person: fmt.Sprintf("p%d@%s", i, org), Groups: groups, Purpose: handling.Defence}.Profile())
		}
	}
	readers = append(readers, own, handling.Reader{Standing: handling.Partner, Org: "cert-b", Purpose: handling.Research, Use: handling.UseBlock, Abroad: "US"}.Profile())
	rapid.Check(t, func(rt *rapid.T) {
		classes := []string{""}
		policy, at := handling.NewPolicy(nil), noon
		build := func() *handling.Gate {
			return handling.NewGate(func() []string { return classes }, func() *handling.Policy { return policy }, func() time.Time { return at })
		}
		shared := build()
		var changes []handling.Change
		for range rapid.IntRange(3, 25).Draw(rt, "steps") {
			switch rapid.IntRange(0, 3).Draw(rt, "step") {
			case 0:
				classes = append(slices.Clone(classes), rapid.SampledFrom(texts).Draw(rt, "class"))
			case 1:
				list := sets[rapid.SampledFrom(names).Draw(rt, "agreements")]
				if len(list) > 0 && rapid.Bool().Draw(rt, "just now") {
					changes = append(changes, handling.Change{At: at, Is: &list[0]})
				}
				policy = handling.NewPolicy(list, changes...)
			case 2:
				at = at.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "seconds")) * time.Second)
			}
			p := rapid.SampledFrom(readers).Draw(rt, "reader")
			allowed, runs := shared.Opened(p, 1)
			alone, since := build().Opened(p, 1)
			for id := range classes {
				id := store.ClassID(id)
				if allowed.Has(id) != alone.Has(id) {
					rt.Fatalf("class %q: %v among others, %v alone", classes[id], allowed.Has(id), alone.Has(id))
				}
				if c, err := handling.ParseClass(classes[id]); err == nil && allowed.Has(id) != handling.Decide(c, p, policy.With(p.Reader()), at).Allow {
					rt.Fatalf("class %q is %v, and not as it is decided", classes[id], allowed.Has(id))
				}
				if got, want := openedAt(runs, id), openedAt(since, id); got != want {
					rt.Fatalf("class %q: opened at %d among others, %d alone", classes[id], got, want)
				}
			}
		}
	})
}

// openedAt is when a class was opened by runs; 0 where it is in none.
func openedAt(runs []handling.Run, id store.ClassID) store.Tick {
	for _, run := range runs {
		if run.Classes.Has(id) {
			return run.At
		}
	}
	return 0
}

// Where the clock is set back before an embargo, who has not read yet is not let in
// because somebody else was.
func TestAnEmbargoHoldsForTheNextWhenTheClockIsSetBack(t *testing.T) {
	gate, _, seconds := movingGate([]string{"", "tlp:green opens:2026-11-26T12:01Z"})
	seconds.Store(60)
	if !gate.Clearance(partner, 1).Has(1) {
		t.Fatal("the embargo is not over")
	}
	seconds.Store(0)
	if gate.Clearance(everyProfile()["stranger"], 1).Has(1) {
		t.Error("another reader is let in before the embargo ends")
	}
}

// All of 10,000 classes that name nobody for 1,000 members under an invitation, as the
// first reads after a change of it take.
func BenchmarkRefillOfMany(b *testing.B) {
	classes := []string{""}
	for i := range 10_000 {
		classes = append(classes, "tlp:amber closes:"+noon.Add(time.Duration(i+60)*time.Minute).Format("2006-01-02T15:04Z"))
	}
	gate, policy, _ := movingGate(classes)
	var members []handling.Profile
	for i := range 1000 {
		org := fmt.Sprint("member ", i)
		members = append(members, handling.Reader{Standing: handling.Partner, Org: org, Person: "p@" + org, Purpose: handling.Defence}.Profile())
	}
	agreement := everyPolicy(b)["open"][0]
	for b.Loop() {
		policy.Store(handling.NewPolicy([]handling.Agreement{agreement}, handling.Change{At: noon, Is: &agreement}))
		for _, p := range members {
			if !gate.Clearance(p, 1).Has(1) {
				b.Fatal("the invitation releases nothing")
			}
		}
	}
}
