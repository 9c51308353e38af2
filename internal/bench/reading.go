package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"entente/taxii"
)

// reader asks one node as one account.
type reader struct {
	base  string // of the collection
	token string
}

func (d reader) request(path string) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodGet, d.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+d.token)
	req.Header.Set("Accept", taxii.MediaTAXII)
	req.Header.Set("Accept-Encoding", "identity") // as the baseline answers
	return req, nil
}

func (d reader) get(path string) (body []byte, header http.Header, err error) {
	req, err := d.request(path)
	if err != nil {
		return nil, nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %.200s", path, resp.Status, body)
	}
	return body, resp.Header, err
}

// span is the first and last date added that the reader sees, found by walking
// the manifest.
func (d reader) walk(each func(first, last string, records int) bool) error {
	next := ""
	for {
		body, header, err := d.get("manifest/?limit=1000" + next)
		if err != nil {
			return err
		}
		var page struct {
			More    bool            `json:"more"`
			Next    string          `json:"next"`
			Objects json.RawMessage `json:"objects"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return err
		}
		var records []struct{ ID string }
		if page.Objects != nil {
			if err := json.Unmarshal(page.Objects, &records); err != nil {
				return err
			}
		}
		if len(records) > 0 && !each(header.Get("X-TAXII-Date-Added-First"), header.Get("X-TAXII-Date-Added-Last"), len(records)) {
			return nil
		}
		if !page.More {
			return nil
		}
		next = "&next=" + url.QueryEscape(page.Next)
	}
}

// marks are dates added, one in a thousand objects, oldest first.
func (d reader) marks() (dates []string, objects int, err error) {
	err = d.walk(func(first, last string, records int) bool {
		dates = append(dates, first)
		objects += records
		return true
	})
	return dates, objects, err
}

// sample gives up to n of the paths, spread over all, and their bodies.
func (d reader) sample(paths []string, n int) (bodies [][]byte, err error) {
	for i := range min(n, len(paths)) {
		body, _, err := d.get(paths[i*len(paths)/min(n, len(paths))])
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return bodies, nil
}

// compare loads the node with requests for the paths at random, and the
// baseline's server with requests for the same bytes.
func (r *run) compare(ctx context.Context, name string, d reader, paths []string, clients int) (ours, baseline result, err error) {
	bodies, err := d.sample(paths, 64)
	if err != nil {
		return ours, baseline, err
	}
	static, err := r.static(ctx, "static-"+name, bodies, nil)
	if err != nil {
		return ours, baseline, err
	}
	defer static.stop()
	return versus(ctx,
		load{clients: clients, window: r.Window, status: http.StatusOK, request: func(int, int) (*http.Request, error) {
			return d.request(paths[rand.IntN(len(paths))])
		}},
		load{clients: clients, window: r.Window, status: http.StatusOK, request: func(int, int) (*http.Request, error) {
			return http.NewRequest(http.MethodGet, static.url+"/"+strconv.Itoa(rand.IntN(len(bodies))), nil)
		}})
}

// after makes paths of pages that begin at each date.
func after(dates []string, limit int) []string {
	paths := make([]string, len(dates))
	for i, at := range dates {
		paths[i] = "objects/?limit=" + strconv.Itoa(limit) + "&added_after=" + url.QueryEscape(at)
	}
	return paths
}

// newest is the last tenth of a list.
func newest(dates []string) []string { return dates[len(dates)-max(1, len(dates)/10):] }

// coldRead reads all that the reader sees on one connection, page by page, and
// tells pages a second and the size of a page.
func (d reader) coldRead(ctx context.Context, limit int, most time.Duration) (perSecond float64, sample [][]byte, err error) {
	began, pages, next := time.Now(), 0, ""
	for ctx.Err() == nil && time.Since(began) < most {
		body, _, err := d.get("objects/?limit=" + strconv.Itoa(limit) + next)
		if err != nil {
			return 0, nil, err
		}
		pages++
		if len(sample) < 64 {
			sample = append(sample, body)
		}
		cursor, more := nextOf(body)
		if !more {
			break
		}
		next = "&next=" + cursor
	}
	return float64(pages) / time.Since(began).Seconds(), sample, ctx.Err()
}

// nextOf reads more and next from the head or the tail of an envelope without
// parsing its objects.
func nextOf(body []byte) (next string, more bool) {
	var page struct {
		More bool   `json:"more"`
		Next string `json:"next"`
	}
	head := body
	if i := indexObjects(body); i > 0 {
		head = append(append([]byte{}, body[:i]...), '}')
	}
	if json.Unmarshal(head, &page) != nil {
		_ = json.Unmarshal(body, &page)
	}
	return url.QueryEscape(page.Next), page.More && page.Next != ""
}

// indexObjects is where ,"objects" begins; 0 when the head cannot be cut there.
func indexObjects(body []byte) int {
	const mark = `,"objects":`
	for i := 0; i+len(mark) < min(len(body), 1024); i++ {
		if string(body[i:i+len(mark)]) == mark {
			return i
		}
	}
	return 0
}
