package admin

import (
	"bufio"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"entente/internal/exchange"
)

// Indicators begins the answer of GET /indicators; the objects follow, one a line.
type Indicators struct {
	Anew  bool     `json:"anew"`  // all there are follow; else what came since
	Point string   `json:"point"` // to ask from, the next time
	Gone  []string `json:"gone"`  // ids of what is no more, or in part: what there still is of it follows
}

// indicators tells what the operator, or an account, may look for by: indicators, and the
// identities that made them. With since, the point of an earlier answer, it is what has
// become of them, if their reader's view is still the same one.
func (n Node) indicators(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	reader, err := n.as(q.Get("as"))
	if err != nil {
		return err
	}
	types := []string{"indicator", "identity"}
	view := n.Exchange.View(reader)
	late := &lateHeader{w: w, mediaType: "application/x-ndjson"}
	out := bufio.NewWriterSize(late, 64<<10)
	each := func(raw []byte) error { return writeLine(out, raw) }
	point, err := exchange.ParsePoint(q.Get("since"))
	var news *exchange.News
	if err == nil {
		news, err = view.News(r.Context(), point, types...)
	}
	switch {
	case err == nil:
		if err = begin(out, Indicators{Point: news.To.String(), Gone: news.Gone}); err == nil {
			err = view.Each(r.Context(), news, each)
		}
	case errors.Is(err, exchange.ErrAnew) || errors.Is(err, exchange.ErrBadCursor):
		if err = begin(out, Indicators{Anew: true, Point: view.Point().String()}); err == nil {
			err = view.All(r.Context(), each, types...)
		}
	}
	if err == nil {
		err = out.Flush()
	}
	return n.finish(w, r, late, err)
}

func begin(out *bufio.Writer, head Indicators) error {
	b, err := json.Marshal(head)
	if err != nil {
		return err
	}
	return writeLine(out, b)
}

// writeLine writes an object on a line: its line breaks stand outside of strings alone,
// where JSON lets any space stand.
func writeLine(out *bufio.Writer, raw []byte) error {
	if slices.ContainsFunc(raw, isBreak) {
		raw = slices.Clone(raw)
		for i, c := range raw {
			if isBreak(c) {
				raw[i] = ' '
			}
		}
	}
	_, _ = out.Write(raw)
	return out.WriteByte('\n')
}

func isBreak(c byte) bool { return c == '\n' || c == '\r' }
