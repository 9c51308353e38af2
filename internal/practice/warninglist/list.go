package warninglist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"entente/internal/exchange"
)

// Type says how the entries of a list are held against a value.
type Type string

// The types: those of MISP, and that of one's own lists.
const (
	Text      Type = "string"    // the value is the entry
	Substring Type = "substring" // the value holds the entry
	Hostname  Type = "hostname"  // the value is a name, or has one for its host, that is the entry or below it
	CIDR      Type = "cidr"      // the value is an address or a network within the entry, or a network that holds it
	Regex     Type = "regex"     // the value matches the entry
	Own       Type = "own"       // each entry by what it has the form of: a network, a name with those below it, else the value itself
)

// Types are all there are.
var Types = []Type{Text, Substring, Hostname, CIDR, Regex, Own}

// List is one list.
type List struct {
	Name        string   `json:"name"`
	Version     Version  `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Type        Type     `json:"type"`
	Matching    []string `json:"matching_attributes,omitempty"` // which values it is about, as MISP calls them; all when empty
	Entries     []string `json:"list"`
}

// Version is a number, or a text where a list has one.
type Version string

// UnmarshalJSON reads a number or a text.
func (v *Version) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		var n json.Number
		if err := json.Unmarshal(raw, &n); err != nil {
			return errors.New("a version is a number or a text")
		}
		text = n.String()
	}
	*v = Version(text)
	return nil
}

// Bounds of what is taken.
const (
	MaxBytes    = 16 << 20  // of a list as JSON
	MaxEntries  = 1_000_000 // of a list
	MaxLists    = 1000
	MaxTotal    = 3_000_000 // entries of all lists
	maxName     = 200       // bytes
	maxText     = 4000      // bytes of a description
	maxMatching = 200
	maxEntry    = 1024 // bytes
	maxRegexes  = 1000 // of all lists
	minNeedle   = 3    // bytes: what is shorter stands in nearly every value
)

// Read reads one list as JSON, in the form of the MISP warninglists. An error is
// exchange.ErrInvalid or the reader's.
func Read(r io.Reader) (*List, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > MaxBytes {
		return nil, invalid("a list of more than %d MiB", MaxBytes>>20)
	}
	var l List
	if err := json.Unmarshal(raw, &l); err != nil {
		return nil, invalid("no warninglist: %v; it is a JSON object with name, type and list, as the MISP warninglists are", err)
	}
	return &l, l.Check()
}

// Check tells what is wrong with a list as a whole: exchange.ErrInvalid. Bad entries
// are for [Builder.Add] to tell.
func (l *List) Check() error {
	l.Name = strings.TrimSpace(l.Name)
	switch {
	case l.Name == "":
		return invalid("no warninglist: it has no name")
	case len(l.Name) > maxName || !oneLine(l.Name):
		return invalid("the warninglist %.80q: a name is one line of at most %d bytes", l.Name, maxName)
	case len(l.Description) > maxText || !utf8.ValidString(l.Description):
		return invalid("the warninglist %q: its description has %d bytes; at most %d are kept", l.Name, len(l.Description), maxText)
	case len(l.Version) > maxName || !oneLine(string(l.Version)):
		return invalid("the warninglist %q: its version is no number", l.Name)
	case !slices.Contains(Types, l.Type):
		return invalid("the warninglist %q: there is no type %.80q; there are %v", l.Name, l.Type, Types)
	case len(l.Matching) > maxMatching:
		return invalid("the warninglist %q: it names %d kinds of values; at most %d are taken", l.Name, len(l.Matching), maxMatching)
	case len(l.Entries) == 0:
		return invalid("the warninglist %q: it is empty", l.Name)
	case len(l.Entries) > MaxEntries:
		return invalid("the warninglist %q: it has %d entries; at most %d are taken", l.Name, len(l.Entries), MaxEntries)
	}
	for _, m := range l.Matching {
		if len(m) > maxName || !oneLine(m) {
			return invalid("the warninglist %q: %.80q is no kind of values", l.Name, m)
		}
	}
	return nil
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", exchange.ErrInvalid, fmt.Sprintf(format, args...))
}

// Key is what a list's name is the same by.
func Key(name string) string { return strings.ToLower(strings.TrimSpace(name)) }
