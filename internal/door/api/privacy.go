package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/exchange"
	"entente/stix"
)

// privacy registers what people and regulators ask about personal data.
func (s *Server) privacy() {
	register(s, huma.Operation{OperationID: "reportPersonal", Method: http.MethodPost, Path: "/privacy/report", Tags: []string{"privacy"},
		Summary: "Tell what personal data is held, whence, and to whom it was released on which ground",
		Description: "For auditors and admins of the own member. `about` is an organisation, or something of a person: an address, a number, a name; all that is held without it. " +
			"It is no part of the address, which others may keep. Of an organisation, `held` is what it brought, and `released` that and what was given to it."},
		s.reportPersonal, Forbidden)
	register(s, huma.Operation{OperationID: "erasePersonal", Method: http.MethodPost, Path: "/privacy/erase", Tags: []string{"privacy"},
		Summary: "Erase objects for good",
		Description: "For curators and admins of the own member: all versions, from all collections, with what was kept aside. They are unreadable at once, and off the disk within a day; with `off_disk` when this is answered, which rewrites a good part of the store. " +
			"Where others read it is an act in the log, as a recall. Backups that were made before still hold them."},
		s.erasePersonal, Forbidden, NotFound, StorageFull)
}

// AskErasure says what is to be erased.
type AskErasure struct {
	IDs     []string `json:"ids" minItems:"1" maxItems:"1000" doc:"Ids of objects."`
	OffDisk bool     `json:"off_disk,omitempty" doc:"Take it off the disk before this is answered, with all that was erased and is still there."`
}

// Erased tells what was.
type Erased struct {
	Erased  int `json:"erased" doc:"Object versions that are unreadable now."`
	OffDisk int `json:"off_disk" doc:"Object versions that were taken off the disk."`
}

func (s *Server) erasePersonal(ctx context.Context, in *struct{ Body AskErasure }) (*struct{ Body Erased }, error) {
	var out Erased
	var err error
	if out.Erased, err = s.Exchange.EraseObjects(ctx, who(ctx), in.Body.IDs); err != nil {
		return nil, err
	}
	if in.Body.OffDisk {
		if out.OffDisk, err = s.Exchange.EraseFromDisk(ctx); err != nil {
			return nil, err
		}
	}
	return &struct{ Body Erased }{out}, nil
}

// AskReport says what a report is about.
type AskReport struct {
	About string `json:"about,omitempty" maxLength:"500" doc:"An organisation, an address, number or name of a person, or the id of an object, also of one that was taken out; all that is held unless given. The number of a person comes with its scheme, as in pesel:44051401359."`
	Limit int    `json:"limit,omitempty" minimum:"1" maximum:"10000" default:"1000" doc:"How many objects are listed at most; all are counted."`
}

// PersonalReport is the answer.
type PersonalReport struct {
	About string `json:"about,omitempty"`
	Kind  string `json:"kind" enum:"everything,organisation,person,object" doc:"What About was taken for."`
	exchange.PersonalReport
}

func (s *Server) reportPersonal(ctx context.Context, in *struct{ Body AskReport }) (*struct{ Body PersonalReport }, error) {
	about := strings.TrimSpace(in.Body.About)
	ask := exchange.AskPersonal{Limit: in.Body.Limit, Agreement: s.Agreements.Edition}
	out := PersonalReport{About: about, Kind: "everything"}
	org, err := s.isOrg(about)
	switch {
	case err != nil:
		return nil, err
	case org:
		out.Kind, ask.Org = "organisation", about
	case isObject(about):
		out.Kind, ask.Object = "object", about
	case about != "":
		out.Kind, ask.Value = "person", about
	}
	out.PersonalReport, err = s.Exchange.PersonalReport(ctx, who(ctx), ask)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PersonalReport }{out}, nil
}

// isObject tells whether a text is the id of an object.
func isObject(text string) bool {
	_, _, err := stix.ParseID(text)
	return err == nil
}

// isOrg tells whether a text is the name of an organisation that the node knows.
func (s *Server) isOrg(name string) (bool, error) {
	if strings.EqualFold(name, s.Member.Name) {
		return true, nil
	}
	orgs, err := s.Accounts.Orgs()
	for _, o := range orgs {
		if strings.EqualFold(o.Name, name) {
			return true, nil
		}
	}
	return false, err
}
