package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// finding measures look-ups of values, over HTTP and by the verb, and walks
// around objects, in 300 classes of which the reader sees half.
func (r *run) finding(ctx context.Context) error {
	mix := Mix{Seed: 14, Classes: 300}
	objects := r.Objects - r.Objects%tenths
	files, _, err := r.objectFiles("find", mix, objects)
	if err != nil {
		return err
	}
	known, err := r.surround(mix, objects)
	if err != nil {
		return err
	}
	server, token, err := r.fresh(ctx, "find-node")
	if err != nil {
		return err
	}
	defer server.stop()
	if _, err := r.verb(ctx, append([]string{"import", "--collection", "default", "--data", server.dir}, append(files, known.file)...)...); err != nil {
		return err
	}
	search := reader{server.url + "/api/v1/search", token}
	if err := search.searchable(ctx); err != nil { // so that nothing is done beside
		return err
	}
	d := reader{server.url + "/api/v1/", token}
	if err := r.findMany(ctx, server.dir, known.values); err != nil {
		return err
	}
	if err := r.walks(ctx, d, known); err != nil {
		return err
	}
	finds := known.finds()
	ours, base, err := r.compare(ctx, "find", d, finds, 4)
	if err != nil {
		return err
	}
	r.ratio("find of one value", ours.perSecond, base.perSecond, " requests/s", 0.4)
	if ours, base, err = r.compare(ctx, "find", d, anew(finds), 4); err != nil {
		return err
	}
	r.ratio("the same, each made anew", ours.perSecond, base.perSecond, " requests/s", 0)
	return r.whileImporting(ctx, server, func() error {
		res, err := r.alone(ctx, d, finds)
		if err == nil {
			r.bound("find of one value, p99 beside an import", milliseconds(res.p99), " ms", 10, false)
		}
		return err
	})
}

// finds are paths of look-ups, one for each value.
func (k *surroundings) finds() []string {
	paths := make([]string, len(k.values))
	for i, v := range k.values {
		paths[i] = "find?value=" + url.QueryEscape(v)
	}
	return paths
}

// anew are paths of look-ups that have answers like others and are hardly ever asked
// twice: by limits that none reaches.
func anew(finds []string) []string {
	const limits = 200
	paths := make([]string, 0, limits*len(finds))
	for limit := range limits {
		for _, path := range finds {
			paths = append(paths, path+"&limit="+strconv.Itoa(100+limit))
		}
	}
	return paths
}

// findMany looks 100,000 values up by the verb, of which one in a hundred is
// known, as when a log is searched.
func (r *run) findMany(ctx context.Context, dir string, known []string) error {
	const values = 100_000
	file := filepath.Join(r.dir, "values")
	if err := os.WriteFile(file, []byte(someValues(values, known)), 0o600); err != nil {
		return err
	}
	var all []time.Duration
	for range 3 {
		took, err := timed(func() error {
			in, err := os.Open(file)
			if err != nil {
				return err
			}
			defer in.Close()
			_, err = r.verbWith(ctx, in, "find", "-", "--data", dir)
			return err
		})
		if err != nil {
			return err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	r.bound("find of 100,000 values by the verb", all[len(all)/2].Seconds(), " s", 3, false)
	return nil
}

// someValues are lines of values of four kinds that no object carries, but for
// one in a hundred.
func someValues(n int, known []string) string {
	g := NewGenerator(Mix{Seed: 15})
	var b strings.Builder
	for i := range n {
		switch {
		case i%100 == 0:
			b.WriteString(known[i/100%len(known)])
		case i%4 == 1:
			v := g.rnd.Uint32()
			fmt.Fprintf(&b, "10.%d.%d.%d", v>>16&255, v>>8&255, v&255)
		case i%4 == 2:
			b.WriteString("www." + g.host())
		case i%4 == 3:
			b.WriteString(g.sha256())
		default:
			fmt.Fprintf(&b, "https://%s/%x", g.host(), g.rnd.Uint32())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// walks measures what is around an object that has 200 others within two steps,
// and the first page of what refers to a hub.
func (r *run) walks(ctx context.Context, d reader, known *surroundings) error {
	const around = 200
	var near []string
	for _, id := range known.centres {
		near = append(near, fmt.Sprintf("objects/%s/neighbours?hops=2&limit=%d", id, around))
	}
	for _, walk := range []struct {
		what  string
		paths []string
		nodes int // that an answer must have
		bound float64
	}{
		{"neighbours, 2 hops, 200 objects, p95", near, around, 10},
		{fmt.Sprintf("neighbours of a hub with %s relationships, first page of 100, p95", number(float64(known.edges))),
			[]string{"objects/" + known.hub + "/neighbours?per_object=100"}, 50, 50},
	} {
		body, _, err := d.get(walk.paths[0])
		if err != nil {
			return err
		}
		var graph struct{ Nodes []json.RawMessage }
		if err := json.Unmarshal(body, &graph); err != nil {
			return err
		}
		if len(graph.Nodes) < walk.nodes {
			return fmt.Errorf("%s has %d objects, not %d", walk.paths[0], len(graph.Nodes), walk.nodes)
		}
		res, err := r.alone(ctx, d, walk.paths)
		if err != nil {
			return err
		}
		r.say("  %s: %d objects, %d walks, p50 %v, p99 %v", walk.what, len(graph.Nodes), res.requests, res.p50, res.p99)
		r.bound(walk.what, milliseconds(res.p95), " ms", walk.bound, false)
	}
	return nil
}

// alone loads the node with one client's requests for the paths in turn.
func (r *run) alone(ctx context.Context, d reader, paths []string) (result, error) {
	return load{clients: 1, window: r.Window, status: http.StatusOK, request: func(_, n int) (*http.Request, error) {
		return d.request(paths[n%len(paths)])
	}}.run(ctx)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
