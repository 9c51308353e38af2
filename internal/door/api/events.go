package api

import (
	"bufio"
	"encoding/json"
	"net/http"
	"time"

	wire "entente/client"
	"entente/internal/exchange"
)

// eventWriter writes server-sent events. What it is given stays in one buffer of
// fixed size until the connection takes it.
type eventWriter struct {
	out     *bufio.Writer
	control *http.ResponseController
	line    []byte
}

// errGone is an error of writing: there is nobody to tell anything.
type errGone struct{ error }

func newEvents(c *call, tail *exchange.Tail, in *streamInput) *events {
	return &events{call: c, tail: tail, in: in, begun: time.Now(),
		eventWriter: &eventWriter{out: bufio.NewWriterSize(c.w, 16<<10), control: http.NewResponseController(c.w)}}
}

// open sends the header of the answer and where the stream begins: who loses the
// connection before anything comes goes on from there.
func (w *events) open(cursor string) error {
	h := w.call.w.Header()
	h["Content-Type"] = []string{eventStream}
	h["Cache-Control"] = noStore
	h["X-Accel-Buffering"] = []string{"no"} // some proxies keep what comes until there is more
	w.line = append(append(append(w.line[:0], "retry: 2000\nid: "...), cursor...), "\n\n"...)
	return w.put(true)
}

// object writes an event for object i of a page.
func (w *eventWriter) object(page *exchange.TailPage, i int, fields []string, cursor string) (err error) {
	w.line = append(append(append(w.line[:0], "event: object\nid: "...), cursor...), "\ndata: {\"collection\":\""...)
	w.line = append(append(w.line, page.Alias...), `","added":"`...) // an alias is letters, digits, '.', '_' and '-'
	w.line = timeOf(page.Date(i)).AppendFormat(w.line, time.RFC3339Nano)
	w.line = append(w.line, `","object":`...)
	start := len(w.line)
	cut := Cutting{Fields: fields}
	if w.line, err = cut.append(w.line, page.Bytes(i)); err != nil {
		return err
	}
	oneLine(w.line[start:])
	w.line = append(w.line, "}\n\n"...)
	return w.put(false)
}

// beat writes a comment.
func (w *eventWriter) beat() error {
	w.line = append(w.line[:0], ":\n\n"...)
	return w.put(true)
}

// last writes the event that tells why a stream ends.
func (w *eventWriter) last(event, code, detail, cursor string) error {
	data, err := json.Marshal(wire.StreamEnd{Code: code, Detail: detail, Cursor: cursor})
	if err != nil {
		return err
	}
	w.line = append(append(append(w.line[:0], "event: "...), event...), "\nid: "...)
	w.line = append(append(append(append(w.line, cursor...), "\ndata: "...), data...), "\n\n"...)
	return w.put(true)
}

func (w *eventWriter) put(flush bool) error {
	if _, err := w.out.Write(w.line); err != nil {
		return &errGone{err}
	}
	if cap(w.line) > pieceBytes {
		w.line = nil // of one large object
	}
	if flush {
		return w.flush()
	}
	return nil
}

// flush hands everything to the connection, and waits until that has taken it.
func (w *eventWriter) flush() error {
	err := w.out.Flush()
	if err == nil {
		err = w.control.Flush()
	}
	if err != nil {
		return &errGone{err}
	}
	return nil
}
