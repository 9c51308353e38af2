package api

import (
	"context"

	"entente/internal/practice/lookup"
	"entente/stix"
)

// beside is what answers to a caller are made of besides objects.
func (s *Server) beside(ctx context.Context) (*lookup.Beside, error) {
	by := who(ctx)
	set, err := s.lists.For(by)
	if err != nil {
		return nil, err
	}
	model, mark, err := s.models.Model()
	if err != nil {
		return nil, err
	}
	b := &lookup.Beside{Model: model, Mark: set.Mark() + mark}
	if set.Lists() == 0 {
		return b, nil
	}
	b.Lists = func(v stix.Value) (out []lookup.Listed) {
		for _, h := range set.On(v) {
			out = append(out, lookup.Listed{List: h.List, How: string(h.How), Entry: h.Entry, Value: v.Text, Words: h.String()})
		}
		return out
	}
	return b, nil
}
