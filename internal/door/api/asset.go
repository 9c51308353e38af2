package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/practice/asset"
	"entente/internal/practice/author"
)

// owning registers what is done with the member's own assets.
func (s *Server) owning() {
	tags := []string{"assets"}
	register(s, huma.Operation{OperationID: "listAssets", Method: http.MethodGet, Path: "/assets", Tags: tags,
		Summary: "List what is the member's own, by kind and value", Description: "For accounts of the own member."}, s.listAssets, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "addAssets", Method: http.MethodPost, Path: "/assets", Tags: tags,
		Summary: "Say what is the member's own", Description: "For curators. All or none; what is there already stays, with the new note if there is one."}, s.addAssets, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "removeAsset", Method: http.MethodPost, Path: "/assets/remove", Tags: tags,
		Summary: "Forget an asset", Description: "For curators. What has been told of it is taken back by the next tellAssets."}, s.removeAsset, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "tellAssets", Method: http.MethodPost, Path: "/assets/tell", Tags: tags,
		Summary: "Tell others what is the member's own",
		Description: "For curators. Each asset is told in a note of its own on the member's identity, which goes to whom its label, the grants and the agreements let it go. " +
			"Telling twice changes nothing; what was told and is no longer in the register is revoked, in each collection where it stands. One request writes about 10,000 statements: while the answer says `more`, ask the same again."},
		s.tellAssets, Forbidden, NotFound, Stale, StorageFull)
	register(s, huma.Operation{OperationID: "toldAssets", Method: http.MethodGet, Path: "/assets/told", Tags: tags,
		Summary:     "List what organisations have told to be their own",
		Description: "For accounts of the own member, each as far as it may read the statements. Only what an organisation brought itself, in the name of the identity that has its name, counts. One answer holds all."},
		s.toldAssets, Forbidden)
}

// Telling asks to tell assets.
type Telling struct {
	Assets     []NewAsset `json:"assets,omitempty" maxItems:"10000" doc:"Those to be told, by kind and value; they must be in the register."`
	All        bool       `json:"all,omitempty" doc:"Tell the whole register."`
	Collection string     `json:"collection,omitempty" doc:"Id or alias; default unless given."`
	TLP        string     `json:"tlp,omitempty" doc:"Label of the statements. Without it each keeps the one it has been told with, and new ones are TLP:AMBER."`
	Notes      *bool      `json:"notes,omitempty" doc:"Tell the assets' notes as well. Without it each is told as before, and new ones without."`
}

func (s *Server) tellAssets(ctx context.Context, in *struct{ Body Telling }) (*struct{ Body author.Told }, error) {
	ask := in.Body
	if ask.All == (len(ask.Assets) > 0) {
		return nil, problemf(Invalid, "name assets, or say all: one of the two")
	}
	var named []asset.Asset
	for _, n := range ask.Assets {
		a, err := asset.New(n.Kind, n.Value, "")
		if err != nil {
			return nil, err
		}
		named = append(named, a)
	}
	some, register, err := s.assets.ToTell(who(ctx), named, ask.All)
	if err != nil {
		return nil, err
	}
	out, err := s.desk.Tell(ctx, who(ctx), author.Telling{Assets: some, Register: register, Collection: ask.Collection, TLP: ask.TLP, Notes: ask.Notes})
	return &struct{ Body author.Told }{out}, err
}

// ToldAssets are what organisations have told.
type ToldAssets struct {
	Items []asset.Claim `json:"items" nullable:"false" doc:"By organisation, kind and value."`
	Other int           `json:"other" doc:"Statements that count for nobody: who brought them does not have the name of the identity in whose name they are."`
	Cut   []string      `json:"cut,omitempty" nullable:"false" doc:"Who brought more statements than are read of one organisation, 100,000 that count and 10,000 that do not; the first are read."`
}

func (s *Server) toldAssets(ctx context.Context, in *struct {
	Of string `query:"of" doc:"Only what this organisation has told."`
}) (*struct{ Body ToldAssets }, error) {
	told, err := s.assets.Told(ctx, who(ctx), in.Of)
	if err != nil {
		return nil, err
	}
	return &struct{ Body ToldAssets }{ToldAssets{append([]asset.Claim{}, told.List...), told.Other, told.Cut}}, nil
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
