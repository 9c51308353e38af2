package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/lookup"
)

// watching registers what is done with watches.
func (s *Server) watching() {
	tags := []string{"watches"}
	register(s, huma.Operation{OperationID: "listWatches", Method: http.MethodGet, Path: "/watches", Tags: tags,
		Summary: "List the account's watches, by name", Description: "No other account sees them."}, s.listWatches, BadCursor)
	register(s, huma.Operation{OperationID: "addWatch", Method: http.MethodPost, Path: "/watches", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Watch values", Description: "Values as find takes them. What is known of them now is what the first check compares with. An account may have 1,000 watches."},
		s.addWatch, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "getWatch", Method: http.MethodGet, Path: "/watches/{watch}", Tags: tags,
		Summary: "Get a watch"}, s.getWatch, NotFound)
	register(s, huma.Operation{OperationID: "checkWatch", Method: http.MethodPost, Path: "/watches/{watch}/check", Tags: tags,
		Summary: "Tell what changed since the last check",
		Description: "Which objects are `new`, `changed` (another version, another state, seen more often) or `gone` (also what the account may not see any more), for each value, as the account may see it now. " +
			"What is told once is not told again; with `peek` it is. An `Idempotency-Key` lets an answer that was lost on its way be had again."},
		s.checkWatch, NotFound, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "removeWatch", Method: http.MethodDelete, Path: "/watches/{watch}", Tags: tags,
		Summary: "Watch values no longer"}, s.removeWatch, NotFound, StorageFull)
}

// NewWatch is what is to be watched.
type NewWatch struct {
	Name   string   `json:"name" doc:"1 to 64 letters, digits and . _ @ + -, starting with a letter or digit."`
	Values []string `json:"values" minItems:"1" maxItems:"100" nullable:"false" doc:"What is looked up; 16 KiB together."`
}

// InWatch is the input of what is done to one watch.
type InWatch struct {
	Watch string `path:"watch" doc:"Name of a watch of the account."`
}

type oneWatch struct{ Body lookup.Watch }

func (s *Server) listWatches(ctx context.Context, in *Paging) (*listing[lookup.Watch], error) {
	all, err := s.watches.List(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, (*lookup.Watch).Order, *in)
}

func (s *Server) addWatch(ctx context.Context, in *struct{ Body NewWatch }) (*oneWatch, error) {
	w, err := s.watches.Add(ctx, who(ctx), in.Body.Name, in.Body.Values)
	return &oneWatch{w}, err
}

func (s *Server) getWatch(ctx context.Context, in *InWatch) (*oneWatch, error) {
	w, err := s.watches.Get(who(ctx), in.Watch)
	return &oneWatch{w}, err
}

type oneCheck struct{ Body lookup.Check }

func (s *Server) checkWatch(ctx context.Context, in *struct {
	InWatch
	Peek bool `query:"peek" doc:"Tell, and let the next check tell it again."`
}) (*oneCheck, error) {
	c, err := s.watches.Check(ctx, who(ctx), in.Watch, in.Peek)
	return &oneCheck{c}, err
}

func (s *Server) removeWatch(ctx context.Context, in *InWatch) (*struct{}, error) {
	return nil, s.watches.Remove(ctx, who(ctx), in.Watch)
}
