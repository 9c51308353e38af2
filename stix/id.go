package stix

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 4122 defines UUIDv5 by it
	"encoding/hex"
	"fmt"
)

// ParseID splits an identifier (section 2.9), object-type--UUID. It asks for
// the form alone; which types exist and which UUID version each of them needs
// is Validate's to say.
func ParseID(s string) (typ string, uuid [16]byte, err error) {
	typ, text, ok := cutID(s)
	if !ok {
		return "", uuid, idFault(s, "it is not of the form type--UUID")
	}
	for i := range len(typ) {
		if c := typ[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return "", uuid, idFault(s, "its type may hold only a-z, 0-9 and hyphens")
		}
	}
	if !parseUUID(&uuid, text) {
		return "", uuid, idFault(s, "what follows the type is not a UUID")
	}
	return typ, uuid, nil
}

func idFault(s, fault string) error {
	if len(s) > 128 {
		s = s[:128] + "..."
	}
	return fmt.Errorf("%q is not a STIX identifier: %s; write it as indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", s, fault)
}

// NewID makes an identifier with a random UUID (version 4).
func NewID(typ string) string {
	var u [16]byte
	rand.Read(u[:]) // never fails: crypto/rand ends the program rather than give weak bytes
	return SeededID(typ, u)
}

// cutID cuts s before its UUID, of which only the length and the hyphens are
// looked at.
func cutID(s string) (typ, uuid string, ok bool) {
	n := len(s) - 36
	if n < 3 || s[n-1] != '-' || s[n-2] != '-' {
		return "", "", false
	}
	uuid = s[n:]
	return s[:n-2], uuid, uuid[8] == '-' && uuid[13] == '-' && uuid[18] == '-' && uuid[23] == '-'
}

func parseUUID(u *[16]byte, s string) bool {
	var packed [32]byte
	n := copy(packed[:], s[:8])
	n += copy(packed[n:], s[9:13])
	n += copy(packed[n:], s[14:18])
	n += copy(packed[n:], s[19:23])
	copy(packed[n:], s[24:])
	_, err := hex.Decode(u[:], packed[:])
	return err == nil
}

func formatID(typ string, u [16]byte) string {
	b := make([]byte, 0, len(typ)+38)
	b = append(append(b, typ...), '-', '-')
	b = append(hex.AppendEncode(b, u[:4]), '-')
	b = append(hex.AppendEncode(b, u[4:6]), '-')
	b = append(hex.AppendEncode(b, u[6:8]), '-')
	b = append(hex.AppendEncode(b, u[8:10]), '-')
	return string(hex.AppendEncode(b, u[10:]))
}

// uuid5 is the name-based UUID of RFC 4122 section 4.3.
func uuid5(space [16]byte, name []byte) [16]byte {
	h := sha1.New()
	h.Write(space[:])
	h.Write(name)
	var u [16]byte
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

// DerivedID makes an identifier that is the same whenever it is made of the same
// parts: a UUIDv5 of the name in the name space that another identifier's UUID
// is, such as that of whoever gives the name. Section 2.9 would rather have
// random ones, and allows it.
func DerivedID(typ, space, name string) (string, error) {
	_, uuid, err := ParseID(space)
	if err != nil {
		return "", fmt.Errorf("derive an identifier: %w", err)
	}
	return formatID(typ, uuid5(uuid, []byte(name))), nil
}

// SeededID makes an identifier with a UUID of version 4 whose random bits are given: the
// same of the same seed. Whoever can guess the seed can tell what it is the identifier of.
func SeededID(typ string, seed [16]byte) string {
	seed[6] = seed[6]&0x0f | 0x40
	seed[8] = seed[8]&0x3f | 0x80
	return formatID(typ, seed)
}
