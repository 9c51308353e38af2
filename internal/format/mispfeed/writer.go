package mispfeed

import (
	"archive/tar"
	"bytes"
	"crypto/md5" //nolint:gosec // hashes.csv is made of it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// File is where in the archive a file of the feed stands.
type File struct {
	Name   string
	At     int64
	Length int64
}

// Writer writes a feed. Its memory grows with the number of events, not with that of
// their values: those wait in a file for hashes.csv.
type Writer struct {
	tar      *tar.Writer
	to       *counting
	hashes   io.ReadWriteSeeker
	hashed   int64
	manifest map[string]entry
	files    []File
}

// counting tells how much was written.
type counting struct {
	io.Writer
	n int64
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	return n, err
}

// NewWriter begins a feed. Aside is empty, and what waits is written to it; it stays the
// caller's.
func NewWriter(w io.Writer, aside io.ReadWriteSeeker) *Writer {
	to := &counting{Writer: w}
	return &Writer{tar: tar.NewWriter(to), to: to, hashes: aside, manifest: map[string]entry{}}
}

// Add writes an event. No two have the same UUID.
func (w *Writer) Add(e *Event) error {
	raw, head, err := e.text()
	if err == nil {
		err = w.file(e.UUID+".json", int64(len(raw)), bytes.NewReader(raw))
	}
	if err != nil {
		return fmt.Errorf("event %s: %w", e.UUID, err)
	}
	w.manifest[e.UUID] = head
	var b []byte
	for i := range e.Attributes {
		sum := md5.Sum([]byte(e.Attributes[i].Value))
		b = append(append(append(hex.AppendEncode(b, sum[:]), ','), e.UUID...), '\n')
	}
	n, err := w.hashes.Write(b)
	w.hashed += int64(n)
	return err
}

// Close writes hashes.csv and the manifest, and tells where the files stand.
func (w *Writer) Close() ([]File, error) {
	if _, err := w.hashes.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("hashes.csv: %w", err)
	}
	if err := w.file("hashes.csv", w.hashed, w.hashes); err != nil {
		return nil, fmt.Errorf("hashes.csv: %w", err)
	}
	raw, err := json.Marshal(w.manifest)
	if err == nil {
		err = w.file("manifest.json", int64(len(raw)), bytes.NewReader(raw))
	}
	if err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	return w.files, w.tar.Close()
}

func (w *Writer) file(name string, size int64, from io.Reader) error {
	h := &tar.Header{Name: name, Mode: 0o644, Size: size, ModTime: time.Unix(0, 0), Format: tar.FormatUSTAR}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	w.files = append(w.files, File{name, w.to.n, size})
	_, err := io.CopyN(w.tar, from, size)
	return err
}
