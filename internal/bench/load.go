package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is requests by some clients for some time, each on one connection.
type load struct {
	clients int
	window  time.Duration
	request func(client, n int) (*http.Request, error)
	status  int // that every answer must have
}

// result of a load.
type result struct {
	perSecond float64
	p50, p95  time.Duration
	p99       time.Duration
	requests  int
}

// run sends requests until the window is over.
func (l load) run(ctx context.Context) (result, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: l.clients, MaxConnsPerHost: l.clients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	times := make([][]time.Duration, l.clients)
	errs := make([]error, l.clients)
	began := time.Now()
	var wg sync.WaitGroup
	for i := range l.clients {
		wg.Go(func() {
			buf := make([]byte, 256<<10)
			for n := 0; time.Since(began) < l.window && ctx.Err() == nil; n++ {
				d, err := l.once(client, i, n, buf)
				if err != nil {
					errs[i] = err
					return
				}
				times[i] = append(times[i], d)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	all := slices.Concat(times...)
	if err := errors.Join(errs...); err != nil {
		return result{}, err
	}
	if len(all) == 0 {
		return result{}, fmt.Errorf("no request was answered in %v", l.window)
	}
	slices.Sort(all)
	return result{perSecond: float64(len(all)) / took.Seconds(), p50: all[len(all)/2], p95: all[len(all)*95/100], p99: all[len(all)*99/100], requests: len(all)}, nil
}

func (l load) once(client *http.Client, i, n int, buf []byte) (time.Duration, error) {
	req, err := l.request(i, n)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	for err == nil {
		_, err = resp.Body.Read(buf)
	}
	if !errors.Is(err, io.EOF) {
		return 0, err
	}
	if resp.StatusCode != l.status {
		return 0, fmt.Errorf("%s answered %s", req.URL, resp.Status)
	}
	return time.Since(began), nil
}

// versus runs our load and the baseline's in turn, three times each, and gives
// the medians: a noisy moment then hits both.
func versus(ctx context.Context, ours, baseline load) (o, b result, err error) {
	var os, bs []result
	for range 3 {
		for _, side := range []struct {
			l   load
			all *[]result
		}{{ours, &os}, {baseline, &bs}} {
			side.l.window /= 3
			res, err := side.l.run(ctx)
			if err != nil {
				return o, b, err
			}
			*side.all = append(*side.all, res)
		}
	}
	return median(os), median(bs), nil
}

func median(rs []result) result {
	slices.SortFunc(rs, func(a, b result) int {
		if a.perSecond < b.perSecond {
			return -1
		}
		return 1
	})
	return rs[len(rs)/2]
}
