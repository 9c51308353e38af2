package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/stix"
)

func (s *Server) objects() {
	tags := []string{"objects"}
	register(s, huma.Operation{OperationID: "listObjects", Method: http.MethodGet, Path: "/collections/{collection}/objects", Tags: tags,
		Summary: "List the objects of a collection that the account may see, in order of date added",
		Description: "Objects are the bytes as their producers wrote them. With `Accept: application/x-ndjson` all that follow come as they are read, one a line, without pages; " +
			"line breaks within an object become spaces there. An answer that is cut off is not whole.",
		Responses: objectResponses()}, s.listObjects, NotFound, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "getObject", Method: http.MethodGet, Path: "/objects/{id}", Tags: tags,
		Summary:     "Get the latest version of an object that the account may see, in any collection",
		Description: "The bytes as the producer wrote them, with a strong ETag.", Responses: oneObject()}, s.getObject, NotFound)
	register(s, huma.Operation{OperationID: "listVersions", Method: http.MethodGet, Path: "/objects/{id}/versions", Tags: tags,
		Summary: "List the versions of an object that the account may see, oldest first"}, s.listVersions, NotFound)
	register(s, huma.Operation{OperationID: "deleteObject", Method: http.MethodDelete, Path: "/collections/{collection}/objects/{id}", Tags: tags,
		Summary: "Take an object out of a collection, in all its versions", Description: "It takes reading and writing both. Pollers are told."},
		s.deleteObject, NotFound, Forbidden, StorageFull)
}

// anObject is the schema of an object's bytes.
var anObject = &huma.Schema{Type: "object", AdditionalProperties: true, Description: "A STIX object; with fields, those of its properties."}

func objectResponses() map[string]*huma.Response {
	page := &huma.Schema{Type: "object", Required: []string{"items"}, Properties: map[string]*huma.Schema{
		"items": {Type: "array", Items: anObject}, "next": {Type: "string"}}}
	r := streams("OK")
	r["200"].Content["application/json"] = &huma.MediaType{Schema: page}
	r["304"] = &huma.Response{Description: "Not Modified"}
	return r
}

func oneObject() map[string]*huma.Response {
	return map[string]*huma.Response{"304": {Description: "Not Modified"},
		"200": {Description: "OK", Headers: map[string]*huma.Param{"ETag": {Schema: &huma.Schema{Type: "string"}}},
			Content: map[string]*huma.MediaType{"application/stix+json": {Schema: anObject}}}}
}

// Cutting is the input of what shows objects.
type Cutting struct {
	Fields      []string `query:"fields" doc:"Names of properties to show, separated by commas. What is shown then is a view: it is not the object's bytes, and has another ETag."`
	IfNoneMatch string   `header:"If-None-Match" doc:"An ETag; an answer that still has it is 304 without a body."`
}

type objectsInput struct {
	InCollection
	Paging
	Cutting
	Types      []string  `query:"type" doc:"Types of objects, separated by commas."`
	IDs        []string  `query:"id" maxItems:"1000" doc:"Ids of objects, separated by commas."`
	AddedAfter time.Time `query:"added_after" doc:"Only what was added later."`
	Versions   string    `query:"versions" enum:"latest,all" default:"latest" doc:"The latest version of each object, or all."`
}

// pageBytes bounds the objects of one page.
const pageBytes = 8 << 20

func (in *objectsInput) query() exchange.Query {
	q := exchange.Query{IDs: in.IDs, Types: in.Types, Next: in.Next, Limit: in.Limit, MaxBytes: pageBytes, Bodies: true}
	if !in.AddedAfter.IsZero() {
		q.After = store.Tick(max(in.AddedAfter.UnixMicro(), 0))
	}
	q.Versions.All = in.Versions == "all"
	return q
}

func (s *Server) listObjects(ctx context.Context, in *objectsInput) (*stream, error) {
	q := in.query()
	if strings.Contains(callOf(ctx).Header.Get("Accept"), ndjson) {
		return s.objectLines(ctx, in, q)
	}
	page, err := s.view(ctx).Page(ctx, in.Collection, q)
	if err != nil {
		return nil, err
	}
	defer page.Close()
	b := make([]byte, 0, 1024*(1+page.Len()))
	b = append(b, `{"items":[`...)
	for i := range page.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = in.append(b, page.Bytes(i)); err != nil {
			return nil, err
		}
	}
	b = append(b, ']')
	if page.Next != "" {
		b = append(strconv.AppendQuote(append(b, `,"next":`...), page.Next), '}')
	} else {
		b = append(b, '}')
	}
	return answer(ctx, "application/json", b, in.IfNoneMatch), nil
}

// objectLines streams a collection page by page, so that memory does not grow
// with it.
func (s *Server) objectLines(ctx context.Context, in *objectsInput, q exchange.Query) (*stream, error) {
	view := s.view(ctx)
	if _, err := view.Page(ctx, in.Collection, exchange.Query{Limit: 1, Next: q.Next}); err != nil {
		return nil, err
	}
	q.Limit = 1000
	return rawLines(s, ctx, func(yield func([]byte, error) bool) {
		var line []byte
		for page, err := range view.Pages(ctx, in.Collection, q) {
			if err != nil {
				yield(nil, err)
				return
			}
			for i := range page.Len() {
				line, err = in.append(line[:0], page.Bytes(i))
				if !yield(line, err) {
					return
				}
			}
		}
	}), nil
}

// append appends an object's bytes, or the view of them that is asked for.
func (c *Cutting) append(b, raw []byte) ([]byte, error) {
	if len(c.Fields) == 0 {
		return append(b, raw...), nil
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return b, fmt.Errorf("cut an object to fields: %w", err)
	}
	b = append(b, '{')
	for i, name := range c.Fields {
		value, ok := all[name]
		if !ok || slices.Contains(c.Fields[:i], name) {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return b, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

type InObject struct {
	ID string `path:"id" doc:"Id of an object."`
}

func (s *Server) getObject(ctx context.Context, in *struct {
	InObject
	Cutting
}) (*stream, error) {
	pages, err := s.view(ctx).Objects(ctx, []string{in.ID})
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, p := range pages {
			p.Close()
		}
	}()
	var best []byte
	version := ""
	for _, p := range pages {
		for i := range p.Len() {
			if best == nil || stix.CompareVersions(p.Version(i), version) > 0 {
				best, version = p.Bytes(i), p.Version(i)
			}
		}
	}
	if best == nil {
		return nil, fmt.Errorf("object %q: %w", in.ID, exchange.ErrNotFound)
	}
	b, err := in.append(nil, best)
	if err != nil {
		return nil, err
	}
	return answer(ctx, stixType, b, in.IfNoneMatch), nil
}

// tagOf is the strong ETag of bytes.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// stixType is the media type of an object by itself.
const stixType = "application/stix+json;version=2.1"

// answer answers with bytes as they are, or 304 when the client has them. The tag
// of an object is strong, since an edit may name it (If-Match); others are weak, so
// that the answer may be packed.
func answer(ctx context.Context, mediaType string, body []byte, ifNoneMatch string) *stream {
	return &stream{func(huma.Context) {
		c := callOf(ctx)
		tag := tagOf(body)
		h := c.w.Header()
		if h["ETag"] = []string{tag}; mediaType != stixType {
			h["ETag"] = []string{"W/" + tag}
		}
		if ifNoneMatch == "*" || strings.Contains(ifNoneMatch, tag) {
			c.w.WriteHeader(http.StatusNotModified)
			return
		}
		h["Content-Type"] = []string{mediaType}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
		c.w.Write(body)
	}}
}

func (s *Server) listVersions(ctx context.Context, in *InObject) (*listing[wire.Version], error) {
	view := s.view(ctx)
	out := &listing[wire.Version]{Body: wire.List[wire.Version]{Items: []wire.Version{}}}
	for _, c := range view.Readable() {
		page, err := view.Versions(ctx, c.ID, in.ID)
		if errors.Is(err, exchange.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Len() {
			out.Body.Items = append(out.Body.Items, wire.Version{Version: strings.Clone(page.Version(i)), Spec: strings.Clone(page.Spec(i)),
				Collection: c.Alias, Added: timeOf(page.Date(i))})
		}
		page.Close()
	}
	if len(out.Body.Items) == 0 {
		return nil, fmt.Errorf("object %q: %w", in.ID, exchange.ErrNotFound)
	}
	slices.SortStableFunc(out.Body.Items, func(a, b wire.Version) int {
		if n := stix.CompareVersions(a.Version, b.Version); n != 0 {
			return n
		}
		return a.Added.Compare(b.Added)
	})
	return out, nil
}

// timeOf is a date added as the API tells it.
func timeOf(t store.Tick) time.Time { return time.UnixMicro(int64(t)).UTC() }

func (s *Server) deleteObject(ctx context.Context, in *struct {
	InCollection
	InObject
}) (*struct{}, error) {
	c, err := s.view(ctx).Collection(in.Collection)
	if err != nil {
		return nil, err
	}
	if !c.CanRead || !c.CanWrite {
		return nil, problemf(Forbidden, "delete from collection %q: this takes reading and writing both", c.Alias)
	}
	_, err = s.Exchange.Recall(ctx, who(ctx), c.ID, in.ID, exchange.Query{})
	return nil, err
}
