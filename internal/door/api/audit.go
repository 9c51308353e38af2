package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/exchange"
	"entente/internal/trust/audit"
)

// auditing registers what auditors may ask.
func (s *Server) auditing() {
	tags := []string{"audit"}
	const who = "For auditors and admins of the own member."
	register(s, huma.Operation{OperationID: "whoSaw", Method: http.MethodGet, Path: "/audit/objects/{id}", Tags: tags,
		Summary: "Tell who was given an object", Description: who + " Any version of it, in any collection, also when it was taken out since; exactly what left, to the hour. `gaps` are the last seconds of a node that was killed, of which it is not known what was given."},
		s.whoSaw, Forbidden)
	register(s, huma.Operation{OperationID: "whatSaw", Method: http.MethodGet, Path: "/audit/accounts/{account}", Tags: tags,
		Summary: "Tell what an account was given", Description: who + " Also one that was removed since. At most `limit` entries; `more` tells that there are others, to be had with a later `since`."},
		s.whatSaw, Forbidden)
	register(s, huma.Operation{OperationID: "denials", Method: http.MethodGet, Path: "/audit/denials", Tags: tags,
		Summary: "Tell who named an object that was not for him", Description: who + " With the reason of the refusal. What does not exist is not told."},
		s.denials, Forbidden)
	register(s, huma.Operation{OperationID: "sealAudit", Method: http.MethodPost, Path: "/audit/seals", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Seal the audit now", Description: who + " The node does so every hour by itself: a leaf of the log commits to all that was given and administered since the last seal."},
		s.sealAudit, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "verifyAudit", Method: http.MethodPost, Path: "/audit/verify", Tags: tags,
		Summary: "Hold the audit against the log", Description: who + " Reads all that was sealed and lists what is not as it was."},
		s.verifyAudit, Forbidden)
}

// Sights are what somebody was given.
type Sights struct {
	Sights []exchange.Sight `json:"sights" nullable:"false"`
	More   bool             `json:"more" doc:"There are others."`
	Gaps   []audit.Gap      `json:"gaps" nullable:"false" doc:"Stretches of time of which it is not known what a reader was given."`
}

type oneSights struct{ Body Sights }

func sightsOf(sights []exchange.Sight, gaps []audit.Gap, limit int) *oneSights {
	out := Sights{Sights: []exchange.Sight{}, Gaps: []audit.Gap{}}
	if limit > 0 && len(sights) > limit {
		sights, out.More = sights[:limit], true
	}
	out.Sights, out.Gaps = append(out.Sights, sights...), append(out.Gaps, gaps...)
	return &oneSights{out}
}

func (s *Server) whoSaw(ctx context.Context, in *struct {
	ID string `path:"id" doc:"Id of an object."`
}) (*oneSights, error) {
	sights, gaps, err := s.Exchange.WhoSaw(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return sightsOf(sights, gaps, 0), nil
}

// Since says how much of the audit is wanted.
type Since struct {
	Since time.Time `query:"since" doc:"Only what was given later."`
	Limit int       `query:"limit" minimum:"1" maximum:"10000" default:"1000" doc:"How many entries at most."`
}

func (s *Server) whatSaw(ctx context.Context, in *struct {
	InAccount
	Since
}) (*oneSights, error) {
	sights, gaps, err := s.Exchange.WhatSaw(ctx, who(ctx), in.Account, in.Since.Since, in.Limit)
	if err != nil {
		return nil, err
	}
	return sightsOf(sights, gaps, in.Limit), nil
}

// Denials are refused answers.
type Denials struct {
	Denials []audit.Denial `json:"denials" nullable:"false"`
	More    bool           `json:"more" doc:"There are others."`
}

func (s *Server) denials(ctx context.Context, in *Since) (*struct{ Body Denials }, error) {
	list, err := s.Exchange.Denials(ctx, who(ctx), in.Since, in.Limit)
	if err != nil {
		return nil, err
	}
	out := Denials{Denials: append([]audit.Denial{}, list[:min(len(list), in.Limit)]...), More: len(list) > in.Limit}
	return &struct{ Body Denials }{out}, nil
}

func (s *Server) sealAudit(ctx context.Context, _ *struct{}) (*struct{ Body audit.Seal }, error) {
	seal, err := s.Exchange.SealAudit(ctx, who(ctx))
	return &struct{ Body audit.Seal }{seal}, err
}

// Verified is what the audit is, held against the log.
type Verified struct {
	Problems []string `json:"problems" nullable:"false" doc:"What is not as it was sealed."`
}

func (s *Server) verifyAudit(ctx context.Context, _ *struct{}) (*struct{ Body Verified }, error) {
	out := Verified{Problems: []string{}}
	err := s.Exchange.VerifyAudit(ctx, who(ctx), func(p string) { out.Problems = append(out.Problems, p) })
	return &struct{ Body Verified }{out}, err
}
