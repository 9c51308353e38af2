package demo

// A member of the coalition. Its port is the offset from the first one's.
type member struct {
	key   string // short name, used in accounts and commands
	name  string
	what  string
	ident string // id of its STIX identity
	class string // identity_class
	order int
}

var (
	cert = &member{"cert", "CERT Estmark", "the national CERT", "identity--0b6f1a4e-5a0c-4a53-9d0e-6a1c7f3b2d10", "organization", 0}
	util = &member{"brookwater", "Brookwater", "a water utility, 400,000 taps", "identity--1f5d2c7a-93b4-4e0f-8a6d-2b7e9c4f5a21", "organization", 1}
	host = &member{"nimbus", "Nimbus Harbour", "a cloud provider", "identity--2a8e3d9b-c1f6-4b7a-9e5c-3d0f1a6b8c32", "organization", 2}
	isac = &member{"tideline", "Tideline", "the water sector's ISAC", "identity--3c9f4e0d-d2a7-4c8b-8f6e-4e1a2b7c9d43", "organization", 3}
)

var cast = []*member{cert, util, host, isac}

// Collections of each node: what it shares with partners, and what it keeps.
const (
	shared = "shared" // opened to the partners named in grants
	inside = "inside" // own accounts only
	inbox  = "inbox"  // what was pulled from partners
)

// grants say whose shared collection is open to whom.
var grants = map[*member][]*member{
	cert: {util, host, isac},
	util: {cert, isac},
	host: {cert},
	isac: {util, cert},
}
