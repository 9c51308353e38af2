package handling

import (
	"slices"
	"strings"
	"unique"

	"entente/internal/store"
	"entente/internal/trust/account"
)

// Standing is what a reader is to the node.
type Standing uint8

// The standings. The zero Standing sees nothing.
const (
	Nobody  Standing = iota
	Partner          // an account of another organisation
	Own              // an account of the node's own member
	Custody          // a custodian of what the node keeps; followers read as one
)

// Reader is all of a reader that a decision depends on. Names are folded.
type Reader struct {
	Standing Standing
	Org      string
	Person   string   // ACCOUNT@ORG
	Groups   string   // sorted, each ended by a line feed
	Purpose  Purposes // the one it has
	Use      Use

	// Reviewed is set of partners who read in a collection that releases to none of them
	// what a machine made and no person has reviewed.
	Reviewed bool `json:",omitempty"`

	// In is the collection that a partner reads in, where an agreement with him names it;
	// 0 is any other.
	In store.Collection `json:",omitempty"`

	// Abroad is the country outside of the EEA to which personal data goes that is
	// released to it, or Nowhere; empty when that is no transfer (see Abroad).
	Abroad string `json:",omitempty"`
}

// is tells whether a name means the reader.
func (r *Reader) is(n Name) bool {
	const org, person, group = "org:", "person:", "group:"
	switch text := string(n); { // asked of each agreement for each reader
	case strings.HasPrefix(text, org):
		return r.Org != "" && text[len(org):] == r.Org
	case strings.HasPrefix(text, person):
		return r.Person != "" && text[len(person):] == r.Person
	case strings.HasPrefix(text, group):
		return r.in(text[len(group):])
	}
	return false
}

// in tells whether the reader is in a group.
func (r *Reader) in(group string) bool {
	for rest := r.Groups; rest != ""; {
		var one string
		one, rest, _ = strings.Cut(rest, "\n")
		if one == group {
			return true
		}
	}
	return false
}

// Profile is a Reader, interned: readers with equal profiles may see the same
// classes. The zero Profile sees nothing.
type Profile struct{ reader unique.Handle[Reader] }

// Curator is the profile of custodians.
var Curator = Reader{Standing: Custody, Purpose: Defence}.Profile()

// Profile interns the reader.
func (r Reader) Profile() Profile { return Profile{unique.Make(r)} }

// strictly is the profile of a partner in a collection that asks for a person's review;
// of others it is the same.
func (p Profile) strictly() Profile {
	r := p.Reader()
	if r.Standing != Partner {
		return p
	}
	r.Reviewed = true
	return r.Profile()
}

// Reader is whom the profile is of.
func (p Profile) Reader() Reader {
	if p == (Profile{}) {
		return Reader{}
	}
	return p.reader.Value()
}

// ProfileOf gives a principal's profile. All curators have the same.
func ProfileOf(p account.Principal) Profile {
	r := Reader{Standing: Partner, Org: account.Fold(p.Org)}
	switch {
	case p.Curates():
		return Curator
	case p.Account == "" || p.Org == "":
		return Profile{}
	case p.Own:
		r.Standing = Own
	default:
		r.Abroad = Abroad(p.Home, p.Country)
	}
	r.Person = account.Fold(p.Account) + "@" + r.Org
	r.Groups = groupsOf(p.Groups)
	// What is not known leaves the reader without a purpose or use, and so
	// without anything.
	r.Purpose = Defence
	if p.Purpose != "" {
		r.Purpose, _ = ParsePurposes(string(p.Purpose))
	}
	if p.Use != "" {
		r.Use = useOf(p.Use)
	}
	return r.Profile()
}

// groupsOf is the form in which a Reader holds its groups.
func groupsOf(names []string) string {
	folded := make([]string, len(names))
	for i, n := range names {
		folded[i] = account.Fold(n)
	}
	slices.Sort(folded)
	var b strings.Builder
	for _, n := range slices.Compact(folded) {
		b.WriteString(n + "\n")
	}
	return b.String()
}
