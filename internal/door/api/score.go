package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/lookup"
)

// scoring registers what is done with the model of scores.
func (s *Server) scoring() {
	tags := []string{"look-ups"}
	register(s, huma.Operation{OperationID: "getScoring", Method: http.MethodGet, Path: "/score", Tags: tags,
		Summary: "Get how fast indicators lose worth", Description: "In days, in which a score becomes a half, by what indicators ask for."}, s.getScoring)
	register(s, huma.Operation{OperationID: "changeScoring", Method: http.MethodPatch, Path: "/score", Tags: tags,
		Summary: "Change how fast indicators lose worth", Description: "For admins. Kinds that are not named stay as they are; 0 is the usual half-life again."}, s.changeScoring, Forbidden, StorageFull)
}

// Scoring is how fast indicators lose worth.
type Scoring struct {
	HalfLives lookup.HalfLives `json:"half_lives" doc:"Days, by kind: ip, url, domain, mail, file, other."`
}

func (s *Server) getScoring(ctx context.Context, _ *struct{}) (*struct{ Body Scoring }, error) {
	all, err := s.models.HalfLives()
	return &struct{ Body Scoring }{Scoring{all}}, err
}

func (s *Server) changeScoring(ctx context.Context, in *struct{ Body Scoring }) (*struct{ Body Scoring }, error) {
	if err := s.models.Set(ctx, who(ctx), in.Body.HalfLives); err != nil {
		return nil, err
	}
	return s.getScoring(ctx, nil)
}
