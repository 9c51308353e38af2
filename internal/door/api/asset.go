package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/asset"
)

// owning registers what is done with the member's own assets.
func (s *Server) owning() {
	tags := []string{"assets"}
	register(s, huma.Operation{OperationID: "listAssets", Method: http.MethodGet, Path: "/assets", Tags: tags,
		Summary: "List what is the member's own, by kind and value", Description: "For accounts of the own member."}, s.listAssets, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "addAssets", Method: http.MethodPost, Path: "/assets", Tags: tags,
		Summary: "Say what is the member's own", Description: "For curators. All or none; what is there already stays, with the new note if there is one."}, s.addAssets, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "removeAsset", Method: http.MethodPost, Path: "/assets/remove", Tags: tags,
		Summary: "Forget an asset", Description: "For curators."}, s.removeAsset, Forbidden, NotFound, StorageFull)
}

// NewAsset is something of one's own.
type NewAsset struct {
	Kind  asset.Kind `json:"kind,omitempty" enum:"domain,mail,prefix,asn,cert,name,product" doc:"Told from the value when empty, which names and products are not."`
	Value string     `json:"value" doc:"Also defanged; a mail domain begins with @ where no kind is given."`
	Note  string     `json:"note,omitempty" doc:"One line."`
}

// NewAssets are several.
type NewAssets struct {
	Assets []NewAsset `json:"assets" minItems:"1" maxItems:"10000" nullable:"false"`
}

// AddedAssets is what became of them.
type AddedAssets struct {
	Assets []asset.Asset `json:"assets" nullable:"false" doc:"As they are kept."`
	New    int           `json:"new" doc:"How many were not there."`
}

func (s *Server) listAssets(ctx context.Context, in *Paging) (*listing[asset.Asset], error) {
	all, err := s.assets.List(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, (*asset.Asset).Order, *in)
}

func (s *Server) addAssets(ctx context.Context, in *struct{ Body NewAssets }) (*struct{ Body AddedAssets }, error) {
	out := AddedAssets{Assets: []asset.Asset{}}
	for _, n := range in.Body.Assets {
		a, err := asset.New(n.Kind, n.Value, n.Note)
		if err != nil {
			return nil, err
		}
		out.Assets = append(out.Assets, a)
	}
	var err error
	out.New, err = s.assets.Add(ctx, who(ctx), out.Assets)
	return &struct{ Body AddedAssets }{out}, err
}

func (s *Server) removeAsset(ctx context.Context, in *struct{ Body NewAsset }) (*struct{}, error) {
	a, err := asset.New(in.Body.Kind, in.Body.Value, "")
	if err != nil {
		return nil, err
	}
	return nil, s.assets.Remove(ctx, who(ctx), a)
}
