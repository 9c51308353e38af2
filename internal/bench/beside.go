package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"entente/internal/dial"
	"entente/taxii"
)

// objectPaths are the paths of single objects around the dates.
func (d reader) objectPaths(dates []string) (paths []string, err error) {
	for _, at := range dates {
		records, err := d.manifest(at, 20)
		if err != nil {
			return nil, err
		}
		for _, o := range records {
			paths = append(paths, "objects/"+o.ID+"/")
		}
	}
	return paths, nil
}

// datesAfter are the dates of the objects after a date, up to a thousand.
func (d reader) datesAfter(at string) (dates []string, err error) {
	records, err := d.manifest(at, 1000)
	for _, o := range records {
		dates = append(dates, o.Added)
	}
	if err == nil && len(dates) == 0 {
		err = fmt.Errorf("nothing is visible after %s", at)
	}
	return dates, err
}

// record is an object in a manifest.
type record struct {
	ID    string `json:"id"`
	Added string `json:"date_added"`
}

func (d reader) manifest(at string, limit int) ([]record, error) {
	body, _, err := d.get("manifest/?limit=" + strconv.Itoa(limit) + "&added_after=" + url.QueryEscape(at))
	if err != nil {
		return nil, err
	}
	var page struct {
		Objects []record `json:"objects"`
	}
	err = json.Unmarshal(body, &page)
	return page.Objects, err
}

// pulls reads everything with our own client, then asks for what is new.
func (r *run) pulls(ctx context.Context, server *child, token string, objects int) error {
	transport, err := dial.New(dial.Options{AllowPrivate: true}) // loopback
	if err != nil {
		return err
	}
	counted := &counting{next: transport.Transport}
	transport.Transport = counted
	client, err := taxii.New(server.url+"/taxii2/", taxii.WithHTTPClient(transport), taxii.WithBearerToken(token), taxii.WithPageLimit(1000))
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	cursor := taxii.Cursor{}
	took, err := timed(func() error {
		got, err := pullAll(ctx, client, &cursor)
		r.say("  pulled %d of %d objects", got, objects)
		return err
	})
	if err != nil {
		return err
	}
	scaled := took.Seconds() * float64(1_000_000) / float64(max(objects, 1))
	r.bound("full re-read by our client, for each 1,000,000 objects", scaled, " s", 60, false)
	counted.n = 0
	best := time.Hour
	for range 20 {
		took, err := timed(func() error {
			_, err := pullAll(ctx, client, &cursor)
			return err
		})
		if err != nil {
			return err
		}
		best = min(best, took)
	}
	r.bound("nothing new: requests", float64(counted.n)/20, "", 1, false)
	r.bound("nothing new: time", best.Seconds()*1000, " ms", 5, false)
	return nil
}

// pullAll takes what is new into the void.
func pullAll(ctx context.Context, client *taxii.Client, cursor *taxii.Cursor) (objects int, err error) {
	for batch, err := range client.Pull(ctx, "default", *cursor, taxii.Filter{}) {
		if err != nil {
			return objects, err
		}
		objects += len(batch.Objects)
		*cursor = batch.Cursor
	}
	return objects, nil
}

// counting counts requests; one goroutine uses it at a time.
type counting struct {
	next http.RoundTripper
	n    int
}

func (c *counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.n++
	return c.next.RoundTrip(req)
}

// besideImport measures the slowest hundredth of manifest and object requests
// while an import runs at full speed.
func (r *run) besideImport(ctx context.Context, server *child, own reader, dates []string) error {
	objects, err := own.objectPaths(newest(dates))
	if err != nil {
		return err
	}
	manifest := "manifest" + after(newest(dates)[:1], 1000)[0][len("objects"):]
	return r.whileImporting(ctx, server, func() error {
		for _, kind := range []struct {
			what  string
			paths []string
		}{
			{"object by id, p99 beside an import", objects},
			{"manifest page of 1,000, p99 beside an import", []string{manifest}},
		} {
			res, err := r.alone(ctx, own, kind.paths)
			if err != nil {
				return err
			}
			r.bound(kind.what, milliseconds(res.p99), " ms", 10, false)
		}
		return nil
	})
}

// whileImporting measures while an import runs at full speed, which is ended
// afterwards.
func (r *run) whileImporting(ctx context.Context, server *child, measure func() error) error {
	files, _, err := r.objectFiles("beside", Mix{Seed: 9, Classes: 300}, max(r.Objects/5, tenths))
	if err != nil {
		return err
	}
	importing, stop := context.WithCancel(ctx)
	defer stop()
	imported := make(chan error, 1)
	go func() {
		_, err := r.verb(importing, append([]string{"import", "--collection", "default", "--data", server.dir}, files...)...)
		imported <- err
	}()
	if err := measure(); err != nil {
		stop()
		<-imported
		return err
	}
	select {
	case err := <-imported:
		r.say("  the import ended before the load did (%v)", err)
	default:
		stop()
		<-imported
	}
	return nil
}

// manyClasses repeats the page of the newest tenth with 10,000 classes.
func (r *run) manyClasses(ctx context.Context) error {
	var got [2]float64
	for i, classes := range []int{300, 10_000} {
		objects := max(r.Objects/5, tenths)
		files, _, err := r.objectFiles("classes", Mix{Seed: 4, Classes: classes}, objects)
		if err != nil {
			return err
		}
		dir := filepath.Join(r.dir, "classes-"+number(float64(classes)))
		token, _, err := r.newNode(ctx, dir)
		if err != nil {
			return err
		}
		server, err := r.serve(ctx, dir)
		if err != nil {
			return err
		}
		if _, err := r.verb(ctx, append([]string{"import", "--collection", "default", "--data", dir}, files...)...); err != nil {
			return err
		}
		own := reader{server.url + "/taxii2/root/collections/default/", token}
		dates, _, err := own.marks()
		if err != nil {
			return err
		}
		ours, base, err := r.compare(ctx, "classes", own, after(newest(dates), 100), 4)
		if err != nil {
			return err
		}
		got[i] = ours.perSecond / base.perSecond
		r.say("  %d classes: %.0f of %.0f pages/s", classes, ours.perSecond, base.perSecond)
		if err := server.stop(); err != nil {
			return err
		}
	}
	r.ratio("page of 100, half of 10,000 classes, against half of 300", got[1], got[0], " of net/http", 0.85)
	return nil
}

// demo measures the story from this binary.
func (r *run) demo(ctx context.Context) error {
	best := time.Hour
	for range 3 {
		took, err := timed(func() error {
			out, err := r.verb(ctx, "demo", "--once")
			if err == nil && !strings.Contains(out, "yes") {
				r.say("%s", out)
			}
			return err
		})
		if err != nil {
			return err
		}
		best = min(best, took)
	}
	r.bound("demo --once", best.Seconds(), " s", 3, false)
	return nil
}
