package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/sealed"
	"entente/internal/store"
)

// smallDisk has room for so many bytes of files; tells when it knows it.
type smallDisk struct {
	vfs.FS
	room  atomic.Int64
	tells bool
}

type smallFile struct {
	vfs.File
	disk *smallDisk
}

func (d *smallDisk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if d.room.Load() <= 0 {
		return nil, &vfsError{name, syscall.ENOSPC}
	}
	f, err := d.FS.Create(name, c)
	return smallFile{f, d}, err
}

func (d *smallDisk) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.ReuseForWrite(old, name, c)
	return smallFile{f, d}, err
}

func (d *smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	if !d.tells {
		return vfs.DiskUsage{}, vfs.ErrUnsupported
	}
	return vfs.DiskUsage{AvailBytes: uint64(max(0, d.room.Load())), TotalBytes: 100 << 20}, nil
}

// Write writes what fits, as a real disk does.
func (f smallFile) Write(p []byte) (int, error) {
	room := f.disk.room.Add(-int64(len(p)))
	if room >= 0 {
		return f.File.Write(p)
	}
	fits := max(0, int64(len(p))+room)
	f.disk.room.Store(0)
	n, err := f.File.Write(p[:fits])
	if err == nil {
		err = &vfsError{"file", syscall.ENOSPC}
	}
	return n, err
}

type vfsError struct {
	name string
	err  error
}

func (e *vfsError) Error() string { return e.name + ": " + e.err.Error() }
func (e *vfsError) Unwrap() error { return e.err }

// object is a put of an indicator with a body of its own.
func object(n int, size int) store.Put {
	id := fmt.Sprintf("indicator--8e2e2d2b-17d4-4cbf-938f-%012x", n)
	p := store.Put{Collection: 1, ID: id, Version: "2024-01-01T00:00:00Z", Spec: "2.1", Class: "green",
		Body: bytes.Repeat([]byte(fmt.Sprintf("%s %d;", id, n)), 1+size/len(id)), Values: []store.Value{{Kind: 1, Text: fmt.Sprint("192.0.2.", n)}}}
	copy(p.Digest[:], fmt.Sprintf("%032d", n))
	return p
}

// holds asserts that exactly the objects 0 to n-1 are there.
func holds(t *testing.T, s *Store, n, size int) {
	t.Helper()
	page, err := s.Page(t.Context(), store.PageQuery{Collection: 1, Visible: store.AllClasses(), Limit: 100000, Bodies: true})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if len(page.Rows) != n {
		t.Fatalf("%d objects are there, want %d", len(page.Rows), n)
	}
	for i, row := range page.Rows {
		if want := object(i, size); row.ID != want.ID || !bytes.Equal(sealed.Open(row.Body), want.Body) {
			t.Fatalf("object %d is %s and not as it was put", i, row.ID)
		}
	}
}

// until asks again and again, at most 20 s.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); {
		if time.Now().After(deadline) {
			t.Fatalf("it never came to pass that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestFullDiskRefusesWritesAndRecovers(t *testing.T) {
	for _, tells := range []bool{true, false} {
		t.Run(fmt.Sprintf("known before it hurts %v", tells), func(t *testing.T) {
			disk := &smallDisk{FS: vfs.NewMem(), tells: tells}
			disk.room.Store(20 << 20)
			s, err := Open(t.Context(), "db", Options{FS: disk, MemTable: 1 << 20, CacheBytes: 1 << 20})
			if err != nil {
				t.Fatal(err)
			}
			n, size := 0, 100<<10
			for ; ; n++ {
				if n > 1000 {
					t.Fatal("a full disk takes everything")
				}
				if _, err = s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(n, size)}}); err != nil {
					break
				}
			}
			if !errors.Is(err, store.ErrFull) {
				t.Fatalf("a full disk answers %v", err)
			}
			until(t, "the store says that it is full", func() bool { return errors.Is(s.Health(), store.ErrFull) })
			holds(t, s, n, size)
			if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(n, size)}}); !errors.Is(err, store.ErrFull) {
				t.Fatalf("the next batch is answered %v", err)
			}
			disk.room.Store(20 << 20)
			until(t, "the store takes writes again", func() bool { return s.Health() == nil })
			if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(n, size)}}); err != nil {
				t.Fatal(err)
			}
			holds(t, s, n+1, size)
			sound(t, s)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func sound(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Verify(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
		t.Error(err)
	}
}

// filledDisk is a disk with a closed store of n objects.
func filledDisk(t *testing.T, n int) *vfs.MemFS {
	t.Helper()
	mem := vfs.NewMem()
	s, err := Open(t.Context(), "db", Options{FS: mem, MemTable: 1 << 20, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(i, 10000)}}); err != nil {
			t.Fatal(err)
		}
		if i%10 == 9 {
			if err := s.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return mem
}

// spoil changes a byte in the middle of each file with the ending.
func spoil(t *testing.T, fs vfs.FS, ending string) (spoiled []string) {
	t.Helper()
	names, err := fs.List("db")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ending) {
			continue
		}
		path := fs.PathJoin("db", name)
		data := contents(t, fs, path)
		if len(data) < 500 {
			continue
		}
		data[len(data)/3] ^= 0x40
		write(t, fs, path, data)
		spoiled = append(spoiled, name)
	}
	if len(spoiled) == 0 {
		t.Fatalf("there is no %s file to spoil", ending)
	}
	return spoiled
}

func TestDamagedFileIsNamedAndNeverServed(t *testing.T) {
	mem := filledDisk(t, 60)
	spoiled := spoil(t, mem, ".sst")
	s, err := Open(t.Context(), "db", Options{FS: mem, CacheBytes: 1 << 20})
	if err == nil {
		defer s.Close()
		_, err = s.Page(t.Context(), store.PageQuery{Collection: 1, Visible: store.AllClasses(), Limit: 1000, Bodies: true})
		if verr := s.Verify(t.Context(), func(string) {}); !errors.Is(verr, store.ErrDamaged) {
			t.Errorf("Verify answers %v", verr)
		}
	}
	if !errors.Is(err, store.ErrDamaged) {
		t.Fatalf("a damaged file is answered with %v", err)
	}
	for _, name := range spoiled {
		if strings.Contains(err.Error(), name) {
			return
		}
	}
	t.Errorf("%v names none of %v", err, spoiled)
}

func TestDamagedWriteAheadLogIsNotTakenForItsEnd(t *testing.T) {
	mem := vfs.NewCrashableMem()
	s, err := Open(t.Context(), "db", Options{FS: mem, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 60 {
		if _, err := s.Commit(t.Context(), &store.Batch{Puts: []store.Put{object(i, 10000)}}); err != nil {
			t.Fatal(err)
		}
	}
	disk := mem.CrashClone(vfs.CrashCloneCfg{})
	spoil(t, disk, ".log")
	again, err := Open(t.Context(), "db", Options{FS: disk, CacheBytes: 1 << 20})
	if err == nil {
		again.Close()
	}
	if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), ".log") {
		t.Fatalf("a damaged log is answered with %v", err)
	}
}

func TestDamagedManifestIsNotTakenForItsEnd(t *testing.T) {
	mem := filledDisk(t, 60)
	names, err := mem.List("db")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "MANIFEST") {
			continue
		}
		whole := contents(t, mem, mem.PathJoin("db", name))
		whole[len(whole)/2] ^= 1
		write(t, mem, mem.PathJoin("db", name), whole)
	}
	if s, err := Open(t.Context(), "db", Options{FS: mem}); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "MANIFEST") {
		if err == nil {
			s.Close()
		}
		t.Fatalf("a damaged manifest is answered with %v", err)
	}
}

func contents(t *testing.T, fs vfs.FS, path string) []byte {
	t.Helper()
	f, err := fs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, fs vfs.FS, path string, data []byte) {
	t.Helper()
	f, err := fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestNewerFormatIsRefused(t *testing.T) {
	mem := filledDisk(t, 1)
	s, err := Open(t.Context(), "db", Options{FS: mem})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Set(metaKey(metaFormat), []byte{0, 0, 0, 0, 0, 0, 0, byte(len(migrations) + 2)}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "db", Options{FS: mem}); !errors.Is(err, store.ErrTooNew) {
		t.Fatalf("a store of a newer format is answered with %v", err)
	}
}
