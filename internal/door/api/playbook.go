package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/lookup"
	"entente/internal/practice/playbook"
)

// playbooks registers what is done with playbooks that courses of action carry.
func (s *Server) playbooks() {
	tags := []string{"playbooks"}
	register(s, huma.Operation{OperationID: "getPlaybook", Method: http.MethodGet, Path: "/playbooks/{id}", Tags: tags,
		Summary: "Read the playbook that an object carries, as instructions",
		Description: "A CACAO 2.0 playbook in the extension `" + playbook.Extension + "` of a course of action. " +
			"Accounts of the own member are told who has done which step. Nothing of a playbook is ever run."},
		s.getPlaybook, NotFound)
	register(s, huma.Operation{OperationID: "tickStep", Method: http.MethodPost, Path: "/playbooks/{id}/ticks", Tags: tags,
		Summary: "Say that a step of a playbook is done, or is not after all"}, s.tickStep, NotFound, Forbidden)
}

type onePlaybook struct{ Body playbook.Carried }

func (s *Server) getPlaybook(ctx context.Context, in *InObject) (*onePlaybook, error) {
	c, err := s.carried(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &onePlaybook{*c}, nil
}

// carried is the playbook of an object as who asks may see it.
func (s *Server) carried(ctx context.Context, id string) (*playbook.Carried, error) {
	raw, err := lookup.Source(ctx, s.view(ctx), id, "")
	if err != nil {
		return nil, err
	}
	return s.ticks.Of(who(ctx), id, raw)
}

// StepTick says which step of a playbook is done.
type StepTick struct {
	Step string `json:"step" doc:"Id or number of the step."`
	Undo bool   `json:"undo,omitempty" doc:"It is not done after all."`
}

func (s *Server) tickStep(ctx context.Context, in *struct {
	InObject
	Body StepTick
}) (*onePlaybook, error) {
	c, err := s.carried(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if err := s.ticks.Tick(ctx, who(ctx), c, in.Body.Step, in.Body.Undo); err != nil {
		return nil, err
	}
	return s.getPlaybook(ctx, &in.InObject)
}
