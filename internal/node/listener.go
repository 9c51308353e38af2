package node

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"entente/internal/trust/account"
)

// pace is how slowly a client may send or take data: what it has had time for
// at bytes a second, after a grace. One that trickles loses its connection, one
// that loads a large page over a thin line does not.
type pace struct {
	grace time.Duration
	bytes int64 // a second
}

// by is until when n bytes must have passed since start.
func (p pace) by(start time.Time, n int64) time.Time {
	return start.Add(p.grace + time.Duration(n)*time.Second/time.Duration(p.bytes))
}

// steady holds clients to a pace.
func steady(p pace, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		if r.Body != nil && r.Body != http.NoBody {
			// The server itself keeps its own body: by that it knows that a client
			// who asked whether to send one (Expect) was not told to.
			paced := *r
			paced.Body = &steadyBody{ReadCloser: r.Body, pace: p, start: time.Now(), control: c}
			r = &paced
		}
		next.ServeHTTP(&steadyWriter{ResponseWriter: w, pace: p, control: c}, r)
	})
}

type steadyBody struct {
	io.ReadCloser
	pace    pace
	start   time.Time
	n       int64
	control *http.ResponseController
}

func (b *steadyBody) Read(p []byte) (int, error) {
	// An answer of "not supported" comes from test recorders alone.
	_ = b.control.SetReadDeadline(b.pace.by(b.start, b.n))
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	return n, err
}

type steadyWriter struct {
	http.ResponseWriter
	pace    pace
	start   time.Time // of the first write; what the node itself took is not the client's fault
	n       int64
	control *http.ResponseController
}

func (w *steadyWriter) Write(p []byte) (int, error) {
	if w.start.IsZero() {
		w.start = time.Now()
	}
	w.n += int64(len(p))
	_ = w.control.SetWriteDeadline(w.pace.by(w.start, w.n))
	return w.ResponseWriter.Write(p)
}

// FlushError waits until what was written is on its way. What comes after it,
// maybe much later, is a pace of its own.
func (w *steadyWriter) FlushError() error {
	err := w.control.Flush()
	if err == nil {
		w.start, w.n = time.Time{}, 0
		_ = w.control.SetWriteDeadline(time.Time{})
	}
	return err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *steadyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// noteSource notes where a connection comes from, for what is slowed by address.
func noteSource(ctx context.Context, c net.Conn) context.Context {
	host, _, err := net.SplitHostPort(c.RemoteAddr().String())
	if err != nil {
		return ctx
	}
	return account.From(ctx, host)
}

// noteForwarded takes the address that the proxy in front says a request comes
// from: the last one of X-Forwarded-For, which is the proxy's own word.
func noteForwarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
			if net.ParseIP(last) != nil {
				r = r.WithContext(account.From(r.Context(), last))
			}
		}
		next.ServeHTTP(w, r)
	})
}
