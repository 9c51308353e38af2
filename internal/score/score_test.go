package score_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"entente/internal/score"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func TestScore(t *testing.T) {
	base := func() score.Facts { return score.Facts{Kind: score.Address, Confidence: 80, Since: start} }
	for _, c := range []struct {
		what   string
		change func(*score.Facts)
		days   int
		want   int
	}{
		{"new", nil, 0, 80},
		{"after a half-life", nil, 30, 40},
		{"after ten of them", nil, 300, 0},
		{"a file after a half-life of an address", func(f *score.Facts) { f.Kind = score.File }, 30, 78},
		{"without a confidence", func(f *score.Facts) { f.Confidence = -1 }, 0, 50},
		{"with none", func(f *score.Facts) { f.Confidence = 0 }, 0, 0},
		{"seen on the 30th day", func(f *score.Facts) { f.Sighting("a", 3, start.Add(30*day), start.Add(31*day)) }, 60, 40},
		{"seen before it was said", func(f *score.Facts) { f.Sighting("a", 1, start.Add(-30*day), start) }, 0, 80},
		{"said to be seen after it was said", func(f *score.Facts) { f.Sighting("a", 1, start.Add(3000*day), start) }, 30, 40},
		{"looked for in vain", func(f *score.Facts) { f.Sighting("a", 0, start, start) }, 0, 68},
		{"doubted", func(f *score.Facts) { f.Opinion("a", "disagree") }, 0, 56},
		{"doubted hard", func(f *score.Facts) { f.Opinion("a", "strongly-disagree") }, 0, 40},
		{"doubted by one twice", func(f *score.Facts) { f.Opinion("a", "strongly-disagree"); f.Opinion("a", "disagree") }, 0, 40},
		{"doubted by two", func(f *score.Facts) { f.Opinion("a", "strongly-disagree"); f.Opinion("b", "strongly-disagree") }, 0, 20},
		{"agreed to", func(f *score.Facts) { f.Opinion("a", "strongly-agree"); f.Opinion("b", "neutral") }, 0, 80},
		{"revoked", func(f *score.Facts) { f.Revoked = true }, 0, 0},
		{"over", func(f *score.Facts) { f.Until = start.Add(day) }, 1, 0},
		{"not over", func(f *score.Facts) { f.Until = start.Add(2 * day) }, 1, 78},
		{"still to come", func(f *score.Facts) { f.Since = start.Add(9 * day) }, 0, 80},
	} {
		f := base()
		if c.change != nil {
			c.change(&f)
		}
		if got, _ := score.Usual.Score(&f, start.Add(time.Duration(c.days)*day)); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
}

func TestKinds(t *testing.T) {
	for pattern, want := range map[string]score.Kind{
		`[ipv4-addr:value = '198.51.100.7']`:                                 score.Address,
		`[domain-name:value='a.example' OR url : value = 'http://a']`:        score.Name, // no path has a space in it
		`[domain-name:value='a.example' OR url:value = 'http://a']`:          score.URL,
		`[file:hashes.'SHA-256' = 'ipv4-addr:value']`:                        score.File,
		`[email-message:from_ref.value = 'it\'s url:value'] AND [x-a:b = 1]`: score.Mail,
		`rule a { strings: $a = "x" }`:                                       score.Other, ``: score.Other, `'`: score.Other, `'\`: score.Other, `::`: score.Other,
	} {
		if got := score.OfPattern(pattern); got != want {
			t.Errorf("%s is of %s, want %s", pattern, got, want)
		}
	}
	for _, k := range score.Kinds() {
		if back, ok := score.KindOf(k.String()); !ok || back != k || score.Usual.HalfLife[k] <= 0 {
			t.Errorf("%s is read as %s", k, back)
		}
	}
}

// moment draws a time within some years.
func moment(t *rapid.T, name string) time.Time {
	return start.Add(time.Duration(rapid.IntRange(-900*24, 900*24).Draw(t, name)) * time.Hour)
}

// word draws one thing that somebody says of an indicator.
func word(t *rapid.T, name string) func(*score.Facts) {
	by := rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, name+" by")
	switch rapid.IntRange(0, 2).Draw(t, name+" is") {
	case 0:
		opinion := rapid.SampledFrom([]string{"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree", "odd"}).Draw(t, name)
		return func(f *score.Facts) { f.Opinion(by, opinion) }
	case 1:
		last, said := moment(t, name+" last"), moment(t, name+" said")
		return func(f *score.Facts) { f.Sighting(by, 0, last, said) }
	}
	count, last, said := rapid.IntRange(1, 9).Draw(t, name+" count"), moment(t, name+" last"), moment(t, name+" said")
	return func(f *score.Facts) { f.Sighting(by, count, last, said) }
}

func facts(t *rapid.T) func() *score.Facts {
	base := score.Facts{Kind: score.Kind(rapid.IntRange(0, 5).Draw(t, "kind")), Confidence: rapid.IntRange(-1, 101).Draw(t, "confidence"), Since: moment(t, "since"), Revoked: rapid.Bool().Draw(t, "revoked")}
	if rapid.Bool().Draw(t, "ends") {
		base.Until = moment(t, "until")
	}
	var words []func(*score.Facts)
	for i := range rapid.IntRange(0, 6).Draw(t, "words") {
		words = append(words, word(t, fmt.Sprint("word ", i)))
	}
	return func() *score.Facts { // made anew, since words change facts
		f := base
		for _, w := range words {
			w(&f)
		}
		return &f
	}
}

func TestOlderIsNeverWorthMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, now := facts(t)(), moment(t, "now")
		later := now.Add(time.Duration(rapid.Int64Range(0, int64(900*day)).Draw(t, "later")))
		before, until := score.Usual.Score(f, now)
		after, _ := score.Usual.Score(f, later)
		if before < 0 || before > 100 || after > before {
			t.Fatalf("%d, and %d after %s", before, after, later.Sub(now))
		}
		ends := !f.Until.IsZero() && !later.Before(f.Until) // which the caller knows
		if (until.IsZero() || later.Before(until)) && after != before && !ends {
			t.Fatalf("%d is said to hold until %v, and is %d at %v", before, until, after, later)
		}
	})
}

func TestASightingNeverLowersAndADoubtNeverRaises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		same, now := facts(t), moment(t, "now")
		before, _ := score.Usual.Score(same(), now)
		by := rapid.SampledFrom([]string{"", "a", "b", "z"}).Draw(t, "by")
		f := same()
		f.Sighting(by, rapid.IntRange(1, 9).Draw(t, "count"), moment(t, "seen"), moment(t, "said"))
		if after, _ := score.Usual.Score(f, now); after < before {
			t.Fatalf("a sighting takes %d to %d", before, after)
		}
		f = same()
		if rapid.Bool().Draw(t, "in vain") {
			f.Sighting(by, 0, moment(t, "looked"), moment(t, "told"))
		} else {
			f.Opinion(by, rapid.SampledFrom([]string{"disagree", "strongly-disagree"}).Draw(t, "opinion"))
		}
		if after, _ := score.Usual.Score(f, now); after > before {
			t.Fatalf("a doubt takes %d to %d", before, after)
		}
	})
}

func FuzzOfPattern(f *testing.F) {
	f.Add(`[ipv4-addr:value = '198.51.100.7' AND file:name = 'it\'s']`)
	f.Fuzz(func(t *testing.T, pattern string) {
		if k := score.OfPattern(pattern); k > score.Other {
			t.Fatalf("%q is of kind %d", pattern, k)
		}
	})
}
