package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// output is a file that is there whole or not at all. What is no regular file
// (a pipe, a device) cannot be replaced by one and is written to as it is.
type output struct {
	*os.File
	path string // where it goes when it is whole; empty when it is there already
}

// createOutput begins a file. Its owner alone can read it: it may be anything
// but public.
func createOutput(path string) (*output, error) {
	at, err := os.Stat(path)
	switch {
	case err == nil && at.IsDir():
		return nil, fmt.Errorf("%s is a folder; name a file in it", path)
	case err == nil && !at.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		return &output{File: f}, err
	case err == nil: // a link stays one: what it leads to is replaced
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".entente-*") // made 0600
	if cause, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("write in %s: %w", filepath.Dir(path), cause.Err)
	}
	return &output{f, path}, err
}

// commit puts the file in its place.
func (o *output) commit() error {
	if o.path == "" {
		return o.Close()
	}
	err := errors.Join(o.Sync(), o.Close())
	if err == nil {
		err = os.Rename(o.Name(), o.path)
	}
	return err
}

// commitIn puts the file into a folder under the first of some names that nothing has,
// and tells where it is: no file that is there is ever replaced.
func (o *output) commitIn(dir string, name func(n int) string) (path string, err error) {
	if err := errors.Join(o.Sync(), o.Close()); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		path = filepath.Join(dir, name(n))
		// Who is first to make the name has it; the file then takes its own, empty one's place.
		mine, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if err := errors.Join(mine.Close(), os.Rename(o.Name(), path)); err != nil {
			return "", errors.Join(err, os.Remove(path))
		}
		return path, nil
	}
}

// flowing has a long file written to the disk while it comes, so that commit
// has little left to wait for.
type flowing struct {
	to      *output // not embedded: io.Copy would find a file's ReadFrom, and pass Write by
	since   int     // bytes since the last sync was begun
	syncing chan struct{}
}

func newFlowing(o *output) *flowing { return &flowing{to: o, syncing: make(chan struct{}, 1)} }

func (f *flowing) Write(p []byte) (int, error) {
	n, err := f.to.Write(p)
	if f.since += n; f.since < 16<<20 {
		return n, err
	}
	select {
	case f.syncing <- struct{}{}:
		f.since = 0
		go func() {
			_ = f.to.Sync() // commit syncs again, and tells
			<-f.syncing
		}()
	default: // one is under way
	}
	return n, err
}

// discard removes what was not committed.
func (o *output) discard() {
	o.Close()
	if o.path != "" {
		os.Remove(o.Name()) // once renamed, it is not there any more
	}
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, r io.Reader) error {
	o, err := createOutput(path)
	if err != nil {
		return err
	}
	defer o.discard()
	if _, err := io.Copy(o, r); err != nil {
		return err
	}
	return o.commit()
}
