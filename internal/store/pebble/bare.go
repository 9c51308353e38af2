package pebble

import (
	"errors"
	"log/slog"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// Bare opens a Pebble database with this engine's settings and nothing of the
// engine: the baseline that measurements hold it against. The function ends it.
func Bare(dir string, opts Options) (*pebble.DB, func() error, error) {
	log := slog.New(slog.DiscardHandler)
	s := &Store{dir: dir, log: log, disk: newDisk(vfs.Default, dir, log), compactions: newScheduler()}
	s.cache = pebble.NewCache(orDefault(opts.CacheBytes, cacheBytes))
	db, err := pebble.Open(dir, s.engineOptions(opts))
	if err != nil {
		s.cache.Unref()
		return nil, nil, err
	}
	s.disk.serve()
	s.compactions.begin()
	return db, func() error {
		defer s.cache.Unref()
		return errors.Join(db.Flush(), db.Close())
	}, nil
}
