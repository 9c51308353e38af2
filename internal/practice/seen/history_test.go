package seen

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The history holds what a map of days would.
func TestTheHistoryIsWhatWasAdded(t *testing.T) {
	dirs := 0
	base := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		dirs++
		dir, now, days := filepath.Join(base, fmt.Sprint(dirs)), startOf(20_000), rapid.IntRange(1, 4).Draw(r, "days")
		clock := func() time.Time { return now }
		h, model := open(r, dir, clock, days), map[int]map[string]uint64{}
		for range rapid.IntRange(1, 40).Draw(r, "steps") {
			text := rapid.SampledFrom([]string{"a.com", "a.com.au", "b.com", "198.51.100.7", "http://a.com/x", "ü"}).Draw(r, "text")
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			default:
				day := dayOf(now)
				if model[day] == nil {
					model[day] = map[string]uint64{}
				}
				model[day][text]++
				must(r, h.add(text))
			case 5, 6:
				must(r, h.flush())
			case 7:
				must(r, h.flush())
				h = open(r, dir, clock, days)
			case 8:
				must(r, h.flush()) // what waits is of the day that is over
				now = now.Add(24 * time.Hour)
				must(r, h.flush())
			case 9:
				var want uint64
				for day := range model {
					if day > dayOf(now)-days {
						want += model[day][text]
					}
					delete(model[day], text)
				}
				if got, err := h.forget(text, false); err != nil || got != want {
					r.Fatalf("forgot %s %d times, want %d (%v)", text, got, want, err)
				}
			}
		}
		want := map[string]uint64{}
		for day, all := range model {
			for text, n := range all {
				if day > dayOf(now)-days {
					want[fmt.Sprint(day, " ", text)] = n
				}
			}
		}
		if diff := cmp.Diff(want, all(r, h)); diff != "" {
			r.Fatal(diff)
		}
	})
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t rapid.TB, dir string, now func() time.Time, days int) *history {
	t.Helper()
	h, err := openHistory(dir, now)
	must(t, err)
	must(t, h.keep(days, 1<<20))
	return h
}

func all(t rapid.TB, h *history) map[string]uint64 {
	t.Helper()
	got := map[string]uint64{}
	list, err := h.read()
	must(t, err)
	for _, one := range list {
		last := ""
		for {
			v, err := one.from()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			if v.text <= last {
				t.Fatalf("%q stands behind %q", v.text, last)
			}
			last = v.text
			got[fmt.Sprint(one.day, " ", v.text)] += v.count
		}
		one.end()
	}
	return got
}

// The oldest goes when it is too much, and the newest stays.
func TestTheHistoryIsBounded(t *testing.T) {
	now := startOf(20_000)
	h := open(t, t.TempDir(), func() time.Time { return now }, 30)
	const most = 64 << 10
	must(t, h.keep(30, most))
	for i := range 100_000 {
		must(t, h.add(fmt.Sprintf("host%d-%x.example.com", i, uint32(i)*2654435761)))
		if i%2000 == 1999 {
			now = now.Add(time.Hour)
			must(t, h.flush())
			if got := h.bytes(); got > most {
				t.Fatalf("%d bytes are kept", got)
			}
		}
	}
	got := all(t, h)
	if last := fmt.Sprintf("%d host%d-%x.example.com", dayOf(now.Add(-time.Hour)), 99_999, uint32(99_999*2654435761&0xffffffff)); got[last] != 1 {
		t.Errorf("the last of %d is not there: %s", len(got), last)
	}
	if len(got) < 2000 {
		t.Errorf("%d values are kept", len(got))
	}
}

// A damaged file is told, stands in nobody's way, and goes when something is forgotten.
func TestADamagedFile(t *testing.T) {
	dir := t.TempDir()
	now := startOf(20_000)
	h := open(t, dir, func() time.Time { return now }, 30)
	must(t, h.add("a.com"))
	must(t, h.flush())
	path := h.parts[0].path(dir)
	b, err := os.ReadFile(path)
	must(t, err)
	b[len(b)-1] ^= 0xff
	must(t, os.WriteFile(path, b, 0o600))
	list, err := h.read()
	must(t, err)
	fault := error(nil)
	for fault == nil {
		_, fault = list[0].from()
	}
	list[0].end()
	if errors.Is(fault, io.EOF) {
		t.Error("it reads as if it were whole")
	}
	if _, err := h.forget("a.com", false); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("what may hold the value is there")
	}
}

// FuzzPart: whatever lies in the folder, reading it ends, with little memory.
func FuzzPart(f *testing.F) {
	path := filepath.Join(f.TempDir(), "p")
	h := open(f, f.TempDir(), time.Now, 30)
	must(f, h.add("a.com"))
	must(f, h.add("b.com"))
	must(f, h.flush())
	b, err := os.ReadFile(h.parts[0].path(h.dir))
	must(f, err)
	f.Add(b)
	f.Add([]byte(partForm))
	f.Fuzz(func(t *testing.T, b []byte) {
		must(t, os.WriteFile(path, b, 0o600))
		from, end, err := openPart(path)
		if err != nil {
			return
		}
		defer end()
		for err == nil {
			var v value
			if v, err = from(); err == nil && len(v.text) > longestKept {
				t.Fatalf("a value of %d bytes", len(v.text))
			}
		}
	})
}
