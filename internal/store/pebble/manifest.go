package pebble

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// checkFiles looks for damage that Pebble would not tell.
func checkFiles(fs vfs.FS, dir string) error {
	if err := checkClosedNote(fs, dir); err != nil {
		return err
	}
	if err := checkMarkers(fs, dir); err != nil {
		return err
	}
	return checkManifest(fs, dir)
}

// checkMarkers looks for the empty files whose names say which manifest and
// which format are in force, and which Pebble makes before such others.
// Without them it would start anew.
func checkMarkers(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	has := func(is func(string) bool) bool { return slices.ContainsFunc(names, is) }
	for _, m := range []struct{ marker, before string }{
		{"marker.manifest.", ".log"}, {"marker.manifest.", ".sst"}, {"marker.format-version.", ".sst"},
	} {
		marked := has(func(n string) bool { return strings.HasPrefix(n, m.marker) })
		if !marked && has(func(n string) bool { return strings.HasSuffix(n, m.before) }) {
			return damaged("the file %s* is gone; restore it from a backup", fs.PathJoin(dir, m.marker))
		}
	}
	return nil
}

// checkManifest looks for damage in the list of the store's files. Pebble
// takes the first record that fails its checksum for a torn end and goes on
// with an older list, which would lose what came after. An end is torn only
// when nothing whole follows it.
//
// A known hole: damage in the very last record looks like a torn end.
func checkManifest(fs vfs.FS, dir string) error {
	desc, err := pebble.Peek(dir, fs)
	if err != nil || !desc.Exists {
		return err
	}
	f, err := fs.Open(desc.ManifestFilename)
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	records := record.NewReader(bytes.NewReader(data), 0)
	read := 0 // up to here all is well
	for {
		read = int(records.Offset())
		r, err := records.Next()
		if err == nil {
			_, err = io.Copy(io.Discard, r)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			break
		}
	}
	if wholeChunkAfter(data, read) {
		return damaged("file %s fails its checksum; restore it from a backup", desc.ManifestFilename)
	}
	return nil
}

// wholeChunkAfter tells whether a chunk with a right checksum starts behind an
// offset: anywhere in its block, or at the start of a later one.
func wholeChunkAfter(data []byte, at int) bool {
	const block = 32 << 10
	end := min((at/block+1)*block, len(data))
	for i := at + 1; i < end; i++ {
		if wholeChunk(data[i:end]) {
			return true
		}
	}
	for ; end < len(data); end += block {
		if wholeChunk(data[end:min(end+block, len(data))]) {
			return true
		}
	}
	return false
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// wholeChunk tells whether b begins with a chunk of a LevelDB log: checksum,
// length, kind (1 to 4), payload.
func wholeChunk(b []byte) bool {
	const header = 7
	if len(b) < header || b[6] < 1 || b[6] > 4 {
		return false
	}
	n := int(binary.LittleEndian.Uint16(b[4:]))
	if n == 0 || header+n > len(b) {
		return false
	}
	sum := crc32.Checksum(b[6:header+n], castagnoli)
	return binary.LittleEndian.Uint32(b) == (sum>>15|sum<<17)+0xa282ead8
}
