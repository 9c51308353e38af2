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
	feed := p.set.Past(func(h *Found) error {
		if n := h.Line - before - 1; n >= 0 && n < int64(len(piece)) && wholly(h, piece[n].text) {
			v := piece[n]
			if !p.hits.note(h, v.text, int(min(v.count, math.MaxInt32)), first, last, true) {
				p.s.count.dropped.Add(1)
			}
		}
		return nil
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

// wholly tells whether a hit is of what was seen, not of a part of it, which was seen by
// itself, too. Of a URL it is, up to the marks behind it.
func wholly(h *Found, text string) bool {
	return h.Column == 1 && (len(h.Value) == len(text) || h.Matched.Kind == stix.ValueURL)
}
