package api

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"entente/internal/trust/account"
)

var update = flag.Bool("update", false, "write the reference pages anew")

// operationsOf are a path's operations by method.
func operationsOf(p *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{http.MethodGet: p.Get, http.MethodPost: p.Post, http.MethodPut: p.Put, http.MethodPatch: p.Patch, http.MethodDelete: p.Delete}
	for method, op := range all {
		if op == nil {
			delete(all, method)
		}
	}
	return all
}

// The pages docs/reference/api.md and errors.md are made of the operations and
// the codes.
func TestReference(t *testing.T) {
	s, _ := callTo(t, account.Principal{})
	for name, text := range map[string]string{"api.md": apiPage(s.api.OpenAPI()), "errors.md": errorsPageText()} {
		path := "../../../docs/reference/" + name
		if *update {
			if err := os.MkdirAll("../../../docs/reference", 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(b) != text {
			t.Errorf("%s is not what the code says; write it anew: go test ./internal/door/api -run TestReference -update", path)
		}
	}
}

func errorsPageText() string {
	var b strings.Builder
	b.WriteString("# Errors of the JSON API\n\n<!-- made by go test ./internal/door/api -update -->\n\n" + errorsIntro + "\n\n")
	for _, m := range codes {
		fmt.Fprintf(&b, "## %s\n\n%d %s. %s\n\n", m.Code, m.status, m.title, m.what)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func apiPage(doc *huma.OpenAPI) string {
	var b strings.Builder
	b.WriteString("# Reference of the JSON API\n\n<!-- made by go test ./internal/door/api -update -->\n\n" + doc.Info.Description + "\n\n" +
		"Every operation may also answer `unauthorized`, `too_many_requests`, `internal` and `stopping`\n([errors.md](errors.md)).\n")
	byTag := map[string][]string{}
	for path, item := range doc.Paths {
		for method, op := range operationsOf(item) {
			byTag[op.Tags[0]] = append(byTag[op.Tags[0]], operationText(doc, path, method, op))
		}
	}
	for _, tag := range sorted(byTag) {
		fmt.Fprintf(&b, "\n## %s%s\n", strings.ToUpper(tag[:1]), tag[1:])
		slices.Sort(byTag[tag])
		b.WriteString(strings.Join(byTag[tag], ""))
	}
	b.WriteString("\n## Types\n")
	schemas := doc.Components.Schemas.Map()
	for _, name := range sorted(schemas) {
		fmt.Fprintf(&b, "\n### %s\n\n", name)
		properties(&b, schemas[name])
	}
	return b.String()
}

func sorted[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func operationText(doc *huma.OpenAPI, path, method string, op *huma.Operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s %s\n\n%s (`%s`). %s\n", method, strings.ReplaceAll(path, "_", "\\_"), strings.TrimSuffix(op.Summary, "."), op.OperationID, op.Description)
	if len(op.Parameters) > 0 {
		b.WriteString("\n| parameter | in | |\n|---|---|---|\n")
		for _, p := range op.Parameters {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", p.Name, p.In, p.Description+kind(p.Schema, true))
		}
	}
	if op.RequestBody != nil {
		fmt.Fprintf(&b, "\nBody: %s\n", content(op.RequestBody.Content))
	}
	b.WriteString("\n")
	for _, status := range sorted(op.Responses) {
		r := op.Responses[status]
		if list, ok := r.Extensions["x-codes"].([]Code); ok {
			for _, c := range list {
				if !slices.Contains([]Code{Unauthorized, TooManyRequests, Internal, Stopping}, c) {
					fmt.Fprintf(&b, "- %s [%s](errors.md#%s)\n", status, c, c)
				}
			}
			continue
		}
		fmt.Fprintf(&b, "- %s %s\n", status, content(r.Content))
	}
	return b.String()
}

// content tells media types and schemas.
func content(all map[string]*huma.MediaType) string {
	var parts []string
	for _, name := range sorted(all) {
		parts = append(parts, fmt.Sprintf("`%s`%s", name, kind(all[name].Schema, false)))
	}
	return strings.Join(parts, ", ")
}

// kind tells a schema in a few words.
func kind(s *huma.Schema, parameter bool) string {
	var words []string
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		words = append(words, fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name)))
	case s.Type == "array":
		words = append(words, "list of"+kind(s.Items, false))
	case s.Type != "" && s.Format != "" && s.Format != "binary":
		words = append(words, s.Type+", "+s.Format)
	case s.Type != "" && !parameter:
		words = append(words, s.Type)
	}
	for _, e := range s.Enum {
		words = append(words, fmt.Sprintf("`%v`", e))
	}
	if parameter && s.Default != nil {
		words = append(words, fmt.Sprintf("%v unless given", s.Default))
	}
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ")
}

func properties(b *strings.Builder, s *huma.Schema) {
	if len(s.Properties) == 0 {
		fmt.Fprintf(b, "%s\n", strings.TrimSpace(kind(s, false)+" "+s.Description))
		return
	}
	b.WriteString("| name | type | |\n|---|---|---|\n")
	for _, name := range sorted(s.Properties) {
		p := s.Properties[name]
		always := ""
		if !slices.Contains(s.Required, name) {
			always = "?"
		}
		fmt.Fprintf(b, "| `%s`%s | %s | %s |\n", name, always, strings.TrimSpace(kind(p, false)), p.Description)
	}
}
