package bench

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tenths is in how many files a run's objects are written, so that the speed
// of each tenth of an import is seen.
const tenths = 10

// objectFiles writes generated objects as JSON Lines, once a mix.
func (r *run) objectFiles(name string, m Mix, objects int) (files []string, bytes int64, err error) {
	dir := filepath.Join(r.dir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, 0, err
	}
	g := NewGenerator(m)
	for i := range tenths {
		file := filepath.Join(dir, fmt.Sprintf("%02d.jsonl", i))
		f, err := os.Create(file)
		if err != nil {
			return nil, 0, err
		}
		w := bufio.NewWriterSize(f, 1<<20)
		for range objects / tenths {
			n, _ := w.Write(g.Next())
			_ = w.WriteByte('\n')
			bytes += int64(n)
		}
		if err := w.Flush(); err != nil {
			return nil, 0, err
		}
		if err := f.Close(); err != nil {
			return nil, 0, err
		}
		files = append(files, file)
	}
	return files, bytes, nil
}

// serving measures one node from its import to its restart: 300 classes, of
// which an own account sees half and a partner one.
func (r *run) serving(ctx context.Context) error {
	files, bytes, err := r.objectFiles("objects", Mix{Seed: 1, Classes: 300}, r.Objects)
	if err != nil {
		return err
	}
	dir := filepath.Join(r.dir, "node")
	ownToken, partnerToken, err := r.newNode(ctx, dir)
	if err != nil {
		return err
	}
	server, err := r.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { _ = server.stop() }()
	if err := r.imports(ctx, server, files, bytes); err != nil {
		return err
	}
	if server, err = r.restart(ctx, server); err != nil {
		return err
	}
	own := reader{server.url + "/taxii2/root/collections/default/", ownToken}
	partner := reader{own.base, partnerToken}
	if err := r.coldPages(ctx, own); err != nil {
		return err
	}
	dates, seen, err := own.marks()
	if err != nil {
		return err
	}
	r.say("  an own account sees %d of %d objects", seen, r.Objects)
	if err := r.pages(ctx, own, partner, dates); err != nil {
		return err
	}
	if err := r.pulls(ctx, server, ownToken, seen); err != nil {
		return err
	}
	if err := r.besideImport(ctx, server, own, dates); err != nil {
		return err
	}
	if mb, ok := server.rss(); ok {
		r.bound("memory after all of this", mb, " MB", 500, false)
	}
	return nil
}

// imports brings the files in by the verb, beside the running server.
func (r *run) imports(ctx context.Context, server *child, files []string, bytes int64) error {
	raw, err := r.rawImport(ctx, files)
	if err != nil {
		return err
	}
	took := make([]time.Duration, len(files))
	for i, f := range files {
		took[i], err = timed(func() error {
			_, err := r.verb(ctx, "import", f, "--collection", "default", "--data", server.dir)
			return err
		})
		if err != nil {
			return err
		}
	}
	n := float64(r.Objects)
	r.ratio("import, all indexes, durable, against raw Pebble", n/sum(took), n/sum(raw), " objects/s", 0.45)
	r.bound("import", n/sum(took), " objects/s", 20_000, true)
	lastAgainstFirst := func(what string, took []time.Duration, need float64) {
		r.ratio(what+", last tenth against the first", n/tenths/took[len(took)-1].Seconds(), n/tenths/took[0].Seconds(), " objects/s", need)
	}
	lastAgainstFirst("import", took, 0.85)
	lastAgainstFirst("raw Pebble", raw, 0)
	r.say("  tenths of the import %v, of raw Pebble %v", took, raw)
	disk, err := diskUse(server.dir)
	if err != nil {
		return err
	}
	r.bound(fmt.Sprintf("disk, objects of %d bytes", bytes/int64(r.Objects)), float64(disk)/n/1000, " KB/object", 0.9, false)
	return nil
}

func sum(took []time.Duration) (seconds float64) {
	for _, d := range took {
		seconds += d.Seconds()
	}
	return seconds
}

// restart ends the server and starts it again, and measures until it is ready.
func (r *run) restart(ctx context.Context, server *child) (*child, error) {
	if err := server.stop(); err != nil {
		return nil, err
	}
	began := time.Now()
	server, err := r.serve(ctx, server.dir)
	if err != nil {
		return nil, err
	}
	for {
		resp, err := http.Get(server.url + "/readyz")
		if err != nil {
			return nil, err
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			break
		}
	}
	r.bound(fmt.Sprintf("start with %d objects until ready", r.Objects), time.Since(began).Seconds(), " s", 1, false)
	return server, nil
}

// coldPages reads everything on one connection right after the start.
func (r *run) coldPages(ctx context.Context, own reader) error {
	ours, bodies, err := own.coldRead(ctx, 100, 4*r.Window)
	if err != nil {
		return err
	}
	static, err := r.static(ctx, "static-cold", bodies, nil)
	if err != nil {
		return err
	}
	defer static.stop()
	base := reader{base: static.url + "/"}
	began, pages := time.Now(), 0
	for ; time.Since(began) < r.Window && ctx.Err() == nil; pages++ {
		body, _, err := base.get(strconv.Itoa(pages % len(bodies)))
		if err != nil {
			return err
		}
		nextOf(body)
	}
	r.ratio("page of 100, cold, all of a collection", ours, float64(pages)/time.Since(began).Seconds(), " pages/s", 0.2)
	return nil
}

// pages measures pages, manifests and single objects of the newest tenth.
func (r *run) pages(ctx context.Context, own, partner reader, dates []string) error {
	ours, base, err := r.compare(ctx, "page", own, after(newest(dates), 100), 4)
	if err != nil {
		return err
	}
	r.ratio("page of 100, newest tenth, half of 300 classes", ours.perSecond, base.perSecond, " pages/s", 0.5)
	half := ours.perSecond / base.perSecond

	sparse, err := partner.datesAfter(newest(dates)[0])
	if err != nil {
		return err
	}
	ours, base, err = r.compare(ctx, "sparse", partner, after(sparse[:max(1, len(sparse)-100)], 100), 4)
	if err != nil {
		return err
	}
	r.ratio("the same, one class in 300", ours.perSecond, base.perSecond, " pages/s", 0.8*half)

	manifests := make([]string, 0, len(dates))
	for _, p := range after(newest(dates), 1000) {
		manifests = append(manifests, "manifest"+p[len("objects"):])
	}
	ours, base, err = r.compare(ctx, "manifest", own, manifests, 4)
	if err != nil {
		return err
	}
	r.ratio("manifest page of 1,000", ours.perSecond, base.perSecond, " pages/s", 0.4)

	objects, err := own.objectPaths(newest(dates))
	if err != nil {
		return err
	}
	ours, base, err = r.compare(ctx, "object", own, objects, 4)
	if err != nil {
		return err
	}
	r.ratio("object by id", ours.perSecond, base.perSecond, " requests/s", 0.4)
	return nil
}
