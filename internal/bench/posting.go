package bench

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
	"entente/taxii"
)

// posts measures single durable POSTs by 64 clients, against the lower of two
// baselines: Pebble's own group commit of what one such POST writes, and
// net/http reading the same bodies.
func (r *run) posts(ctx context.Context) error {
	const clients, prepared = 64, 200_000
	g := NewGenerator(Mix{Seed: 2})
	bodies := make([][]byte, min(prepared, max(1000, r.Objects/4)))
	for i := range bodies {
		bodies[i] = slicesConcat([]byte(`{"objects":[`), g.Next(), []byte(`]}`))
	}
	// Where the static server looks for what it commits.
	captured := filepath.Join(r.dir, "static-commit", "batches")
	if err := os.MkdirAll(filepath.Dir(captured), 0o700); err != nil {
		return err
	}
	if err := r.capturePosts(ctx, captured, bodies[:min(len(bodies), 5000)]); err != nil {
		return err
	}
	group, err := r.groupCommit(captured, clients)
	if err != nil {
		return err
	}
	server, token, err := r.fresh(ctx, "posts")
	if err != nil {
		return err
	}
	defer server.stop()
	var next atomic.Int64
	post := func(url string) func(int, int) (*http.Request, error) {
		return func(int, int) (*http.Request, error) {
			body := bodies[int(next.Add(1))%len(bodies)]
			req, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
			if err == nil {
				req.Header.Set("Authorization", "Bearer "+token)
				req.Header.Set("Accept", taxii.MediaTAXII)
				req.Header.Set("Content-Type", taxii.MediaTAXII)
			}
			return req, err
		}
	}
	answer, err := firstAnswer(post(server.url + "/taxii2/root/collections/default/objects/"))
	if err != nil {
		return err
	}
	static, err := r.static(ctx, "static-post", nil, answer)
	if err != nil {
		return err
	}
	defer static.stop()
	ours, base, err := versus(ctx,
		load{clients: clients, window: r.Window, status: http.StatusAccepted, request: post(server.url + "/taxii2/root/collections/default/objects/")},
		load{clients: clients, window: r.Window, status: http.StatusAccepted, request: post(static.url + "/")})
	if err != nil {
		return err
	}
	r.say("  group commit alone %.0f/s, net/http alone %.0f/s, p99 %v", group, base.perSecond, ours.p99)
	r.ratio("single durable POSTs, 64 clients", ours.perSecond, min(group, base.perSecond), " requests/s", 0.6)
	return r.postsAndCommits(ctx, ours, answer, post)
}

// postsAndCommits holds the same against net/http that does commit, to bare
// Pebble, what one POST writes: on as many cores as load, server and disk share
// here, neither of the two baselines can be had without the other's work.
func (r *run) postsAndCommits(ctx context.Context, ours result, answer []byte, post func(string) func(int, int) (*http.Request, error)) error {
	server, err := r.static(ctx, "static-commit", nil, answer)
	if err != nil {
		return err
	}
	defer server.stop()
	both, err := load{clients: 64, window: r.Window, status: http.StatusAccepted, request: post(server.url + "/")}.run(ctx)
	if err != nil {
		return err
	}
	r.ratio("the same, against net/http that commits to bare Pebble", ours.perSecond, both.perSecond, " requests/s", 0)
	return nil
}

func slicesConcat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func firstAnswer(request func(int, int) (*http.Request, error)) ([]byte, error) {
	req, err := request(0, 0)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// capturePosts writes the batches that single POSTs of these bodies lead to.
func (r *run) capturePosts(ctx context.Context, file string, bodies [][]byte) error {
	return r.capture(ctx, file, func(x *exchange.Exchange, by account.Principal) error {
		for _, body := range bodies {
			for o, err := range stix.Scan(bytes.NewReader(body)) {
				if err != nil {
					return err
				}
				if _, err := x.Publish(ctx, by, exchange.Publication{Collection: "default", Objects: []stix.Object{*o}}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// groupCommit is commits a second by so many goroutines on bare Pebble, each
// commit what one POST of one object writes.
func (r *run) groupCommit(captured string, clients int) (float64, error) {
	reprs, err := readBatches(captured)
	if err != nil {
		return 0, err
	}
	db, remove, err := r.bare("raw-posts")
	if err != nil {
		return 0, err
	}
	defer remove()
	var n atomic.Int64
	var failed atomic.Pointer[error]
	began := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(began) < r.Window && failed.Load() == nil {
				if err := apply(db, reprs[int(n.Add(1))%len(reprs)]); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(n.Load()) / time.Since(began).Seconds(), nil
}
