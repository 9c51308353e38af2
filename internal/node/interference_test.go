package node_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestNothingUnseenChangesAnAnswer is the promise of the whole: no answer of
// any kind depends on what its reader may not see (non-interference).
//
// It makes two worlds: real nodes on real stores, with clocks and randomness
// that are the same. What the reader may see happens in both; objects, versions,
// referrers, words and values that the reader may not see, recalls, conflicts,
// variants, other collections, accounts and organisations, and what others ask,
// watch, draft, send and start happen in one of them. In both, the reader then
// asks everything there is to ask, twice, and is told the same: status, headers,
// tags, cursors, bytes, and how long it took by the world's clock.
//
// It runs for 15 seconds, or as long as ENTENTE_SILENCE says.
func TestNothingUnseenChangesAnAnswer(t *testing.T) {
	budget := 15 * time.Second
	if testing.Short() {
		budget = 5 * time.Second
	}
	if text := os.Getenv("ENTENTE_SILENCE"); text != "" {
		var err error
		if budget, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	began, worlds, asked, failed := time.Now(), 0, 0, false
	rapid.Check(t, func(rt *rapid.T) {
		// Who only writes asks the least, and is told of verdicts and quotas.
		r := rapid.SampledFrom(append(readers, readers[2], readers[2])).Draw(rt, "reader")
		s := drawScript(rt, r)
		if time.Since(began) > budget && !failed {
			return
		}
		var told [2][]answer
		for which := range told {
			told[which] = inWorld(t, r, func(w *world) { s.play(w, which) })
			asked += len(told[which])
		}
		worlds += len(told)
		if t.Failed() {
			failed = true
			t.Log(s)
			rt.FailNow()
		}
		if d := difference(told[0], told[1]); d != "" {
			failed = true
			rt.Fatalf("%s is told of what is unseen.\n%s\nwhat happened:\n%s", r.name, d, s)
		}
	})
	t.Logf("%d requests in %d worlds", asked, worlds)
}

// What the test above takes for visible and for hidden is so.
func TestReadersSeeWhatIsVisible(t *testing.T) {
	for _, r := range readers {
		if r.name == "drift" {
			continue // who only writes
		}
		inWorld(t, r, func(w *world) {
			for i, level := range append(slices.Clone(r.visible), r.hidden...) {
				o := thing{kind: "malware", k: 40 + i, level: level}
				w.seen(post("ina", "feed", o.raw()))
				rec := w.do(ask{as: r.name, method: "GET", path: taxiiRoot + "collections/feed/objects/" + o.id() + "/"})
				if sees := strings.Contains(rec.Body.String(), "Ghostwren"); sees != (i < len(r.visible)) {
					w.t.Errorf("%s sees what is %q: %v", r.name, level, sees)
				}
			}
		})
	}
}
