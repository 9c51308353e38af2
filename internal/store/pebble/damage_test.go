package pebble_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
)

// A bit of a closed store's file is not what it was. Then the store, or what
// it is asked, answers ErrDamaged and names a file of the store, or else gives
// what is right; it never gives what is wrong.
func TestADamagedFileIsNamedAndNeverBelieved(t *testing.T) {
	fs, l := closedStore(t)
	files, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	found := 0
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			size := sizeOf(t, fs, file)
			for _, at := range placesIn(size) {
				damaged := fs.CrashClone(crashOf(100))
				flipByte(t, damaged, file, at)
				err := readBack(damaged, l.acknowledged)
				switch {
				case err == nil: // the byte means nothing, or is kept elsewhere, too
				case !errors.Is(err, store.ErrDamaged):
					t.Errorf("byte %d of %d: %v; want ErrDamaged or what is right", at, size, err)
				case !namesAny(err, files):
					t.Errorf("byte %d of %d: %v; names no file of the store", at, size, err)
				default:
					found++
				}
			}
		})
	}
	if found == 0 {
		t.Error("no damage was found in any file")
	}
}

// A file of a closed store has lost its end, or is gone.
func TestAShortenedOrLostFileIsNoticed(t *testing.T) {
	fs, l := closedStore(t)
	files, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		size := sizeOf(t, fs, file)
		lengths := []int64{-1} // the file is gone
		if size > 0 {
			lengths = append(lengths, 0, size/2, size-1)
		}
		for _, left := range lengths {
			t.Run(file, func(t *testing.T) {
				damaged := fs.CrashClone(crashOf(100))
				shorten(t, damaged, file, left)
				err := readBack(damaged, l.acknowledged)
				if err != nil && !errors.Is(err, store.ErrDamaged) {
					t.Errorf("%d of %d bytes left: %v; want ErrDamaged or what is right", left, size, err)
				}
			})
		}
	}
}

// closedStore is a store that was written, closed, opened, written and closed.
func closedStore(t *testing.T) (*vfs.MemFS, *ledger) {
	t.Helper()
	fs, l := vfs.NewCrashableMem(), newLedger()
	for _, phase := range phases {
		s, err := openOn(fs)
		if err != nil {
			t.Fatal(err)
		}
		for n := phase[0]; n < phase[1]; n++ {
			if err := l.write(s, n); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return fs, l
}

// placesIn are the bytes of a file that are flipped: all of a small one's; of
// others some at both ends, where headers and footers stand, and between.
func placesIn(size int64) []int64 {
	var places []int64
	r := rand.New(rand.NewPCG(3, uint64(size)))
	ends, between := int64(3), 5
	if every {
		ends, between = 64, 200
	}
	for i := range size {
		if size < 24 || i < ends || i >= size-ends {
			places = append(places, i)
		}
	}
	for range between {
		if size >= 24 {
			places = append(places, r.Int64N(size))
		}
	}
	return places
}

// readBack opens the store and reads all of it, and answers the first error.
func readBack(fs vfs.FS, acknowledged []int) error {
	s, err := openOn(fs)
	if err != nil {
		return err
	}
	err = audit(s, acknowledged)
	closed := s.Close()
	if err == nil && errors.Is(closed, store.ErrDamaged) {
		err = closed
	}
	return err
}

func namesAny(err error, files []string) bool {
	return slices.ContainsFunc(files, func(f string) bool { return strings.Contains(err.Error(), f) })
}

func sizeOf(t *testing.T, fs vfs.FS, file string) int64 {
	t.Helper()
	info, err := fs.Stat(path.Join("data", file))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// flipByte turns one bit of a byte. (More than one would be found just so, but
// Pebble first tries all single ones, which takes it half a second a block.)
func flipByte(t *testing.T, fs vfs.FS, file string, at int64) {
	t.Helper()
	f, err := fs.OpenReadWrite(path.Join("data", file), vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= 1 << (at % 8)
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}

// shorten leaves the first bytes of a file, or nothing of it.
func shorten(t *testing.T, fs vfs.FS, file string, left int64) {
	t.Helper()
	name := path.Join("data", file)
	var content []byte
	if left > 0 {
		f, err := fs.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		content = make([]byte, left)
		if _, err := f.ReadAt(content, 0); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	if err := fs.Remove(name); err != nil {
		t.Fatal(err)
	}
	if left < 0 {
		return
	}
	f, err := fs.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// No backup is made of a damaged file: its hash would say that it is right.
func TestNoBackupOfADamagedFile(t *testing.T) {
	fs, _ := closedStore(t)
	files, err := fs.List("data")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return !strings.HasSuffix(name, ".sst") })
	if err := pebble.Sound(t.Context(), fs, "data"); err != nil {
		t.Errorf("before anything is damaged: %v", err)
	}
	refused := 0
	for _, file := range files {
		bad := fs.CrashClone(crashOf(100))
		s, err := openOn(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bad.Stat("data/" + file); err != nil {
			s.Close()
			continue // opening has made another of it
		}
		flipByte(t, bad, file, sizeOf(t, bad, file)/3) // within its blocks
		_, err = s.Backup(t.Context(), func(p store.Part) error {
			in, err := p.Open()
			if err != nil {
				return err
			}
			defer in.Close()
			_, err = io.Copy(io.Discard, in)
			return err
		})
		if s.Close(); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), ".sst") {
			t.Errorf("a backup with %s: %v", file, err)
		}
		if err := pebble.Sound(t.Context(), bad, "data"); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s is sound: %v", file, err)
		}
		refused++
	}
	if refused == 0 {
		t.Error("no backup was refused")
	}
}
