package node

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"entente/internal/door/export"
	"entente/internal/trust/account"
)

// requestIDHeader is taken from who asks, if it is sane, and is in every answer.
const requestIDHeader = "X-Request-Id"

// requestKey marks the id of the request that a context is of.
type requestKey struct{}

// requestLog adds the id of the request to each line that is written for one.
type requestLog struct{ slog.Handler }

func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id, ok := ctx.Value(requestKey{}).(string); ok {
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

func (h requestLog) WithGroup(name string) slog.Handler { return requestLog{h.Handler.WithGroup(name)} }

// observer gives each request an id, counts it, and writes its line.
type observer struct {
	next    http.Handler
	metrics *requestMetrics
	log     *slog.Logger
	level   slog.Level // of the lines
}

func (o *observer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	id := requestID(r.Header[requestIDHeader])
	w.Header()[requestIDHeader] = []string{id}
	var caller account.Caller
	r = r.WithContext(account.Heard(context.WithValue(r.Context(), requestKey{}, id), &caller))
	ow := &observedWriter{ResponseWriter: w}
	o.metrics.inFlight.Inc()
	defer func() { // also when the door ends the connection by a panic
		took := time.Since(start)
		o.metrics.inFlight.Dec()
		o.metrics.count(r, ow, took)
		o.write(r, ow, took, &caller)
	}()
	o.next.ServeHTTP(ow, r)
}

// write writes the line of a request: never its query, in which values may be
// that are looked for, nor a path with a secret in it.
func (o *observer) write(r *http.Request, w *observedWriter, took time.Duration, caller *account.Caller) {
	if !o.log.Enabled(r.Context(), o.level) {
		return
	}
	where := r.URL.Path
	for _, secret := range []string{"/setup/", export.Root + "/"} {
		if strings.HasPrefix(strings.ToLower(path.Clean("/"+where)), secret) { // the mux leads others there
			where = secret
		}
	}
	o.log.LogAttrs(r.Context(), o.level, "request",
		slog.String("method", r.Method), slog.String("path", where), slog.String("route", routeOf(r)),
		slog.Int("status", w.status), slog.Int64("bytes", w.bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.String("account", caller.Account), slog.String("from", account.Source(r.Context())))
}

// requestID takes the id that was sent when it can stand in a log, and else
// makes one.
func requestID(sent []string) string {
	if len(sent) == 1 && saneID(sent[0]) {
		return sent[0]
	}
	return rand.Text()
}

func saneID(s string) bool {
	if len(s) == 0 || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '-' || c == '_' || c == '.') {
			return false
		}
	}
	return true
}

// routeOf is the pattern that the doors found for a request: few, whatever
// clients send.
func routeOf(r *http.Request) string {
	pattern := r.Pattern
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	switch pattern {
	case "", "/":
		return "none"
	case "/{$}":
		return "/"
	}
	return pattern
}

// doorOf is the door that a route leads to.
func doorOf(route string) string {
	for _, d := range []struct{ prefix, door string }{
		{"/taxii2", "taxii"}, {"/api/", "api"}, {export.Root, "export"}, {"/healthz", "health"}, {"/readyz", "health"}, {"none", "none"},
	} {
		if strings.HasPrefix(route, d.prefix) {
			return d.door
		}
	}
	return "console"
}

// observedWriter notes what is answered.
type observedWriter struct {
	http.ResponseWriter
	status int // 0: nothing was answered
	bytes  int64
}

func (w *observedWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *observedWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *observedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
