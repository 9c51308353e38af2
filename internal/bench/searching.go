package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"entente/internal/store/pebble"
)

// searching measures searches by words over HTTP, in 300 classes of which the
// reader sees half, and what the index of words takes.
func (r *run) searching(ctx context.Context) error {
	objects := r.Objects - r.Objects%tenths
	files, _, err := r.objectFiles("search", Mix{Seed: 12, Classes: 300}, objects)
	if err != nil {
		return err
	}
	server, token, err := r.fresh(ctx, "search-node")
	if err != nil {
		return err
	}
	defer server.stop()
	began := time.Now()
	if _, err := r.verb(ctx, append([]string{"import", "--collection", "default", "--data", server.dir}, files...)...); err != nil {
		return err
	}
	imported := time.Since(began)
	d := reader{server.url + "/api/v1/search", token}
	if err := d.searchable(ctx); err != nil {
		return err
	}
	r.say("  %d objects imported in %v, searchable after %v", objects, imported.Round(10*time.Millisecond), time.Since(began).Round(10*time.Millisecond))
	for _, kind := range []struct {
		what  string
		query func() string
		bound float64
	}{
		{"search of two words, p95", func() string { return someWord() + " " + someWord() }, 20},
		{"search of a prefix, p95", func() string { w := someWord(); return w[:min(len(w), 3)] + "*" }, 30},
		{"search of two words that no name has together, p95", func() string { return "tlp:amber type:sighting " + someWord() + " " + someWord() }, 20},
	} {
		res, err := load{clients: 1, window: r.Window, status: http.StatusOK, request: func(int, int) (*http.Request, error) {
			return d.request("?q=" + url.QueryEscape(kind.query()))
		}}.run(ctx)
		if err != nil {
			return err
		}
		r.say("  %s: %d searches, p50 %v, p99 %v", kind.what, res.requests, res.p50, res.p99)
		r.bound(kind.what, float64(res.p95.Microseconds())/1000, " ms", kind.bound, false)
	}
	if err := server.stop(); err != nil {
		return err
	}
	return r.wordBytes(ctx, server.dir, objects)
}

// someWord is a word of the generated objects that is long enough to begin.
func someWord() string {
	for {
		if w := words[rand.IntN(len(words))]; len(w) > 3 {
			return w
		}
	}
}

// searchable waits until every object is searched.
func (d reader) searchable(ctx context.Context) error {
	for ctx.Err() == nil {
		body, _, err := d.get("?q=type:report&limit=1")
		if err != nil {
			return err
		}
		var answer struct {
			Unread int `json:"unread"`
		}
		if err := json.Unmarshal(body, &answer); err != nil || answer.Unread == 0 {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// wordBytes tells what the index of words takes of the disk.
func (r *run) wordBytes(ctx context.Context, dir string, objects int) error {
	st, err := pebble.Open(ctx, filepath.Join(dir, "store"), pebble.Options{})
	if err != nil {
		return err
	}
	defer st.Close()
	n, err := st.PostingBytes()
	if err != nil {
		return fmt.Errorf("the size of the index of words: %w", err)
	}
	r.bound("index of words, for each object", float64(n)/float64(objects), " B", 200, false)
	return nil
}
