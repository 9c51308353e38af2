package detect_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/detect"
	"entente/stix"
)

// keep writes a set and reads it again.
func keep(t testing.TB, s *detect.Set) *detect.Set {
	t.Helper()
	var b bytes.Buffer
	if err := s.Keep(&b, []byte("a note")); err != nil {
		t.Fatal(err)
	}
	kept, note, err := detect.Kept(b.Bytes())
	if err != nil || string(note) != "a note" {
		t.Fatalf("note %q, %v", note, err)
	}
	return kept
}

// together is what stands in each line, whichever value of several was found first.
func together(hits []string) (all []string) {
	for _, h := range hits {
		place, values, _ := strings.Cut(h, " ")
		line, _, _ := strings.Cut(place, ":")
		parts := strings.Split(values, " with ")
		slices.Sort(parts)
		all = append(all, line+": "+strings.Join(parts, " with "))
	}
	slices.Sort(all)
	return all
}

// Whatever comes and goes, kept in between or not: what is found is what a set finds
// that was compiled anew of what is there, and the file holds nothing else.
func TestAKeptSetFindsWhatANewOneFinds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s, there, versions := detect.NewSet(noon), map[int]string{}, map[int]int{}
		var patterns []string
		for i := range 12 {
			patterns = append(patterns, fmt.Sprintf("[domain-name:value = 'secret%d.example']", i), fmt.Sprintf("[ipv4-addr:value = '198.51.100.%d']", i),
				fmt.Sprintf("[url:value = 'http://secret%d.example/x' AND domain-name:value = 'secret%d.test']", i, i))
		}
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			n := rapid.IntRange(0, 9).Draw(r, "indicator")
			switch rapid.IntRange(0, 5).Draw(r, "step") {
			case 0:
				s.Remove(id(n))
				delete(there, n)
			case 1:
				s = keep(t, s)
			default:
				p := rapid.SampledFrom(patterns).Draw(r, "pattern")
				versions[n]++
				s.Add(object(t, n, p, fmt.Sprintf(`"modified":"2026-01-01T00:%02d:00Z"`, versions[n])))
				there[n] = p
			}
		}
		fresh := detect.NewSet(noon)
		for n, p := range there {
			fresh.Add(object(t, n, p, ""))
		}
		var log strings.Builder
		for i := range 12 {
			fmt.Fprintf(&log, "secret%d.example secret%d.test 198.51.100.%d http://secret%d.example/x\n", i, i, i, i)
		}
		kept := keep(t, s)
		if diff := cmp.Diff(together(hits(t, fresh, log.String())), together(hits(t, kept, log.String()))); diff != "" {
			t.Fatal(diff)
		}
		if kept.Len() != fresh.Len() || kept.Values() != fresh.Values() || !cmp.Equal(kept.LeftOut(), fresh.LeftOut()) {
			t.Fatalf("%d of %d, %d of %d values", kept.Len(), fresh.Len(), kept.Values(), fresh.Values())
		}
		var b bytes.Buffer
		if err := kept.Keep(&b, nil); err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			word, is := fmt.Sprintf("secret%d.", i), false
			for _, p := range there {
				is = is || strings.Contains(p, word)
			}
			if !is && bytes.Contains(b.Bytes(), []byte(word)) {
				t.Fatalf("%s is there, and nothing says it any more", word)
			}
		}
	})
}

// In time what is not valid yet comes, and what was goes, kept or not.
func TestASetAdvances(t *testing.T) {
	s := detect.NewSet(noon)
	for n, valid := range []string{
		`soon.example']","valid_from":"2026-11-27T13:00:00Z"`, `ends.example']","valid_from":"2026-11-27T11:00:00Z","valid_until":"2026-11-27T14:00:00Z"`,
		`brief.example']","valid_from":"2026-11-27T12:30:00Z","valid_until":"2026-11-27T12:40:00Z"`, `lasts.example']","valid_from":"2026-11-27T11:00:00Z"`,
	} {
		o, err := stix.Read([]byte(`{"type":"indicator","id":"` + id(n) + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","pattern_type":"stix","pattern":"[domain-name:value = '` + valid + `}`))
		if err != nil {
			t.Fatal(err)
		}
		s.Add(&o)
	}
	for i, want := range []string{"ends lasts", "soon ends lasts", "soon lasts"} {
		s = keep(t, s)
		s.Advance(noon.Add(time.Duration(i)*90*time.Minute + time.Second))
		var names []string
		for _, h := range hits(t, s, "soon.example\nends.example\nbrief.example\nlasts.example") {
			_, name, _ := strings.Cut(strings.TrimSuffix(h, ".example"), " ")
			names = append(names, name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("after %d: %q, want %q", i, got, want)
		}
		if s.Len() != len(names) {
			t.Errorf("after %d: %d are looked for", i, s.Len())
		}
	}
}

// A file that is cut is no set, and one of which a byte is another is none either, or is told
// to be damaged by the first scan that needs what is damaged, and is not kept again.
func TestADamagedSetIsNone(t *testing.T) {
	log := "evil.example 198.51.100.7 http://bad.example/x"
	s := setOf(t, "[domain-name:value = 'evil.example']", "[ipv4-addr:value = '198.51.100.7']", "[url:value = 'http://bad.example/x' AND domain-name:value = 'evil.example']")
	want := hits(t, s, log)
	var b bytes.Buffer
	if err := s.Keep(&b, []byte("note")); err != nil {
		t.Fatal(err)
	}
	whole, none, damaged, sound := b.Bytes(), 0, 0, 0
	for n := 0; n < len(whole); n += 1 + rand.IntN(1+n/50) {
		if _, _, err := detect.Kept(whole[:n]); !errors.Is(err, detect.ErrNotKept) {
			t.Fatalf("cut at %d: %v", n, err)
		}
		broken := bytes.Clone(whole)
		broken[n] ^= 0x40
		kept, _, err := detect.Kept(broken)
		if errors.Is(err, detect.ErrNotKept) {
			none++
			continue
		}
		if got := hits(t, kept, log); kept.Damaged() {
			damaged++
		} else if sound++; !slices.Equal(got, want) {
			t.Fatalf("broken at %d: %q, want %q, and it is not told", n, got, want)
		}
		if err := kept.Keep(io.Discard, nil); !errors.Is(err, detect.ErrNotKept) {
			t.Fatalf("broken at %d: kept again, %v", n, err)
		}
	}
	if t.Logf("%d none, %d damaged, %d of which nothing was needed", none, damaged, sound); none == 0 || damaged == 0 {
		t.Error("something was never met")
	}
}

// FuzzKept reads any bytes as a kept set: none takes more than a file of their size may.
func FuzzKept(f *testing.F) {
	s := setOf(f, "[domain-name:value = 'evil.example']")
	var b bytes.Buffer
	if err := s.Keep(&b, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[:200])
	f.Fuzz(func(t *testing.T, raw []byte) {
		sum := crc32.Checksum(raw, crc32.MakeTable(crc32.Castagnoli))
		_, _, _ = detect.Kept(raw)
		if len(raw) < 100 { // a sum that fits does not make it a set
			raw = binary.BigEndian.AppendUint32(bytes.Clone(raw), sum)
			_, _, _ = detect.Kept(raw)
		}
	})
}
