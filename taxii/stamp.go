package taxii

import (
	"net/http"
	"strings"
	"time"
)

// stamp is a date added as a server wrote it, and as it is understood. The
// zero stamp is an unknown date.
type stamp struct {
	text string
	at   time.Time
}

func (s stamp) known() bool { return !s.at.IsZero() }

// later returns the later of two stamps; an unknown one is before all others.
func later(a, b stamp) stamp {
	if b.at.After(a.at) {
		return b
	}
	return a
}

// readStamp reads the dates that servers write, which are not always those
// that the specification asks for: without a zone they count as UTC.
func readStamp(text string) stamp {
	text = strings.Trim(strings.TrimSpace(text), `"`)
	for _, layout := range []string{
		time.RFC3339Nano,
		"2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02T15:04:05.999999999",
		"2006-01-02 15:04:05.999999999",
		http.TimeFormat,
	} {
		if at, err := time.Parse(layout, text); err == nil {
			return stamp{text, at.UTC()}
		}
	}
	return stamp{}
}

// overlap is where to read from so that nothing that shares the date s, or
// whose date was rounded to s, is left out: one unit of the last place written
// before it. A date to the microsecond reads one microsecond again, one to
// the millisecond a millisecond, one to the second a second.
func (s stamp) overlap() time.Time {
	unit := time.Second
	if dot := strings.IndexByte(s.text, '.'); dot >= 0 {
		switch digits := countDigits(s.text[dot+1:]); {
		case digits > 3:
			unit = time.Microsecond
		case digits > 0:
			unit = time.Millisecond
		}
	}
	return s.at.Add(-unit).Truncate(time.Microsecond)
}

func countDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
