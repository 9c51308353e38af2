package pebble

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"entente/internal/store"
)

// The first byte of a version's key says of what sort it is; instants begin
// with the seconds, whose first byte is 0x7f or 0x80 in any year STIX can write.
const (
	versionNone = 0x00 // objects without versions
	versionOdd  = 0x01 // a text that is no timestamp: a hash follows
)

// appendVersion writes a version so that bytes compare as instants do, equal
// at any precision: seconds since the epoch, the digits of the fraction
// without trailing zeros, a zero byte.
func appendVersion(b []byte, text string) []byte {
	if text == "" {
		return append(b, versionNone)
	}
	if key, ok := appendInstant(b, text); ok {
		return key
	}
	sum := sha256.Sum256([]byte(text))
	return append(append(b, versionOdd), sum[:16]...)
}

// tickVersion is what an object without version answers to in a filter: the
// date it was added.
func tickVersion(b []byte, t store.Tick) []byte {
	b, _ = appendInstant(b, time.UnixMicro(int64(t)).UTC().Format("2006-01-02T15:04:05.000000Z"))
	return b
}

func appendInstant(b []byte, text string) ([]byte, bool) {
	const whole = len("2006-01-02T15:04:05")
	if len(text) < whole+1 || text[len(text)-1] != 'Z' {
		return b, false
	}
	t, err := time.Parse("2006-01-02T15:04:05", text[:whole])
	if err != nil {
		return b, false
	}
	digits := text[whole : len(text)-1]
	if digits != "" {
		if digits[0] != '.' {
			return b, false
		}
		digits = digits[1:]
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return b, false
		}
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^(1<<63))
	return append(append(b, digits...), 0), true
}

// versionLen is the length of the version at the start of b, or 0 when b does
// not begin with one.
func versionLen(b []byte) int {
	switch {
	case len(b) == 0:
		return 0
	case b[0] == versionNone:
		return 1
	case b[0] == versionOdd:
		if len(b) < 17 {
			return 0
		}
		return 17
	}
	for i := 8; i < len(b); i++ {
		if b[i] == 0 {
			return i + 1
		}
	}
	return 0
}
