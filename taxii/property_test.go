package taxii_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"entente/taxii"

	"pgregory.net/rapid"
)

// Whatever the sizes of pages, the dates that objects share, the way a server
// pages and writes dates, the cuts of connections, the restarts from a stored
// cursor and the objects that arrive meanwhile: what is delivered is what the
// server holds, each once, in its order.
func TestDeliveryIsExactlyWhatTheServerHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newForeign(rt)
		defer f.Close()
		at := firstDate
		arrive := func(n int) {
			steps := rapid.SliceOfN(rapid.SampledFrom([]time.Duration{
				0, 0, 0, time.Microsecond, 300 * time.Microsecond, 2 * time.Millisecond, 700 * time.Millisecond,
			}), n, n).Draw(rt, "steps")
			f.holdAt(n, func(i int) time.Time { at = at.Add(steps[0]); steps = steps[1:]; return at })
		}
		arrive(rapid.IntRange(0, 40).Draw(rt, "objects"))
		f.noNext = rapid.Bool().Draw(rt, "noNext")
		f.date = rapid.SampledFrom([]func(time.Time) string{taxii.FormatTime, inMilliseconds, inSeconds}).Draw(rt, "dates")
		// A server that drops connections and forgets the next it gave.
		cuts := rapid.SliceOfN(rapid.IntRange(0, 9), 0, 30).Draw(rt, "cuts")
		f.answer = func(w http.ResponseWriter, r *http.Request, n int) bool {
			if n > len(cuts) || cuts[n-1] > 3 {
				return false
			}
			switch cuts[n-1] {
			case 0:
				cut(w, `{"more":true,"objects":[`)
			case 1:
				refuse(w, 503, "busy")
			case 2:
				if !r.URL.Query().Has("next") {
					return false
				}
				refuse(w, 400, "no such next")
			case 3:
				panic(http.ErrAbortHandler)
			}
			return true
		}
		limit := rapid.SampledFrom([]int{0, 1, 2, 3, 7, 50}).Draw(rt, "limit")
		r := f.reader(rt, taxii.WithPageLimit(limit),
			taxii.WithBatchSize(rapid.SampledFrom([]int{1, 2, 5, 1000}).Draw(rt, "batch")), taxii.WithRetry(taxii.Retry{Attempts: 2}))
		defer r.client.CloseIdleConnections()

		for range rapid.IntRange(0, 8).Draw(rt, "restarts") {
			err := r.pull(rapid.IntRange(0, 4).Draw(rt, "batches"))
			if err != nil && !errors.Is(err, errEnough) && len(f.log()) == 0 {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "arrival") {
				at = at.Add(rapid.SampledFrom([]time.Duration{0, time.Microsecond, time.Second}).Draw(rt, "later"))
				arrive(rapid.IntRange(0, 5).Draw(rt, "more"))
			}
		}
		f.mu.Lock()
		f.answer = nil
		f.mu.Unlock()
		if err := r.pull(-1); err != nil {
			rt.Fatal(err)
		}
		if !slices.Equal(r.ids, f.ids()) {
			rt.Fatalf("delivered %s\nof %s", short(r.ids), short(f.ids()))
		}
		before, large := len(f.log()), len(r.cursor().Seen)
		if err := r.pull(-1); err != nil {
			rt.Fatal(err)
		}
		if requests := len(f.log()) - before; len(r.ids) != len(f.entries) || requests > len(f.entries)+3 {
			rt.Fatalf("nothing new took %d requests and delivered %d objects again", requests, len(r.ids)-len(f.entries))
		}
		if grown := len(r.cursor().Seen); grown > large {
			rt.Fatalf("nothing new made the cursor grow from %d to %d bytes", large, grown)
		}
	})
}
