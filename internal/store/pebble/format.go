package pebble

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// migrations lead from one format of the key layout in the package comment to
// the next: the first from 1 to 2. One may be cut short at any moment and is then
// begun again, so it must not mind what it has done already. Adding one raises
// the format; internal/node/testdata/formats keeps a small store of each.
var migrations []migration

// migration changes a store to the next format. It tells how far it is, in rows.
type migration func(ctx context.Context, db *pebble.DB, progress func(done, total int64)) error

// Upgrade is told how the upgrade of an older store goes on: from which format
// to the next, and how far that is.
type Upgrade func(from, to int, done, total int64)

// checkFormat reads the format number, and writes it into a new store. An
// older store is brought to the newest format when the options ask for it.
func (s *Store) checkFormat(ctx context.Context, opts Options) error {
	newest := len(opts.migrations) + 1
	got, err := metaOf(s.db, metaFormat)
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return s.writeFormat(newest)
	case err != nil:
		return err
	case got > uint64(newest):
		return fmt.Errorf("%w: its format is %d, this program knows %d; use the newer program", store.ErrTooNew, got, newest)
	case got < 1:
		return damaged("its format number is %d", got)
	case got < uint64(newest) && opts.Upgrade == nil:
		return fmt.Errorf("%w: its format is %d, this program works with %d; stop what serves it, back it up, and run entente upgrade", store.ErrTooOld, got, newest)
	}
	for n := int(got); n < newest; n++ {
		opts.Upgrade(n, n+1, 0, 0)
		err := opts.migrations[n-1](ctx, s.db, func(done, total int64) { opts.Upgrade(n, n+1, done, total) })
		if err == nil {
			err = s.writeFormat(n + 1)
		}
		if err != nil {
			return fmt.Errorf("upgrade from format %d to %d: %w; nothing is lost, run it again", n, n+1, err)
		}
	}
	return nil
}

func (s *Store) writeFormat(n int) error {
	return s.db.Set(metaKey(metaFormat), binary.BigEndian.AppendUint64(nil, uint64(n)), pebble.Sync)
}
