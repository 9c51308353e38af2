package stix

import (
	"encoding/json"
	"errors"
	"fmt"
)

// scoNamespace is the UUID under which deterministic identifiers of SCOs are
// made (section 2.9): 00abedb4-aa42-466c-9c01-fed23315a9b7.
var scoNamespace = [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}

// idContributing lists the ID contributing properties of each SCO type (the
// tables of section 6). A type in it with none has random identifiers; a type
// that is not in it is no SCO of the specification.
var idContributing = map[string][]string{
	"artifact":             {"hashes", "payload_bin"},
	"autonomous-system":    {"number"},
	"directory":            {"path"},
	"domain-name":          {"value"},
	"email-addr":           {"value"},
	"email-message":        {"from_ref", "subject", "body"},
	"file":                 {"hashes", "name", "parent_directory_ref", "extensions"},
	"ipv4-addr":            {"value"},
	"ipv6-addr":            {"value"},
	"mac-addr":             {"value"},
	"mutex":                {"name"},
	"network-traffic":      {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"},
	"process":              {},
	"software":             {"name", "cpe", "swid", "vendor", "version"},
	"url":                  {"value"},
	"user-account":         {"account_type", "user_id", "account_login"},
	"windows-registry-key": {"key", "values"},
	"x509-certificate":     {"hashes", "serial_number"},
}

// ErrRandomID says that an SCO has no ID contributing property, so that its
// identifier is to be made by NewID (section 2.9).
var ErrRandomID = errors.New("no ID contributing property is present; make the identifier with NewID")

// DeterministicID makes the identifier that section 2.9 gives an SCO: a UUIDv5
// of the canonical form of its ID contributing properties. The object need not
// have an id yet. It returns ErrRandomID when none of them is present, and an
// error for types that are not SCOs of the specification.
func DeterministicID(raw []byte) (string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", fmt.Errorf("make a deterministic identifier: %w", err)
	}
	var typ string
	if err := json.Unmarshal(members["type"], &typ); err != nil {
		return "", errors.New("make a deterministic identifier: the object has no type; add it")
	}
	names, ok := idContributing[typ]
	if !ok {
		return "", fmt.Errorf("make a deterministic identifier: %q is not an SCO type of STIX 2.1; use NewID", typ)
	}
	name := []byte{'{'}
	for _, n := range names {
		v, ok := members[n]
		if !ok {
			continue
		}
		if n == "hashes" {
			v = chosenHash(v)
		}
		if len(name) > 1 {
			name = append(name, ',')
		}
		name = append(append(append(name, '"'), n...), '"', ':')
		name = append(name, v...)
	}
	if len(name) == 1 {
		return "", fmt.Errorf("%s: %w", typ, ErrRandomID)
	}
	name, err := Canonical(nil, append(name, '}'))
	if err != nil {
		return "", fmt.Errorf("make a deterministic identifier: %w", err)
	}
	return formatID(typ, uuid5(scoNamespace, name)), nil
}

// chosenHash keeps the one hash that contributes to an identifier.
func chosenHash(raw json.RawMessage) json.RawMessage {
	var hashes map[string]json.RawMessage
	if json.Unmarshal(raw, &hashes) != nil {
		return raw
	}
	for _, name := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if v, ok := hashes[name]; ok {
			return append(append(json.RawMessage(`{"`+name+`":`), v...), '}')
		}
	}
	return raw
}
