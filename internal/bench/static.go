package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"entente/internal/store/pebble"
)

// Static is the baseline's server: net/http, answering GET /i with the bytes of
// file i from memory, and POST with the bytes of the file "answer" once the
// request's body is read and, when there is a file "batches", the next batch in
// it is durable in a bare Pebble database. It prints its address and serves
// until the context ends.
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
	commit, end, err := committer(dir)
	if err != nil {
		return fmt.Errorf("bench static: %w", err)
	}
	defer end()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("bench static: %w", err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, status := bodies[r.URL.Path], http.StatusOK
		if r.Method == http.MethodPost {
			_, _ = io.Copy(io.Discard, r.Body)
			body, status = bodies["/answer"], http.StatusAccepted
			if err := commit(); err != nil {
				body, status = []byte(err.Error()), http.StatusInternalServerError
			}
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

// committer commits the captured batches of a folder in turn.
func committer(dir string) (commit, end func() error, err error) {
	none := func() error { return nil }
	reprs, err := readBatches(filepath.Join(dir, "batches"))
	if errors.Is(err, os.ErrNotExist) {
		return none, none, nil
	} else if err != nil {
		return nil, nil, err
	}
	db, end, err := pebble.Bare(filepath.Join(dir, "db"), pebble.Options{})
	if err != nil {
		return nil, nil, err
	}
	var n atomic.Int64
	return func() error { return apply(db, reprs[int(n.Add(1))%len(reprs)]) }, end, nil
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
