package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/asset"
	"entente/internal/practice/detect"
	"entente/internal/practice/preview"
	"entente/stix"
)

// previewing registers the question who would be given what.
func (s *Server) previewing() {
	register(s, huma.Operation{OperationID: "preview", Method: http.MethodPost, Path: "/preview", Tags: []string{"handling"},
		Summary:     "Tell who would be given an object, and why",
		Description: "For accounts of the own member. Of an `object` that is not published, in a `collection`; or of one that is, by its `id`, in each collection where the account sees it. Also what its author might regret. Nothing is written."},
		s.preview, Forbidden, NotFound)
}

// AskPreview is what is to be previewed.
type AskPreview struct {
	ID         string          `json:"id,omitempty" doc:"Of an object that is published."`
	Object     json.RawMessage `json:"object,omitempty" doc:"One that is not."`
	Collection string          `json:"collection,omitempty" doc:"Id or alias of the collection that it would be published to; default unless given."`
	For        string          `json:"for,omitempty" doc:"Only this account, or the accounts of this organisation."`
}

// Previews are those of an object, one for each collection.
type Previews struct {
	Previews []preview.Preview `json:"previews" nullable:"false"`
}

func (s *Server) previewer() *preview.Previewer {
	return &preview.Previewer{Exchange: s.Exchange, Accounts: s.Accounts, Own: s.own, Listed: s.listed, Everywhere: detect.HitsEverywhere}
}

func (s *Server) preview(ctx context.Context, in *struct{ Body AskPreview }) (*struct{ Body Previews }, error) {
	ask := in.Body
	p := s.previewer()
	var out Previews
	var err error
	switch {
	case ask.ID != "" && len(ask.Object) > 0, ask.ID == "" && len(ask.Object) == 0:
		return nil, problemf(Invalid, "give the id of an object, or an object: one of the two")
	case ask.ID != "":
		out.Previews, err = p.Published(ctx, who(ctx), ask.ID, ask.For)
	default:
		if ask.Collection == "" {
			ask.Collection = "default"
		}
		var one preview.Preview
		one, err = p.Of(ctx, who(ctx), ask.Collection, ask.Object, ask.For)
		out.Previews = []preview.Preview{one}
	}
	if err != nil {
		return nil, err
	}
	return &struct{ Body Previews }{out}, nil
}

// listed tells which warninglist a value is on.
func (s *Server) listed() (func(stix.Value) string, error) {
	set, err := s.lists.Set()
	return func(v stix.Value) string {
		if hits := set.On(v); len(hits) > 0 {
			return hits[0].String()
		}
		return ""
	}, err
}

// own tells what is the member's own, by its assets.
func (s *Server) own() (preview.Own, error) {
	set, err := s.assets.Set()
	return owned{set}, err
}

// owned is a set of assets, as preview asks it.
type owned struct{ set *asset.Set }

func (o owned) Owns(v stix.Value) (string, bool) {
	a := o.set.Owns(v)
	if a == nil {
		return "", false
	}
	return a.String(), true
}

func (o owned) Named(text string) (list []string) {
	for _, a := range o.set.Named(text) {
		list = append(list, a.String())
	}
	return list
}
