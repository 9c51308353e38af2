package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Trail follows files that grow: those named, and all below folders that are named, also
// those that come later. What is renamed is followed on under its new name, what is
// put in its place from its start, and so is what was cut. It looks when it is asked to,
// so it depends on no system's way of telling of changes. It is not safe for concurrent
// use.
type Trail struct {
	paths  []string
	all    []*Followed
	named  map[string]*Followed
	missed map[string]string // why a path could not be followed, as it was told
	walked time.Time
	folder []string // the files below folders at the last look
	buf    []byte

	Piece func(f *Followed, b []byte) error // some more of a file; valid until it returns
	End   func(f *Followed) error           // there will be no more of it
	Tell  func(path string, err error)      // why a path is not followed, once
}

// Followed is one file, from its start to where it was cut or is gone.
type Followed struct {
	Name string

	file   *os.File // nil while nothing has come for long
	info   fs.FileInfo
	offset int64
	head   []byte    // its first bytes, by which what was put in its place is told
	grew   time.Time // when something came last
	gone   bool      // no path leads to it any more
	lost   time.Time // when that was seen first; zero while one does
	packed bool      // it is left alone
	kept   bool      // open, since it is named itself: renamed, it may be where nobody looks
}

const (
	headSize     = 1024
	mostAtOnce   = 4 << 20         // of one file, until the others have had their turn
	walkEvery    = time.Second     // how often folders are looked through
	quietAfter   = time.Minute     // when a file of a folder is closed until it grows
	goneAfter    = 5 * time.Second // when what no path leads to is let go: its writer may not know yet
	mostFollowed = 20_000          // files
)

// NewTrail begins to follow paths, as [AllSources] takes them.
func NewTrail(paths []string) *Trail {
	return &Trail{paths: paths, named: map[string]*Followed{}, missed: map[string]string{}, buf: make([]byte, 1<<18)}
}

// Look reads what has come since the last look, and tells whether more is there already.
// It leaves compressed files alone: none grows, and what comes is what was read before
// it was packed. An error is one of Piece or End.
func (t *Trail) Look(now time.Time) (more bool, err error) {
	t.find(now)
	kept := t.all[:0]
	for i, f := range t.all {
		next, goOn, err := t.read(f, now)
		if err != nil {
			t.keep(append(kept, t.all[i:]...))
			return false, err
		}
		more = more || goOn
		if next != nil {
			kept = append(kept, next)
		}
	}
	t.keep(kept)
	return more, nil
}

func (t *Trail) keep(all []*Followed) {
	clear(t.all[len(all):])
	t.all = all
}

// Close ends all files.
func (t *Trail) Close() (err error) {
	for _, f := range t.all {
		err = errors.Join(err, t.end(f))
	}
	t.all = nil
	return err
}

// find looks where paths lead to by now.
func (t *Trail) find(now time.Time) {
	for _, f := range t.all {
		f.gone = true
	}
	if now.Sub(t.walked) >= walkEvery || now.Before(t.walked) {
		t.walked, t.folder = now, t.folder[:0]
		for _, path := range t.paths {
			if info, err := os.Stat(path); err == nil && info.IsDir() {
				t.walk(path)
			}
		}
	}
	for _, path := range t.paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			t.miss(path, err)
		case !info.IsDir():
			t.found(path, info, now)
			if f := t.named[path]; f != nil {
				f.kept = true
			}
		}
	}
	for _, path := range t.folder {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			t.found(path, info, now)
		}
	}
}

func (t *Trail) walk(dir string) {
	// With its separator, a link to a folder is followed when it is named itself.
	_ = filepath.WalkDir(dir+string(filepath.Separator), func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			t.miss(path, err)
		case d.Type().IsRegular() && len(t.folder) == mostFollowed:
			t.miss(dir, fmt.Errorf("more than %d files: the rest is left alone", mostFollowed))
			return filepath.SkipAll
		case d.Type().IsRegular():
			t.folder = append(t.folder, path)
		}
		return nil
	})
}

// found takes note of where a path leads to.
func (t *Trail) found(path string, info fs.FileInfo, now time.Time) {
	f := t.named[path]
	if f == nil || !os.SameFile(f.info, info) {
		f = nil
		for _, other := range t.all {
			if os.SameFile(other.info, info) {
				f = other // renamed
				break
			}
		}
	}
	if f == nil {
		f = t.begin(path, now)
	}
	if f == nil {
		return
	}
	delete(t.missed, path)
	f.Name, f.gone, f.lost = path, false, time.Time{}
	t.named[path] = f
	if f.file == nil && !f.packed && (info.Size() != f.offset || info.ModTime().After(f.info.ModTime())) {
		t.reopen(f, now)
	}
}

// begin follows a new file.
func (t *Trail) begin(path string, now time.Time) *Followed {
	f := &Followed{Name: path, grew: now}
	t.reopen(f, now)
	if f.file == nil {
		return nil
	}
	for _, other := range t.all { // it was renamed since
		if os.SameFile(other.info, f.info) {
			f.file.Close()
			return nil
		}
	}
	form, _ := formOf(bufio.NewReaderSize(io.NewSectionReader(f.file, 0, 16), 16))
	f.packed = form != nil
	if f.packed {
		f.file.Close()
		f.file = nil
	}
	t.all = append(t.all, f)
	return f
}

// reopen opens a file, if its path still leads to it.
func (t *Trail) reopen(f *Followed, now time.Time) {
	file, err := os.Open(f.Name)
	if err != nil {
		t.miss(f.Name, err)
		return
	}
	info, err := file.Stat()
	if err != nil || f.info != nil && !os.SameFile(f.info, info) || !info.Mode().IsRegular() {
		file.Close()
		if err == nil && f.info == nil {
			t.miss(f.Name, errors.New("no file that can be followed"))
		}
		return
	}
	f.file, f.grew = file, now
	if f.info == nil {
		f.info = info
	}
}

// miss tells why a path is not followed, once.
func (t *Trail) miss(path string, err error) {
	if t.missed[path] != err.Error() {
		t.missed[path] = err.Error()
		t.Tell(path, err)
	}
}

// read gives what has come of a file, and what goes on in its stead: nil, when it is over.
func (t *Trail) read(f *Followed, now time.Time) (next *Followed, more bool, err error) {
	if f.gone && f.lost.IsZero() { // renamed, it is found when the folder is looked through next
		f.lost = now
	}
	if f.file == nil {
		if f.gone && now.Sub(f.lost) >= goneAfter {
			return nil, false, t.end(f)
		}
		return f, false, nil
	}
	if t.replaced(f) {
		again := &Followed{Name: f.Name, file: f.file, info: f.info, grew: now, gone: f.gone, lost: f.lost, kept: f.kept}
		f.file = nil
		for path, is := range t.named {
			if is == f {
				t.named[path] = again
			}
		}
		if err := t.end(f); err != nil {
			return again, false, err
		}
		f = again
	}
	for read := 0; read < mostAtOnce; {
		n, err := f.file.ReadAt(t.buf, f.offset)
		if n > 0 {
			f.head = append(f.head, t.buf[:min(n, max(0, headSize-len(f.head)))]...)
			f.offset += int64(n)
			f.grew = now
			read += n
			if err := t.Piece(f, t.buf[:n]); err != nil {
				return f, false, err
			}
		}
		if errors.Is(err, io.EOF) {
			return t.atEnd(f, now)
		}
		if err != nil {
			t.miss(f.Name, err)
			return f, false, nil
		}
	}
	return f, true, nil
}

// atEnd lets a file go that is gone, and closes one that has not grown for long.
func (t *Trail) atEnd(f *Followed, now time.Time) (*Followed, bool, error) {
	quiet := now.Sub(f.grew)
	switch {
	case f.gone && quiet >= goneAfter && now.Sub(f.lost) >= goneAfter:
		return nil, false, t.end(f)
	case !f.gone && !f.kept && quiet >= quietAfter:
		if info, err := f.file.Stat(); err == nil {
			f.info = info
		}
		f.file.Close()
		f.file = nil
	}
	return f, false, nil
}

// replaced tells whether a file was cut, or written anew in its place.
func (t *Trail) replaced(f *Followed) bool {
	info, err := f.file.Stat()
	if err != nil || info.Size() < f.offset {
		return err == nil
	}
	if info.Size() == f.offset && info.ModTime().Equal(f.info.ModTime()) {
		return false
	}
	f.info = info
	var head [headSize]byte
	n, err := f.file.ReadAt(head[:len(f.head)], 0)
	return n < len(f.head) || err == nil && !bytes.Equal(head[:n], f.head)
}

func (t *Trail) end(f *Followed) error {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
	for path, is := range t.named {
		if is == f {
			delete(t.named, path)
		}
	}
	if f.packed {
		return nil
	}
	return t.End(f)
}
