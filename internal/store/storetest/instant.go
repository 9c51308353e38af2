package storetest

import (
	"cmp"
	"strings"
	"time"

	"entente/internal/store"
)

// instant is a timestamp taken apart: whole seconds, and the digits of the
// fraction without the zeros that end it, which compare as text does.
type instant struct {
	second   int64
	fraction string
}

func parseInstant(s string) (instant, bool) {
	whole, fraction := s, ""
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		end := dot + 1
		for end < len(s) && '0' <= s[end] && s[end] <= '9' {
			end++
		}
		whole, fraction = s[:dot]+s[end:], s[dot+1:end]
	}
	at, err := time.Parse(time.RFC3339, whole)
	return instant{at.Unix(), strings.TrimRight(fraction, "0")}, err == nil
}

func (i instant) compare(j instant) int {
	return cmp.Or(cmp.Compare(i.second, j.second), cmp.Compare(i.fraction, j.fraction))
}

// compareVersions orders versions as instants; what is no timestamp comes
// before all that are, as text.
func compareVersions(a, b string) int {
	x, xok := parseInstant(a)
	y, yok := parseInstant(b)
	switch {
	case xok && yok:
		return x.compare(y)
	case xok:
		return 1
	case yok:
		return -1
	}
	return cmp.Compare(a, b)
}

// stamp writes a tick as TAXII shows it.
func stamp(t store.Tick) string {
	return time.UnixMicro(int64(t)).UTC().Format("2006-01-02T15:04:05.000000Z")
}
