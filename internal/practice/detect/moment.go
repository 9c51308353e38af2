package detect

import (
	"regexp"
	"strings"
	"time"
)

// startSize is how much of a line a [Hit] has, in bytes.
const startSize = 256

// LineTime is when a line says that it was written, by how it starts: ISO 8601 (a space
// or a slash in it, too), the epoch in seconds with or without a fraction as Zeek and
// Squid write it, or milliseconds, syslog of either form, the field ts, timestamp or the
// like of JSON, a date in the order of a country, or the date between brackets of a web server.
// What names no zone is in that of now, what names no year in the latest that is not to come.
// It is false where none of these stands, or a time that is still to come or before 1990.
func LineTime(start string, now time.Time) (time.Time, bool) {
	start = start[:min(len(start), startSize)]
	text := strings.TrimLeft(start, "\ufeff \t[(\"'")
	if fields, ok := strings.CutPrefix(text, "{"); ok {
		text = timeField(fields)
	}
	text = behindKey(behindPriority(text))
	for _, read := range []func(string, time.Time) (time.Time, bool){isoTime, epochTime, syslogTime, countryTime} {
		if t, ok := read(text, now); ok {
			return sane(t, now)
		}
	}
	if i := strings.IndexByte(start, '['); i >= 0 {
		if t, ok := webTime(start[i+1:]); ok {
			return sane(t, now)
		}
	}
	return time.Time{}, false
}

// sane is a time that a log may have.
func sane(t, now time.Time) (time.Time, bool) {
	if t.Year() < 1990 || t.After(now.Add(24*time.Hour)) {
		return time.Time{}, false
	}
	return t, true
}

// timeFields are how JSON names the time of a line, by the readers' preference.
var timeFields = []string{`"timestamp":`, `"@timestamp":`, `"ts":`, `"time":`, `"SystemTime":`, `"TimeCreated":`, `"EventTime":`}

// timeField is the text of the field that has the time.
func timeField(fields string) string {
	for _, name := range timeFields {
		if _, value, ok := strings.Cut(fields, name); ok {
			return strings.TrimLeft(value, ` "`)
		}
	}
	return ""
}

// behindPriority is what stands behind the priority and the version of syslog.
func behindPriority(text string) string {
	if rest, ok := strings.CutPrefix(text, "<"); ok {
		if n := strings.IndexByte(rest, '>'); n > 0 && n <= 3 && digits(rest) == n {
			return strings.TrimPrefix(rest[n+1:], "1 ")
		}
	}
	return text
}

// behindKey is the time that stands behind a key: time=, ts=, or date= and time=.
func behindKey(text string) string {
	if rest, ok := strings.CutPrefix(text, "date="); ok {
		return strings.Replace(rest, " time=", " ", 1)
	}
	for _, key := range []string{"time=", "ts=", "timestamp="} {
		if rest, ok := strings.CutPrefix(text, key); ok {
			return strings.TrimLeft(rest, `"`)
		}
	}
	return text
}

// digits is how many a text begins with.
func digits(text string) (n int) {
	for n < len(text) && text[n]-'0' <= 9 {
		n++
	}
	return n
}

func isoTime(text string, now time.Time) (time.Time, bool) {
	const form = "2006-01-02T15:04:05"
	if len(text) < len(form) || digits(text) != 4 {
		return time.Time{}, false
	}
	b := []byte(text[:len(form)])
	for i, from := range map[int]string{4: "/", 7: "/", 10: " _"} {
		if strings.IndexByte(from, b[i]) >= 0 {
			b[i] = form[i]
		}
	}
	rest := text[len(form):]
	if rest != "" && (rest[0] == '.' || rest[0] == ',') {
		n := 1 + min(digits(rest[1:]), 9)
		b = append(append(b, '.'), rest[1:n]...)
		rest = rest[1+digits(rest[1:]):]
	}
	rest = strings.TrimPrefix(rest, " ")
	for _, zone := range []struct{ form, of string }{{"Z07:00", "Z"}, {"Z07:00", "+00:00"}, {"-0700", "+0000"}} {
		if len(rest) < len(zone.of) || zone.of == "Z" && rest[0] != 'Z' {
			continue
		}
		if t, err := time.Parse(form+zone.form, string(b)+rest[:len(zone.of)]); err == nil {
			return t.UTC(), true
		}
	}
	t, err := time.ParseInLocation(form, string(b), now.Location())
	return t.UTC(), err == nil
}

// epochTime reads seconds of ten digits, with a fraction or none, and milliseconds.
func epochTime(text string, _ time.Time) (time.Time, bool) {
	n, number := digits(text), int64(0)
	if n != len("1700000000") && n != len("1700000000000") {
		return time.Time{}, false
	}
	for _, c := range text[:n] {
		number = number*10 + int64(c-'0')
	}
	if n > len("1700000000") {
		return time.UnixMilli(number).UTC(), true
	}
	nanos, rest := int64(0), text[n:]
	if strings.HasPrefix(rest, ".") {
		unit := int64(time.Second)
		for _, c := range rest[1 : 1+min(digits(rest[1:]), 9)] {
			unit /= 10
			nanos += int64(c-'0') * unit
		}
		rest = rest[1+digits(rest[1:]):]
	}
	if rest != "" && strings.IndexByte(" \t,;|\"'}])\r", rest[0]) < 0 {
		return time.Time{}, false // a number of something else
	}
	return time.Unix(number, nanos).UTC(), true
}

// syslogTime reads a date without a year.
func syslogTime(text string, now time.Time) (time.Time, bool) {
	const form = "Jan _2 15:04:05"
	if len(text) < len(form) {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation("2006 "+form, "2000 "+text[:len(form)], now.Location()) // a leap year
	if err != nil {
		return time.Time{}, false
	}
	for year := now.Year() + 1; year > now.Year()-8; year-- {
		at := time.Date(year, t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, now.Location())
		if at.Day() == t.Day() && at.Before(now.Add(24*time.Hour)) {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

var countryForm = regexp.MustCompile(`^(\d{1,2})([/.])(\d{1,2})([/.])(\d{4}),? (\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?)(?:[ \x{202f}]?([AaPp])[Mm])?`)

// countryTime reads a date whose day or month stands first: between dots it is the day; between
// slashes a number above twelve is the day, else with AM or PM the month stands first, as in the
// United States. Of other such dates nobody knows, so that they are none.
func countryTime(text string, now time.Time) (time.Time, bool) {
	if n := digits(text); n < 1 || n > 2 {
		return time.Time{}, false
	}
	m := countryForm.FindStringSubmatch(text)
	if m == nil || m[2] != m[4] {
		return time.Time{}, false
	}
	day, month, clock, form := m[1], m[3], m[6], "2.1.2006 15:04:05"
	if m[2] == "/" {
		switch half := m[7] != ""; {
		case number(m[3]) > 12 || half && number(m[1]) <= 12:
			day, month = month, day
		case number(m[1]) <= 12:
			return time.Time{}, false
		}
	}
	if m[7] != "" {
		clock, form = clock+" "+strings.ToUpper(m[7])+"M", "2.1.2006 3:04:05 PM"
	}
	t, err := time.ParseInLocation(form, day+"."+month+"."+m[5]+" "+clock, now.Location())
	return t.UTC(), err == nil
}

// number is what a few digits say.
func number(text string) (n int) {
	for _, c := range text {
		n = n*10 + int(c-'0')
	}
	return n
}

// webTime reads the date of the common log format.
func webTime(text string) (time.Time, bool) {
	const form = "02/Jan/2006:15:04:05 -0700"
	if len(text) < len(form) {
		return time.Time{}, false
	}
	t, err := time.Parse(form, text[:len(form)])
	return t.UTC(), err == nil
}
