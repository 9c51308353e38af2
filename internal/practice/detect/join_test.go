package detect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"entente/internal/practice/detect"
)

// A line with many hosts of URLs and many fields costs what its length does.
func TestManyHostsInOneLine(t *testing.T) {
	s := setOf(t, "[url:value = 'http://b.eu/x']")
	took := func(marks, fields int, as string) time.Duration {
		var line strings.Builder
		line.WriteString("{")
		for range fields {
			line.WriteString(`"a":1,`)
		}
		fmt.Fprintf(&line, as, strings.Repeat("b.eu ", marks))
		line.WriteString("\n")
		if line.Len() > 1<<16 {
			t.Fatalf("%d bytes are too many", line.Len())
		}
		text, least := line.String(), time.Hour
		for range 5 {
			began := time.Now()
			if _, err := s.Scan(t.Context(), "log", strings.NewReader(text), func(detect.Hit) error { return nil }); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(began))
		}
		return least
	}
	for _, as := range []string{`"host":"%s"}`, `"host":"x %s","path":"/x"}`} {
		// Where each mark looked through all fields, it was more than a second on any machine.
		if whole := took(6000, 2000, as); whole > time.Second {
			t.Errorf("%s: a line takes %v", as, whole)
		}
	}
}

// Hosts that are a field of their own are put together, with their port or without, a few
// in each line.
func TestHostsThatAreAField(t *testing.T) {
	s := setOf(t, "[url:value = 'http://bad.example/x']", "[url:value = 'http://bad.example:8080/x']")
	for line, want := range map[string][]string{
		`{"host":"bad.example.","uri":"/x"}`:                                   {"1 host uri: bad.example./x"},
		`{"host":"bad.example:8080","uri":"/x"}`:                               {"1 host uri: bad.example:8080/x"},
		`{"host":"bad.example and more","uri":"/x"}`:                           nil,
		`{"a":{"host":"bad.example"},"b":{"host":"bad.example","uri":"/x"}}`:   {"1 b.host b.uri: bad.example/x"},
		`{"a":{"host":"bad.example","uri":"/y"},"host":"bad.example","u":"/"}`: nil,
	} {
		if diff := cmp.Diff(want, inFields(t, s, line)); diff != "" {
			t.Errorf("%s: %s", line, diff)
		}
	}
	many := `{"host":[` + strings.Repeat(`"bad.example",`, 40) + `""],"uri":"/x"}`
	if got := inFields(t, s, many); len(got) != 16 {
		t.Errorf("%d of 40 hosts are put together", len(got))
	}
}
