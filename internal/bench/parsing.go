package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime"
	"time"

	"entente/stix"
)

// parse measures the scanner against encoding/json, and validation.
func (r *run) parse(context.Context) error {
	const objects = 20_000
	g := NewGenerator(Mix{Seed: 3})
	var lines bytes.Buffer
	var each [][]byte
	for range objects {
		o := bytes.Clone(g.Next())
		each = append(each, o)
		lines.Write(o)
		lines.WriteByte('\n')
	}
	scan := func() int {
		n := 0
		for _, err := range stix.Scan(bytes.NewReader(lines.Bytes())) {
			if err == nil {
				n++
			}
		}
		return n
	}
	decode := func() int {
		for _, o := range each {
			var m map[string]any
			if json.Unmarshal(o, &m) != nil {
				return 0
			}
		}
		return len(each)
	}
	validate := func() int {
		for _, o := range each {
			stix.Validate(o)
		}
		return len(each)
	}
	r.ratio("scanner with envelope, against encoding/json into a map", r.rate(scan), r.rate(decode), " objects/s", 5)
	r.bound("allocations of the scanner", allocations(scan)/objects, " an object", 2, false)
	r.bound("validation, one core", r.rate(validate), " objects/s", 50_000, true)
	return nil
}

// rate is how many objects a second f handles on one goroutine: the best of
// three windows.
func (r *run) rate(f func() int) float64 {
	best := 0.0
	for range 3 {
		n, began := 0, time.Now()
		for time.Since(began) < r.Window/5 {
			n += f()
		}
		best = max(best, float64(n)/time.Since(began).Seconds())
	}
	return best
}

func allocations(f func() int) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs)
}
