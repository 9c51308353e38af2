package stix

import (
	"fmt"
	"strings"
	"time"
)

// Timestamp is an instant as STIX writes it (section 3.2: RFC 3339 with an
// upper-case T and the zone Z). It keeps every digit it was written with, and
// compares exactly, however many there are. The zero value is no instant and
// comes before all others.
type Timestamp struct {
	text string
}

// maxFraction bounds the fractional digits of a timestamp, because they end up
// in the keys of indexes.
const maxFraction = 128

// ParseTimestamp reads a timestamp; the error says what is wrong with the text.
// Second 60 is an instant of its own, between 23:59:59 and the next midnight.
func ParseTimestamp(s string) (Timestamp, error) {
	if fault := timestampFault(s); fault != "" {
		if len(s) > 64 {
			s = s[:64] + "..."
		}
		return Timestamp{}, fmt.Errorf("%q is not a STIX timestamp: %s; write it as 2006-01-02T15:04:05.000Z", s, fault)
	}
	return Timestamp{text: s}, nil
}

// NewTimestamp is the instant in the form STIX asks of those who write one: UTC,
// millisecond precision.
func NewTimestamp(t time.Time) Timestamp {
	return Timestamp{text: t.UTC().Format("2006-01-02T15:04:05.000Z")}
}

// String is the timestamp as it was written.
func (t Timestamp) String() string { return t.text }

// IsZero tells whether t is no instant.
func (t Timestamp) IsZero() bool { return t.text == "" }

// Time is the instant as far as nanoseconds hold it; later digits are cut and
// second 60 becomes the next midnight.
func (t Timestamp) Time() time.Time {
	s := t.text
	if s == "" {
		return time.Time{}
	}
	nano, scale := 0, 100_000_000
	for _, c := range []byte(t.fraction()) {
		nano += int(c-'0') * scale
		scale /= 10
	}
	minutes := (dayOf(digits(s[0:4]), digits(s[5:7]), digits(s[8:10]))*24+digits(s[11:13]))*60 + digits(s[14:16])
	return time.Unix(int64(minutes)*60+int64(digits(s[17:19])), int64(nano)).UTC()
}

// dayOf counts the days from 1970-01-01 on, as time.Date does in twice the time. Years
// begin in March, so that what is counted of each month is the days before it.
func dayOf(year, month, day int) int {
	if month -= 3; month < 0 {
		month, year = month+12, year-1
	}
	era := (year + 400) / 400 // of 400 years, from the year -400 on
	year += 400 - era*400
	return era*146_097 + year*365 + year/4 - year/100 + (month*153+2)/5 + day - 1 - 146_097 - 719_468
}

// Compare is -1, 0 or 1 as t is before, at or after u. 10:00:00Z and
// 10:00:00.000Z are the same instant.
func (t Timestamp) Compare(u Timestamp) int {
	if c := strings.Compare(t.whole(), u.whole()); c != 0 {
		return c
	}
	return strings.Compare(t.fraction(), u.fraction())
}

// AppendKey appends bytes that sort as the instants do, are equal for equal
// instants, and never stand at the start of another instant's: five for the
// second, one for each significant fractional digit, a zero.
func (t Timestamp) AppendKey(dst []byte) []byte {
	var sec uint64
	if s := t.text; s != "" {
		sec = 1 + uint64(digits(s[0:4]))
		sec = sec*13 + uint64(digits(s[5:7]))
		sec = sec*32 + uint64(digits(s[8:10]))
		sec = sec*24 + uint64(digits(s[11:13]))
		sec = sec*60 + uint64(digits(s[14:16]))
		sec = sec*61 + uint64(digits(s[17:19]))
	}
	dst = append(dst, byte(sec>>32), byte(sec>>24), byte(sec>>16), byte(sec>>8), byte(sec))
	dst = append(dst, t.fraction()...)
	return append(dst, 0)
}

// CompareVersions orders two versions of an object (values of modified, else
// created) as instants. What is no timestamp comes before all that are, in
// order of its bytes; the empty version comes first.
func CompareVersions(a, b string) int {
	validA, validB := timestampFault(a) == "", timestampFault(b) == ""
	switch {
	case validA && validB:
		return Timestamp{a}.Compare(Timestamp{b})
	case validA:
		return 1
	case validB:
		return -1
	}
	return strings.Compare(a, b)
}

// Validity tells how a moment stands to the time in which an object holds, from
// valid_from up to valid_until, which is no part of it (section 4.7): -1 before, 0
// within, 1 after it. What is no instant is no bound.
func Validity(from, until Timestamp, at time.Time) int {
	switch {
	case !from.IsZero() && at.Before(from.Time()):
		return -1
	case !until.IsZero() && !at.Before(until.Time()):
		return 1
	}
	return 0
}

// whole is the text up to the second.
func (t Timestamp) whole() string {
	if t.text == "" {
		return ""
	}
	return t.text[:19]
}

// fraction is the fractional digits without trailing zeros.
func (t Timestamp) fraction() string {
	if len(t.text) < len("2006-01-02T15:04:05.0Z") {
		return ""
	}
	return strings.TrimRight(t.text[20:len(t.text)-1], "0")
}

// timestampFault says what keeps s from being a timestamp; empty when nothing.
func timestampFault(s string) string {
	const form = "0000-00-00T00:00:00"
	if len(s) < len(form)+1 {
		return "it is too short"
	}
	for i := range len(form) {
		switch {
		case form[i] == '0':
			if s[i]-'0' > 9 {
				return fmt.Sprintf("character %d must be a digit", i+1)
			}
		case s[i] != form[i]:
			return fmt.Sprintf("character %d must be %q", i+1, form[i])
		}
	}
	if fault := fractionFault(s[len(form):]); fault != "" {
		return fault
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	switch {
	case month < 1 || month > 12:
		return "there is no such month"
	case day < 1 || day > daysIn(year, month):
		return "there is no such day"
	case hour > 23 || minute > 59 || second > 60:
		return "there is no such time of day"
	case second == 60 && (hour != 23 || minute != 59):
		return "a leap second is only at 23:59:60"
	}
	return ""
}

// fractionFault checks what follows the seconds: an optional fraction, then Z.
func fractionFault(s string) string {
	if s[len(s)-1] != 'Z' {
		return "it must end in an upper-case Z (UTC)"
	}
	if s = s[:len(s)-1]; s == "" {
		return ""
	}
	if s[0] != '.' || len(s) == 1 {
		return "after the seconds comes a point and digits, or Z"
	}
	if len(s)-1 > maxFraction {
		return fmt.Sprintf("it has more than %d fractional digits", maxFraction)
	}
	for i := 1; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return "after the seconds comes a point and digits, or Z"
		}
	}
	return ""
}

func digits(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
