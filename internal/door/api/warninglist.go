package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/practice/lookup"
	"entente/internal/practice/warninglist"
)

// warning registers what is done with warninglists.
func (s *Server) warning() {
	tags := []string{"warninglists"}
	register(s, huma.Operation{OperationID: "listWarninglists", Method: http.MethodGet, Path: "/warninglists", Tags: tags,
		Summary: "List the warninglists, the member's own first", Description: "For accounts of the own member."}, s.listWarninglists, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "getWarninglist", Method: http.MethodGet, Path: "/warninglists/list", Tags: tags,
		Summary: "Get a warninglist with its entries", Description: "For accounts of the own member. The answer can be added as it is, here or at another node."}, s.getWarninglist, Forbidden, NotFound)
	register(s, huma.Operation{OperationID: "addWarninglist", Method: http.MethodPost, Path: "/warninglists", Tags: tags, MaxBodyBytes: warninglist.MaxBytes,
		Summary: "Add a warninglist, in the form of MISP's",
		Description: "For admins. One of the same name, in whatever case, gives way. Entries that cannot be held against a value, as a regular expression that RE2 does not understand, are passed over and told. " +
			"At most 1,000,000 entries and 16 MiB are taken of a list, 1000 lists with 3,000,000 entries in all."}, s.addWarninglist, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "addWarninglistValues", Method: http.MethodPost, Path: "/warninglists/values", Tags: tags,
		Summary: "Add values to a list of the member's own", Description: "For admins. The list is made if it is not there. All or none; what is there already stays."}, s.addWarninglistValues, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "removeWarninglist", Method: http.MethodPost, Path: "/warninglists/remove", Tags: tags,
		Summary: "Forget a warninglist, or values of one of the member's own", Description: "For admins. All or none."}, s.removeWarninglist, Forbidden, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "checkWarninglists", Method: http.MethodPost, Path: "/warninglists/check", Tags: tags,
		Summary: "Tell on which lists values are", Description: "For accounts of the own member. One answer for each value, in order, which is read as findMany reads it."}, s.checkWarninglists, Forbidden)
}

// NewWarninglist is a list as MISP has it.
type NewWarninglist struct {
	Name        string           `json:"name" maxLength:"200" doc:"One line."`
	Version     any              `json:"version,omitempty" doc:"A number, or a text."`
	Description string           `json:"description,omitempty"`
	Type        warninglist.Type `json:"type" enum:"string,substring,hostname,cidr,regex,own" doc:"How entries are held against values. own is Entente's: each entry by what it has the form of, a network, a name with those below it, else the value itself."`
	Matching    []string         `json:"matching_attributes,omitempty" doc:"Which values it is about, by MISP's attribute types; all when empty."`
	Entries     []string         `json:"list" minItems:"1" maxItems:"1000000" nullable:"false"`
}

// OwnValues are values of a list of one's own.
type OwnValues struct {
	Name        string   `json:"name" maxLength:"200" doc:"Of the list."`
	Description string   `json:"description,omitempty" doc:"What it is for; as it was when empty."`
	Values      []string `json:"values" minItems:"1" maxItems:"10000" nullable:"false" doc:"Also defanged."`
}

// AddedValues is what became of them.
type AddedValues struct {
	warninglist.Kept
	New int `json:"new" doc:"How many values were not there."`
}

// LessWarning says what goes.
type LessWarning struct {
	Name   string   `json:"name" doc:"Of the list."`
	Values []string `json:"values,omitempty" maxItems:"10000" doc:"Only these, of a list of the member's own; the whole list without them."`
}

// AskLists asks on which lists values are.
type AskLists struct {
	Values []string `json:"values" minItems:"1" maxItems:"5000" nullable:"false"`
}

// OnLists is on which lists a value is.
type OnLists struct {
	Asked string   `json:"asked"`
	On    []OnList `json:"on" nullable:"false" doc:"Each list once for each reading of the value."`
}

// OnList is one list that a value is on.
type OnList struct {
	lookup.Value
	warninglist.Hit
}

func (s *Server) listWarninglists(ctx context.Context, in *Paging) (*listing[warninglist.Kept], error) {
	all, err := s.lists.List(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, (*warninglist.Kept).Order, *in)
}

func (s *Server) getWarninglist(ctx context.Context, in *struct {
	Name string `query:"name" required:"true" doc:"Of the list, in whatever case."`
}) (*struct{ Body *warninglist.List }, error) {
	l, err := s.lists.Whole(who(ctx), in.Name)
	return &struct{ Body *warninglist.List }{l}, err
}

func (s *Server) addWarninglist(ctx context.Context, in *struct{ Body NewWarninglist }) (*struct{ Body warninglist.Added }, error) {
	version, err := versionOf(in.Body.Version)
	if err != nil {
		return nil, err
	}
	out, err := s.lists.Add(ctx, who(ctx), &warninglist.List{Name: in.Body.Name, Version: version, Description: in.Body.Description,
		Type: in.Body.Type, Matching: in.Body.Matching, Entries: in.Body.Entries})
	return &struct{ Body warninglist.Added }{out}, err
}

// versionOf is a version as it came, a number or a text.
func versionOf(v any) (warninglist.Version, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return warninglist.Version(v), nil
	case float64:
		return warninglist.Version(strconv.FormatFloat(v, 'f', -1, 64)), nil
	case json.Number:
		return warninglist.Version(v), nil
	}
	return "", problemf(Invalid, "the version of a warninglist is a number or a text, not %s", fmt.Sprintf("%.40v", v))
}

func (s *Server) addWarninglistValues(ctx context.Context, in *struct{ Body OwnValues }) (*struct{ Body AddedValues }, error) {
	kept, added, err := s.lists.AddValues(ctx, who(ctx), in.Body.Name, in.Body.Description, in.Body.Values)
	return &struct{ Body AddedValues }{AddedValues{kept, added}}, err
}

func (s *Server) removeWarninglist(ctx context.Context, in *struct{ Body LessWarning }) (*struct{}, error) {
	return nil, s.lists.Remove(ctx, who(ctx), in.Body.Name, in.Body.Values)
}

func (s *Server) checkWarninglists(ctx context.Context, in *struct{ Body AskLists }) (*listing[OnLists], error) {
	if !who(ctx).Own {
		return nil, problemf(Forbidden, "ask the warninglists: this takes an account of the node's own member")
	}
	set, err := s.lists.Set()
	if err != nil {
		return nil, err
	}
	out := make([]OnLists, len(in.Body.Values))
	for i, text := range in.Body.Values {
		out[i] = OnLists{Asked: text, On: []OnList{}}
		for _, r := range lookup.Readings(text) {
			if r.Wider != "" {
				continue
			}
			for _, h := range set.On(r.Value) {
				out[i].On = append(out[i].On, OnList{lookup.Value{Kind: r.Kind.String(), Text: r.Text}, h})
			}
		}
	}
	return &listing[OnLists]{Body: wire.List[OnLists]{Items: out}}, nil
}
