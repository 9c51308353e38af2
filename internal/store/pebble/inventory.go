package pebble

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// closedName is a file that only a closed store has: a line for each of its
// files with name, size and checksum, and a checksum of these lines.
//
// Pebble's sorted files carry their own checksums. But its lists of files,
// its log and its settings end where they cease to make sense, so that damage
// at their ends passes for a crash, and a file that is gone for one that never
// was. A store that was closed knows better. After a kill there is no inventory,
// and those checks of Pebble's and checkManifest are all there is.
const closedName = "CLOSED"

const closedTitle = "entente store 1"

// writeInventory writes down the files as they are; nothing writes any more.
func writeInventory(fs vfs.FS, dir string) error {
	names, err := inventoried(fs, dir)
	if err != nil {
		return err
	}
	text := bytes.NewBufferString(closedTitle + "\n")
	for _, name := range names {
		size, sum, err := measure(fs, fs.PathJoin(dir, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(text, "%s %d %08x\n", name, size, sum)
	}
	fmt.Fprintf(text, "%08x\n", crc32.Checksum(text.Bytes(), castagnoli))
	path := fs.PathJoin(dir, closedName)
	f, err := fs.Create(path+".new", vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(text.Bytes())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := fs.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

// takeInventory compares a closed store with its inventory and takes that away. A store
// that was not closed has none.
func takeInventory(fs vfs.FS, dir string) error {
	path := fs.PathJoin(dir, closedName)
	f, err := fs.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := checkInventory(fs, dir, string(text)); err != nil {
		return err
	}
	if err := fs.Remove(path); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

func checkInventory(fs vfs.FS, dir, text string) error {
	if len(text) < 9 || fmt.Sprintf("%08x\n", crc32.Checksum([]byte(text[:len(text)-9]), castagnoli)) != text[len(text)-9:] {
		return damaged("file %s fails its checksum; delete it if %s is sound for sure, else restore a backup", fs.PathJoin(dir, closedName), dir)
	}
	lines := strings.Split(text[:len(text)-9], "\n")
	if lines[0] != closedTitle {
		return damaged("file %s is of another program", fs.PathJoin(dir, closedName))
	}
	for _, line := range lines[1 : len(lines)-1] {
		var name string
		var size int64
		var sum uint32
		if _, err := fmt.Sscanf(line, "%s %d %x", &name, &size, &sum); err != nil {
			return damaged("file %s has the line %q", fs.PathJoin(dir, closedName), line)
		}
		path := fs.PathJoin(dir, name)
		gotSize, gotSum, err := measure(fs, path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return damaged("file %s is gone; restore it from a backup", path)
		case err != nil:
			return err
		case gotSize != size:
			return damaged("file %s has %d bytes, it had %d; restore it from a backup", path, gotSize, size)
		case gotSum != sum:
			return damaged("file %s is not as it was when the store was closed; restore it from a backup", path)
		}
	}
	return nil
}

// inventoried are the files that an inventory speaks of, in order.
func inventoried(fs vfs.FS, dir string) ([]string, error) {
	names, err := fs.List(dir)
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == "LOCK" || strings.HasPrefix(name, closedName) || strings.ContainsAny(name, " \n")
	})
	slices.Sort(names)
	return names, err
}

// measure gives a file's size and, unless it carries its own, its checksum.
func measure(fs vfs.FS, path string) (size int64, sum uint32, err error) {
	f, err := fs.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, 0, err
	}
	if info.IsDir() || strings.HasSuffix(path, ".sst") || strings.HasSuffix(path, ".blob") {
		return info.Size(), 0, nil
	}
	hash := crc32.New(castagnoli)
	size, err = io.Copy(hash, f)
	return size, hash.Sum32(), err
}

func syncDir(fs vfs.FS, dir string) error {
	f, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
