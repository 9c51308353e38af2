package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"entente/internal/practice/intake"
)

// picture is what a scan draws at its end: when, or where in the logs, its hits are, and
// which indicators hit most.
type picture struct {
	wanted  bool
	times   tallies // by second
	lines   tallies // by line, of all logs one after the other
	untimed bool    // a line with a hit tells no time
}

// tallies count along a line of unknown length, in bounded space.
type tallies struct {
	width  int64 // of what is counted as one
	counts map[int64]int64
}

const mostTallies = 4096

func (t *tallies) add(at int64) {
	if t.counts == nil {
		t.width, t.counts = 1, map[int64]int64{}
	}
	t.counts[at/t.width]++
	for len(t.counts) > mostTallies {
		wider := map[int64]int64{}
		for at, n := range t.counts {
			wider[at/2] += n
		}
		t.width, t.counts = 2*t.width, wider
	}
}

// columns are the counts from the first to the last, in so many columns, and how much each
// stands for.
func (t *tallies) columns(n int64) (counts []int64, first, last, each int64) {
	first, last = -1, 0
	for at := range t.counts {
		if first < 0 || at < first {
			first = at
		}
		last = max(last, at)
	}
	per := (last - first + n) / n
	counts = make([]int64, (last-first)/per+1)
	for at, count := range t.counts {
		counts[(at-first)/per] += count
	}
	return counts, first * t.width, last*t.width + t.width - 1, per * t.width
}

// take notes a hit; seen is zero where its line tells no time.
func (p *picture) take(seen time.Time, line int64) {
	if !p.wanted {
		return
	}
	if p.lines.add(line); seen.IsZero() {
		p.untimed = true
	} else {
		p.times.add(seen.Unix())
	}
}

// How wide a picture is, in columns, and how many indicators it names.
const (
	pictureWidth = 60
	nameWidth    = 32
	mostNamed    = 10
)

// draw draws it; nothing when nothing hit.
func (p *picture) draw(w io.Writer, rows []*scanRow) error {
	if !p.wanted || len(rows) == 0 {
		return nil
	}
	counts, first, last, each := p.lines.columns(pictureWidth)
	head := fmt.Sprintf("hits from line %d to %d, %s a column", first, last, intake.Count(int(each), "line"))
	if !p.untimed {
		counts, first, last, each = p.times.columns(pictureWidth)
		head = fmt.Sprintf("hits from %s to %s, %v a column", secondsIn(first), secondsIn(last), time.Duration(each)*time.Second)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s, at most %d:\n|%s|\n", head, slices.Max(counts), strip(counts))
	p.bars(&b, rows)
	_, err := io.WriteString(w, b.String())
	return err
}

func secondsIn(t int64) string { return time.Unix(t, 0).UTC().Format(time.RFC3339) }

// strip draws counts as columns an eighth to eight eighths high; a count that is not zero shows.
func strip(counts []int64) string {
	const eighths = " ▁▂▃▄▅▆▇█"
	levels, most := []rune(eighths), slices.Max(counts)
	out := make([]rune, len(counts))
	for i, n := range counts {
		out[i] = levels[(n*8+most-1)/most]
	}
	return string(out)
}

// bars draws the indicators that hit most, and the others together.
func (p *picture) bars(b *strings.Builder, rows []*scanRow) {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(x, y *scanRow) int { return cmp.Compare(y.Hits, x.Hits) })
	bar := func(name string, n int64) {
		cells := int((n*(pictureWidth-nameWidth) + rows[0].Hits - 1) / rows[0].Hits)
		name = fit(name, nameWidth)
		fmt.Fprintf(b, "%s%s %s %d\n", name, strings.Repeat(" ", nameWidth-utf8.RuneCountInString(name)), strings.Repeat("█", cells), n)
	}
	others := int64(0)
	for i, r := range rows {
		if i >= mostNamed {
			others += r.Hits
			continue
		}
		bar(printable(cmp.Or(r.Name, r.Matched)), r.Hits)
	}
	if more := len(rows) - mostNamed; more > 0 {
		fmt.Fprintf(b, "and %d of %s more\n", others, intake.Count(more, "indicator"))
	}
}

// fit shortens a text to so many characters.
func fit(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}
