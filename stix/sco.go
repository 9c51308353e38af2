package stix

import (
	"errors"
	"fmt"
	"slices"
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
	const doing = "make a deterministic identifier"
	var typ string
	err := eachMember(raw, func(name, value []byte) {
		if string(name) == "type" && value[0] == '"' {
			typ = string(appendUnescaped(nil, value[1:len(value)-1]))
		}
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}
	contributing, ok := idContributing[typ]
	if !ok {
		return "", fmt.Errorf("%s: %q is not an SCO type of STIX 2.1; use NewID", doing, typ)
	}
	name := append(make([]byte, 0, 256), '{')
	err = eachMember(raw, func(n, value []byte) {
		if !slices.Contains(contributing, string(n)) {
			return
		}
		if string(n) == "hashes" {
			if value = chosenHash(value); value == nil {
				return
			}
		}
		name = append(append(append(name, '"'), n...), `":`...)
		name = append(append(name, value...), ',')
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}
	if len(name) == 1 {
		return "", fmt.Errorf("%s: %w", typ, ErrRandomID)
	}
	name[len(name)-1] = '}'
	if name, err = Canonical(nil, name); err != nil {
		return "", fmt.Errorf("%s: %w", doing, err)
	}
	return formatID(typ, uuid5(scoNamespace, name)), nil
}

// hashesByRank are the hashes that contribute to an identifier, the best first.
var hashesByRank = []string{"MD5", "SHA-1", "SHA-256", "SHA-512"}

// chosenHash keeps the one hash of a hashes dictionary that contributes: the
// best ranked, else the first; nil when there is none.
func chosenHash(hashes []byte) []byte {
	var chosen []byte
	rank := len(hashesByRank) + 1
	_ = eachMember(hashes, func(name, value []byte) { // what is no dictionary has no members
		r := slices.Index(hashesByRank, string(name))
		if r < 0 {
			r = len(hashesByRank)
		}
		if r < rank {
			rank = r
			chosen = fmt.Appendf(nil, "{%q:%s}", name, value)
		}
	})
	return chosen
}

// eachMember calls each for the members of one JSON object, the names decoded,
// the values as they stand. It looks only as close as it must to tell them
// apart.
func eachMember(raw []byte, each func(name, value []byte)) error {
	wrong := func(i int, f fault) error { return fmt.Errorf("byte %d: %s", i, f.reason()) }
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '{' {
		return wrong(i, faultNotObject)
	}
	if i = skipSpace(raw, i+1); i < len(raw) && raw[i] == '}' {
		return nil
	}
	for i < len(raw) {
		if raw[i] != '"' {
			return wrong(i, faultGrammar)
		}
		end, escaped, f := scanString(raw, i)
		if f != faultNone {
			return wrong(end, f)
		}
		name := raw[i+1 : end-1]
		if escaped {
			name = appendUnescaped(nil, name)
		}
		if i = skipSpace(raw, end); i == len(raw) || raw[i] != ':' {
			return wrong(i, faultGrammar)
		}
		i = skipSpace(raw, i+1)
		if end, f = valueEnd(raw, i); f != faultNone {
			return wrong(end, f)
		}
		each(name, raw[i:end])
		if i = skipSpace(raw, end); i < len(raw) && raw[i] == '}' {
			return nil
		}
		if i < len(raw) && raw[i] != ',' {
			return wrong(i, faultGrammar)
		}
		i = skipSpace(raw, i+1)
	}
	return wrong(len(raw), faultShort)
}

// valueEnd gives the index after the value at raw[i].
func valueEnd(raw []byte, i int) (end int, f fault) {
	if i == len(raw) {
		return i, faultShort
	}
	switch raw[i] {
	case '"':
		end, _, f = scanString(raw, i)
	case '{', '[':
		var frame framer
		n, state := frame.feed(raw[i:])
		if end = i + n; state != framingDone {
			f = faultGrammar
		}
	default:
		end, f = scanScalar(raw[i:])
		end += i
	}
	return end, f
}
