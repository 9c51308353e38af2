package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"entente/taxii"
)

// members is how many organisations read a node in the measures of handling, each
// with an account, and so a profile, of its own.
const members = 1000

// deciding measures what handling costs: pages in many classes and of objects with
// withheld parts against pages of TLP labels alone, a reader who sees next to
// nothing, an agreement that changes under a thousand profiles, and whether time
// tells of what is hidden.
func (r *run) deciding(ctx context.Context) error {
	labels, err := r.pageOf(ctx, "labels", Mix{Seed: 4}, r.Objects/5)
	if err != nil {
		return err
	}
	for _, kind := range []struct {
		what string
		mix  Mix
		need float64
	}{
		{"page of 100, half of 300 classes, against TLP labels alone", Mix{Seed: 4, Classes: 300}, 0.9},
		{"page of 100, half of 10,000 classes, against TLP labels alone", Mix{Seed: 4, Classes: 10_000}, 0.8},
		{"page of 100, a fifth partly withheld, against TLP labels alone", Mix{Seed: 4, Parted: true}, 0.4},
	} {
		got, err := r.pageOf(ctx, "handled", kind.mix, r.Objects/5)
		if err != nil {
			return err
		}
		r.ratio(kind.what, got, labels, " of net/http", kind.need)
	}
	return r.crowded(ctx)
}

// pageOf is the speed of pages of the newest tenth against net/http, for an own
// account that reads objects of a mix.
func (r *run) pageOf(ctx context.Context, name string, m Mix, objects int) (ofStatic float64, err error) {
	server, token, err := r.filled(ctx, name, m, objects)
	if err != nil {
		return 0, err
	}
	defer func() { _ = server.stop(); os.RemoveAll(server.dir) }()
	own := reader{server.url + "/taxii2/root/collections/default/", token}
	dates, seen, err := own.marks()
	if err != nil {
		return 0, err
	}
	ours, base, err := r.compare(ctx, name, own, after(newest(dates), 100), 4)
	if err != nil {
		return 0, err
	}
	r.say("  %d classes, parts %t: %d of %d objects seen, %.0f of %.0f pages/s", m.Classes, m.Parted, seen, objects, ours.perSecond, base.perSecond)
	return ours.perSecond / base.perSecond, nil
}

// filled serves a node with objects of a mix, once its followers have read them.
func (r *run) filled(ctx context.Context, name string, m Mix, objects int) (server *child, token string, err error) {
	files, _, err := r.objectFiles(name, m, max(objects, tenths))
	if err != nil {
		return nil, "", err
	}
	if server, token, err = r.fresh(ctx, name+"-node"); err != nil {
		return nil, "", err
	}
	if _, err = r.verb(ctx, append([]string{"import", "--collection", "default", "--data", server.dir}, files...)...); err != nil {
		return server, "", err
	}
	return server, token, reader{server.url + "/api/v1/search", token}.searchable(ctx)
}

// crowded measures on one node of 10,000 classes that a thousand members read.
func (r *run) crowded(ctx context.Context) error {
	server, _, err := r.filled(ctx, "crowd", Mix{Seed: 5, Classes: 10_000}, r.Objects)
	if err != nil {
		return err
	}
	defer server.stop()
	admin, err := r.verb(ctx, "account", "add", "admin", "--role", "admin", "--grant", "default:r", "--data", server.dir)
	if err != nil {
		return err
	}
	c := crowd{run: r, node: server, admin: admin}
	if err := c.gather(ctx); err != nil {
		return err
	}
	for _, measure := range []func(context.Context) error{c.firstPages, c.agree, c.preview, c.hidden} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

// crowd is a node with many readers.
type crowd struct {
	*run
	node   *child
	admin  string // token
	tokens []string
	amber  string // id of an object that an agreement releases
	red    string // value that only one person may look up
}

// api asks the JSON API, and wants an answer of 200 or 201.
func (c *crowd) api(ctx context.Context, token, method, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, c.node.url+"/api/v1/"+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s answered %s: %.200s", method, path, resp.Status, body)
	}
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(body, out)
}

// gather makes the members known, and publishes what they are asked about.
func (c *crowd) gather(ctx context.Context) error {
	for i := range members {
		org := "Member " + strconv.Itoa(i)
		if err := c.api(ctx, c.admin, http.MethodPost, "orgs", map[string]any{"name": org}, nil); err != nil {
			return err
		}
		var made struct{ Token string }
		want := map[string]any{"name": "member-" + strconv.Itoa(i), "org": org, "grants": []any{map[string]any{"collection": "default", "access": "r"}}}
		if err := c.api(ctx, c.admin, http.MethodPost, "accounts", want, &made); err != nil {
			return err
		}
		c.tokens = append(c.tokens, made.Token)
	}
	c.amber, c.red = "indicator--00000000-0000-4000-8000-00000000000a", "hidden.example"
	file := filepath.Join(c.dir, "crowd.jsonl")
	object := `{"type":"indicator","spec_version":"2.1","id":"%s","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"x","indicator_types":["malicious-activity"],"pattern":"[domain-name:value = '%s']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["%s"]}` + "\n"
	text := fmt.Sprintf(object, c.amber, "amber.example", tlpAmber) + fmt.Sprintf(object, "indicator--00000000-0000-4000-8000-00000000000b", c.red, tlpRed)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	_, err := c.verb(ctx, "import", file, "--collection", "default", "--data", c.node.dir)
	return err
}

func (c *crowd) reads(token string) reader {
	return reader{c.node.url + "/taxii2/root/collections/default/", token}
}

// firstPages compares the first page of a reader who sees one object in 10,000
// with that of one who sees all.
func (c *crowd) firstPages(ctx context.Context) error {
	path := []string{"objects/?limit=100"}
	var p50 [2]time.Duration
	for i, token := range []string{c.tokens[0], c.admin} {
		for range 3 { // the best of three: the machine is not steady
			res, err := load{clients: 1, window: c.Window / 3, status: http.StatusOK, request: func(int, int) (*http.Request, error) {
				return c.reads(token).request(path[0])
			}}.run(ctx)
			if err != nil {
				return err
			}
			if p50[i] == 0 || res.p50 < p50[i] {
				p50[i] = res.p50
			}
		}
	}
	c.say("  first page: %v for who sees one in 10,000, %v for who sees all", p50[0], p50[1])
	c.bound("first page of who sees 0.01 %, against who sees all", p50[0].Seconds()/p50[1].Seconds(), " times", 1.5, false)
	return nil
}

// agree makes an agreement with all members while they read, and asks all of them
// whether it is in force for them.
func (c *crowd) agree(ctx context.Context) error {
	path := "objects/" + c.amber + "/"
	ask := func(status int) error { return c.each(ctx, path, status) }
	if err := ask(http.StatusNotFound); err != nil { // each has its table of answers now
		return err
	}
	reading, stop := context.WithCancel(ctx)
	slowest := make(chan time.Duration, 1)
	go func() {
		res, err := load{clients: 2, window: time.Hour, status: http.StatusOK, request: func(_, n int) (*http.Request, error) {
			return c.reads(c.tokens[n%len(c.tokens)]).request("objects/?limit=1")
		}}.run(reading)
		if err != nil {
			res.p99 = time.Hour
		}
		slowest <- res.p99
	}()
	want := map[string]any{"name": "all", "kind": "invitation", "tlp": "amber", "legal_grounds": []string{"nis2-29"}}
	began := time.Now()
	err := c.api(ctx, c.admin, http.MethodPost, "agreements", want, nil)
	made := time.Since(began)
	if err == nil {
		err = ask(http.StatusOK)
	}
	took := time.Since(began)
	stop()
	p99 := <-slowest
	if err != nil {
		return err
	}
	c.say("  the agreement was made in %v, reads beside it had a p99 of %v", made, p99)
	c.bound("an agreement changes under 1,000 profiles and 10,000 classes: made, and found in force by each", took.Seconds(), " s", 1, false)
	c.bound("pages read meanwhile, p99", milliseconds(p99), " ms", 100, false)
	return nil
}

// each asks for a path as each member, some at once, and wants one status.
func (c *crowd) each(ctx context.Context, path string, status int) error {
	const clients = 4
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	errs := make([]error, clients)
	for i := range clients {
		wg.Go(func() {
			for n := i; n < len(c.tokens) && errs[i] == nil && ctx.Err() == nil; n += clients {
				errs[i] = c.one(client, c.tokens[n], path, status)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (c *crowd) one(client *http.Client, token, path string, status int) error {
	req, err := c.reads(token).request(path)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != status {
		return fmt.Errorf("%s answered %s, not %d", path, resp.Status, status)
	}
	return nil
}

// preview asks who of the members would be given an object.
func (c *crowd) preview(ctx context.Context) error {
	note := map[string]any{"type": "domain-name", "spec_version": "2.1", "id": "domain-name--00000000-0000-5000-8000-000000000001", "value": "x.example", "object_marking_refs": []string{tlpAmber}}
	var all []time.Duration
	for range 50 {
		took, err := timed(func() error {
			return c.api(ctx, c.admin, http.MethodPost, "preview", map[string]any{"object": note, "collection": "default"}, nil)
		})
		if err != nil {
			return err
		}
		all = append(all, took)
	}
	slices.Sort(all)
	c.bound("preview of an object for 1,000 members, median", milliseconds(all[len(all)/2]), " ms", 20, false)
	return nil
}

// hidden compares the mean time of look-ups of a value that is hidden from the
// reader with those of values that are not there, in turn on one connection; the
// slowest twentieth of each is the machine's.
func (c *crowd) hidden(ctx context.Context) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	defer client.CloseIdleConnections()
	paths := []string{c.red, "absent.example"}
	took := make([][]time.Duration, len(paths))
	buf := make([]byte, 64<<10)
	for began := time.Now(); time.Since(began) < 2*c.Window && ctx.Err() == nil; {
		for i, value := range paths {
			l := load{status: http.StatusOK, request: func(int, int) (*http.Request, error) {
				req, err := http.NewRequest(http.MethodGet, c.node.url+"/api/v1/find?value="+url.QueryEscape(value), nil)
				if err == nil {
					req.Header.Set("Authorization", "Bearer "+c.tokens[1])
					req.Header.Set("Accept", taxii.MediaTAXII)
				}
				return req, err
			}}
			d, err := l.once(client, 0, 0, buf)
			if err != nil {
				return err
			}
			took[i] = append(took[i], d)
		}
	}
	var mean [2]float64
	for i, all := range took {
		slices.Sort(all)
		all = all[:len(all)-len(all)/20]
		var sum time.Duration
		for _, d := range all {
			sum += d
		}
		mean[i] = float64(sum.Nanoseconds()) / float64(len(all)) / 1000
	}
	apart := 100 * (mean[0] - mean[1]) / mean[1]
	c.say("  %d look-ups each: hidden %.1f us, absent %.1f us", len(took[0]), mean[0], mean[1])
	c.bound("look-ups of a hidden value against an absent one, apart", max(apart, -apart), " %", 2, false)
	return nil
}
