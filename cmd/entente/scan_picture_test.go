package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A picture has each hit in it, in the columns that its first and last line span, whatever
// the lines are, and does not grow with them.
func TestAPictureHasAllHits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Int64Range(0, rapid.SampledFrom([]int64{3, 100, 20_000, 1 << 40}).Draw(t, "most")), 1, 9000).Draw(t, "lines")
		var tl tallies
		for _, l := range lines {
			tl.add(l)
		}
		if len(tl.counts) > mostTallies {
			t.Fatalf("%d counts are kept", len(tl.counts))
		}
		counts, first, last, each := tl.columns(pictureWidth)
		sum := int64(0)
		for _, n := range counts {
			sum += n
		}
		if sum != int64(len(lines)) || len(counts) > pictureWidth || counts[0] == 0 || counts[len(counts)-1] == 0 {
			t.Fatalf("%d hits in %v", len(lines), counts)
		}
		if min, max := slices.Min(lines), slices.Max(lines); first > min || last < max || first+each*int64(len(counts)) <= max {
			t.Fatalf("%d to %d, %d a column, of %d to %d", first, last, each, min, max)
		}
	})
}

func TestAPictureIsDrawn(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		hit  func(p *picture)
		want string
	}{
		{"times", func(p *picture) {
			for i := range 5 {
				p.take(at, 1)
				p.take(at.Add(time.Duration(i)*30*time.Second), 2)
			}
		}, `
hits from 2026-03-01T10:00:00Z to 2026-03-01T10:02:00Z, 3s a column, at most 6:
|█         ▂         ▂         ▂         ▂|
`},
		{"lines", func(p *picture) { p.take(at, 1); p.take(time.Time{}, 4) }, `
hits from line 1 to 4, 1 line a column, at most 1:
|█  █|
`},
	} {
		p := picture{wanted: true}
		c.hit(&p)
		var b strings.Builder
		rows := []*scanRow{{scanWhat: scanWhat{Matched: "a.example"}, Hits: 2}, {scanWhat: scanWhat{Name: "Drum \x1b[2J" + strings.Repeat("x", 40)}, Hits: 8}}
		for range 12 {
			rows = append(rows, &scanRow{scanWhat: scanWhat{Matched: "b.example"}, Hits: 1})
		}
		if err := p.draw(&b, rows); err != nil {
			t.Fatal(err)
		}
		want := c.want + "Drum  [2Jxxxxxxxxxxxxxxxxxxxxxx… ████████████████████████████ 8\n" +
			"a.example                        ███████ 2\n" + strings.Repeat("b.example                        ████ 1\n", 8) + "and 4 of 4 indicators more\n"
		if b.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, b.String(), want)
		}
	}
}
