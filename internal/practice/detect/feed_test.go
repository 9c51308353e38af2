package detect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/detect"
)

// In whatever pieces a text comes: the hits are those of the text as a whole.
func TestAFeedFindsWhatAScanFinds(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7' AND domain-name:value = 'c2.example']")
	rapid.Check(t, func(r *rapid.T) {
		var text strings.Builder
		for range rapid.IntRange(0, 30).Draw(r, "words") {
			text.WriteString(rapid.SampledFrom([]string{"evil.example", "198.51.100.7", "c2.example", "\n", "\n", " ", "x", ".", strings.Repeat("long ", 150_000)}).Draw(r, "word"))
		}
		all := text.String()
		var got []string
		f := s.NewFeed("log", func(h detect.Hit) error {
			got = append(got, fmt.Sprint(h.Line, ":", h.Column, " ", h.Value, h.How, h.With))
			return nil
		})
		for rest := all; rest != ""; {
			n := rapid.IntRange(1, min(len(rest), 1+len(all)/3)).Draw(r, "piece")
			if err := f.Add([]byte(rest[:n])); err != nil {
				r.Fatal(err)
			}
			rest = rest[n:]
		}
		stats, err := f.End()
		if err != nil {
			r.Fatal(err)
		}
		var want []string
		whole, err := s.Scan(t.Context(), "log", strings.NewReader(all), func(h detect.Hit) error {
			want = append(want, fmt.Sprint(h.Line, ":", h.Column, " ", h.Value, h.How, h.With))
			return nil
		})
		if err != nil || stats != whole {
			r.Fatalf("%v: %+v, want %+v", err, stats, whole)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatal(diff)
		}
	})
}

// Between two pieces a set may change, and another one take its place.
func TestAFeedsSetChanges(t *testing.T) {
	s, other := setOf(t, "[domain-name:value = 'evil.example']"), setOf(t, "[domain-name:value = 'other.example']")
	var got []string
	f := s.NewFeed("log", func(h detect.Hit) error { got = append(got, fmt.Sprint(h.Line, " ", h.Value)); return nil })
	add := func(text string) {
		t.Helper()
		if err := f.Add([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	add("evil.example new.example\n")
	s.Add(object(t, 7, "[domain-name:value = 'new.example']", ""))
	add("evil.example new.example\nevil.exa")
	s.Remove(id(0))
	add("mple new.example\n" + strings.Repeat("x ", 300_000) + "new.example ")
	if err := f.Use(other); err != nil {
		t.Fatal(err)
	}
	add("new.example other.example")
	if _, err := f.End(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1 evil.example", "2 evil.example", "2 new.example", "3 new.example", "4 other.example"}; !cmp.Equal(want, got) {
		t.Errorf("%q", got)
	}
}
