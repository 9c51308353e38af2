package pebble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/sstable"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/abreast"
)

// sortedFile ends the names of the files whose blocks have checksums.
const sortedFile = ".sst"

// checkBlocks reads a sorted file and holds all of its blocks against their checksums: what
// is copied is else believed for good, by the hash that is made of the copy.
func checkBlocks(ctx context.Context, fs vfs.FS, path string) error {
	f, err := fs.Open(path, vfs.SequentialReadsOption)
	if err != nil {
		return err
	}
	in, err := sstable.NewSimpleReadable(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	o := &pebble.Options{Comparer: comparer(), Merger: listMerger(), FormatMajorVersion: engineFormat}
	tableOptions(o)
	o.EnsureDefaults()
	r, err := sstable.NewReader(ctx, in, o.MakeReaderOptions())
	if err != nil {
		return errors.Join(err, in.Close())
	}
	return errors.Join(r.ValidateBlockChecksums(), r.Close())
}

// Sound holds all sorted files of a store that nobody has open against their
// checksums; a nil file system is the disk. An error is store.ErrDamaged, and names
// the file.
func Sound(ctx context.Context, fs vfs.FS, dir string) error {
	if fs == nil {
		fs = vfs.Default
	}
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, sortedFile) })
	half := len(names) / 2
	all := func(names []string) error {
		for _, name := range names {
			if err := errors.Join(ctx.Err(), soundIn(ctx, fs, dir, name)); err != nil {
				return err
			}
		}
		return nil
	}
	return abreast.Two(func() error { return all(names[:half]) }, func() error { return all(names[half:]) })
}

func soundIn(ctx context.Context, fs vfs.FS, dir, name string) error {
	if err := checkBlocks(ctx, fs, fs.PathJoin(dir, name)); err != nil {
		if pebble.IsCorruptionError(err) {
			return damaged("file %s: %w", name, plain{err})
		}
		return fmt.Errorf("file %s: %w", name, err)
	}
	return nil
}
