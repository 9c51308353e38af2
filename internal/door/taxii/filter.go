package taxii

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/taxii"
)

// fields are the query parameters that an endpoint defines. Others are ignored
// (section 3.4 allows it), as is a match on a field that only other endpoints
// define; but where what is not matched is deleted, they are refused.
type fields uint8

const (
	paging fields = 1 << iota // added_after, limit, next
	byID
	byType
	bySpec
	byVersion
	noOther // match is refused
)

// maxValues is how many values one match may list.
const maxValues = 1000

// filter reads the query parameters of section 3.4. What is malformed, and
// what the section forbids (a parameter or a version given twice, "all" beside
// other versions), is answered 400.
func (s *Server) filter(r *request, defined fields) (exchange.Query, error) {
	q := exchange.Query{Limit: s.opts.MaxPage, MaxBytes: maxPageBytes}
	var seen fields
	once := make([]string, 0, 3)
	for rest := r.URL.RawQuery; rest != ""; {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if pair == "" {
			continue
		}
		name, value, err := unescape(pair)
		if err != nil {
			return q, err
		}
		field := fieldOf(name)
		if field&defined == 0 {
			if defined&noOther != 0 && len(name) >= len("match") && strings.EqualFold(name[:len("match")], "match") {
				return q, badQuery(name, "this is no filter of a deletion, which would take more than is meant; there are match[version] and match[spec_version]")
			}
			continue
		}
		if field == paging && slices.Contains(once, name) || field != paging && seen&field != 0 {
			return q, badQuery(name, "it is given twice; give it once")
		}
		seen |= field
		if field == paging {
			once = append(once, name)
		}
		if err := s.read(&q, field, name, value); err != nil {
			return q, err
		}
	}
	return q, nil
}

// fieldOf tells what kind of parameter a name is; 0 for those of nobody.
func fieldOf(name string) fields {
	switch name {
	case "added_after", "limit", "next":
		return paging
	case "match[id]":
		return byID
	case "match[type]":
		return byType
	case "match[spec_version]":
		return bySpec
	case "match[version]":
		return byVersion
	}
	return 0
}

func (s *Server) read(q *exchange.Query, field fields, name, value string) (err error) {
	switch field {
	case byID:
		q.IDs, err = list(name, value)
	case byType:
		q.Types, err = list(name, value)
	case bySpec:
		if q.Specs, err = list(name, value); err == nil {
			err = checkSpecs(name, q.Specs)
		}
	case byVersion:
		q.Versions, err = readVersions(name, value)
	case paging:
		switch name {
		case "added_after":
			q.After, err = readDate(name, value)
		case "limit":
			q.Limit, err = readLimit(name, value, s.opts.MaxPage)
		case "next":
			q.Next = value
		}
	}
	return err
}

// unescape takes name=value out of a query string.
func unescape(pair string) (name, value string, err error) {
	name, value, _ = strings.Cut(pair, "=")
	if strings.ContainsAny(pair, "%+") {
		if name, err = url.QueryUnescape(name); err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return "", "", faultf(http.StatusBadRequest, "query: %.80q is not percent-encoded as RFC 3986 has it", pair)
		}
	}
	return name, value, nil
}

func badQuery(name, format string, args ...any) error {
	return faultf(http.StatusBadRequest, "%s: %s", name, fmt.Sprintf(format, args...))
}

// list reads values that are separated by commas, without spaces.
func list(name, value string) ([]string, error) {
	values := strings.Split(value, ",")
	if len(values) > maxValues {
		return nil, badQuery(name, "%d values; at most %d are taken", len(values), maxValues)
	}
	for _, v := range values {
		if v == "" || strings.ContainsFunc(v, blank) {
			return nil, badQuery(name, "%.80q is not a value; separate values by commas, without spaces", v)
		}
	}
	return values, nil
}

// blank finds what no value has: spaces and control characters.
func blank(r rune) bool { return r <= ' ' || r == 0x7f || r == '\uFFFD' }

func checkSpecs(name string, specs []string) error {
	for _, v := range specs {
		major, minor, ok := strings.Cut(v, ".")
		if !ok || !digits(major) || !digits(minor) {
			return badQuery(name, "%.80q is not a version of STIX; they are written like 2.1", v)
		}
	}
	return nil
}

// readVersions reads match[version] (section 3.4.1): keywords and timestamps.
func readVersions(name, value string) (store.VersionFilter, error) {
	var f store.VersionFilter
	values, err := list(name, value)
	if err != nil {
		return f, err
	}
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return f, badQuery(name, "%.80q is listed twice", v)
		}
		switch v {
		case "all":
			f.All = true
		case "first":
			f.First = true
		case "last":
			f.Latest = true
		default:
			if _, err := taxii.ParseTime(v); err != nil {
				return f, badQuery(name, "%.80q is neither first, last, all nor a timestamp like 2016-01-01T01:01:01.000Z", v)
			}
			f.Exact = append(f.Exact, v)
		}
	}
	if f.All && len(values) > 1 {
		return f, badQuery(name, "all stands alone; leave it or the others out")
	}
	return f, nil
}

// readDate reads added_after. The standard has six digits of fraction; any
// number of them is taken. Cutting what is finer than a microsecond is exact,
// since dates added are whole microseconds and must be later.
func readDate(name, value string) (store.Tick, error) {
	t, err := taxii.ParseTime(value)
	if err != nil {
		return 0, badQuery(name, "%.80q is not a timestamp like 2016-01-01T01:01:01.000000Z", value)
	}
	return store.Tick(max(t.UnixMicro(), 0)), nil
}

// readLimit reads limit. One beyond the server's own is cut to it, which
// section 3.4 allows; more is then true.
func readLimit(name, value string, most int) (int, error) {
	if !digits(value) {
		return 0, badQuery(name, "%.80q is not a whole number greater than 0", value)
	}
	n := 0
	for _, c := range []byte(value) {
		n = min(10*n+int(c-'0'), 1<<40)
	}
	if n == 0 {
		return 0, badQuery(name, "0 objects cannot be asked for; give a whole number greater than 0")
	}
	return min(n, most), nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
