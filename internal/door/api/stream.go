package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// ndjson is the media type of answers and bodies of one JSON value a line.
const ndjson = "application/x-ndjson"

// stream is the output of an operation that answers line by line.
type stream struct{ Body func(huma.Context) }

// streams documents an answer of lines.
func streams(description string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {Description: description,
		Content: map[string]*huma.MediaType{ndjson: {Schema: &huma.Schema{Type: "string", Description: "One JSON value a line."}}}}}
}

// lines answers with one JSON value a line, as they come. An error before the
// first is answered as a problem; a later one cuts the connection, so that
// nobody takes what came for all there is.
func lines[T any](s *Server, ctx context.Context, all iter.Seq2[T, error]) *stream {
	return &stream{func(huma.Context) {
		c := callOf(ctx)
		out := bufio.NewWriterSize(c.w, 32<<10)
		line := json.NewEncoder(out)
		line.SetEscapeHTML(false)
		begun := false
		for v, err := range all {
			if err != nil && !begun {
				s.fail(c, err)
				return
			}
			if err == nil && !begun {
				begun = true
				c.w.Header()["Content-Type"] = []string{ndjson}
			}
			if err == nil {
				err = line.Encode(v)
			}
			if err != nil {
				s.cut(c, out, err)
			}
		}
		if !begun {
			c.w.Header()["Content-Type"] = []string{ndjson}
		}
		out.Flush()
	}}
}

// cut ends an answer without its proper end.
func (s *Server) cut(c *call, out *bufio.Writer, err error) {
	if c.Context().Err() == nil { // else its reader has gone
		out.Flush()
		s.Logger.Warn("api: an answer was cut short", "path", c.URL.Path, "account", c.who.Account, "err", err)
	}
	panic(http.ErrAbortHandler)
}

// appendLine appends an object's bytes as one line: line breaks, which stand
// outside of strings alone, become spaces.
func appendLine(b, raw []byte) []byte {
	start := len(b)
	b = append(b, raw...)
	for {
		i := bytes.IndexAny(b[start:], "\n\r")
		if i < 0 {
			return append(b, '\n')
		}
		b[start+i] = ' '
		start += i + 1
	}
}
