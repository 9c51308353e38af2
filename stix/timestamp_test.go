package stix_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/stix"

	"pgregory.net/rapid"
)

// instants in order; those of one line are one instant.
var instants = [][]string{
	{"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.0Z"},
	{"1999-12-31T23:59:59.9999999999Z"},
	{"2000-01-01T00:00:00Z"},
	{"2000-02-29T12:00:00Z"},
	{"2016-12-31T23:59:59.999Z"},
	{"2016-12-31T23:59:60Z", "2016-12-31T23:59:60.000Z"},
	{"2016-12-31T23:59:60.5Z"},
	{"2017-01-01T00:00:00Z"},
	{"2026-04-06T20:03:48Z", "2026-04-06T20:03:48.0Z", "2026-04-06T20:03:48.000000000000Z"},
	{"2026-04-06T20:03:48.0000000001Z"},
	{"2026-04-06T20:03:48.0000000002Z"},
	{"2026-04-06T20:03:48.000000001Z", "2026-04-06T20:03:48.00000000100Z"},
	{"2026-04-06T20:03:48.1Z", "2026-04-06T20:03:48.100Z"},
	{"2026-04-06T20:03:48.12Z"},
	{"2026-04-06T20:03:48.2Z"},
	{"2026-04-06T20:03:49Z"},
	{"2026-04-06T20:04:00Z"},
	{"2026-04-06T21:00:00Z"},
	{"2026-04-07T00:00:00Z"},
	{"2026-05-01T00:00:00Z"},
	{"9999-12-31T23:59:59.999999999999999999999999Z"},
}

func TestTimestampsCompareAsInstants(t *testing.T) {
	for i, same := range instants {
		for j, others := range instants {
			for _, a := range same {
				for _, b := range others {
					want := sign(i - j)
					x, y := mustTime(t, a), mustTime(t, b)
					if got := x.Compare(y); got != want {
						t.Errorf("%s compared with %s: %d, want %d", a, b, got, want)
					}
					if got := bytes.Compare(x.AppendKey(nil), y.AppendKey(nil)); got != want {
						t.Errorf("key of %s compared with that of %s: %d, want %d", a, b, got, want)
					}
					if got := stix.CompareVersions(a, b); got != want {
						t.Errorf("version %s compared with %s: %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}

func sign(n int) int { return min(1, max(-1, n)) }

func mustTime(t interface{ Fatal(...any) }, s string) stix.Timestamp {
	ts, err := stix.ParseTimestamp(s)
	if err != nil {
		t.Fatal(err)
	}
	return ts
}

func TestZeroTimestampComesFirst(t *testing.T) {
	var zero stix.Timestamp
	first := mustTime(t, "0000-01-01T00:00:00Z")
	if !zero.IsZero() || first.IsZero() || zero.Compare(first) != -1 || first.Compare(zero) != 1 || zero.Compare(zero) != 0 {
		t.Error("zero does not come before all others")
	}
	if bytes.Compare(zero.AppendKey(nil), first.AppendKey(nil)) != -1 || !zero.Time().IsZero() || zero.String() != "" {
		t.Error("zero has a key, time or text of another")
	}
}

func TestVersionsThatAreNoTimestampsComeFirst(t *testing.T) {
	order := []string{"", "2026", "yesterday", "2026-04-06T20:03:48Z"}
	for i, a := range order {
		for j, b := range order {
			if got := stix.CompareVersions(a, b); got != sign(i-j) {
				t.Errorf("%q compared with %q: %d", a, b, got)
			}
		}
	}
}

func TestTimestampIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "too short",
		"2026-04-06":                  "too short",
		"2026-04-06T20:03:48":         "too short",
		"2026-04-06t20:03:48Z":        "character 11 must be 'T'",
		"2026-04-06 20:03:48Z":        "character 11 must be 'T'",
		"2026-04-06T20:03:48z":        "upper-case Z",
		"2026-04-06T20:03:48+00:00":   "upper-case Z",
		"2026-04-06T20:03:48.5+02:00": "upper-case Z",
		"2026-04-06T20:03:48.Z":       "a point and digits",
		"2026-04-06T20:03:48,5Z":      "a point and digits",
		"2026-04-06T20:03:48.5 Z":     "a point and digits",
		"2026-04-06T20:03:485Z":       "a point and digits",
		"26-04-06T20:03:48.000Z":      "character 3 must be a digit",
		"2026-4-06T20:03:48.00Z":      "character 7 must be a digit",
		"2026-00-06T20:03:48Z":        "no such month",
		"2026-13-06T20:03:48Z":        "no such month",
		"2026-02-29T20:03:48Z":        "no such day",
		"1900-02-29T20:03:48Z":        "no such day",
		"2026-04-31T20:03:48Z":        "no such day",
		"2026-04-00T20:03:48Z":        "no such day",
		"2026-04-06T24:00:00Z":        "no such time of day",
		"2026-04-06T20:60:00Z":        "no such time of day",
		"2026-04-06T23:59:61Z":        "no such time of day",
		"2026-04-06T20:03:60Z":        "leap second",
		"２026-04-06T20:03:48Z":        "must be a digit",
		"2026-04-06T20:03:48." + strings.Repeat("1", 129) + "Z": "more than 128",
	} {
		if ts, err := stix.ParseTimestamp(text); err == nil || !strings.Contains(err.Error(), want) || !ts.IsZero() {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"2000-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "2026-04-06T20:03:48." + strings.Repeat("1", 128) + "Z"} {
		if ts := mustTime(t, text); ts.String() != text {
			t.Errorf("%s came back as %s", text, ts)
		}
	}
}

func TestTimestampAndTime(t *testing.T) {
	when := time.Date(2026, 4, 6, 20, 3, 48, 123_999_999, time.FixedZone("", 7200))
	if got := stix.NewTimestamp(when).String(); got != "2026-04-06T18:03:48.123Z" {
		t.Error(got)
	}
	for text, want := range map[string]time.Time{
		"2026-04-06T20:03:48.1234567899Z": time.Date(2026, 4, 6, 20, 3, 48, 123456789, time.UTC),
		"2026-04-06T20:03:48.05Z":         time.Date(2026, 4, 6, 20, 3, 48, 50_000_000, time.UTC),
		"2016-12-31T23:59:60Z":            time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := mustTime(t, text).Time(); !got.Equal(want) {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// Keys sort as the instants do, and none stands at the start of another.
func TestKeysKeepTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() stix.Timestamp {
			at := time.Unix(rapid.Int64Range(0, 4102444800).Draw(t, "second"), 0).UTC().Format("2006-01-02T15:04:05")
			if f := rapid.StringMatching(`[01]{0,12}`).Draw(t, "fraction"); f != "" {
				at += "." + f
			}
			return mustTime(t, at+"Z")
		}
		a, b := draw(), draw()
		x, y := a.AppendKey(nil), b.AppendKey(nil)
		if bytes.Compare(x, y) != a.Compare(b) || a.Compare(b) != -b.Compare(a) {
			t.Fatalf("%s %x, %s %x", a, x, b, y)
		}
		if !slices.Equal(x, y) && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
			t.Fatalf("%s %x stands at the start of %s %x", a, x, b, y)
		}
		if a.Time().Before(b.Time()) && a.Compare(b) >= 0 {
			t.Fatalf("%s is before %s", a, b)
		}
	})
}
