package handling_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// A gate whose agreements and clock a test moves.
func movingGate(classes []string) (*handling.Gate, *atomic.Pointer[handling.Policy], *atomic.Int64) {
	var policy atomic.Pointer[handling.Policy]
	var seconds atomic.Int64
	policy.Store(handling.NewPolicy(nil))
	now := func() time.Time { return noon.Add(time.Duration(seconds.Load()) * time.Second) }
	return handling.NewGate(func() []string { return classes }, policy.Load, now), &policy, &seconds
}

// An agreement holds for the next read after it is there, and no longer than it
// is; so does an embargo.
func TestAgreementsAndTimeMoveTheClearance(t *testing.T) {
	gate, policy, seconds := movingGate([]string{"", "tlp:amber", "tlp:green opens:2026-11-26T12:01Z", "tlp:amber+strict"})
	sees := func() string {
		var s string
		for id := range 4 {
			if gate.Clearance(partner, 1).Has(store.ClassID(id)) {
				s += fmt.Sprint(id)
			}
		}
		return s
	}
	expect := func(when, want string) {
		t.Helper()
		if got := sees(); got != want {
			t.Errorf("%s: the partner sees %q, want %q", when, got, want)
		}
	}
	agreement := everyPolicy(t)["strict"][0]
	agreement.TLP, agreement.Until = handling.Amber, noon.Add(2*time.Minute)
	expect("at first", "")
	policy.Store(handling.NewPolicy([]handling.Agreement{agreement}))
	expect("with an agreement", "1")
	seconds.Store(59)
	expect("a second before the embargo ends", "1")
	seconds.Store(60)
	expect("when the embargo ends", "12")
	seconds.Store(120)
	expect("when the agreement ends", "2")
	seconds.Store(0)
	expect("when the clock steps back", "2") // what was released is out
	policy.Store(handling.NewPolicy(nil))
	expect("when the agreement is gone as well", "") // each change decides anew, by the clock
}

// What may not be read any more is left out of a page that was asked for while
// it might; what never might is a fault.
func TestReleaseLeavesOutWhatHasEnded(t *testing.T) {
	gate, policy, _ := movingGate([]string{"", "tlp:amber", "tlp:green", "tlp:red"})
	agreement := everyPolicy(t)["strict"][0]
	policy.Store(handling.NewPolicy([]handling.Agreement{agreement}))
	if !gate.Clearance(partner, 1).Has(1) {
		t.Fatal("the agreement does not release TLP:AMBER")
	}
	policy.Store(handling.NewPolicy(nil))
	page, err := gate.Release(partner, &store.Page{Rows: []store.Row{{ID: "a", Class: 1}, {ID: "b", Class: 2}}})
	if err != nil || page.Len() != 1 || page.ID(0) != "b" {
		t.Fatalf("released %+v, %v; want b alone", page, err)
	}
	if _, err := gate.Release(partner, &store.Page{Rows: []store.Row{{Class: 2}, {Class: 3}}}); err == nil {
		t.Fatal("a page with a RED object was released to a partner")
	}
}

func manyClasses(n int) []string {
	classes := []string{""}
	for i := range n {
		classes = append(classes, fmt.Sprintf("tlp:amber to:org:cert-%d", i))
	}
	return classes
}

// The decision on a class that is known: for a row of a page, and what each
// read takes once, before it.
func BenchmarkKnownClass(b *testing.B) {
	gate, policy, _ := movingGate(manyClasses(10_000))
	policy.Store(handling.NewPolicy(everyPolicy(b)["all"]))
	seen := gate.Clearance(partner, 1)
	b.Run("row", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			seen.Has(store.ClassID(i & 8191))
		}
	})
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			gate.Clearance(partner, 1).Has(store.ClassID(i & 8191))
		}
	})
}

// All of 10,000 classes for one profile, as the first read after a change of
// the agreements takes; none of them allowed, and all of them by an agreement
// that changed ten times.
func BenchmarkRefill(b *testing.B) {
	for _, c := range []struct{ name, form string }{{"refused", "tlp:amber to:org:cert-%d"}, {"agreed", "tlp:amber not:org:cert-%d"}} {
		classes := []string{""}
		for i := range 10_000 {
			classes = append(classes, fmt.Sprintf(c.form, 100+i))
		}
		gate, policy, _ := movingGate(classes)
		agreement := everyPolicy(b)["strict"][0]
		var changes []handling.Change
		for i := range 10 {
			was, is := agreement, agreement
			was.Version, is.Version = i, i+1
			changes = append(changes, handling.Change{At: noon.Add(time.Duration(i-20) * time.Minute), Was: &was, Is: &is})
		}
		agreement.Version = 10
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				policy.Store(handling.NewPolicy([]handling.Agreement{agreement}, changes...))
				gate.Clearance(partner, 1)
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	agreements := everyPolicy(b)["all"]
	c := parse(b, "tlp:amber pap:amber to:group:water personal")
	b.ReportAllocs()
	for b.Loop() {
		handling.Decide(c, partner, agreements, noon)
	}
}

// The class of an object as most are: one label, and nothing of how it was made.
func BenchmarkClassify(b *testing.B) {
	o := &stix.Object{Envelope: stix.Envelope{MarkingRefs: []string{tlp2Green}}, Raw: make([]byte, 800)}
	b.ReportAllocs()
	for b.Loop() {
		c, err := handling.Classify(o, handling.Amber, known)
		if err != nil || c.Canonical() != "tlp:green" {
			b.Fatal(c, err)
		}
	}
}
