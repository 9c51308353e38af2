package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/practice/lookup"
)

// feedback registers what is asked of what became of indicators.
func (s *Server) feedback() {
	register(s, huma.Operation{OperationID: "getFeedback", Method: http.MethodGet, Path: "/feedback", Tags: []string{"look-ups"},
		Summary: "Tell how often indicators hit, missed and hurt",
		Description: "Of the indicators that the account's organisation made, or of those named: what sightings and opinions say that the account may read. " +
			"Of those of which nobody says anything only with `all`. In the order in which they were added; a page may hold fewer than its limit, and none."},
		s.getFeedback, BadCursor, NotFound)
}

func (s *Server) getFeedback(ctx context.Context, in *struct {
	Paging
	ID  []string `query:"id,explode" maxItems:"100" doc:"Id of an indicator, or a value that one is for; may be repeated."`
	All bool     `query:"all" doc:"Also those of which nobody says anything."`
}) (*listing[lookup.Feedback], error) {
	q := lookup.FeedbackQuery{All: in.All, Limit: in.Limit, Next: in.Next}
	for _, text := range in.ID {
		id, err := s.desk.Indicator(ctx, who(ctx), text)
		if err != nil {
			return nil, err
		}
		q.IDs = append(q.IDs, id)
	}
	list, next, err := lookup.FeedbackOn(ctx, s.view(ctx), who(ctx), s.Member.ID, q)
	if err != nil {
		return nil, err
	}
	return &listing[lookup.Feedback]{Body: wire.List[lookup.Feedback]{Items: append([]lookup.Feedback{}, list...), Next: next}}, nil
}
