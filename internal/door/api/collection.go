package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

func (s *Server) collections() {
	tags := []string{"collections"}
	register(s, huma.Operation{OperationID: "listCollections", Method: http.MethodGet, Path: "/collections", Tags: tags,
		Summary: "List the collections that the account has, by alias"}, s.listCollections, BadCursor)
	register(s, huma.Operation{OperationID: "getCollection", Method: http.MethodGet, Path: "/collections/{collection}", Tags: tags,
		Summary: "Get one collection"}, s.getCollection, NotFound)
	register(s, huma.Operation{OperationID: "addCollection", Method: http.MethodPost, Path: "/collections", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Add a collection", Description: "For admins. It is invisible to all accounts without a grant, curators excepted."},
		s.addCollection, Forbidden, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "changeCollection", Method: http.MethodPatch, Path: "/collections/{collection}", Tags: tags,
		Summary: "Change what a collection keeps, and whether it releases what nobody has reviewed", Description: "For admins. What is absent stays as it is. What the limits exclude is recalled within a minute, by the node itself. `reviewed_only` counts from the next read on."},
		s.changeCollection, NotFound, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "removeCollection", Method: http.MethodDelete, Path: "/collections/{collection}", Tags: tags,
		Summary:     "Remove a collection and what it holds",
		Description: "For admins. It is gone at once, its objects in the background; an object that another collection holds as well stays there. What holds something is removed by who says how much: `objects` is at least what GET of the collection tells, else nothing is removed."},
		s.removeCollection, NotFound, Forbidden, HoldsMore, StorageFull)
	register(s, huma.Operation{OperationID: "listConflicts", Method: http.MethodGet, Path: "/collections/{collection}/conflicts", Tags: tags,
		Summary: "List what was kept aside in a collection", Responses: streams("One Conflict a line."),
		Description: "For curators. Content that came under the id and version of another object was kept aside; what should be kept is published again under a newer modified time."},
		s.listConflicts, NotFound, Forbidden)
}

// InCollection is the input of what is below one collection.
type InCollection struct {
	Collection string `path:"collection" doc:"Id or alias of a collection."`
}

type oneCollection struct{ Body wire.Collection }

// showCollection shows a collection to a reader. Limits are for admins: beside
// what a reader sees, they would tell how much there is that he does not.
func showCollection(c exchange.Access, to account.Principal) wire.Collection {
	shown := wire.Collection{ID: c.ID, Alias: c.Alias, Title: c.Title, Description: c.Description,
		Marking: c.Marking.String(), CanRead: c.CanRead, CanWrite: c.CanWrite}
	if to.Administers() {
		shown.Keep = exchange.KeepText(c.Limits.Keep)
		shown.MaxObjects, shown.MaxBytes, shown.SourceQuota = c.Limits.MaxObjects, c.Limits.MaxBytes, c.Limits.SourceQuota
		shown.PersonalData, shown.KeepPersonal = c.Limits.PersonalText(), exchange.KeepText(c.Limits.KeepPersonal)
		shown.ReviewedOnly = c.Limits.ReviewedOnly
	}
	return shown
}

func (s *Server) listCollections(ctx context.Context, in *Paging) (*listing[wire.Collection], error) {
	all := []wire.Collection{}
	for _, c := range s.view(ctx).Collections() {
		all = append(all, showCollection(c, who(ctx)))
	}
	return pageOf(all, func(c *wire.Collection) string { return c.Alias }, *in)
}

func (s *Server) getCollection(ctx context.Context, in *InCollection) (*oneCollection, error) {
	c, err := s.view(ctx).Collection(in.Collection)
	if err != nil {
		return nil, err
	}
	shown := showCollection(c, who(ctx))
	if who(ctx).Administers() {
		if shown.Objects, err = s.Exchange.Holds(who(ctx), c.ID); err != nil {
			return nil, err
		}
	}
	return &oneCollection{shown}, nil
}

func (s *Server) addCollection(ctx context.Context, in *struct{ Body wire.NewCollection }) (*struct {
	Location string `header:"Location"`
	Body     wire.Collection
}, error) {
	want := exchange.Collection{Alias: in.Body.Alias, Title: in.Body.Title, Description: in.Body.Description,
		Limits: exchange.Limits{ReviewedOnly: in.Body.ReviewedOnly}}
	if in.Body.Marking != "" {
		level, err := handling.ParseLevel(in.Body.Marking)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
		}
		want.Marking = level
	}
	made, err := s.Exchange.AddCollection(ctx, who(ctx), want)
	if err != nil {
		return nil, err
	}
	by := who(ctx)
	shown := showCollection(exchange.Access{Collection: made, CanRead: by.MayRead(made.ID), CanWrite: by.MayWrite(made.ID)}, by)
	return &struct {
		Location string `header:"Location"`
		Body     wire.Collection
	}{Root + "collections/" + made.Alias, shown}, nil
}

func (s *Server) changeCollection(ctx context.Context, in *struct {
	InCollection
	Body wire.CollectionChange
}) (*oneCollection, error) {
	want := in.Body
	var keeps [2]time.Duration
	for i, text := range []*string{want.Keep, want.KeepPersonal} {
		if text == nil {
			continue
		}
		var err error
		if keeps[i], err = exchange.ParseKeep(*text); err != nil {
			return nil, err
		}
	}
	c, err := s.Exchange.SetLimits(ctx, who(ctx), in.Collection, func(l *exchange.Limits) {
		if want.Keep != nil {
			l.Keep = keeps[0]
		}
		if want.KeepPersonal != nil {
			l.KeepPersonal = keeps[1]
		}
		if want.ReviewedOnly != nil {
			l.ReviewedOnly = *want.ReviewedOnly
		}
		if want.PersonalData != "" {
			l.NotePersonal = want.PersonalData == exchange.Note
		}
		for _, n := range []struct {
			limit *int64
			want  *int64
		}{{&l.MaxObjects, want.MaxObjects}, {&l.MaxBytes, want.MaxBytes}, {&l.SourceQuota, want.SourceQuota}} {
			if n.want != nil {
				*n.limit = *n.want
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return &oneCollection{showCollection(c, who(ctx))}, nil
}

func (s *Server) removeCollection(ctx context.Context, in *struct {
	InCollection
	Objects int64 `query:"objects" minimum:"0" doc:"How many versions of objects may go with it; none unless given."`
}) (*struct{}, error) {
	err := s.Exchange.RemoveCollection(ctx, who(ctx), in.Collection, in.Objects)
	if errors.Is(err, exchange.ErrHoldsMore) {
		err = fmt.Errorf("%w; to remove it with them, say so by ?objects= and that number", err)
	}
	return nil, err
}

func (s *Server) listConflicts(ctx context.Context, in *InCollection) (*stream, error) {
	all, err := s.Exchange.Conflicts(who(ctx), in.Collection)
	if err != nil {
		return nil, err
	}
	return lines(s, ctx, func(yield func(wire.Conflict, error) bool) {
		for a, err := range all {
			if !yield(wire.Conflict{ID: a.ID, Version: a.Version, Source: a.Source, Object: a.Raw}, err) {
				return
			}
		}
	}), nil
}
