package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/author"
)

func (s *Server) drafts() {
	tags := []string{"drafts"}
	register(s, huma.Operation{OperationID: "listDrafts", Method: http.MethodGet, Path: "/drafts", Tags: tags,
		Summary: "List the account's drafts, oldest first", Description: "Nobody else sees them."}, s.listDrafts, BadCursor, Forbidden)
	register(s, huma.Operation{OperationID: "addDraft", Method: http.MethodPost, Path: "/drafts", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Keep an object for later", Description: "It need not be valid yet; `problems` tells what keeps it from being published."},
		s.addDraft, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "getDraft", Method: http.MethodGet, Path: "/drafts/{draft}", Tags: tags,
		Summary: "Get a draft"}, s.getDraft, NotFound, Forbidden)
	register(s, huma.Operation{OperationID: "editDraft", Method: http.MethodPost, Path: "/drafts/{draft}/edit", Tags: tags,
		Summary: "Change a draft", Description: "With `base`, its `changed` that the edit was made from, another one is refused."},
		s.editDraft, NotFound, Forbidden, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "publishDraft", Method: http.MethodPost, Path: "/drafts/{draft}/publish", Tags: tags,
		Summary: "Write the object that a draft is of, and drop the draft"}, s.publishDraft, NotFound, Forbidden, Exists, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "dropDraft", Method: http.MethodDelete, Path: "/drafts/{draft}", Tags: tags,
		Summary: "Forget a draft"}, s.dropDraft, NotFound, Forbidden, StorageFull)
}

// InDraft is the input of what is done to one draft.
type InDraft struct {
	Draft string `path:"draft" doc:"Number of a draft of the account."`
}

type oneDraft struct{ Body author.Draft }

func (s *Server) listDrafts(ctx context.Context, in *Paging) (*listing[author.Draft], error) {
	all, err := s.desk.Drafts(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, (*author.Draft).Order, *in)
}

func (s *Server) addDraft(ctx context.Context, in *struct{ Body author.NewObject }) (*oneDraft, error) {
	d, err := s.desk.AddDraft(ctx, who(ctx), in.Body)
	return &oneDraft{d}, err
}

func (s *Server) getDraft(ctx context.Context, in *InDraft) (*oneDraft, error) {
	d, err := s.desk.Draft(who(ctx), in.Draft)
	return &oneDraft{d}, err
}

func (s *Server) editDraft(ctx context.Context, in *struct {
	InDraft
	Body author.Edit
}) (*oneDraft, error) {
	var base time.Time
	if in.Body.Base != "" {
		var err error
		if base, err = time.Parse(time.RFC3339Nano, in.Body.Base); err != nil {
			return nil, problemf(Invalid, "base %q: give the draft's changed", in.Body.Base)
		}
	}
	d, err := s.desk.EditDraft(ctx, who(ctx), in.Draft, base, in.Body)
	return &oneDraft{d}, err
}

func (s *Server) publishDraft(ctx context.Context, in *InDraft) (*oneWritten, error) {
	return written(s.desk.PublishDraft(ctx, who(ctx), in.Draft))
}

func (s *Server) dropDraft(ctx context.Context, in *InDraft) (*struct{}, error) {
	return nil, s.desk.DropDraft(ctx, who(ctx), in.Draft)
}
