package detect_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A value that many ask for with others is asked once a line, however often it stands there.
func TestARepeatedValueIsAskedOnce(t *testing.T) {
	var patterns []string
	for i := range 64 {
		var any []string
		for j := range 64 {
			any = append(any, fmt.Sprintf("([domain-name:value = 'a.example'] AND [domain-name:value = 'h%d-%d.example'])", i, j))
		}
		patterns = append(patterns, strings.Join(any, " OR "))
	}
	s := setOf(t, append(patterns, "[domain-name:value = 'a.example']", "[domain-name:value = 'a.example' AND domain-name:value = 'b.example']")...)
	begun := time.Now()
	got, _ := told(t, s, strings.Repeat("a.example ", 2000)+"b.example\nh7-7.example\n")
	if len(got) != 2002 || got[2001] != "2 h7-7.example after log 1 a.example" {
		t.Errorf("%d hits, the last ones %q", len(got), got[max(0, len(got)-2):])
	}
	// Where each place was asked for all, it was twenty seconds.
	if took := time.Since(begun); took > 8*time.Second {
		t.Errorf("a line takes %v", took)
	}
}

// A search that would take long is given up, and what it was in is told to be forgotten.
func TestAHardSearchIsGivenUp(t *testing.T) {
	s := setOf(t, "(("+followed+") WITHIN 1 SECONDS) REPEATS 200 TIMES")
	var log strings.Builder
	for i := range 600 {
		fmt.Fprintf(&log, "%s a.example\n", second(i))
	}
	for i := range 600 {
		at := i + 3
		if i%3 == 0 {
			at = 11_000 + 10*i
		}
		fmt.Fprintf(&log, "%s b.example\n", second(at))
	}
	got, stats := told(t, s, log.String())
	if len(got) != 0 || stats.Forgotten < 600 {
		t.Errorf("%d hits, %d forgotten", len(got), stats.Forgotten)
	}
	log.Reset()
	for i := range 200 {
		fmt.Fprintf(&log, "%s a.example\n%s b.example\n", second(20_000+10*i), second(20_001+10*i))
	}
	if got, _ := told(t, s, log.String()); len(got) != 1 {
		t.Errorf("%d hits afterwards", len(got))
	}
}

// Large stories are remembered in no more memory than small ones, and one line begins few.
func TestLargeStoriesAreBounded(t *testing.T) {
	story := "(([domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']) WITHIN 9." + strings.Repeat("0", 10_000) + " SECONDS)"
	pattern := story + strings.Repeat(" OR "+story, 63)
	s := setOf(t, pattern, pattern, pattern, pattern)
	for i := range 12 { // after ten all would be begun
		if _, stats := told(t, s, second(i)+" a.example\n"); stats.Forgotten == 0 || i == 0 && stats.Forgotten < 4*64-30 {
			t.Errorf("line %d: %d forgotten", i, stats.Forgotten)
		}
	}
}

// Indicators that say the same again and again wear a set, also where others ask for their values.
func TestGroupsWearASet(t *testing.T) {
	var any []string
	for i := range 1000 {
		any = append(any, fmt.Sprintf("[domain-name:value = 'a.example' AND domain-name:value = 'h%d.example']", i))
	}
	pattern := strings.Join(any, " OR ")
	s := setOf(t, pattern, pattern)
	for i := range 40 {
		s.Add(object(t, 0, pattern, fmt.Sprintf(`"modified":"2026-01-02T00:00:%02dZ"`, i)))
	}
	if !s.Worn() {
		t.Error("forty thousand groups that nothing is in are no wear")
	}
	if keep(t, s); len(s.LeftOut()) != 0 {
		t.Errorf("%v", s.LeftOut())
	}
}

// Stories whose searches take long leave the others of a line their part.
func TestHardSearchesLeaveRoomForOthers(t *testing.T) {
	var patterns []string
	for i := range 300 {
		patterns = append(patterns, fmt.Sprintf("((([domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'a.example']) WITHIN %d SECONDS) REPEATS 40 TIMES) WITHIN 120 SECONDS", 1+i%3))
	}
	const simple = "([domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'a.example']) WITHIN 2 SECONDS"
	patterns = append(append([]string{simple}, patterns...), simple)
	var log strings.Builder
	for i := range 150 {
		fmt.Fprintf(&log, "%s a.example\n", second(2*i))
	}
	got, stats := told(t, setOf(t, patterns...), log.String())
	if stats.Forgotten < 300 {
		t.Errorf("%d lines are forgotten, though each search of 300 takes much", stats.Forgotten)
	}
	if len(got) != 2*75 {
		t.Errorf("%d hits; two patterns are whole in each second of 150 lines", len(got))
	}
}

// With START and STOP a line serves from the one on and before the other, to the nanosecond.
func TestStartAndStop(t *testing.T) {
	const pattern = "([domain-name:value = 'a.example'] REPEATS 2 TIMES) START t'2020-03-01T10:00:00.5Z' STOP t'2020-03-01T10:00:03Z'"
	for log, want := range map[string]int{
		"00.499999999 01": 0, "00.5 01": 1, "02 02.999999999": 1, "02 03": 0, "02 03.000000001 00.6": 1,
	} {
		var text strings.Builder
		for at := range strings.FieldsSeq(log) {
			fmt.Fprintf(&text, "2020-03-01T10:00:%sZ a.example\n", at)
		}
		if got, _ := told(t, setOf(t, pattern), text.String()); len(got) != want {
			t.Errorf("%s: %q", log, got)
		}
	}
}
