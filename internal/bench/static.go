package bench

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
)

// Static is the baseline's server: net/http, answering GET /i with the bytes of
// file i from memory, and POST with the bytes of the file "answer" once the
// request's body is read. It prints its address and serves until the context
// ends.
func Static(ctx context.Context, out io.Writer, dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	bodies := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("bench static: %w", err)
		}
		bodies["/"+filepath.Base(name)] = b
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("bench static: %w", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, status := bodies[r.URL.Path], http.StatusOK
		if r.Method == http.MethodPost {
			_, _ = io.Copy(io.Discard, r.Body)
			body, status = bodies["/answer"], http.StatusAccepted
		}
		w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body)
	})}
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	context.AfterFunc(ctx, func() { server.Close() })
	if err := server.Serve(l); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// static writes bodies to a folder and starts the baseline's server on it.
func (r *run) static(ctx context.Context, name string, bodies [][]byte, answer []byte) (*child, error) {
	dir := filepath.Join(r.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for i, b := range bodies {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), b, 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "answer"), answer, 0o600); err != nil {
		return nil, err
	}
	return r.start(ctx, "bench", "static", dir)
}
