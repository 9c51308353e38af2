package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Format is the newest format. Read takes it and all before it; Writer writes the oldest
// that has all that is in an archive: 2 only where a part is kept apart for a month.
const Format = 2

// Errors that a caller decides on, found by errors.Is.
var (
	ErrNotBackup = errors.New("not a backup of a node")
	ErrDamaged   = errors.New("the backup is damaged")
	ErrCut       = errors.New("the backup ends early")
	ErrTooNew    = errors.New("the backup was made by a newer program")
)

// Header says whose backup an archive is, and of when.
type Header struct {
	Format  int       `json:"format"`
	Program string    `json:"program"` // version that wrote it
	ID      string    `json:"id"`      // random; by it later backups build on this one
	Member  Member    `json:"member"`
	Created time.Time `json:"created"`

	// Needs are the earlier backups that hold files of this one, newest first;
	// none in a full one.
	Needs []Earlier `json:"needs,omitempty"`

	// EraseFrom is when the first of the personal data that it has in the clear is to be
	// erased: it should be kept no longer. Only archives from before Months have it.
	EraseFrom time.Time `json:"erase_from,omitzero"`

	// Months are what is kept apart, in their order, since it is to be erased. Since
	// format 2.
	Months []Month `json:"months,omitempty"`
}

// Month is what is to be erased in a month. It stands in a file of its own, sealed under
// the key of the month, which is not in the backup.
type Month struct {
	Month   string `json:"month"`   // as 2026-12, in UTC
	Objects int    `json:"objects"` // versions
	Key     string `json:"key"`     // the key's id
}

// File is the name of the file that a month is kept in.
func (m Month) File() string { return MonthsFolder + "/" + m.Month }

// MonthsFolder is the folder of what is kept apart.
const MonthsFolder = "months"

// Member is whose node it is.
type Member struct {
	Name     string `json:"name"`
	Identity string `json:"identity"` // id of its STIX identity object
}

// Earlier names a backup that another builds on.
type Earlier struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
}

// Manifest is what an archive holds and what a node that is restored from it
// must be.
type Manifest struct {
	Header
	Tick  int64  `json:"tick"` // newest date added, in microseconds since 1970
	Log   Log    `json:"log"`
	Files []File `json:"files"`
}

// Log is the head of the member's transparency log.
type Log struct {
	Origin string `json:"origin"`
	Size   int64  `json:"size"`
	Root   []byte `json:"root"` // 32 bytes
}

// File is one file of the node.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	In     string `json:"in,omitempty"` // id of the earlier backup that holds it; this one when empty
}

// Bytes is the length of all files, those in earlier backups among them.
func (m Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// The names of what is not a node's file.
const (
	headerName   = "backup.json"
	manifestName = "manifest.json"
	sumName      = "manifest.sha256"
)

// maxText bounds header and manifest: 100,000 files have 16 MB of lines.
const maxText = 64 << 20

// fileName is the only form of a file's name: nothing that leads elsewhere.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,254}$`)

// ParseManifest reads a manifest apart from its archive.
func ParseManifest(text []byte) (Manifest, error) {
	if err := checkFormat(text); err != nil {
		return Manifest{}, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Manifest{}, fmt.Errorf("%w: its manifest cannot be read: %w", ErrDamaged, err)
	}
	return m, nil
}

// checkFormat reads the format's number alone: whatever a newer format holds,
// it is known as one by this.
func checkFormat(text []byte) error {
	var h struct {
		Format int `json:"format"`
	}
	err := json.Unmarshal(text, &h)
	switch {
	case err != nil:
		return fmt.Errorf("%w: its header cannot be read: %w", ErrDamaged, err)
	case h.Format > Format:
		return fmt.Errorf("%w: its format is %d, this program knows %d; use the newer program", ErrTooNew, h.Format, Format)
	case h.Format < 1:
		return fmt.Errorf("%w: its format number is %d", ErrDamaged, h.Format)
	}
	return nil
}
