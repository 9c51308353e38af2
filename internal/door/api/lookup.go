package api

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/practice/lookup"
)

// MaxValues is how many values one request may look up.
const MaxValues = 5000

// lookups registers what is asked of values and of what is around objects.
func (s *Server) lookups() {
	tags := []string{"look-ups"}
	register(s, huma.Operation{OperationID: "find", Method: http.MethodGet, Path: "/find", Tags: tags,
		Summary: "Tell what is known of a value",
		Description: "A value is an address, a network, a domain, a URL, an e-mail address, a hash, a CVE, an AS number, a wallet, a file name, a certificate's serial or fingerprint, a registry key, a user agent or a name, also defanged. " +
			"One answer for each value, in order: what it was read as, and the objects that carry it, what holds first."},
		s.find)
	register(s, huma.Operation{OperationID: "findMany", Method: http.MethodPost, Path: "/find", Tags: tags,
		Summary:     "Tell what is known of many values",
		Description: "As find. With `Accept: application/x-ndjson`, one answer a line.",
		Responses:   s.listOrLines(reflect.TypeFor[wire.List[lookup.Answer]](), "One answer for each value.")},
		s.findMany)
	register(s, huma.Operation{OperationID: "neighbours", Method: http.MethodGet, Path: "/objects/{id}/neighbours", Tags: tags,
		Summary: "Walk from an object to what is around it",
		Description: "Relationships are edges between their ends; references that an object holds are edges with the name of the property. Each object is there once, the nearest first. " +
			"Who made an object is told, and not walked through."},
		s.neighbours, NotFound, BadCursor)
	register(s, huma.Operation{OperationID: "showObject", Method: http.MethodGet, Path: "/objects/{id}/show", Tags: tags,
		Summary:     "Tell all that is known of an object",
		Description: "What it is, who says so and to whom it may go; its properties; its versions with what changed between them; what was kept aside, for curators."},
		s.show, NotFound)
	register(s, huma.Operation{OperationID: "getSource", Method: http.MethodGet, Path: "/objects/{id}/source", Tags: tags,
		Summary: "Get an object in a version or the latest, to the byte", Responses: oneObject()}, s.source, NotFound)
}

// listOrLines documents an answer that is a list, or one item a line when asked.
func (s *Server) listOrLines(list reflect.Type, description string) map[string]*huma.Response {
	out := streams(description)
	out["200"].Content["application/json"] = &huma.MediaType{Schema: s.api.OpenAPI().Components.Schemas.Schema(list, true, "")}
	return out
}

func (s *Server) find(ctx context.Context, in *struct {
	Value []string `query:"value,explode" required:"true" minItems:"1" maxItems:"100" doc:"What is looked up; may be repeated."`
	Limit int      `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"Most objects of one answer."`
}) (*listing[lookup.Answer], error) {
	if err := inOneAnswer(len(in.Value), in.Limit); err != nil {
		return nil, err
	}
	beside, err := s.beside(ctx)
	if err != nil {
		return nil, err
	}
	if len(in.Value) == 1 { // most are, and the same ones are asked for again and again
		answer, err := lookup.FindOne(ctx, s.view(ctx), in.Limit, time.Now(), beside, in.Value[0])
		return &listing[lookup.Answer]{Body: wire.List[lookup.Answer]{Items: []lookup.Answer{answer}}}, err
	}
	answers, err := lookup.NewFinder(s.view(ctx), in.Limit, time.Now()).With(beside).Find(ctx, in.Value...)
	return &listing[lookup.Answer]{Body: wire.List[lookup.Answer]{Items: answers}}, err
}

// asJSON writes answers, those about values without a detour.
var asJSON = huma.Format{Unmarshal: huma.DefaultJSONFormat.Unmarshal, Marshal: func(w io.Writer, v any) error {
	list, ok := v.(wire.List[lookup.Answer])
	if !ok || list.Next != "" || list.Items == nil {
		return huma.DefaultJSONFormat.Marshal(w, v)
	}
	b := append(make([]byte, 0, 2048), `{"items":[`...)
	for i := range list.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = list.Items[i].AppendJSON(b)
	}
	_, err := w.Write(append(b, "]}\n"...))
	return err
}}

// MaxFindings is how many objects one answer that is no stream may hold: values
// times limit.
const MaxFindings = 20_000

func inOneAnswer(values, limit int) error {
	if limit == 0 {
		limit = lookup.DefaultLimit
	}
	if values*limit <= MaxFindings {
		return nil
	}
	return problemf(Invalid, "%d values with up to %d objects each are too much for one answer, which holds %d; ask for fewer values, for a lower limit, or by POST with Accept: application/x-ndjson", values, limit, MaxFindings)
}

// Question is what is looked up.
type Question struct {
	Values []string `json:"values" minItems:"1" maxItems:"5000" nullable:"false" doc:"What is looked up."`
	Limit  int      `json:"limit,omitempty" minimum:"1" maximum:"1000" doc:"Most objects of one answer; 50 unless given."`
	Known  bool     `json:"known,omitempty" doc:"Only values of which something is known are answered."`
}

func (s *Server) findMany(ctx context.Context, in *struct {
	Accept string `header:"Accept" doc:"application/x-ndjson for one answer a line."`
	Body   Question
}) (*stream, error) {
	beside, err := s.beside(ctx)
	if err != nil {
		return nil, err
	}
	finder := lookup.NewFinder(s.view(ctx), in.Body.Limit, time.Now()).With(beside)
	wanted := func(a *lookup.Answer) bool { return !in.Body.Known || len(a.Findings) > 0 }
	if strings.Contains(in.Accept, ndjson) {
		return lines(s, ctx, func(yield func(*lookup.Answer, error) bool) {
			for a, err := range finder.Each(ctx, in.Body.Values) {
				if (err != nil || wanted(a)) && !yield(a, err) {
					return
				}
			}
		}), nil
	}
	if err := inOneAnswer(len(in.Body.Values), in.Body.Limit); err != nil {
		return nil, err
	}
	answers, err := finder.Find(ctx, in.Body.Values...)
	if err != nil {
		return nil, err
	}
	answers = slices.DeleteFunc(answers, func(a lookup.Answer) bool { return !wanted(&a) })
	return &stream{func(huma.Context) {
		c := callOf(ctx)
		c.w.Header().Set("Content-Type", "application/json")
		// An error of writing is the reader's having gone.
		_ = json.NewEncoder(c.w).Encode(wire.List[lookup.Answer]{Items: answers})
	}}, nil
}

// maxEdges bounds what one walk may read.
const maxEdges = 400_000

type oneGraph struct{ Body *lookup.Graph }

func (s *Server) neighbours(ctx context.Context, in *struct {
	ID            string   `path:"id" doc:"Of the object where the walk begins; or a value that one object carries."`
	Hops          int      `query:"hops" minimum:"1" maximum:"4" default:"1" doc:"How far the walk goes."`
	Direction     string   `query:"direction" enum:"both,in,out" default:"both" doc:"Which edges are followed."`
	Type          []string `query:"type,explode" doc:"Only objects of these types; may be repeated."`
	PerObject     int      `query:"per_object" minimum:"1" maximum:"1000" default:"25" doc:"Most edges followed from one object, each way."`
	Limit         int      `query:"limit" minimum:"1" maximum:"2000" default:"200" doc:"Most objects in all."`
	Relationships bool     `query:"relationships" doc:"Relationships are objects like others, not edges."`
	Next          string   `query:"next" doc:"The next of an earlier answer: goes on with what refers to the object."`
}) (*oneGraph, error) {
	if in.Limit*in.PerObject > maxEdges {
		return nil, problemf(Invalid, "up to %d edges of up to %d objects are too much for one walk, which reads %d; give a lower per_object or limit", in.PerObject, in.Limit, maxEdges)
	}
	id, err := s.desk.Named(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	g, err := lookup.Neighbours(ctx, s.view(ctx), lookup.Walk{From: id, Hops: in.Hops, Direction: lookup.Direction(in.Direction), Types: in.Type,
		PerNode: in.PerObject, Nodes: in.Limit, Relations: in.Relationships, Next: in.Next}, time.Now())
	return &oneGraph{g}, err
}

// InVersion is the input of what shows one version of an object.
type InVersion struct {
	ID      string `path:"id" doc:"Id of an object, or a value that one object carries."`
	Version string `query:"version" doc:"The modified time of the version, in any precision; the latest without it."`
}

type oneSubject struct{ Body *lookup.Subject }

func (s *Server) show(ctx context.Context, in *InVersion) (*oneSubject, error) {
	id, err := s.desk.Named(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	beside, err := s.beside(ctx)
	if err != nil {
		return nil, err
	}
	subject, err := lookup.Show(ctx, s.Exchange, who(ctx), id, in.Version, time.Now(), beside)
	return &oneSubject{subject}, err
}

func (s *Server) source(ctx context.Context, in *struct {
	InVersion
	IfNoneMatch string `header:"If-None-Match" doc:"An ETag; an answer that still has it is 304 without a body."`
}) (*stream, error) {
	id, err := s.desk.Named(ctx, who(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	raw, err := lookup.Source(ctx, s.view(ctx), id, in.Version)
	if err != nil {
		return nil, err
	}
	return answer(ctx, stixType, raw, in.IfNoneMatch), nil
}
