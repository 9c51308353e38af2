package taxii_test

import (
	"testing"
	"time"

	"entente/taxii"
)

func TestFormatTimeCutsToMicroseconds(t *testing.T) {
	zone := time.FixedZone("", 2*60*60)
	at := time.Date(2024, 3, 1, 1, 2, 3, 4_567_999, zone)
	if got, want := taxii.FormatTime(at), "2024-02-29T23:02:03.004567Z"; got != want {
		t.Errorf("FormatTime = %q, want %q", got, want)
	}
}

func TestParseTime(t *testing.T) {
	for s, ok := range map[string]bool{
		"2024-02-29T23:02:03Z":             true,
		"2024-02-29T23:02:03.1Z":           true,
		"2024-02-29T23:02:03.123456Z":      true,
		"2024-02-29T23:02:03.1234567891Z":  true,
		"2023-02-29T23:02:03Z":             false,
		"2024-02-29T23:02:03+00:00":        false,
		"2024-02-29t23:02:03z":             false,
		"2024-02-29 23:02:03Z":             false,
		"2024-02-29T23:02:03,5Z":           false,
		"2024-02-29":                       false,
		"":                                 false,
		"99999999999999999999999999999Z":   false,
		"2024-02-29T23:02:03.123456Zulu":   false,
		"2024-02-29T23:02:03.123456+01:0Z": false,
	} {
		if _, err := taxii.ParseTime(s); (err == nil) != ok {
			t.Errorf("ParseTime(%q): %v", s, err)
		}
	}
}
