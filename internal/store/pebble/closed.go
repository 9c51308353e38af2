package pebble

import (
	"bufio"
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

// closedNote is the file that a clean Close leaves behind: what files there
// are, how long, and for those that Pebble reads to their first fault, which
// it takes for the torn end of a crash, a checksum. The next Open compares and
// takes it away; after a crash there is none, and torn ends are to be expected.
//
//	crc32c of the lines that follow
//	NAME LENGTH CRC32C      0 where Pebble's own checksums do
const closedNote = "CLOSED"

// readToFault tells the files that get a checksum of their own.
func readToFault(name string) bool {
	return strings.HasPrefix(name, "MANIFEST-") || strings.HasPrefix(name, "OPTIONS-") || strings.HasSuffix(name, ".log")
}

// writeClosedNote describes the files of a directory that Pebble has closed.
func writeClosedNote(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	var lines bytes.Buffer
	for _, name := range names {
		if name == closedNote || name == "LOCK" {
			continue
		}
		size, sum, err := measure(fs, dir, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s %d %08x\n", name, size, sum)
	}
	return writeSynced(fs, dir, closedNote, fmt.Appendf(nil, "%08x\n%s", crc32.Checksum(lines.Bytes(), castagnoli), lines.Bytes()))
}

// checkClosedNote compares the files with the note, if there is one, and
// takes it away before anything is written.
func checkClosedNote(fs vfs.FS, dir string) error {
	note, err := readFile(fs, fs.PathJoin(dir, closedNote))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	sum, lines, _ := bytes.Cut(note, []byte("\n"))
	if string(sum) == fmt.Sprintf("%08x", crc32.Checksum(lines, castagnoli)) { // else it was being written in a crash
		for line := bufio.NewScanner(bytes.NewReader(lines)); line.Scan(); {
			if err := checkLine(fs, dir, line.Text()); err != nil {
				return err
			}
		}
	}
	if err := fs.Remove(fs.PathJoin(dir, closedNote)); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

func checkLine(fs vfs.FS, dir, line string) error {
	var name string
	var size int64
	var sum uint32
	if _, err := fmt.Sscanf(line, "%s %d %x", &name, &size, &sum); err != nil {
		return damaged("the line %q of the file %s cannot be read", line, closedNote)
	}
	gotSize, gotSum, err := measure(fs, dir, name)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return damaged("the file %s is gone; restore it from a backup", fs.PathJoin(dir, name))
	case err != nil:
		return err
	case gotSize != size:
		return damaged("the file %s has %d bytes, but had %d when the store was closed; restore it from a backup", fs.PathJoin(dir, name), gotSize, size)
	case gotSum != sum:
		return damaged("the file %s is not what it was when the store was closed; restore it from a backup", fs.PathJoin(dir, name))
	}
	return nil
}

func measure(fs vfs.FS, dir, name string) (size int64, sum uint32, err error) {
	path := fs.PathJoin(dir, name)
	if readToFault(name) {
		content, err := readFile(fs, path)
		return int64(len(content)), crc32.Checksum(content, castagnoli), err
	}
	info, err := fs.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	return info.Size(), 0, nil
}

func readFile(fs vfs.FS, path string) ([]byte, error) {
	f, err := fs.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// writeSynced makes a small file that is on the disk when it returns.
func writeSynced(fs vfs.FS, dir, name string, content []byte) error {
	f, err := fs.Create(fs.PathJoin(dir, name), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncDir(fs, dir)
}

func syncDir(fs vfs.FS, dir string) error {
	d, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
