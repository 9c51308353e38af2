package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"entente/internal/store/pebble"
)

// UpgradeOptions say how a node's store is upgraded.
type UpgradeOptions struct {
	Check    bool           // only look: an older store is answered with store.ErrTooOld
	Progress pebble.Upgrade // told how it goes on; nobody when nil
	Logger   *slog.Logger
}

// Upgrade brings the store in dir to the format that this program works with. It
// tells from which format it did so; 0 when there was nothing to do. Errors:
// ErrNoNode, store.ErrLocked (what serves it must stop first), store.ErrTooNew.
func Upgrade(ctx context.Context, dir string, o UpgradeOptions) (from int, err error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	folder := filepath.Join(dir, storeFolder)
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("upgrade %s: %w", dir, ErrNoNode)
	}
	options := pebble.Options{Logger: o.Logger}
	if !o.Check {
		options.Upgrade = func(at, to int, done, total int64) {
			if from == 0 {
				from = at
			}
			if o.Progress != nil {
				o.Progress(at, to, done, total)
			}
		}
	}
	st, err := pebble.Open(ctx, folder, options)
	if err != nil {
		return from, fmt.Errorf("upgrade %s: %w", dir, err)
	}
	return from, st.Close()
}
