package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/practice/intake"
)

// trailed is a trail whose pieces are put together.
type trailed struct {
	*intake.Trail
	now   time.Time
	texts map[*intake.Followed]string
	done  []string // lines of what has ended
	told  []string
}

func trail(paths ...string) *trailed {
	t := &trailed{Trail: intake.NewTrail(paths), now: time.Unix(1_000_000, 0), texts: map[*intake.Followed]string{}}
	t.Piece = func(f *intake.Followed, b []byte) error { t.texts[f] += string(b); return nil }
	t.End = func(f *intake.Followed) error {
		t.done = append(t.done, strings.Fields(t.texts[f])...)
		delete(t.texts, f)
		return nil
	}
	t.Tell = func(path string, err error) { t.told = append(t.told, filepath.Base(path)) }
	return t
}

func (t *trailed) look(tb interface{ Fatal(...any) }) {
	for {
		more, err := t.Look(t.now)
		if err != nil {
			tb.Fatal(err)
		}
		if !more {
			return
		}
	}
}

// lines are all that came, sorted.
func (t *trailed) lines() []string {
	all := slices.Clone(t.done)
	for _, text := range t.texts {
		all = append(all, strings.Fields(text)...)
	}
	slices.Sort(all)
	return all
}

// A writer goes on whatever becomes of its file: each line comes once.
func TestATrailLosesNothingAndDoublesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			r.Fatal(err)
		}
		path := filepath.Join(dir, "a.log")
		watched := rapid.SampledFrom([]string{dir, path}).Draw(r, "watched")
		file := create(r, path)
		defer func() { file.Close() }()
		f := trail(watched)
		var want []string
		write := func(to *os.File) {
			line := fmt.Sprintf("line-%04d", len(want))
			want = append(want, line)
			if _, err := fmt.Fprintf(to, "%s\n", line); err != nil {
				r.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 60).Draw(r, "steps") {
			switch rapid.IntRange(0, 9).Draw(r, "step") {
			case 0, 1, 2, 3:
				write(file)
			case 4: // logrotate: the writer has the old one a while longer
				f.look(r)
				rename(r, path, fmt.Sprintf("%s.%d", path, len(want)))
				next := create(r, path)
				write(file)
				file.Close()
				file = next
			case 5: // copytruncate; what is written after the last look is lost by it
				f.look(r)
				if err := errors.Join(file.Truncate(0), second(file.Seek(0, 0))); err != nil {
					r.Fatal(err)
				}
				f.look(r)
			case 6: // no file for a while
				f.look(r)
				file.Close()
				rename(r, path, path+".gone")
				f.look(r)
				file = create(r, path)
			case 7:
				f.now = f.now.Add(rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, 2 * time.Minute}).Draw(r, "later"))
			default:
				f.look(r)
			}
		}
		f.now = f.now.Add(2 * time.Second)
		f.look(r)
		slices.Sort(want)
		if diff := cmp.Diff(want, f.lines()); diff != "" {
			r.Fatal(diff)
		}
		if err := f.Close(); err != nil || len(f.texts) > 0 {
			r.Fatal(err, len(f.texts))
		}
	})
}

// A file that was quiet for long is not read again when it is renamed.
func TestAQuietFileIsRenamed(t *testing.T) {
	for _, quiet := range []time.Duration{time.Second, 10 * time.Second, 2 * time.Minute} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.log")
		if err := os.WriteFile(path, []byte("one\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f := trail(dir)
		f.look(t)
		f.now = f.now.Add(quiet)
		f.look(t)
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
		f.look(t)
		f.now = f.now.Add(2 * time.Second)
		f.look(t)
		if got := strings.Join(f.lines(), " "); got != "one" {
			t.Errorf("quiet for %v: %q", quiet, got)
		}
	}
}

func second(_ int64, err error) error { return err }

func create(r *rapid.T, path string) *os.File {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		r.Fatal(err)
	}
	return file
}

func rename(r *rapid.T, from, to string) {
	if err := os.Rename(from, to); err != nil {
		r.Fatal(err)
	}
}

// New files of folders are followed, packed ones and pipes are not, and what is written
// anew in the same place is read from its start. What cannot be read is told once.
func TestWhatATrailFollows(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.log", "one\n")
	f := trail(dir, filepath.Join(dir, "a.log"), filepath.Join(dir, "missing.log"))
	step := func(want string) {
		t.Helper()
		f.now = f.now.Add(2 * time.Second)
		f.look(t)
		if got := strings.Join(f.lines(), " "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	step("one")
	write("b.log", "two\n")
	write("old.log.gz", "\x1f\x8b\x08packed\n")
	if err := os.Mkdir(filepath.Join(dir, "below"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("below/c.log", "three\n")
	step("one three two")
	write("a.log", "four and a longer line\n") // another text in the same place, longer than the first
	step("a and four line longer one three two")
	write("missing.log", "five\n")
	step("a and five four line longer one three two")
	if got := strings.Join(f.told, " "); got != "missing.log" {
		t.Errorf("told %s", got)
	}
	f.now = f.now.Add(3 * time.Minute)
	step("a and five four line longer one three two")
	write("b.log", "six\n") // it was closed meanwhile
	step("a and five four line longer one six three two")
	if err := os.Remove(filepath.Join(dir, "b.log")); err != nil {
		t.Fatal(err)
	}
	f.now = f.now.Add(time.Minute)
	step("a and five four line longer one six three two")
}
