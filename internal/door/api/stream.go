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

// lines answers with one JSON value a line, as they come; see rawLines.
func lines[T any](s *Server, ctx context.Context, all iter.Seq2[T, error]) *stream {
	return rawLines(s, ctx, func(yield func([]byte, error) bool) {
		var b bytes.Buffer
		line := json.NewEncoder(&b)
		line.SetEscapeHTML(false)
		for v, err := range all {
			b.Reset()
			if err == nil {
				err = line.Encode(v)
			}
			if !yield(bytes.TrimSuffix(b.Bytes(), []byte("\n")), err) {
				return
			}
		}
	})
}

// rawLines answers with one JSON value a line; the values may be changed. An
// error before the first is answered as a problem; a later one cuts the
// connection, so that nobody takes what came for all there is.
func rawLines(s *Server, ctx context.Context, all iter.Seq2[[]byte, error]) *stream {
	return &stream{func(huma.Context) {
		c := callOf(ctx)
		out := bufio.NewWriterSize(c.w, 32<<10)
		begun := false
		for line, err := range all {
			if err != nil && !begun {
				s.fail(c, err)
				return
			}
			if !begun {
				begun = true
				c.w.Header()["Content-Type"] = []string{ndjson}
			}
			if err == nil {
				_, err = out.Write(oneLine(line))
			}
			if err == nil {
				err = out.WriteByte('\n')
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

// oneLine takes the line breaks out of a JSON value: they stand outside of
// strings alone, where any space may, and become spaces. It changes b.
func oneLine(b []byte) []byte {
	for from := 0; ; {
		i := bytes.IndexAny(b[from:], "\n\r")
		if i < 0 {
			return b
		}
		b[from+i] = ' '
		from += i + 1
	}
}
