package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
)

// Take is given each file of an archive, and need not read all of it. Nothing
// that it is given is to be believed before Read has returned without an error.
type Take func(name string, size int64, r io.Reader) error

// Read reads an archive from its start to its end, and every byte of it. begin,
// if not nil, is asked when the header is known, and gives what takes the files
// (nil takes none). Read's error is of the archive, begin or Take.
func Read(r io.Reader, begin func(Header) (Take, error)) (Manifest, error) {
	a := &archive{in: tar.NewReader(r), files: map[string]File{}, buf: make([]byte, 64<<10)}
	m, err := a.read(begin)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("%w, after %s; take another copy of it", ErrCut, a.place())
	} else if errors.Is(err, tar.ErrHeader) {
		err = a.damaged("what follows %s is not part of a backup", a.place())
		if a.at == "" {
			err = ErrNotBackup
		}
	}
	return m, err
}

// archive is one that is being read.
type archive struct {
	in    *tar.Reader
	at    string // the entry that is being read
	files map[string]File
	buf   []byte
}

func (a *archive) place() string {
	if a.at == "" {
		return "its start"
	}
	return a.at
}

func (a *archive) damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format+"; take another copy of it", append([]any{ErrDamaged}, args...)...)
}

func (a *archive) read(begin func(Header) (Take, error)) (Manifest, error) {
	h, err := a.header()
	if err != nil {
		return Manifest{}, err
	}
	var take Take
	if begin != nil {
		if take, err = begin(h); err != nil {
			return Manifest{}, err
		}
	}
	for {
		entry, err := a.next()
		if err != nil {
			return Manifest{}, err
		}
		if entry.Name == manifestName {
			return a.manifest(h)
		}
		if err := a.file(entry, take); err != nil {
			return Manifest{}, err
		}
	}
}

// next is the next entry; the archive's end, before the manifest, is one too
// early.
func (a *archive) next() (*tar.Header, error) {
	entry, err := a.in.Next()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if entry.Typeflag != tar.TypeReg {
		return nil, a.damaged("%q in it is not a regular file", entry.Name)
	}
	a.at = entry.Name
	return entry, nil
}

func (a *archive) header() (h Header, err error) {
	entry, err := a.next()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return h, ErrNotBackup // shorter than one entry: it might be anything
	}
	if err != nil {
		return h, err
	}
	if entry.Name != headerName {
		return h, fmt.Errorf("%w: it is an archive that begins with %q", ErrNotBackup, entry.Name)
	}
	text, err := a.text(entry)
	if err != nil {
		return h, err
	}
	if err := checkFormat(text); err != nil {
		return h, err
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, a.damaged("its header cannot be read (%v)", err)
	}
	return h, nil
}

func (a *archive) text(entry *tar.Header) ([]byte, error) {
	if entry.Size > maxText {
		return nil, a.damaged("%s has %d bytes", entry.Name, entry.Size)
	}
	return io.ReadAll(a.in)
}

// file gives one file to take, and reads what that leaves.
func (a *archive) file(entry *tar.Header, take Take) error {
	if !fileName.MatchString(entry.Name) {
		return a.damaged("a file in it is named %q", entry.Name)
	}
	if _, twice := a.files[entry.Name]; twice {
		return a.damaged("%s is in it twice", entry.Name)
	}
	sum := sha256.New()
	r := io.TeeReader(a.in, sum)
	if take != nil {
		if err := take(entry.Name, entry.Size, r); err != nil {
			return err
		}
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, a.buf); err != nil {
		return err
	}
	a.files[entry.Name] = File{Name: entry.Name, Size: entry.Size, SHA256: hex.EncodeToString(sum.Sum(nil))}
	return nil
}

// manifest reads the end of the archive and compares with it what was read.
func (a *archive) manifest(h Header) (m Manifest, err error) {
	text, err := io.ReadAll(io.LimitReader(a.in, maxText))
	if err != nil {
		return m, err
	}
	entry, err := a.next()
	if err != nil {
		return m, err
	}
	sum, err := a.text(entry)
	if err != nil {
		return m, err
	}
	want := fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(text), manifestName)
	if entry.Name != sumName || !bytes.Equal(sum, want) {
		return m, a.damaged("its manifest fails its checksum")
	}
	if m, err = ParseManifest(text); err != nil {
		return m, err
	}
	if !reflect.DeepEqual(m.Header, h) {
		return m, a.damaged("its header and its manifest differ")
	}
	if err := a.compare(m); err != nil {
		return m, err
	}
	switch _, err := a.in.Next(); {
	case err == nil:
		return m, a.damaged("something follows its manifest")
	case !errors.Is(err, io.EOF):
		return m, err
	}
	return m, nil
}

func (a *archive) compare(m Manifest) error {
	if len(m.Log.Root) != sha256.Size {
		return a.damaged("its manifest has a log's root of %d bytes", len(m.Log.Root))
	}
	if err := a.compareMonths(m); err != nil {
		return err
	}
	here := 0
	for _, f := range m.Files {
		if !fileName.MatchString(f.Name) {
			return a.damaged("its manifest names a file %q", f.Name)
		}
		if f.In != "" {
			continue
		}
		here++
		if got, ok := a.files[f.Name]; !ok {
			return a.damaged("%s is not in it", f.Name)
		} else if got != f {
			return a.damaged("%s fails its checksum", f.Name)
		}
	}
	if here != len(a.files) {
		return a.damaged("it holds %d files, its manifest names %d", len(a.files), here)
	}
	return nil
}

// compareMonths looks whether what is kept apart is what the header says.
func (a *archive) compareMonths(m Manifest) error {
	if m.Format < 2 && len(m.Months) > 0 {
		return a.damaged("its format is %d, in which no month is kept apart", m.Format)
	}
	last := ""
	for _, month := range m.Months {
		if month.Month <= last || month.Objects < 1 || !slices.ContainsFunc(m.Files, func(f File) bool { return f.Name == month.File() && f.In == "" }) {
			return a.damaged("it does not hold what it says it keeps apart for %q", month.Month)
		}
		last = month.Month
	}
	return nil
}
