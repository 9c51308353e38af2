package handling

import "entente/internal/trust/account"

// Profile is what of a reader a decision depends on. Readers with equal
// profiles may see the same classes.
type Profile uint8

// The profiles of this floor. The zero Profile sees nothing.
const (
	Nobody  Profile = iota
	Partner         // an account of another organisation
	Own             // an account of the node's own member
	Curator         // a custodian of what the node keeps; followers read as one
)

// ProfileOf gives a principal's profile.
func ProfileOf(p account.Principal) Profile {
	switch {
	case p.Curates():
		return Curator
	case p.Own:
		return Own
	case p.Account != "" && p.Org != "":
		return Partner
	}
	return Nobody
}

// Decision is an answer and its reason, in words for people.
type Decision struct {
	Allow  bool
	Reason string
}

// Decide says whether a profile may read a class. That the collection is
// granted to the reader is decided before; this is about the object.
func Decide(c Class, p Profile) Decision {
	switch p {
	case Curator:
		return Decision{true, "curators keep what the node holds"}
	case Own:
		if c.TLP >= Clear && c.TLP < Red {
			return Decision{true, "shared within the own organisation"}
		}
		return Decision{false, "TLP:RED is for named recipients only"}
	case Partner:
		switch {
		case len(c.Unexplained) > 0:
			return Decision{false, "it carries a marking that no known definition explains"}
		case c.TLP == Clear:
			return Decision{true, "TLP:CLEAR is for everyone"}
		case c.TLP == Green:
			return Decision{true, "TLP:GREEN is for the community, and the collection is granted"}
		}
		return Decision{false, "beyond TLP:GREEN nothing is agreed with this organisation"}
	}
	return Decision{false, "the reader is not known"}
}

// Differ tells whether any profile may read one of two classes and not the other.
func Differ(a, b Class) bool {
	for p := Nobody; p <= Curator; p++ {
		if Decide(a, p).Allow != Decide(b, p).Allow {
			return true
		}
	}
	return false
}
