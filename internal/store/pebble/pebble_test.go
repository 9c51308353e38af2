package pebble

import (
	"bytes"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/storetest"
)

// The suite runs in memory, where a sync costs nothing; TestOnDisk and the
// fault tests see to files.
func TestStore(t *testing.T) {
	fs := vfs.NewMem()
	storetest.Run(t, func(t *testing.T, dir string, now func() time.Time) (store.Store, error) {
		return Open(t.Context(), dir, Options{FS: fs, Now: now, CacheBytes: 8 << 20, MemTable: 1 << 20})
	}, func(dir string, parts map[string][]byte) error {
		l, err := Lay(fs, dir)
		if err != nil {
			return err
		}
		for name, content := range parts {
			if err := l.Add(name, bytes.NewReader(content)); err != nil {
				return err
			}
		}
		return l.Close()
	})
}
