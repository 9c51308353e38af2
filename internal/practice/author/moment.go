package author

import (
	"strconv"
	"strings"
	"time"

	"entente/stix"
)

// momentForms are how people write an instant, UTC unless they say.
var momentForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05",
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// Moment reads an instant as people write one and gives it as STIX does: a date,
// a date and a time, now, or a distance from now (30d, 12h, -2w; m is minutes).
func Moment(text string, now time.Time) (string, bool) {
	text = strings.TrimSpace(text)
	if _, err := stix.ParseTimestamp(text); err == nil {
		return text, true
	}
	t := now
	if text != "now" {
		distance, ok := Distance(text)
		t = now.Add(distance)
		for _, form := range momentForms {
			if ok {
				break
			}
			if at, err := time.Parse(form, text); err == nil {
				t, ok = at, true
			}
		}
		if !ok {
			return "", false
		}
	}
	s := stix.NewTimestamp(t).String()
	_, err := stix.ParseTimestamp(s)
	return s, err == nil
}

// Distance reads a count of seconds, minutes, hours, days or weeks: 90s, 15m,
// 12h, 30d, 2w, with a sign or without.
func Distance(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(text) < 2 {
		return 0, false
	}
	unit, ok := units[text[len(text)-1]]
	n, err := strconv.ParseInt(text[:len(text)-1], 10, 32)
	const longest = 100 * 366 * 24 * time.Hour
	if !ok || err != nil || max(n, -n) > int64(longest/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}
