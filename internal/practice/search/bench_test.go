package search_test

import (
	"testing"

	"entente/internal/bench"
	"entente/internal/exchange"
	"entente/internal/practice/search"
	"entente/internal/trust/account"
	"entente/stix"
)

// deskful is how many objects a full desk has: two runs of history.
const deskful = 64 << 10

// fullDesk has objects of 300 classes, of which ana sees half.
func fullDesk(b *testing.B) *desk {
	d := newDeskFor(b, b.TempDir(), 1<<15)
	b.Cleanup(d.done)
	g := bench.NewGenerator(bench.Mix{Seed: 1, Classes: 300})
	for range deskful >> 10 {
		p := exchange.Publication{Collection: "c"}
		for range 1024 {
			o, err := stix.Read(append([]byte{}, g.Next()...))
			if err != nil {
				b.Fatal(err)
			}
			p.Objects = append(p.Objects, o)
		}
		if _, err := d.x.Publish(b.Context(), account.Operator(ownOrg), p); err != nil {
			b.Fatal(err)
		}
	}
	d.settled()
	return d
}

func BenchmarkSearch(b *testing.B) {
	d := fullDesk(b)
	for _, query := range []string{"phishing finance", "pers*", "type:sighting phishing finance", `"phishing of finance"`, "since:2026-01 type:report", "nowhere"} {
		q, err := search.Parse(query)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				if _, err := search.Search(b.Context(), d.x.View(d.ana), q, search.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What the index of words costs an object: the time of reading all of it anew.
func BenchmarkFollow(b *testing.B) {
	d := fullDesk(b)
	for b.Loop() {
		if err := d.x.Rebuild(b.Context(), search.FollowerName); err != nil {
			b.Fatal(err)
		}
		d.settled()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/deskful, "us/object")
}
