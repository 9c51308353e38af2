package api

import (
	"context"
	"strings"
	"time"
	"unicode"

	"entente/internal/practice/author"
	"entente/internal/practice/search"
	"entente/internal/trust/account"
)

const (
	mostNamesakes = 200
	namesWait     = 2 * time.Second // for what was written just before
	namesEvery    = 20 * time.Millisecond
)

// namesakes finds objects by their whole name, which the index of words puts
// first. What was written just before is waited for.
func (s *Server) namesakes(ctx context.Context, by account.Principal, name string) (found []author.Namesake, unread bool, err error) {
	q, err := search.Parse(strings.Join(strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.In(r, unicode.Letter, unicode.Number, unicode.Mark)
	}), " ")) // no signs, which would mean something in a query
	if err != nil {
		return nil, false, nil // no words, or more than any name has
	}
	waited := time.NewTimer(namesWait)
	defer waited.Stop()
	again := time.NewTicker(namesEvery)
	defer again.Stop()
	for {
		r, err := search.Search(ctx, s.Exchange.View(by), q, search.Options{Limit: mostNamesakes})
		if err != nil {
			return nil, false, err
		}
		if r.Unread > 0 {
			select {
			case <-again.C:
				continue
			case <-ctx.Done():
			case <-waited.C:
			}
		}
		seen := map[string]bool{}
		for _, h := range r.Hits {
			if !seen[h.ID] && !h.Revoked {
				seen[h.ID] = true
				found = append(found, author.Namesake{ID: h.ID, Type: h.Type, Name: h.Name})
			}
		}
		return found, r.Unread > 0, nil
	}
}
