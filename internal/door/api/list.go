package api

import (
	"encoding/base64"
	"slices"
	"sort"
	"strings"

	wire "entente/client"
	"entente/internal/exchange"
)

// Paging is the input that every listing takes. Huma reads the fields of an
// embedded struct only when its name is exported.
type Paging struct {
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Most items of one page."`
	Next  string `query:"next" doc:"The next of the page before this one; the first page without it."`
}

// listing is the output of every listing.
type listing[T any] struct{ Body wire.List[T] }

// cursorForm is the first octet of a cursor; the key follows.
const cursorForm = 1

// pageOf puts a list into the order of its keys, which are unique, and cuts a page out of
// it. Its cursor is the last key, so that what comes and goes in between shifts nothing.
func pageOf[T any](all []T, key func(*T) string, p Paging) (*listing[T], error) {
	slices.SortFunc(all, func(a, b T) int { return strings.Compare(key(&a), key(&b)) })
	start := 0
	if p.Next != "" {
		last, err := base64.RawURLEncoding.DecodeString(p.Next)
		if err != nil || len(last) == 0 || last[0] != cursorForm {
			return nil, exchange.ErrBadCursor
		}
		start = sort.Search(len(all), func(i int) bool { return key(&all[i]) > string(last[1:]) })
	}
	end := min(start+p.Limit, len(all))
	out := &listing[T]{Body: wire.List[T]{Items: append([]T{}, all[start:end]...)}}
	if end < len(all) {
		out.Body.Next = base64.RawURLEncoding.EncodeToString(append([]byte{cursorForm}, key(&all[end-1])...))
	}
	return out, nil
}
