package pebble

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"entente/internal/store"
)

// rowsOf is all that a store holds, but for the row by which an erasure turns a page.
func rowsOf(t *testing.T, s *Store) map[string]string {
	t.Helper()
	rows := map[string]string{}
	if err := each(s.db, nil, func(key, value []byte) error {
		rows[string(key)] = string(value)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	delete(rows, string(rowKey(nil, "erase", "turn")))
	return rows
}

func sameRows(t *testing.T, have, want map[string]string, what string) {
	t.Helper()
	wrong := 0
	for key := range maps.Collect(func(yield func(string, bool) bool) {
		for _, m := range []map[string]string{have, want} {
			for k := range m {
				if !yield(k, true) {
					return
				}
			}
		}
	}) {
		a, there := have[key]
		b, wanted := want[key]
		if there == wanted && a == b {
			continue
		}
		if wrong++; wrong < 5 {
			t.Errorf("%s: %s is %q (%v), want %q (%v)", what, keyText([]byte(key)), a, there, b, wanted)
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d rows differ", what, wrong)
	}
}

// backUpWithout lays a backup into a folder, without groups, and gives how to put each
// group back.
func backUpWithout(t *testing.T, s *Store, dir string, groups [][]store.Tick) [][]byte {
	t.Helper()
	undo := make([]bytes.Buffer, len(groups))
	l, err := Lay(nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.BackupWithout(t.Context(), func(ctx context.Context, c store.Copy) error {
		var apart []store.Apart
		for i, ticks := range groups {
			a := store.Apart{To: &undo[i], Then: func(tx store.Tx, _ []store.Remove, _ []store.Outcome) error { // a row of the group, and a count of all
				tx.Delete("due", fmt.Sprint(i))
				tx.Set("due", "sum", fmt.Append(nil, i))
				return nil
			}}
			for _, at := range ticks {
				a.Removes = append(a.Removes, store.Remove{Collection: 1, Added: at, Aside: store.AllClasses()})
			}
			apart = append(apart, a)
		}
		return c.TakeApart(ctx, apart)
	}, func(p store.Part) error {
		r, err := p.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		return l.Add(p.Name, r)
	})
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	out := make([][]byte, len(groups))
	for i := range undo {
		out[i] = undo[i].Bytes()
	}
	return out
}

func putBackInto(t *testing.T, dir string, parts ...[]byte) *Store {
	t.Helper()
	var readers []io.Reader
	for _, p := range parts {
		readers = append(readers, bytes.NewReader(p))
	}
	if err := PutBack(t.Context(), nil, dir, readers); err != nil {
		t.Fatal(err)
	}
	s := openPlain(t, dir)
	if err := s.Verify(t.Context(), func(p string) { t.Error(p) }); err != nil {
		t.Fatal(err)
	}
	return s
}

// history writes versions with faces and conflicts, in two collections, some of the same
// content, with words, and gives the ticks of the objects in the first.
func history(t *testing.T, rt *rapid.T, s *Store) (all []store.Tick) {
	t.Helper()
	moved := map[store.Tick]bool{}
	for step := range rapid.IntRange(5, 25).Draw(rt, "steps") {
		id, version := rapid.IntRange(0, 4).Draw(rt, "id"), rapid.IntRange(1, 3).Draw(rt, "version")
		put := markedPut(id, fmt.Sprintf("text%d%d %s", id, version, rapid.SampledFrom([]string{"", "otherwise"}).Draw(rt, "content")))
		put.Version = fmt.Sprintf("2026-01-0%dT00:00:00Z", version)
		put.Class = rapid.SampledFrom([]string{"tlp:green", "tlp:amber"}).Draw(rt, "class")
		b := &store.Batch{Puts: []store.Put{put}}
		if rapid.Bool().Draw(rt, "face") {
			face := put
			face.Body = fmt.Appendf(nil, `{"type":"note","id":%q,"face":%d}`, put.ID, version)
			face.Class, face.Face, face.Of, face.Digest = "face of "+put.Class, true, put.Digest, sha256.Sum256(face.Body)
			b.Puts = append(b.Puts, face)
		}
		if rapid.Bool().Draw(rt, "twice") {
			other := put
			other.Collection = 2
			b.Puts = append(b.Puts, other)
		}
		outcomes := commit(t, s, b)
		switch o := outcomes[0]; o.State {
		case store.New, store.Older:
			all = append(all, o.Added)
			posted := &store.Batch{}
			for i, term := range []string{"shared", fmt.Sprintf("word%d", id), "face"} {
				if at := outcomes[min(i/2, len(outcomes)-1)].Added; at != 0 {
					posted.Postings = append(posted.Postings, store.Posting{Run: 1, Field: 1, Term: term, Collection: 1, Class: o.Class, Added: []store.Tick{at}})
				}
			}
			commit(t, s, posted)
		}
		if len(all) > 0 && rapid.IntRange(0, 5).Draw(rt, "move") == 0 {
			at := rapid.SampledFrom(all).Draw(rt, "which")
			if o := commit(t, s, &store.Batch{Reclasses: []store.Reclass{{Collection: 1, Added: at, Class: fmt.Sprintf("moved:%d", step)}}})[0]; o.State == store.Reclassed {
				moved[at] = true
				all = append(all, o.Added)
			}
		}
	}
	commit(t, s, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		for i := range 3 {
			tx.Set("due", fmt.Sprint(i), []byte{byte(i)})
		}
		tx.AppendLeaf([32]byte{1}, []byte("opening"))
		return nil
	}})
	return slices.DeleteFunc(all, func(t store.Tick) bool { return moved[t] })
}

// Whatever is taken apart, what is left agrees with itself; the last groups put back are
// what they were without the first; all of them put back, the store is what it was.
func TestWhatIsKeptApartIsPutBackAsItWas(t *testing.T) {
	tried := 0
	rapid.Check(t, func(rt *rapid.T) {
		if tried++; tried > 12 { // each is five stores on a disk
			return
		}
		base, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), filepath.Join(base, "live"), Options{tune: plainly, MemTable: 1 << 20, apart: 2})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		all := history(t, rt, s)
		groups := make([][]store.Tick, 3)
		for _, at := range all {
			if g := rapid.IntRange(0, 3).Draw(rt, "group"); g < 3 {
				groups[g] = append(groups[g], at)
			}
		}
		groups = slices.DeleteFunc(groups, func(g []store.Tick) bool { return g == nil })
		before := rowsOf(t, s)
		dir := func(n int) string { return filepath.Join(base, fmt.Sprint(n)) }
		undo := backUpWithout(t, s, dir(0), groups)
		sameRows(t, rowsOf(t, s), before, "the store itself")

		backUpWithout(t, s, dir(1), groups[:max(0, len(groups)-1)])
		slices.Reverse(undo)
		whole := putBackInto(t, dir(0), undo...)
		defer whole.Close()
		sameRows(t, rowsOf(t, whole), before, "all put back")
		if len(undo) == 0 {
			return
		}
		last := backUpWithout(t, s, dir(2), groups)
		part := putBackInto(t, dir(2), last[len(last)-1])
		defer part.Close()
		fewer := putBackInto(t, dir(1))
		defer fewer.Close()
		have, want := rowsOf(t, part), rowsOf(t, fewer)
		for _, rows := range []map[string]string{have, want} { // removals have dates of their own
			for key := range rows {
				if key[0] == kindStep || key[0] == kindMeta {
					delete(rows, key)
				}
			}
		}
		sameRows(t, have, want, "the last put back")
	})
}

// What is kept apart is in none of the files that a backup gives.
func TestWhatIsKeptApartIsInNoPart(t *testing.T) {
	base := t.TempDir()
	s := openPlain(t, filepath.Join(base, "live"))
	defer s.Close()
	at := fill(t, s, 1000)
	if err := s.db.Compact(t.Context(), []byte{0}, []byte{255}, false); err != nil {
		t.Fatal(err)
	}
	undo := backUpWithout(t, s, filepath.Join(base, "laid"), [][]store.Tick{{at}})
	for _, text := range []string{mark, strings.ToLower(mark)} {
		if files := holding(t, filepath.Join(base, "laid"), text); len(files) > 0 {
			t.Errorf("%s is in %q", text, files)
		}
		if !bytes.Contains(undo[0], []byte(text)) {
			t.Errorf("%s is nowhere: it cannot come back", text)
		}
	}
	if left := holding(t, s.dir, mark); len(left) == 0 {
		t.Error("the store itself has it no more")
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, backupPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	whole := putBackInto(t, filepath.Join(base, "laid"), undo...)
	defer whole.Close()
	if got := posted(t, whole, 1, strings.ToLower(mark)); !slices.Equal(got, []store.Tick{at}) {
		t.Errorf("its word is posted at %v, want %v", got, at)
	}
}

// An edit that fails, or that names what is not there, ends the backup and nothing else.
func TestAnEditThatFails(t *testing.T) {
	s := openPlain(t, t.TempDir())
	defer s.Close()
	fill(t, s, 100)
	stop := errors.New("stop")
	for _, take := range []func(context.Context, store.Copy) error{
		func(context.Context, store.Copy) error { return stop },
		func(ctx context.Context, c store.Copy) error {
			return c.TakeApart(ctx, []store.Apart{{To: io.Discard, Removes: []store.Remove{{Collection: 1, Added: 7}}}})
		},
		func(ctx context.Context, c store.Copy) error {
			return c.TakeApart(ctx, []store.Apart{{To: failing{stop}, Removes: []store.Remove{{Collection: 1, Added: s.Now()}}}})
		},
	} {
		if _, err := s.BackupWithout(t.Context(), take, func(store.Part) error { t.Error("a part is given"); return nil }); err == nil {
			t.Error("it is backed up")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, backupPrefix+"*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := s.Verify(t.Context(), func(p string) { t.Error(p) }); err != nil {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What is no undoing is refused, in words, whatever it says of itself.
func FuzzPutBack(f *testing.F) {
	var row bytes.Buffer
	appendUndo(&row, []byte("key"), []byte("value"), true)
	appendUndo(&row, []byte("gone"), nil, false)
	f.Add(row.Bytes())
	f.Add([]byte{3, 'k'})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, part []byte) {
		fs := vfs.NewMem()
		db, err := pebble.Open("d", &pebble.Options{FS: fs, Comparer: comparer(), Merger: listMerger(), FormatMajorVersion: engineFormat, Logger: quietLog{}})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		err = PutBack(t.Context(), fs, "d", []io.Reader{bytes.NewReader(part)})
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, store.ErrDamaged) && !strings.Contains(err.Error(), "overflow") {
			t.Errorf("%q: %v", part, err)
		}
	})
}

// What ends within a row is cut, wherever it does; between rows it has an end.
func TestWhatIsKeptApartAndCutIsTold(t *testing.T) {
	var b bytes.Buffer
	appendUndo(&b, []byte("a key"), []byte("a value"), true)
	first := b.Len()
	appendUndo(&b, []byte("another"), nil, false)
	for n := range b.Len() + 1 {
		r := bufio.NewReader(bytes.NewReader(b.Bytes()[:n]))
		var err error
		for err == nil {
			_, _, _, err = readUndo(r)
		}
		want := io.ErrUnexpectedEOF
		if n == 0 || n == first || n == b.Len() {
			want = io.EOF
		}
		if err != want {
			t.Errorf("%d bytes of %d: %v; want %v", n, b.Len(), err, want)
		}
	}
}
