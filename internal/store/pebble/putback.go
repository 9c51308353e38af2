package pebble

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
)

// How to put back what was taken out of a copy is a row of
//
//	length of the key, key, 0                     nothing stood there
//	length of the key, key, 1, length of the value, value
//
// for each key that was changed, lengths as uvarints.

func appendUndo(b *bytes.Buffer, key, value []byte, there bool) {
	var n [binary.MaxVarintLen64]byte
	text := func(t []byte) {
		b.Write(binary.AppendUvarint(n[:0], uint64(len(t))))
		b.Write(t)
	}
	text(key)
	if !there {
		b.WriteByte(0)
		return
	}
	b.WriteByte(1)
	text(value)
}

// The longest key and value that PutBack takes.
const (
	longestKey   = 1 << 20
	longestValue = 512 << 20
)

// readUndo reads one row; io.EOF at the end.
func readUndo(r *bufio.Reader) (key, value []byte, there bool, err error) {
	cut := func(longest uint64) ([]byte, error) {
		n, err := binary.ReadUvarint(r)
		if err != nil {
			return nil, err
		}
		if n > longest {
			return nil, damaged("a row that was kept apart has %d bytes", n)
		}
		var text bytes.Buffer // grows by what is there, not by what is said
		if _, err := io.CopyN(&text, r, int64(n)); errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		} else if err != nil {
			return nil, err
		}
		return text.Bytes(), nil
	}
	if key, err = cut(longestKey); err != nil {
		return nil, nil, false, err
	}
	flag, err := r.ReadByte()
	if err == nil && (len(key) == 0 || flag > 1) {
		err = damaged("a row that was kept apart cannot be read")
	}
	if err == nil && flag == 1 {
		there = true
		value, err = cut(longestValue)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return key, value, there, err
}

// PutBack puts what was kept apart from a backup back into the laid store in dir, which
// is not open: each reader is what one group's writer was given, the last group first.
// After an error the store is not to be used. A nil file system is the disk.
func PutBack(ctx context.Context, fs vfs.FS, dir string, parts []io.Reader) (err error) {
	if fs == nil {
		fs = vfs.Default
	}
	cache := pebble.NewCache(32 << 20)
	defer cache.Unref()
	o := &pebble.Options{FS: fs, Cache: cache, Comparer: comparer(), Merger: listMerger(), FormatMajorVersion: engineFormat,
		MemTableSize: 8 << 20, ErrorIfNotExists: true, Logger: quietLog{}}
	tableOptions(o)
	db, err := pebble.Open(dir, o)
	if err != nil {
		return fmt.Errorf("store %s: put back what was kept apart: %w", dir, err)
	}
	for _, part := range parts {
		if err == nil {
			err = putBack(ctx, db, bufio.NewReaderSize(part, 256<<10))
		}
	}
	if err == nil {
		err = db.Flush()
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("store %s: put back what was kept apart: %w", dir, err)
	}
	return nil
}

func putBack(ctx context.Context, db *pebble.DB, r *bufio.Reader) error {
	b := db.NewBatch()
	defer func() { b.Close() }()
	for {
		key, value, there, err := readUndo(r)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		end := err != nil
		switch {
		case end:
		case there:
			err = b.Set(key, value, nil)
		default:
			err = b.Delete(key, nil)
		}
		if !end && err != nil {
			return err
		}
		if end || b.Len() > 4<<20 {
			if err := errors.Join(ctx.Err(), b.Commit(pebble.NoSync)); err != nil {
				return err
			}
			if end {
				return nil
			}
			b.Reset()
		}
	}
}

// InstantOf tells which instant the laid store in dir is of, without changing it. A nil
// file system is the disk.
func InstantOf(fs vfs.FS, dir string) (store.Instant, error) {
	if fs == nil {
		fs = vfs.Default
	}
	at, err := instantIn(fs, dir)
	if err != nil {
		err = fmt.Errorf("store %s: %w", dir, err)
	}
	return at, err
}
