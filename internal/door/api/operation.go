package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	wire "entente/client"
	"entente/internal/practice/intake"
)

// newAPI makes an API without operations. Nothing of huma's that serves pages
// or schemas is on: the document is all there is, and it is ours.
func newAPI(mux *http.ServeMux) huma.API {
	return humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Entente", Version: "1", Description: overview,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"basic":  {Type: "http", Scheme: "basic", Description: "Account name and token."},
					"bearer": {Type: "http", Scheme: "bearer", Description: "The account's token."},
				},
			},
			Security: []map[string][]string{{"basic": {}}, {"bearer": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": asJSON, "json": asJSON},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{reword},
	})
}

const overview = `The node's JSON API. Answers depend on the account that asks: what it may not see is not there.

Listings are pages: ` + "`items`" + `, and ` + "`next`" + ` when more follow. Refused requests are answered with a problem (RFC 9457), whose ` + "`code`" + ` is stable. Names are in snake_case, times in RFC 3339 and UTC.`

// schemaName names a type in the document. Those of a practice go by its name as
// well, since two practices may each have an Answer.
func schemaName(t reflect.Type, hint string) string {
	if t == reflect.TypeFor[wire.Error]() {
		return "Problem"
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if practice, ok := strings.CutPrefix(t.PkgPath(), "entente/internal/practice/"); ok {
		name = strings.ToUpper(practice[:1]) + practice[1:] + name
	}
	return name
}

// maxBody is how large the body of an operation may be unless it says
// otherwise, in octets; a door may take less.
const maxBody = 1 << 20

// register adds an operation; its path is below Root. The codes are those it
// answers with besides the ones that any may; they are documented.
func register[I, O any](s *Server, op huma.Operation, f func(context.Context, *I) (*O, error), answers ...Code) {
	op.Path = strings.TrimSuffix(Root, "/") + op.Path
	in := reflect.TypeFor[I]()
	if in.NumField() > 0 {
		answers = append(answers, Invalid)
	}
	_, body := in.FieldByName("Body")
	// What writes may find no space. Bodies of objects are the same twice anyway.
	writes := op.Method == http.MethodPost && op.RequestBody == nil && slices.Contains(answers, StorageFull)
	if body || writes {
		limit := op.MaxBodyBytes
		if limit == 0 {
			limit = maxBody
		}
		op.Middlewares = append(op.Middlewares, s.takeBody(limit))
		answers = append(answers, BadRequest, Timeout, TooLarge, UnknownMediaType)
	}
	if writes {
		s.takesKey(&op)
		answers = append(answers, KeyReused, OutcomeUnknown)
	}
	if op.RequestBody != nil {
		answers = append(answers, BadRequest, Timeout, TooLarge, UnknownMediaType)
	}
	op.Middlewares = append(huma.Middlewares{s.takeEachOnce}, op.Middlewares...)
	op.MaxBodyBytes, op.BodyReadTimeout = -1, -1 // takeBody's, and the listener's pace
	s.declare(&op, append(answers, Unauthorized, TooManyRequests, Internal, Stopping))
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, in)
		if err != nil {
			return nil, s.problemOf(callOf(ctx), err)
		}
		return out, nil
	})
}

// takeEachOnce refuses a parameter that is given again, of which else all but the first
// would be passed over without a word.
func (s *Server) takeEachOnce(ctx huma.Context, next func(huma.Context)) {
	u := ctx.URL()
	if u.RawQuery == "" {
		next(ctx)
		return
	}
	given := u.Query()
	for _, p := range ctx.Operation().Parameters {
		n := len(given[p.Name])
		if p.In != "query" || n < 2 || p.Explode != nil && *p.Explode {
			continue
		}
		how := ""
		if p.Schema != nil && p.Schema.Type == huma.TypeArray {
			how = ", several values separated by commas"
		}
		s.fail(callOf(ctx.Context()), problemf(Invalid, "query.%s: it is given %d times; give it once%s", p.Name, n, how))
		return
	}
	next(ctx)
}

// declare writes the problems of an operation into its description.
func (s *Server) declare(op *huma.Operation, answers []Code) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[wire.Error](), true, "")
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	for _, m := range codes {
		if !slices.Contains(answers, m.Code) {
			continue
		}
		status := strconv.Itoa(m.status)
		r := op.Responses[status]
		if r == nil {
			r = &huma.Response{Description: m.title + ".", Extensions: map[string]any{"x-codes": []Code{}},
				Content: map[string]*huma.MediaType{problemType[0]: {Schema: schema}}}
			op.Responses[status] = r
		}
		r.Extensions["x-codes"] = append(r.Extensions["x-codes"].([]Code), m.Code)
	}
}

// takeBody reads an operation's body before anything else is done with it, so
// that one that is too large, late or cut short is told apart from one that is
// wrong.
func (s *Server) takeBody(limit int64) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		c := callOf(ctx.Context())
		r, w := humago.Unwrap(ctx)
		limit := min(limit, c.door.maxBody)
		var b bytes.Buffer
		if r.ContentLength > 0 && r.ContentLength <= limit {
			b.Grow(int(min(r.ContentLength, 64<<10)) + bytes.MinRead)
		}
		_, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			s.fail(c, bodyFault(err))
			return
		}
		r.Body = io.NopCloser(&b)
		next(ctx)
	}
}

// takeStream holds a body that is read as it comes to a limit. One that says
// itself that it is larger is refused before anything of it is kept, and so is a
// form, which holds more than objects.
func (c *call) takeStream(limit int64) error {
	if form, _, _ := strings.Cut(c.Header.Get("Content-Type"), "/"); strings.EqualFold(strings.TrimSpace(form), "multipart") {
		return problemf(UnknownMediaType, "a form is not taken; send the file itself as the body, as curl --data-binary @FILE does")
	}
	if c.ContentLength > limit {
		return bodyFault(&http.MaxBytesError{Limit: limit})
	}
	c.Body = http.MaxBytesReader(c.w, c.Body, limit)
	return nil
}

// bodyFault words an error of reading a body.
func bodyFault(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return problemf(TooLarge, "the body is larger than %d octets", large.Limit)
	}
	if errors.Is(err, intake.ErrTooLarge) || errors.Is(err, intake.ErrNotSTIX) {
		return err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return problemf(Timeout, "the body did not come in time; nothing of it was kept, send it again")
	}
	return problemf(BadRequest, "the body could not be read: %v; was it sent whole?", err)
}

// describe closes the list of operations. The document is written when somebody asks for it:
// that takes longer than all else a verb needs to open a node.
func (s *Server) describe() {
	doc := s.api.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own, which reword replaces
	delete(schemas, "ErrorDetail")
	document := sync.OnceValue(func() []byte {
		b, err := json.Marshal(doc)
		if err != nil {
			panic(err) // it is made of our own types
		}
		return b
	})
	s.mux.HandleFunc("GET "+Root+"openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		w.Write(document())
	})
	s.mux.HandleFunc(Root, s.nowhere)
}
