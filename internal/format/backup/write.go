package backup

import (
	"archive/tar"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
)

// Writer writes one archive.
type Writer struct {
	out      *tar.Writer
	manifest Manifest
	base     map[string]File // of the backup it builds on, by name
	names    map[string]bool
	sum      hash.Hash
	buf      []byte
}

// NewWriter begins an archive with its header; format, id and what it needs are
// given here. With a base it builds on that one.
func NewWriter(w io.Writer, h Header, base *Manifest) (*Writer, error) {
	h.Format, h.ID, h.Needs = 1, newID(), nil
	if len(h.Months) > 0 {
		h.Format = 2
	}
	b := &Writer{out: tar.NewWriter(w), base: map[string]File{}, names: map[string]bool{},
		sum: sha256.New(), buf: make([]byte, 1<<20)}
	if base != nil {
		h.Needs = append([]Earlier{{base.ID, base.Created}}, base.Needs...)
		for _, f := range base.Files {
			if f.In == "" {
				f.In = base.ID
			}
			b.base[f.Name] = f
		}
	}
	b.manifest = Manifest{Header: h, Files: []File{}}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return nil, err
	}
	return b, b.text(headerName, text)
}

func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}

// Add takes a file. One that the base has, byte for byte, is read and noted,
// and not written again.
func (b *Writer) Add(name string, size int64, open func() (io.ReadCloser, error)) error {
	if !fileName.MatchString(name) || b.names[name] {
		return fmt.Errorf("backup: a file cannot be named %q here", name)
	}
	b.names[name] = true
	if f, ok := b.base[name]; ok && f.Size == size {
		sum, err := b.copy(io.Discard, open)
		if err != nil {
			return fmt.Errorf("backup: read %s: %w", name, err)
		}
		if sum == f.SHA256 {
			b.manifest.Files = append(b.manifest.Files, f)
			return nil
		}
	}
	if err := b.out.WriteHeader(b.entry(name, size)); err != nil {
		return err
	}
	sum, err := b.copy(b.out, open)
	if err != nil {
		return fmt.Errorf("backup: copy %s: %w", name, err)
	}
	b.manifest.Files = append(b.manifest.Files, File{Name: name, Size: size, SHA256: sum})
	return nil
}

// copy copies a file and gives its SHA-256.
func (b *Writer) copy(to io.Writer, open func() (io.ReadCloser, error)) (string, error) {
	r, err := open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	b.sum.Reset()
	// Bare of other methods, so that what is copied goes through buf.
	_, err = io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(b.sum, to)}, struct{ io.Reader }{r}, b.buf)
	return hex.EncodeToString(b.sum.Sum(nil)), err
}

func (b *Writer) entry(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: b.manifest.Created.UTC()}
}

func (b *Writer) text(name string, text []byte) error {
	if err := b.out.WriteHeader(b.entry(name, int64(len(text)))); err != nil {
		return err
	}
	_, err := b.out.Write(text)
	return err
}

// Close ends the archive with its manifest. The writer below is not closed.
func (b *Writer) Close(tick int64, log Log) (Manifest, error) {
	b.manifest.Tick, b.manifest.Log = tick, log
	text, err := json.MarshalIndent(b.manifest, "", "  ")
	if err != nil {
		return Manifest{}, err
	}
	if err := b.text(manifestName, text); err != nil {
		return Manifest{}, err
	}
	if err := b.text(sumName, fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(text), manifestName)); err != nil {
		return Manifest{}, err
	}
	return b.manifest, b.out.Close()
}
