package taxii

import (
	"fmt"
	"strings"
	"time"
)

// microseconds is the layout of dates added: UTC, always six digits, so that
// equal instants are equal texts and texts sort like instants.
const microseconds = "2006-01-02T15:04:05.000000Z"

// FormatTime writes t as TAXII dates are written: UTC, microseconds. What is
// finer than a microsecond is cut off, never rounded up.
func FormatTime(t time.Time) string {
	return t.UTC().Format(microseconds)
}

// AppendTime appends FormatTime(t) to b.
func AppendTime(b []byte, t time.Time) []byte {
	return t.UTC().AppendFormat(b, microseconds)
}

// ParseTime reads a timestamp as section 2 defines it: RFC 3339 in UTC with an
// upper-case T and Z, with or without a fraction of any length (what is finer
// than a nanosecond is cut off). Offsets are refused.
func ParseTime(s string) (time.Time, error) {
	const shortest = len("2006-01-02T15:04:05Z")
	if len(s) < shortest || s[10] != 'T' || s[len(s)-1] != 'Z' || strings.ContainsRune(s, ',') {
		return time.Time{}, fmt.Errorf("timestamp %.40q is not of the form 2006-01-02T15:04:05.000000Z", s)
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("timestamp %.40q is not of the form 2006-01-02T15:04:05.000000Z", s)
	}
	return t, nil
}
