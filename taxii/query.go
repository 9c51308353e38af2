package taxii

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Filter chooses objects (section 3.4.1). Its zero value is everything in its
// latest version. Elements of one list are alternatives; the lists all apply.
type Filter struct {
	IDs          []string
	Types        []string
	Versions     []string // timestamps, or the keywords first, last and all
	SpecVersions []string // e.g. 2.1
}

// values adds the filter to a query.
func (f Filter) values(q url.Values) {
	for name, list := range f.lists() {
		if len(list) > 0 {
			q.Set("match["+name+"]", strings.Join(list, ","))
		}
	}
}

func (f Filter) lists() map[string][]string {
	return map[string][]string{"id": f.IDs, "type": f.Types, "version": f.Versions, "spec_version": f.SpecVersions}
}

// digest identifies the filter in a cursor; empty for the zero filter. The
// order of a list does not matter.
func (f Filter) digest() string {
	q := url.Values{}
	for name, list := range f.lists() {
		if len(list) > 0 {
			q[name] = slices.Compact(slices.SortedFunc(slices.Values(list), cmp.Compare[string]))
		}
	}
	if len(q) == 0 {
		return ""
	}
	sum := sha256.Sum256([]byte(q.Encode()))
	return hex.EncodeToString(sum[:8])
}

// Query asks for one page (sections 3.4 and 3.5).
type Query struct {
	Filter
	AddedAfter string // only what was added after this timestamp
	Next       string // as the page before gave it; the rest of the query stays the same
	Limit      int    // at most so many; 0 leaves it to the server
}

func (q Query) at(u *url.URL) *url.URL {
	values := url.Values{}
	q.Filter.values(values)
	if q.AddedAfter != "" {
		values.Set("added_after", q.AddedAfter)
	}
	if q.Next != "" {
		values.Set("next", q.Next)
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	with := *u
	with.RawQuery = values.Encode()
	return &with
}
