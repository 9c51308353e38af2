package pebble

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// partName is what the name of a backup's part may be: nothing that leads out
// of the folder.
var partName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`)

// Layer lays the parts of a backup into the directory of a store that is not
// there yet. When all are laid and it is closed, [Open] opens the store.
type Layer struct {
	fs  vfs.FS
	dir string

	// Syncs run beside the laying of further parts.
	syncs sync.WaitGroup
	slots chan struct{}
	mu    sync.Mutex
	err   error
}

// Lay begins a store's directory, which must not be there, or be empty. A nil
// file system is the disk.
func Lay(fs vfs.FS, dir string) (*Layer, error) {
	if fs == nil {
		fs = vfs.Default
	}
	if err := makeDir(fs, dir); err != nil {
		return nil, fmt.Errorf("store %s: its directory cannot be made: %w", dir, err)
	}
	names, err := fs.List(dir)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", dir, err)
	}
	if len(names) > 0 {
		return nil, fmt.Errorf("store %s: a backup is laid into an empty folder only; this one holds %s", dir, names[0])
	}
	return &Layer{fs: fs, dir: dir, slots: make(chan struct{}, 8)}, nil
}

// Add lays one part. What it wrote is on the disk when Close has returned.
func (l *Layer) Add(name string, r io.Reader) error {
	if !partName.MatchString(name) || name == "LOCK" {
		return fmt.Errorf("store %s: %w: a part of the backup is named %q", l.dir, store.ErrDamaged, name)
	}
	path := l.fs.PathJoin(l.dir, name)
	if _, err := l.fs.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("store %s: %w: the part %q comes twice (%v)", l.dir, store.ErrDamaged, name, err)
	}
	f, err := l.fs.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return l.said(err)
	}
	// Without WriteTo and ReadFrom, so that large pieces are copied.
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, struct{ io.Reader }{r}, make([]byte, 1<<20)); err != nil {
		f.Close()
		return l.said(err)
	}
	l.slots <- struct{}{}
	l.syncs.Go(func() {
		l.keep(errors.Join(f.Sync(), f.Close()))
		<-l.slots
	})
	return nil
}

func (l *Layer) keep(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = errors.Join(l.err, err)
}

func (l *Layer) said(err error) error {
	if noSpace(err) {
		err = fmt.Errorf("%w: %w", store.ErrFull, err)
	}
	return fmt.Errorf("store %s: lay a backup: %w", l.dir, err)
}

// Close waits until all parts are on the disk.
func (l *Layer) Close() error {
	l.syncs.Wait()
	if l.err != nil {
		return l.said(l.err)
	}
	return syncDir(l.fs, l.dir)
}
