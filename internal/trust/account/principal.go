package account

import "fmt"

// Principal is who acts: an authenticated account, or the operator of the
// machine at a local verb. It says who, never what they may see; that is
// handling's decision on each object.
type Principal struct {
	// ID is the account's alone, also among those that had its name before it.
	// What a node keeps for an account is kept under it, so that a name given
	// anew inherits nothing.
	ID string

	Account string // account name; "operator" for local verbs
	Org     string // organisation the account belongs to
	Own     bool   // that organisation is the node's own member
	Role    Role

	// Grants open collections, by collection id. A grant alone decides reading
	// and writing there; curators of the own member read all without one.
	Grants map[string]Access

	Groups  []string // sharing groups
	Purpose Purpose  // the first of Purposes when empty
	Use     Use      // the first of Uses when empty

	// Where it is that what is released to it goes, and whence: the countries of its
	// organisation and of the node's own member (ISO 3166-1 alpha-2), each empty when
	// nobody has said.
	Country, Home string
}

// Role is what an account is for.
type Role string

// Roles. A grant, not a role, opens a collection.
const (
	Contributor Role = "contributor" // default: reads and writes where granted
	Curator     Role = "curator"     // custodian of what the node keeps: sees all of it
	Auditor     Role = "auditor"     // contributor who may read who was given what
	Admin       Role = "admin"       // curator who also administers accounts and collections, and audits
	Device      Role = "device"      // a machine: fetches its list, made of what it may read, and nothing else
	Sensor      Role = "sensor"      // a machine of the own member: sends events, and nothing else
)

// Access is what a grant allows in a collection.
type Access uint8

// Access bits.
const (
	Read  Access = 1 << iota
	Write        // includes TAXII DELETE
)

// Operator is the principal of local verbs: whoever may open the data
// directory already holds everything in it.
func Operator(org string) Principal {
	return Principal{ID: "operator", Account: "operator", Org: org, Own: true, Role: Admin}
}

// Curates tells whether the principal is a custodian of the node.
func (p Principal) Curates() bool { return p.Own && (p.Role == Curator || p.Role == Admin) }

// Audits tells whether the principal may read the audit: who was given what.
func (p Principal) Audits() bool { return p.Own && (p.Role == Auditor || p.Role == Admin) }

// Administers tells whether the principal may open and end accounts, and add
// and remove collections.
func (p Principal) Administers() bool { return p.Own && p.Role == Admin }

// Senses tells whether the principal may send events.
func (p Principal) Senses() bool { return p.Curates() || p.Own && p.Role == Sensor }

// mayAdminister is the error of an act that takes an admin.
func (p Principal) mayAdminister(what string) error {
	if !p.Administers() {
		return fmt.Errorf("%s: %w: this takes an admin of the node's own member", what, ErrForbidden)
	}
	return nil
}

// MayRead tells whether the collection exists for the principal at all.
func (p Principal) MayRead(collection string) bool {
	return p.Curates() || p.Grants[collection]&Read != 0
}

// MayWrite tells whether the principal may publish to and delete from it.
func (p Principal) MayWrite(collection string) bool {
	return p.Operates() || p.Grants[collection]&Write != 0
}

// Operates is true for local verbs, which need no grants.
func (p Principal) Operates() bool { return p.Own && p.Account == "operator" && p.Role == Admin }
