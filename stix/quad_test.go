package stix

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// What quad reads is what netip reads, and all of IPv4 that netip does.
func TestQuad(t *testing.T) {
	part := rapid.OneOf(rapid.StringMatching(`[0-9]{0,4}`), rapid.StringMatching(`0|[1-9]|1[0-9]{2}|2[0-6][0-9]`), rapid.StringMatching(`[ +-:a/]?[0-9]`))
	rapid.Check(t, func(t *rapid.T) {
		text := part.Draw(t, "first")
		for range rapid.IntRange(2, 4).Draw(t, "more") {
			text += "." + part.Draw(t, "part")
		}
		text += rapid.SampledFrom([]string{"", "", "", "", ".", " ", "/24"}).Draw(t, "end")
		want, err := netip.ParseAddr(text)
		a, ok := quad(text)
		if ok != (err == nil && want.Is4()) || ok && netip.AddrFrom4(a) != want {
			t.Fatalf("%q: %v %v, want %v %v", text, a, ok, want, err)
		}
	})
}

// A moment is the one that the calendar of package time has, from the year 0 to 9999.
func TestTimeOfEachDay(t *testing.T) {
	end := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for day := time.Date(0, 1, 1, 23, 59, 59, 120_000_000, time.UTC); day.Before(end); day = day.AddDate(0, 0, 1) {
		if got := NewTimestamp(day).Time(); got != day {
			t.Fatalf("%s is %s", day, got)
		}
	}
	if got := (Timestamp{"2016-12-31T23:59:60Z"}).Time(); got != time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC) {
		t.Errorf("second 60 is %s", got)
	}
}
