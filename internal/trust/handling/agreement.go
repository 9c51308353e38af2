package handling

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"entente/internal/store"
)

// Agreement is what the own member has agreed to release, to whom and on what
// terms. It opens nothing by itself: a reader also needs a grant on the
// collection, and the object's own markings hold besides.
type Agreement struct {
	Name    string `json:"name"`
	Version int    `json:"version"` // counts from 1
	Kind    Kind   `json:"kind"`

	// To are the recipients: organisations and people of a bilateral agreement,
	// groups of a group's. A standing invitation names none and is to every
	// partner.
	To []Name `json:"to,omitempty"`

	TLP      Level    `json:"tlp"`              // the strictest label that is released
	PAP      PAP      `json:"pap"`              // the same of PAP
	Terms    Terms    `json:"terms,omitempty"`  // which terms the recipients have agreed to
	Purposes Purposes `json:"purposes"`         // for which it is released
	Grounds  Grounds  `json:"grounds"`          // on which it is released
	Review   bool     `json:"review,omitempty"` // what a machine made needs a person's review first

	Duties // what it asks of the recipients

	// Collections are those that it is for, by their numbers in order, which are never
	// used again; all when empty.
	Collections []store.Collection `json:"collections,omitempty"`

	// Transfers are on which grounds personal data may go out of the EEA by it.
	Transfers []Transfer `json:"transfers,omitempty"`

	From  time.Time `json:"from"`           // in force from here on
	Until time.Time `json:"until,omitzero"` // and no longer from here on; zero: until ended

	Note string `json:"note,omitempty"` // one line for people
}

// Kind says between whom an agreement is.
type Kind string

// The kinds.
const (
	Bilateral  Kind = "bilateral"
	Group      Kind = "group"
	Invitation Kind = "invitation"
)

// Names of the agreements that are built in.
const (
	ByOwn   = "own"   // the own member with itself
	ByClear = "clear" // TLP:CLEAR is for everyone
	ByGrant = "grant" // a grant on a collection releases TLP:GREEN in it
)

var agreementForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Check refuses an agreement that makes no sense, in words for people.
func (a *Agreement) Check() error {
	switch {
	case !agreementForm.MatchString(a.Name):
		return fmt.Errorf("name %.80q; use 1 to 64 of a-z, 0-9, '.', '_' and '-', starting with a letter or digit", a.Name)
	case a.Name == ByOwn || a.Name == ByClear || a.Name == ByGrant:
		return fmt.Errorf("name %q is of an agreement that is built in; choose another", a.Name)
	case a.Version < 1:
		return fmt.Errorf("version %d; versions count from 1", a.Version)
	case a.TLP < Clear || a.TLP > Red:
		return fmt.Errorf("it has no TLP label; say up to which label it releases")
	case a.PAP > PAPRed || a.Terms&^allTerms != 0 || a.Purposes&^allPurposes != 0 || a.Grounds&^allGrounds != 0:
		return fmt.Errorf("it holds a label, term, purpose or ground that there is not")
	case a.Purposes == 0:
		return fmt.Errorf("it has no purpose; there are %s", allPurposes)
	case a.Grounds == 0:
		return fmt.Errorf("it has no legal ground; there are %s", allGrounds)
	case a.Terms&contradiction == contradiction:
		return fmt.Errorf("nobody can both name and not name the provider; choose attribute or anonymise")
	case a.From.IsZero():
		return fmt.Errorf("it has no time from which it is in force")
	case !a.Until.IsZero() && !a.Until.After(a.From):
		return fmt.Errorf("it ends at %s, not after it starts at %s", a.Until.Format(time.RFC3339), a.From.Format(time.RFC3339))
	case !isLine(a.Note):
		return fmt.Errorf("the note is one line of up to 1,000 printable characters")
	}
	if err := a.checkTransfers(); err != nil {
		return err
	}
	if err := a.checkCollections(); err != nil {
		return err
	}
	if err := a.checkDuties(); err != nil {
		return err
	}
	return a.checkRecipients()
}

// isLine tells whether a text is one line of up to 1,000 printable characters.
func isLine(text string) bool {
	return utf8.RuneCountInString(text) <= 1000 && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError })
}

// checkRecipients holds the recipients against the kind.
func (a *Agreement) checkRecipients() error {
	if len(a.To) > maxNames {
		return fmt.Errorf("%d recipients; at most %d are taken", len(a.To), maxNames)
	}
	for _, n := range a.To {
		folded, err := ParseName(string(n))
		if err != nil {
			return err
		}
		if folded != n {
			return fmt.Errorf("recipient %q is not in its folded form %q", n, folded)
		}
		if group := strings.HasPrefix(string(n), "group:"); group != (a.Kind == Group) {
			return fmt.Errorf("%s is no recipient of an agreement of kind %s", n, a.Kind)
		}
	}
	switch a.Kind {
	case Bilateral, Group:
		if len(a.To) == 0 {
			return fmt.Errorf("it names no recipient")
		}
	case Invitation:
		if len(a.To) > 0 {
			return fmt.Errorf("a standing invitation is to every partner and names none")
		}
	default:
		return fmt.Errorf("kind %.40q; there are %s, %s and %s", a.Kind, Bilateral, Group, Invitation)
	}
	return nil
}

// ReadAgreement reads an agreement from JSON and checks it. A property that is
// not known is an error: it may be a condition.
func ReadAgreement(raw []byte) (Agreement, error) {
	var a Agreement
	if err := strictly(raw, &a); err != nil {
		return Agreement{}, fmt.Errorf("agreement: %w", err)
	}
	for i, n := range a.To {
		folded, err := ParseName(string(n))
		if err != nil {
			return Agreement{}, fmt.Errorf("agreement %s: %w", a.Name, err)
		}
		a.To[i] = folded
	}
	slices.Sort(a.To)
	a.To = slices.Compact(a.To)
	if err := a.Check(); err != nil {
		return Agreement{}, fmt.Errorf("agreement %s: %w", a.Name, err)
	}
	return a, nil
}

// With is the recipients in words.
func (a *Agreement) With() string {
	if a.Kind == Invitation {
		return "every partner"
	}
	names := make([]string, len(a.To))
	for i, n := range a.To {
		names[i] = string(n)
	}
	return strings.Join(names, ", ")
}

// Edition names one version of an agreement, as in "security/2".
func (a *Agreement) Edition() string { return a.Name + "/" + strconv.Itoa(a.Version) }

// isOver tells whether it has come to its end.
func (a *Agreement) isOver(now time.Time) bool { return !a.Until.IsZero() && !now.Before(a.Until) }

// turns gives the moments at which time changes what it releases: its beginning and
// end, and the ends of its transfers.
func (a *Agreement) turns(yield func(time.Time) bool) {
	if !yield(a.From) || !a.Until.IsZero() && !yield(a.Until) {
		return
	}
	for i := range a.Transfers {
		if end := a.Transfers[i].Until; !end.IsZero() && !yield(end) {
			return
		}
	}
}

// with tells whether the reader is a recipient.
func (a *Agreement) with(r *Reader) bool {
	return a.Kind == Invitation && r.Standing == Partner || slices.ContainsFunc(a.To, r.is)
}

// lacks says in words why an agreement with the reader does not release a
// class to it at a time; empty when it does.
func (a *Agreement) lacks(c *Class, r *Reader, now time.Time) string {
	switch {
	case !a.with(r):
		return "it is with others"
	case !a.covers(r.In):
		return "it is for other collections"
	case now.Before(a.From):
		return "it is not in force yet"
	case a.isOver(now):
		return "it has ended"
	case c.TLP > a.TLP:
		return "it does not reach to this TLP label"
	case c.PAP > a.PAP:
		return "it does not reach to this PAP label"
	case c.Terms&^a.Terms != 0:
		return "its recipients have not agreed to all terms of the markings"
	case a.Purposes&r.Purpose == 0:
		return "it is for other purposes"
	case c.Unfit != 0 && a.groundsAt(now)&^c.Unfit == 0:
		return "it stands on none of the legal grounds that the markings ask for"
	case c.Personal && a.Grounds&^c.Unfit&personalGrounds == 0:
		return "it stands on no legal ground for personal data"
	case a.Review && c.Unreviewed:
		return "it asks for a person's review of what a machine made"
	case a.ReviewBeforeUse && c.Unreviewed && r.Use == UseBlock:
		return "it asks for a person's review of what a machine made before it is used, and the reader blocks by itself"
	case c.Personal:
		return a.lacksTransfer(c, r, now)
	}
	return ""
}
