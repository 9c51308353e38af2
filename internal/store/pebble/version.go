package pebble

import (
	"crypto/sha256"
	"time"

	"entente/internal/store"
	"entente/stix"
)

// The first byte of a version's key says of what sort it is. The sorts stand
// in the order of stix.CompareVersions.
const (
	versionNone    = 0x00 // an object without versions
	versionOdd     = 0x01 // a text that is no timestamp: its bytes, escaped
	versionInstant = 0x02 // stix.Timestamp.AppendKey
)

// versionFace ends the key of a face's version, which is that of its object
// else. What follows a version in a key is a tick, whose first byte is none.
const versionFace = 0xff

// longestOdd bounds how much of a text that is no timestamp stands in a key;
// a hash tells longer ones apart.
const longestOdd = 256

// appendVersion writes a version so that bytes compare as versions do, equal
// for equal instants at any precision, none the beginning of another.
func appendVersion(b []byte, text string) []byte {
	if text == "" {
		return append(b, versionNone)
	}
	if t, err := stix.ParseTimestamp(text); err == nil {
		return t.AppendKey(append(b, versionInstant))
	}
	b = append(b, versionOdd)
	for i := range min(len(text), longestOdd) {
		if b = append(b, text[i]); text[i] == 0 {
			b = append(b, 0xff)
		}
	}
	if len(text) <= longestOdd {
		return append(b, 0, 1)
	}
	sum := sha256.Sum256([]byte(text))
	return append(append(b, 0, 2), sum[:16]...)
}

// tickVersion is what an object without version answers to in a filter: the
// date it was added.
func tickVersion(b []byte, t store.Tick) []byte {
	return appendVersion(b, time.UnixMicro(int64(t)).UTC().Format("2006-01-02T15:04:05.000000Z"))
}

// versionLen is the length of the version at the start of b, that of a face
// included, or 0 when b does not begin with one.
func versionLen(b []byte) int {
	n := plainLen(b)
	if n > 0 && n < len(b) && b[n] == versionFace {
		n++
	}
	return n
}

// plainLen is versionLen without what makes it a face's.
func plainLen(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	switch b[0] {
	case versionNone:
		return 1
	case versionInstant:
		for i := 6; i < len(b); i++ {
			if b[i] == 0 {
				return i + 1
			}
		}
	case versionOdd:
		for i := 1; i+1 < len(b); i++ {
			switch {
			case b[i] != 0:
			case b[i+1] == 1:
				return i + 2
			case b[i+1] == 2 && len(b) >= i+18:
				return i + 18
			case b[i+1] == 2:
				return 0
			default:
				i++
			}
		}
	}
	return 0
}
