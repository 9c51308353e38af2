package detect_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"pgregory.net/rapid"

	"entente/internal/practice/detect"
	"entente/stix"
)

// sought draws a pattern of one value and what the value is.
func sought() *rapid.Generator[stix.Value] {
	label := rapid.StringMatching(`[a-c][a-c0-9]{0,2}`)
	return rapid.Custom(func(t *rapid.T) stix.Value {
		kind := rapid.SampledFrom([]stix.ValueKind{stix.ValueDomain, stix.ValueIP, stix.ValueHash, stix.ValueFile, stix.ValueEmail}).Draw(t, "kind")
		text := ""
		host := func() string {
			return strings.Join(rapid.SliceOfN(label, 1, 2).Draw(t, "labels"), ".") + ".example"
		}
		switch kind {
		case stix.ValueDomain:
			text = host()
		case stix.ValueIP:
			text = fmt.Sprintf("192.0.%d.%d", rapid.IntRange(0, 2).Draw(t, "c"), rapid.IntRange(0, 3).Draw(t, "d"))
			if rapid.Bool().Draw(t, "six") {
				text = fmt.Sprintf("2001:db8::%d:%x", rapid.IntRange(1, 2).Draw(t, "c"), rapid.IntRange(1, 3).Draw(t, "d"))
			}
			if rapid.Bool().Draw(t, "prefix") {
				text += "/" + rapid.SampledFrom([]string{"24", "30", "31", "32", "28"}).Draw(t, "bits")
			}
		case stix.ValueHash:
			text = strings.Repeat(rapid.StringMatching(`[a-b][0-1]`).Draw(t, "hex"), rapid.SampledFrom([]int{16, 20, 32}).Draw(t, "n"))
		case stix.ValueFile:
			text = label.Draw(t, "file") + ".exe"
		case stix.ValueEmail:
			text = label.Draw(t, "local") + "@" + host()
		}
		v, ok := stix.NewValue(kind, text)
		if !ok {
			t.Fatalf("%v %q", kind, text)
		}
		return v
	})
}

func patternOf(v stix.Value) string {
	path := map[stix.ValueKind]string{stix.ValueDomain: "domain-name:value", stix.ValueIP: "ipv4-addr:value", stix.ValueHash: "file:hashes.MD5",
		stix.ValueFile: "file:name", stix.ValueEmail: "email-addr:value"}[v.Kind]
	return "[" + path + " = '" + v.Text + "']"
}

// naive holds every word of a line against every value.
func naive(text string, values []stix.Value) (out []string) {
	for n, line := range strings.Split(text, "\n") {
		column := 1
		for word := range strings.SplitSeq(line, " ") {
			for _, v := range values {
				if naiveHolds(word, v) {
					out = append(out, fmt.Sprintf("%d:%d %s", n+1, column, v.Text))
				}
				_, host, mail := strings.Cut(word, "@")
				if mail && v.Kind == stix.ValueDomain && naiveHolds(host, v) {
					out = append(out, fmt.Sprintf("%d:%d %s", n+1, column+len(word)-len(host), v.Text))
				}
			}
			column += len(word) + 1
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func naiveHolds(word string, v stix.Value) bool {
	if w, ok := stix.NewValue(v.Kind, word); ok && w == v {
		return true
	}
	switch v.Kind {
	case stix.ValueIP:
		a, err := netip.ParseAddr(word)
		p, err2 := netip.ParsePrefix(v.Text)
		return err == nil && err2 == nil && p.Contains(a)
	case stix.ValueDomain:
		return !strings.Contains(word, "@") && strings.HasSuffix(strings.ToLower(word), "."+v.Text)
	}
	return false
}

// Whatever the values and the words, a scan finds what comparing each with each does,
// also after values came and went.
func TestItFindsWhatComparingAllWithAllFinds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		values := rapid.SliceOfNDistinct(sought(), 1, 12, func(v stix.Value) stix.Value { return v }).Draw(rt, "values")
		s := detect.NewSet(noon)
		for i, v := range values {
			s.Add(object(t, i, patternOf(v), ""))
		}
		gone := rapid.IntRange(0, len(values)-1).Draw(rt, "gone")
		for i := range gone {
			s.Remove(id(i))
		}
		values = values[gone:]
		word := rapid.Custom(func(t *rapid.T) string {
			text := sought().Draw(t, "word").Text
			text, _, _ = strings.Cut(text, "/")
			switch rapid.IntRange(0, 6).Draw(t, "turn") {
			case 0:
				text = strings.ToUpper(text)
			case 1:
				text = "a." + text
			case 2:
				text += "a"
			case 3:
				text = "0" + text
			}
			return text
		})
		text := ""
		for _, w := range rapid.SliceOfN(word, 0, 30).Draw(rt, "words") {
			text += w + rapid.SampledFrom([]string{" ", "\n"}).Draw(rt, "between")
		}
		var got []string
		if _, err := s.Scan(context.Background(), "log", strings.NewReader(text), func(h detect.Hit) error {
			got = append(got, fmt.Sprintf("%d:%d %s", h.Line, h.Column, h.Matched.Text))
			return nil
		}); err != nil {
			rt.Fatal(err)
		}
		slices.Sort(got)
		if want := naive(text, values); !slices.Equal(got, want) {
			rt.Fatalf("%q for %v:\ngot  %q\nwant %q", text, values, got, want)
		}
	})
}

// What is found does not depend on how a text arrives, and lines of any length are
// one line.
func TestLongLinesAndSlowReaders(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7' AND domain-name:value = 'far.example']")
	filler := strings.Repeat("some words, and more; 10.0.0.1 x.example\t", 1<<15) // 1.3 MB
	for _, c := range []struct {
		text string
		want []string
	}{
		{"far.example " + filler + "evil.example " + filler + "198.51.100.7\nevil.example", []string{
			fmt.Sprintf("1:%d evil.example", 13+len(filler)), fmt.Sprintf("1:%d 198.51.100.7 with far.example", 26+2*len(filler)), "2:1 evil.example"}},
		{strings.Repeat("a", 3<<20) + "evil.example" + strings.Repeat("/", 1<<20) + "evil.example", []string{fmt.Sprintf("1:%d evil.example", 4<<20+13)}},
		{strings.Repeat("evil.example", 1<<18), nil},
		{strings.Repeat("\x00\xff[", 1<<20) + "evil.example\n", []string{fmt.Sprintf("1:%d evil.example", 3<<20+1)}},
	} {
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(c.text), "halves": iotest.HalfReader(strings.NewReader(c.text)), "with its error": iotest.DataErrReader(strings.NewReader(c.text))} {
			var got []string
			stats, err := s.Scan(context.Background(), "log", r, func(h detect.Hit) error {
				told := fmt.Sprintf("%d:%d %s", h.Line, h.Column, h.Value)
				for _, w := range h.With {
					told += " with " + w.Text
				}
				got = append(got, told)
				return nil
			})
			if err != nil || !slices.Equal(got, c.want) || stats.Bytes != int64(len(c.text)) {
				t.Errorf("%.20q %s: %q, %d bytes, %v; want %q", c.text, name, got, stats.Bytes, err, c.want)
			}
		}
	}
}

// Every place around the end of a chunk is as good as any other.
func TestValuesAtTheEndsOfChunks(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']")
	for _, between := range []string{"\n", " ", "/"} {
		for shift := range 40 {
			text := strings.Repeat("x"+between, 1<<18-20) + strings.Repeat("y", shift) + between + "evil.example" + between + strings.Repeat("z"+between, 100)
			n := 0
			if _, err := s.Scan(context.Background(), "log", strings.NewReader(text), func(detect.Hit) error { n++; return nil }); err != nil || n != 1 {
				t.Errorf("%q, %d: %d hits, %v", between, shift, n, err)
			}
		}
	}
}

func TestAFaultEndsAScan(t *testing.T) {
	s := setOf(t, "[domain-name:value = 'evil.example']")
	stop := fmt.Errorf("stop")
	many := strings.Repeat("evil.example\n", 1<<18)
	if _, err := s.Scan(context.Background(), "log", strings.NewReader(many), func(detect.Hit) error { return stop }); err != stop {
		t.Errorf("what the caller says: %v", err)
	}
	n := 0
	_, err := s.Scan(context.Background(), "log", io.MultiReader(strings.NewReader(many), iotest.ErrReader(stop)), func(detect.Hit) error { n++; return nil })
	if err != stop || n != 1<<18 {
		t.Errorf("what the reader says: %v after %d hits", err, n)
	}
}

func FuzzScan(f *testing.F) {
	for _, text := range []string{"evil.example", "hxxp://evil[.]example/x,", "%3A%2F%2Fevil.example", "\xff\xfe\x00bücher.example", "a@b@evil.example:1:2", "2001:db8::1:", `\u003cevil.example`,
		"http://[::1]:80/x?y=evil.example#", "....", "1.2.3.4-5.6.7.8", "[dot][dot]", "x{.}", "\\n\\n.", "“。”", "\\x22x.exe#0112001:db8::7.", "a%40evil.example\\u003e", "é:http://bad.example/x&amp;,", "192.0.2.1.80 > x"} {
		f.Add([]byte(text))
	}
	s := setOf(f, "[domain-name:value = 'evil.example' OR url:value = 'http://bad.example/x' OR ipv4-addr:value = '192.0.2.0/24' OR ipv6-addr:value = '2001:db8::/32']",
		"[file:name = 'x.exe' OR email-addr:value = 'a@evil.example' OR file:hashes.MD5 = '00112233445566778899aabbccddeeff' OR domain-name:value = 'bücher.example']")
	f.Fuzz(func(t *testing.T, text []byte) {
		count := func(text []byte) (n int) {
			if _, err := s.Scan(context.Background(), "log", bytes.NewReader(text), func(h detect.Hit) error {
				if h.Line < 1 || h.Column < 1 || h.Value == "" {
					t.Errorf("%+v", h)
				}
				n++
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		// A line is not changed by those around it.
		if bytes.IndexByte(text, '\n') < 0 {
			if alone, among := count(text), count(append(append([]byte("evil.example\n"), text...), "\nevil.example\n"...)); among != alone+2 {
				t.Errorf("%d hits alone, %d among others", alone, among)
			}
		}
	})
}

// Texts made to be slow to look at are gone over in time that does not grow with the
// square of what they repeat.
func TestNothingMakesAScanSlow(t *testing.T) {
	long := 1 << 18
	if testing.Short() { // the race detector makes all of it slow
		long >>= 3
	}
	s := setOf(t, "[domain-name:value = 'evil.example']", "[url:value = 'http://evil.example/x']", "[email-addr:value = 'a@evil.example']", "[ipv4-addr:value = '192.0.2.0/24']", "[file:name = 'x.exe']",
		"[ipv6-addr:value = '2001:db8::/32' OR x509-certificate:serial_number = '00112233445566778899']")
	for _, part := range []string{"@", "a@", ":", "a:", "::", "%3A%2F%2F", "%3A%2F%2F%z", "http://", "http://evil.example/", "http://evil.example/,", "[.]", "a[.]", "[", "é", "é.", "。", "-.", "a+", "1.", "aa:", "evil.example ",
		"evil.example@", "\\n", "\\na.", "\\/\\/", "http:\\/\\/evil.example\\/", "\xff", "\u200b", "a.b\u200b.",
		"\\nhttp:\\/\\/evil.example\\/", "#011", "#011x.exe", "\\rx.exe", "a%40", "x%40evil.example", "-2001::", "a-::", "é:", "é1.2.3.", "http://evil.example,", "\\u0026", "=http://evil.example/&amp;"} {
		text := strings.Repeat(part, long/len(part))
		start := time.Now()
		if _, err := s.Scan(context.Background(), "log", strings.NewReader(text), func(detect.Hit) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%d bytes of %q take %s", len(text), part, took)
		}
	}
}
