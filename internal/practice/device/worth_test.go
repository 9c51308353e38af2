package device_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
)

// sighting writes the n-th sighting of an indicator, last at a time.
func sighting(n, of int, last, more string) string {
	return fmt.Sprintf(`{"type":"sighting","spec_version":"2.1","id":"sighting--00000000-0000-4000-8000-%012d","created":"2026-03-01T00:00:00Z","modified":"2026-03-01T00:00:00Z","sighting_of_ref":"indicator--00000000-0000-4000-8000-%012d","last_seen":%q%s}`, n, of, last, more)
}

// Where a list holds so many, the best by score stay: what was seen lately before what
// nobody has seen, what is doubted last. Without a limit the order is that of confidence.
func TestTheBestStayInAShortList(t *testing.T) {
	b := newBench(t, device.Parts{})
	old := func(n int, confidence int) {
		raw := fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2025-03-01T10:00:00.000Z","modified":"2025-03-01T10:00:00.000Z","pattern":"domain=h%d.example","pattern_type":"stix","valid_from":"2025-03-01T10:00:00Z","confidence":%d}`, n, n, confidence)
		b.bring("", "a", raw)
	}
	old(1, 90)
	old(2, 80)
	old(3, 70)
	all := []string{"h1.example", "h2.example", "h3.example"}
	b.want("hosts", device.Wish{Limit: 3}, all...)
	b.bring("", "b", sighting(1, 3, "2026-02-28T00:00:00Z", ""))
	b.want("hosts", device.Wish{Limit: 1}, "h3.example")
	b.want("hosts", device.Wish{Limit: 2}, "h3.example", "h1.example")
	b.want("hosts", device.Wish{}, all...)
	b.bring("", "b", sighting(2, 1, "2026-02-28T00:00:00Z", `,"count":0`))
	b.want("hosts", device.Wish{Limit: 2}, "h3.example", "h2.example")
	b.bring("", "b", opinion(1, 2, 1, "strongly-disagree", "", 3))
	b.bring("", "b", sighting(3, 1, "2026-02-28T00:00:00Z", `,"revoked":true`))
	b.want("hosts", device.Wish{Limit: 1}, "h2.example")
	b.indicator("a", 4, "domain=h4.example", "") // of today, and says no confidence
	b.want("hosts", device.Wish{}, append(all, "h4.example")...)
	b.want("hosts", device.Wish{Limit: 2}, "h4.example", "h2.example")
	f, _ := blocklist.ByName("hosts")
	list, err := b.Choose(t.Context(), b.by, device.Wish{Format: f, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	if want := now.Truncate(24 * time.Hour).Add(24 * time.Hour); !list.Turns.Equal(want) {
		t.Errorf("the list turns at %v, want %v", list.Turns, want)
	}
	if !slices.ContainsFunc(list.Left, func(l device.Left) bool { return l.Reason == "the limit is reached by better ones" && l.Count == 3 }) {
		t.Errorf("left out %v", list.Left)
	}
}

// A list that tells scores is in their order, and holds none that is lower than asked for.
func TestListsTellScores(t *testing.T) {
	b := newBench(t, device.Parts{})
	for n, since := range []string{"2025-03-01T10:00:00Z", "2026-02-01T10:00:00Z"} {
		b.bring("", "a", fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-%012d","created":"2025-03-01T10:00:00.000Z","modified":"2025-03-01T10:00:00.000Z","pattern":"domain=h%d.example","pattern_type":"stix","valid_from":%q,"confidence":%d}`, n+1, n+1, since, 90-10*n))
	}
	scores := func(format string, w device.Wish) (all []string) {
		w.Format, _ = blocklist.ByName(format)
		list, err := b.Choose(t.Context(), b.by, w)
		if err != nil {
			t.Fatal(err)
		}
		defer list.Close()
		for e, err := range list.Entries() {
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, fmt.Sprintf("%s %d", e.Value, e.Score))
		}
		return all
	}
	// 90 and a year old, 80 and 28 days old, with the half-life of other patterns, 365 days
	for _, c := range []struct {
		format string
		wish   device.Wish
		want   []string
	}{
		{"csv", device.Wish{}, []string{"h2.example 76", "h1.example 45"}},
		{"suricata", device.Wish{}, []string{"h2.example 76", "h1.example 45"}},                                       // it bears so many
		{"plain", device.Wish{Kinds: []blocklist.Kind{blocklist.Domain}}, []string{"h2.example 76", "h1.example 45"}}, // devices cut it
		{"rpz", device.Wish{}, []string{"h1.example -1", "h2.example -1"}},
		{"rpz", device.Wish{MinScore: 46}, []string{"h2.example 76"}},
		{"rpz", device.Wish{MinScore: 77}, nil},
	} {
		if got := scores(c.format, c.wish); !slices.Equal(got, c.want) {
			t.Errorf("%s %+v: %q, want %q", c.format, c.wish, got, c.want)
		}
	}
}
