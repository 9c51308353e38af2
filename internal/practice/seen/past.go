package seen

import (
	"context"
	"errors"
	"io"
	"math"
	"time"

	"entente/stix"
)

// past is the history on its way through a set, as a text of a value a line.
type past struct {
	s    *Seen
	set  Set
	hits hits
	met  map[stix.Value]hits // what was seen of values that are asked for with others
	some int                 // of it
}

// pieceSize is how much of it goes through at once, in bytes.
const pieceSize = 256 << 10

// over goes over the values of a file. That several were seen is no observation of each.
func (p *past) over(ctx context.Context, r reading) error {
	first, now := startOf(r.day), p.s.now()
	last := startOf(r.day + 1).Add(-time.Second)
	if last.After(now) {
		last = now
	}
	var piece []value
	before := int64(0) // lines of earlier pieces
	seen := func(h *Found) (v value, ok bool) {
		n := h.Line - before - 1
		if n < 0 || n >= int64(len(piece)) || !wholly(h, piece[n].text) {
			return v, false
		}
		return piece[n], true
	}
	feed := p.set.Past(func(h *Found) error {
		if v, ok := seen(h); ok && !p.hits.note(h, v.text, int(min(v.count, math.MaxInt32)), first, last, true) {
			p.s.count.dropped.Add(1)
		}
		return nil
	}, func(h *Found) {
		if v, ok := seen(h); ok {
			p.meet(h, v, first, last)
		}
	})
	text := make([]byte, 0, pieceSize+longestKept+1)
	for {
		v, err := r.from()
		if err == nil {
			piece = append(piece, v)
			text = append(append(text, v.text...), '\n')
		}
		if err != nil || len(text) >= pieceSize {
			if e := feed.Add(text); e != nil {
				return e
			}
			before += int64(len(piece))
			piece, text = piece[:0], text[:0]
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

// meet notes what was seen of a value that is asked for with others.
func (p *past) meet(h *Found, v value, first, last time.Time) {
	all := p.met[h.Matched]
	if all == nil {
		all = hits{}
		p.met[h.Matched] = all
	}
	before := len(all)
	if p.some >= mostAtOnce || !all.note(h, v.text, int(min(v.count, math.MaxInt32)), first, last, true) {
		p.s.count.dropped.Add(1)
	}
	p.some += len(all) - before
}

// together adds what was seen of indicators that ask for several values, where all were, whether
// or not at once.
func (p *past) together() {
	times := func(v stix.Value) (n int) {
		for _, h := range p.met[v] {
			n += h.Count
		}
		return n
	}
	p.set.Together(times, func(indicator string, values []stix.Value) {
		for _, v := range values {
			for _, one := range p.met[v] {
				h := *one
				h.Indicator, h.Apart = indicator, true
				if key := h.key(); p.hits[key] == nil && len(p.hits) < mostAtOnce {
					p.hits[key] = &h
				}
			}
		}
	})
}

// wholly tells whether a hit is of what was seen, not of a part of it, which was seen by
// itself, too. Of a URL it is, up to the marks behind it.
func wholly(h *Found, text string) bool {
	return h.Column == 1 && (len(h.Value) == len(text) || h.Matched.Kind == stix.ValueURL)
}
