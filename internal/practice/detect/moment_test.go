package detect_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"entente/internal/practice/detect"
)

func TestWhenALineWasWritten(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.FixedZone("", 3600))
	for line, want := range map[string]string{
		"2026-11-27T10:00:00Z x":                             "2026-11-27T10:00:00Z",
		"2026-11-27T10:00:00.5+02:00 x":                      "2026-11-27T08:00:00.5Z",
		"2026-11-27T10:00:00.123456+0200 x":                  "2026-11-27T08:00:00.123456Z",
		"2026-11-27 10:00:00,250 x":                          "2026-11-27T09:00:00.25Z", // in the zone of now
		"2026/11/27 10:00:00 [error] x":                      "2026-11-27T09:00:00Z",
		`"2026-11-27T10:00:00Z","x"`:                         "2026-11-27T10:00:00Z",
		"[2026-11-27 10:00:00 +0000] x":                      "2026-11-27T10:00:00Z",
		"1591367999.305988\tCMdzit1":                         "2020-06-05T14:39:59.305988Z",
		"1591367999 x":                                       "2020-06-05T14:39:59Z",
		"1591367999305 x":                                    "2020-06-05T14:39:59.305Z",
		`{"ts":1591367999.305988,"uid":"CMdzit1"}`:           "2020-06-05T14:39:59.305988Z",
		`{"timestamp":"2026-11-27T10:00:00.1+0000","f":1}`:   "2026-11-27T10:00:00.1Z",
		`{"a":"x", "@timestamp": "2026-11-27T10:00:00.000Z"`: "2026-11-27T10:00:00Z",
		"Nov 27 10:00:00 host sshd[1]: x":                    "2026-11-27T09:00:00Z",
		"Dec  3 10:00:00 host x":                             "2025-12-03T09:00:00Z", // not to come
		"Feb 29 10:00:00 host x":                             "2024-02-29T09:00:00Z",
		"<34>Nov 27 10:00:00 host x":                         "2026-11-27T09:00:00Z",
		"<165>1 2026-11-27T10:00:00.003Z host x":             "2026-11-27T10:00:00.003Z",
		`10.0.0.1 - - [27/Nov/2026:10:00:00 +0100] "GET /"`:  "2026-11-27T09:00:00Z",
		"11/20/2026 10:00:00 AM x":                           "2026-11-20T09:00:00Z",
		"11/5/2026 1:02:03 PM 0A3C PACKET":                   "2026-11-05T12:02:03Z", // AM or PM: the month stands first
		"20/11/2026 01:02:03 pm":                             "2026-11-20T12:02:03Z", // but where it is none
		"20/11/2026 10:00:00.25 x":                           "2026-11-20T09:00:00.25Z",
		"11/20/2026, 22:00:00":                               "2026-11-20T21:00:00Z",
		"05.11.2026 10:00:00 x":                              "2026-11-05T09:00:00Z",
		`{"EventTime":"11/20/2026 12:00:00 AM","x":1}`:       "2026-11-19T23:00:00Z",
		"05/11/2026 10:00:00 x":                              "", // the fifth of November, or of May the eleventh
		"13/13/2026 10:00:00 x":                              "",
		"11/20/2026 13:00:00 PM":                             "",
		"31.2.2026 10:00:00":                                 "",
		"11/20.2026 10:00:00 AM":                             "",
		"11/20/2027 10:00:00 AM":                             "",
		"date=2026-11-20 time=10:00:00 devname=x":            "2026-11-20T09:00:00Z",
		`<34>time="2026-11-20T10:00:00Z" level=info`:         "2026-11-20T10:00:00Z",
		"date=x time=10:00:00":                               "",
		"pay.drum.example":                                   "",
		"2026-13-27T10:00:00Z":                               "",
		"2027-11-27T10:00:00Z of next year":                  "",
		"0001-01-01T00:00:00Z":                               "",
		"1591367999abc":                                      "",
		"1591367999.":                                        "2020-06-05T14:39:59Z",
		"15913679990":                                        "",
		`{"ts":`:                                             "",
		"[":                                                  "",
		"<34>":                                               "",
		"":                                                   "",
	} {
		at, ok := detect.LineTime(line, now)
		got := ""
		if ok {
			got = at.Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

// The start of a line comes with each hit in it, however it is cut up.
func TestAHitHasTheStartOfItsLine(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']")
	long := strings.Repeat("x ", 400_000)
	text := "first evil.example\r\nnone\nsecond evil.example " + long + "evil.example\n" + "third " + long + " evil.example"
	var got []string
	if _, err := s.Scan(context.Background(), "log", strings.NewReader(text), func(h detect.Hit) error {
		if len(h.Start) > 256 {
			t.Errorf("%d bytes", len(h.Start))
		}
		got = append(got, h.Start[:min(len(h.Start), 20)])
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := "first evil.example|second evil.example |second evil.example |third x x x x x x x "; strings.Join(got, "|") != want {
		t.Errorf("%q", got)
	}
}

func FuzzLineTime(f *testing.F) {
	for _, line := range []string{"2026-11-27 10:00:00,250 +0100", "<165>1 2026", "1591367999.305988\t", `{"ts":1`, "Feb 29 10:00:00", "x [27/Nov/2026:10:00:00 +0100]"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		at, ok := detect.LineTime(line, noon)
		if ok != !at.IsZero() || ok && (at.Year() < 1990 || at.After(noon.Add(24*time.Hour))) {
			t.Errorf("%q: %v, %v", line, at, ok)
		}
	})
}
