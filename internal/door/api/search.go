package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/search"
)

func (s *Server) search() {
	register(s, huma.Operation{OperationID: "search", Method: http.MethodGet, Path: "/search", Tags: []string{"objects"},
		Summary: "Find objects by the words of their names, aliases, labels and descriptions",
		Description: "All words of `q` must match. `\"exact phrases\"`, `beginnings*`, `-without`; the filters `type:`, `since:`, `until:`, `by:`, `tlp:`, `label:` and `collection:`, " +
			"as in `q=\"cobalt strike\" type:malware since:2024-05 by:\"ORG\" tlp:green`. Whole names come first, then words in names, aliases, labels, descriptions; of equals the one added last. " +
			"`unread` counts the objects that the account may see and that are not searched yet, up to 1,000."},
		s.searchWords, NotFound, Forbidden, BadCursor)
}

type searchInput struct {
	Query string `query:"q" required:"true" doc:"What to look for."`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"20" doc:"Most items of one page."`
	Next  string `query:"next" doc:"The next of the page before this one; the first page without it."`
}

func (s *Server) searchWords(ctx context.Context, in *searchInput) (*struct{ Body search.Results }, error) {
	q, err := search.Parse(in.Query)
	if wrong, ok := errors.AsType[*search.QueryError](err); ok {
		return nil, problemf(Invalid, "%v", wrong)
	}
	if err != nil {
		return nil, err
	}
	a, err := search.Search(ctx, s.view(ctx), q, search.Options{Limit: in.Limit, Next: in.Next})
	return &struct{ Body search.Results }{a}, err
}
