package account

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Errors that a caller decides on, found by errors.Is.
var (
	ErrNotFound = errors.New("no such account or organisation")
	ErrExists   = errors.New("exists already")
	ErrInvalid  = errors.New("not acceptable") // wraps a reason for people

	// ErrForbidden says that only admins may do that.
	ErrForbidden = errors.New("not allowed")

	// ErrDenied is the one answer to every failed attempt to authenticate:
	// unknown name, wrong token, expired, revoked.
	ErrDenied = errors.New("account: name or token is wrong, expired or revoked")
)

// MaxLife is the longest a token may live, and what it lives when nothing is said.
const MaxLife = 365 * 24 * time.Hour

// Account is one person's or machine's way in.
type Account struct {
	ID      string            `json:"id,omitempty"` // random; see Principal.ID
	Name    string            `json:"name"`
	Org     string            `json:"org"` // name of its organisation
	Own     bool              `json:"own"` // the organisation is the node's own member
	Role    Role              `json:"role"`
	Grants  map[string]Access `json:"grants,omitempty"` // by collection id
	Created time.Time         `json:"created"`
	Expires time.Time         `json:"expires"`
	Revoked time.Time         `json:"revoked,omitzero"`
	Token   Digest            `json:"token"`

	// What handling looks at besides. Rows from before have none of it.
	Groups  []string `json:"groups,omitempty"` // sharing groups it is in
	Purpose Purpose  `json:"purpose,omitempty"`
	Use     Use      `json:"use,omitempty"`
}

// id is what Principal.ID says.
func (a *Account) id() string {
	if a.ID == "" { // a row from before accounts had ids
		return nameKey(a.Name) + " " + a.Created.UTC().Format(time.RFC3339)
	}
	return a.ID
}

// State is "active", "expired" or "revoked" at the given time.
func (a *Account) State(now time.Time) string {
	switch {
	case !a.Revoked.IsZero():
		return "revoked"
	case !now.Before(a.Expires):
		return "expired"
	}
	return "active"
}

// nameForm keeps names printable, free of ':' (Basic) and of path separators.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`)

// checkName refuses what cannot be an account's name.
func checkName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("%w: account name %q: use 1 to 64 letters, digits and . _ @ + -, starting with a letter or digit", ErrInvalid, name)
	}
	// Local verbs and followers act under these names; an account that had one
	// would act with their rights.
	if key := nameKey(name); key == "operator" || strings.HasPrefix(key, "entente") {
		return fmt.Errorf("%w: account name %q is kept for the node itself; choose another", ErrInvalid, name)
	}
	return nil
}

// CheckOrg refuses what cannot be an organisation's name: it is shown on
// terminals and stands in certificates.
func CheckOrg(name string) error {
	if name == "" || utf8.RuneCountInString(name) > 128 || strings.TrimSpace(name) != name ||
		strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }) {
		return fmt.Errorf("%w: organisation name %q: use 1 to 128 printable characters, no spaces at its ends", ErrInvalid, name)
	}
	return nil
}

// nameKey is the form under which names are unique: two that differ in case
// alone would be taken for each other.
func nameKey(name string) string { return strings.ToLower(name) }

// ParseRole reads a role's name; the empty one is Contributor.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case "":
		return Contributor, nil
	case Contributor, Curator, Auditor, Admin, Device, Sensor:
		return r, nil
	}
	return "", fmt.Errorf("%w: role %q; there are contributor, curator, auditor, admin, sensor and device", ErrInvalid, s)
}

// String is "r", "w" or "rw".
func (a Access) String() string {
	var s string
	if a&Read != 0 {
		s += "r"
	}
	if a&Write != 0 {
		s += "w"
	}
	return s
}

// ParseAccess reads "r", "w" or "rw".
func ParseAccess(s string) (Access, error) {
	switch s {
	case "r":
		return Read, nil
	case "w":
		return Write, nil
	case "rw", "wr":
		return Read | Write, nil
	}
	return 0, fmt.Errorf("%w: access %q; write r, w or rw", ErrInvalid, s)
}

// Collections lists the ids that the account has grants for, in order.
func (a *Account) Collections() []string {
	ids := make([]string, 0, len(a.Grants))
	for id := range a.Grants {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
