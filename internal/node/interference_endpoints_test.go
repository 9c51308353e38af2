package node_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entente/internal/node"
)

// endpoints are everything that a node answers, by method and pattern, and what
// the reader asks of each.
var endpoints = map[string]func(*round){
	// Without an account.
	"GET /healthz":               func(r *round) { r.hear(ask{method: "GET", path: "/healthz"}) },
	"GET /readyz":                func(r *round) { r.hear(ask{method: "GET", path: "/readyz"}) },
	"GET /{$}":                   func(r *round) { r.hear(ask{method: "GET", path: "/"}) },
	"GET /console.css":           func(r *round) { r.hear(ask{method: "GET", path: "/console.css"}) },
	"GET /setup/{code}":          func(r *round) { r.hear(ask{method: "GET", path: "/setup/wrong"}) },
	"POST /setup/{code}":         func(r *round) { r.hear(ask{method: "POST", path: "/setup/wrong"}) },
	"GET /docs/reference/errors": func(r *round) { r.hear(ask{method: "GET", path: "/docs/reference/errors"}) },

	// TAXII (sections 4 and 5).
	"/taxii2/":                      func(r *round) { r.read("/taxii2/") },
	"/taxii2/root/":                 func(r *round) { r.read(taxiiRoot) },
	"/taxii2/root/status/{status}/": (*round).statuses,
	"/taxii2/root/collections/":     func(r *round) { r.read(taxiiRoot + "collections/") },
	"/taxii2/root/collections/{collection}/": func(r *round) {
		for _, c := range collectionNames {
			r.read(taxiiRoot + "collections/" + strings.ReplaceAll(c, " ", "%20") + "/")
		}
	},
	"/taxii2/root/collections/{collection}/manifest/":                  func(r *round) { r.taxiiListing("manifest") },
	"/taxii2/root/collections/{collection}/objects/":                   func(r *round) { r.taxiiPosts(); r.taxiiListing("objects") },
	"/taxii2/root/collections/{collection}/objects/{object}/":          func(r *round) { r.taxiiObject("/") },
	"/taxii2/root/collections/{collection}/objects/{object}/versions/": func(r *round) { r.taxiiObject("/versions/") },

	// The JSON API: accounts and collections.
	"GET /api/v1/openapi.json": func(r *round) { r.read("/api/v1/openapi.json") },
	"GET /api/v1/me":           func(r *round) { r.read("/api/v1/me") },
	"GET /api/v1/accounts":     func(r *round) { r.read("/api/v1/accounts") },
	"GET /api/v1/accounts/{account}": func(r *round) {
		for _, name := range []string{"cedar", "account-2", "nobody"} {
			r.read("/api/v1/accounts/" + name)
		}
	},
	"POST /api/v1/accounts": func(r *round) {
		r.send("POST", "/api/v1/accounts", map[string]any{"name": "account-1", "org": "Org 1"})
	},
	"PATCH /api/v1/accounts/{account}": func(r *round) {
		for _, name := range []string{"account-1", "cedar", "nobody"} {
			r.send("PATCH", "/api/v1/accounts/"+name, map[string]any{"use": "block"})
		}
	},
	"POST /api/v1/accounts/{account}/renew": func(r *round) {
		for _, name := range []string{"account-1", "cedar", "nobody"} {
			r.send("POST", "/api/v1/accounts/"+name+"/renew", map[string]any{})
		}
	},
	"POST /api/v1/accounts/{account}/revoke": func(r *round) {
		r.bare("POST", "/api/v1/accounts/account-1/revoke")
		r.bare("POST", "/api/v1/accounts/cedar/revoke")
	},
	"DELETE /api/v1/accounts/{account}": func(r *round) {
		r.bare("DELETE", "/api/v1/accounts/account-1")
		r.bare("DELETE", "/api/v1/accounts/cedar")
	},
	"GET /api/v1/orgs":  func(r *round) { r.read("/api/v1/orgs") },
	"POST /api/v1/orgs": func(r *round) { r.send("POST", "/api/v1/orgs", map[string]any{"name": "Org 1"}) },
	"PATCH /api/v1/orgs/{org}": func(r *round) {
		for _, name := range []string{"Fern", "Org 1", "nobody"} {
			r.send("PATCH", "/api/v1/orgs/"+strings.ReplaceAll(name, " ", "%20"), map[string]any{"country": "US"})
		}
	},
	"GET /api/v1/collections": func(r *round) { r.pages("/api/v1/collections"); r.pages("/api/v1/collections?limit=1") },
	"GET /api/v1/collections/{collection}": func(r *round) {
		r.eachCollection(func(c string) { r.read("/api/v1/collections/" + c) })
	},
	"POST /api/v1/collections": func(r *round) {
		r.send("POST", "/api/v1/collections", map[string]any{"alias": "aside-1"})
		r.send("POST", "/api/v1/collections", map[string]any{"alias": "vault"})
	},
	"PATCH /api/v1/collections/{collection}": func(r *round) {
		r.eachCollection(func(c string) { r.send("PATCH", "/api/v1/collections/"+c, map[string]any{"max_objects": 5}) })
	},
	"DELETE /api/v1/collections/{collection}": func(r *round) {
		r.eachCollection(func(c string) {
			r.bare("DELETE", "/api/v1/collections/"+c)
			r.bare("DELETE", "/api/v1/collections/"+c+"?objects=1000000")
		})
	},
	"GET /api/v1/collections/{collection}/conflicts": func(r *round) {
		r.eachCollection(func(c string) { r.read("/api/v1/collections/" + c + "/conflicts") })
	},

	"GET /api/v1/agreements":             func(r *round) { r.read("/api/v1/agreements") },
	"GET /api/v1/agreements/{agreement}": func(r *round) { r.read("/api/v1/agreements/with-fern-1"); r.read("/api/v1/agreements/none") },
	"POST /api/v1/agreements": func(r *round) {
		r.send("POST", "/api/v1/agreements", map[string]any{"name": "with-fern-1", "to": []string{"org:Fern"}, "tlp": "amber", "legal_grounds": []string{"nis2-29"}})
	},
	"POST /api/v1/agreements/{agreement}/end": func(r *round) { r.bare("POST", "/api/v1/agreements/with-fern-1/end") },

	"GET /api/v1/policy/check":   func(r *round) { r.read("/api/v1/policy/check") },
	"GET /api/v1/policy/explain": (*round).explain,
	"POST /api/v1/policy/test": func(r *round) {
		r.send("POST", "/api/v1/policy/test", map[string]any{"cases": []any{map[string]any{"as": "cedar", "class": "tlp:red"}}})
	},
	"POST /api/v1/policy/diff": func(r *round) { r.send("POST", "/api/v1/policy/diff", map[string]any{"new": []any{}}) },

	// What is the member's own, and who would be given what. Who else reads is told
	// to the own member's accounts, so that they ask for themselves.
	"GET /api/v1/assets": func(r *round) { r.pages("/api/v1/assets") },
	"POST /api/v1/assets": func(r *round) {
		r.send("POST", "/api/v1/assets", map[string]any{"assets": []any{map[string]any{"value": "example.org"}}})
	},
	"POST /api/v1/assets/remove": func(r *round) {
		r.send("POST", "/api/v1/assets/remove", map[string]any{"value": "example.org"})
	},
	"POST /api/v1/assets/tell": func(r *round) {
		r.send("POST", "/api/v1/assets/tell", map[string]any{"all": true})
		r.send("POST", "/api/v1/assets/tell", map[string]any{"assets": []any{map[string]any{"value": "example.org"}}, "collection": "vault"})
	},
	"GET /api/v1/assets/told": func(r *round) { r.read("/api/v1/assets/told"); r.read("/api/v1/assets/told?of=Fern") },
	"POST /api/v1/preview":    (*round).previews,

	"GET /api/v1/feedback": func(r *round) {
		r.pages("/api/v1/feedback?all=true&limit=2")
		r.read("/api/v1/feedback?id=" + idOf("indicator", 1) + "&id=" + idOf("indicator", 2))
		r.read("/api/v1/feedback?id=" + idOf("indicator", 50))
	},
	"GET /api/v1/score": func(r *round) { r.read("/api/v1/score") },
	"PATCH /api/v1/score": func(r *round) {
		r.send("PATCH", "/api/v1/score", map[string]any{"half_lives": map[string]any{"ip": 7}})
	},

	// What was seen in events, which is told to curators alone. An auditor is none.
	"POST /api/v1/events": func(r *round) {
		r.send("POST", "/api/v1/events", map[string]any{"query": "example.org"})
	},
	"GET /api/v1/seen":      func(r *round) { r.read("/api/v1/seen") },
	"GET /api/v1/seen/hits": func(r *round) { r.read("/api/v1/seen/hits") },
	"POST /api/v1/seen/forget": func(r *round) {
		r.send("POST", "/api/v1/seen/forget", map[string]any{"value": "example.org"})
	},

	// What is no good for blocking, which is told to the own member's accounts.
	"GET /api/v1/warninglists":      func(r *round) { r.pages("/api/v1/warninglists") },
	"GET /api/v1/warninglists/list": func(r *round) { r.read("/api/v1/warninglists/list?name=Ours") },
	"POST /api/v1/warninglists": func(r *round) {
		r.send("POST", "/api/v1/warninglists", map[string]any{"name": "Resolvers", "type": "cidr", "list": []string{"198.51.100.0/24"}})
	},
	"POST /api/v1/warninglists/values": func(r *round) {
		r.send("POST", "/api/v1/warninglists/values", map[string]any{"name": "Ours", "values": []string{"example.org"}})
	},
	"POST /api/v1/warninglists/remove": func(r *round) {
		r.send("POST", "/api/v1/warninglists/remove", map[string]any{"name": "Ours"})
	},
	"POST /api/v1/warninglists/check": func(r *round) {
		r.send("POST", "/api/v1/warninglists/check", map[string]any{"values": []string{"198.51.100.7", "example.org"}})
	},

	// Machines that fetch lists: the reader's own, and what is done with them.
	"GET /export/v1": (*round).lists,
	"GET /export/v1/{token}": func(r *round) {
		r.hear(ask{method: "GET", path: "/export/v1/" + cmp.Or(r.tokens[r.reader.name+"-list"], "wrong")})
		r.hear(ask{method: "GET", path: "/export/v1/" + r.tokens[r.reader.name]})
	},
	"GET /export/v1/{token}/{file}": func(r *round) {
		r.hear(ask{method: "GET", path: "/export/v1/" + cmp.Or(r.tokens[r.reader.name+"-list"], "wrong") + "/manifest.json"})
		r.hear(ask{method: "GET", path: "/export/v1/" + r.tokens[r.reader.name] + "/manifest.json"})
	},
	"GET /api/v1/devices": func(r *round) { r.pages("/api/v1/devices?limit=1") },
	"POST /api/v1/devices": func(r *round) {
		r.send("POST", "/api/v1/devices", map[string]any{"name": "device-1", "format": "rpz", "collections": []string{"vault"}})
	},
	"DELETE /api/v1/devices/{device}": func(r *round) { r.bare("DELETE", "/api/v1/devices/device-1") },
	"POST /api/v1/devices/{device}/release": func(r *round) {
		r.bare("POST", "/api/v1/devices/birch-list/release")
		r.bare("POST", "/api/v1/devices/nobody/release")
	},
	"GET /api/v1/false-positives": func(r *round) { r.read("/api/v1/false-positives") },
	"PATCH /api/v1/false-positives": func(r *round) {
		r.send("PATCH", "/api/v1/false-positives", map[string]any{"others": 1})
	},
	"GET /api/v1/insisted": func(r *round) { r.pages("/api/v1/insisted") },
	"POST /api/v1/insisted": func(r *round) {
		r.send("POST", "/api/v1/insisted", map[string]any{"value": "198.51.100.77", "reason": "seen"})
	},
	"POST /api/v1/insisted/remove": func(r *round) {
		r.send("POST", "/api/v1/insisted/remove", map[string]any{"value": "198.51.100.77"})
	},

	// What auditors ask.
	"POST /api/v1/privacy/erase": func(r *round) {
		r.send("POST", "/api/v1/privacy/erase", map[string]any{"ids": []string{idOf("indicator", 1), idOf("indicator", 50)}})
	},
	"POST /api/v1/privacy/report": func(r *round) {
		for _, about := range []string{"", "Fern", "ana@mail.example", "nobody"} {
			r.send("POST", "/api/v1/privacy/report", map[string]any{"about": about})
		}
	},
	"GET /api/v1/audit/accounts/{account}": func(r *round) {
		r.read("/api/v1/audit/accounts/cedar")
		r.read("/api/v1/audit/accounts/" + r.reader.name)
	},
	"GET /api/v1/audit/denials": func(r *round) { r.read("/api/v1/audit/denials") },
	"GET /api/v1/audit/objects/{id}": func(r *round) {
		r.read("/api/v1/audit/objects/" + idOf("indicator", 1))
		r.read("/api/v1/audit/objects/" + idOf("indicator", 50))
	},
	"POST /api/v1/audit/seals":  func(r *round) { r.bare("POST", "/api/v1/audit/seals") },
	"POST /api/v1/audit/verify": func(r *round) { r.bare("POST", "/api/v1/audit/verify") },

	// Objects.
	"GET /api/v1/collections/{collection}/objects":         (*round).apiListing,
	"POST /api/v1/collections/{collection}/objects":        (*round).apiBulk,
	"DELETE /api/v1/collections/{collection}/objects/{id}": (*round).apiDelete,
	"POST /api/v1/collections/{collection}/imports":        (*round).imports,
	"GET /api/v1/stream":                                   (*round).streams,
	"GET /api/v1/objects/{id}":                             func(r *round) { r.eachID("", "?fields=id,name,labels") },
	"GET /api/v1/objects/{id}/versions":                    func(r *round) { r.eachID("/versions") },
	"GET /api/v1/objects/{id}/show": func(r *round) {
		r.eachID("/show", "/show?version="+thing{version: 1}.modified(), "/show?version="+thing{version: 1, odd: true}.modified())
	},
	"GET /api/v1/objects/{id}/source": func(r *round) {
		r.eachID("/source", "/source?version="+thing{version: 1, odd: true}.modified())
	},
	"GET /api/v1/objects/{id}/neighbours": func(r *round) {
		r.eachID("/neighbours?hops=2", "/neighbours?hops=3&relationships=true", "/neighbours?direction=in&per_object=1", "/neighbours?type=malware&limit=2", "/neighbours?direction=out")
	},
	"GET /api/v1/find":   (*round).find,
	"POST /api/v1/find":  (*round).findMany,
	"GET /api/v1/search": (*round).searches,

	// What belongs to the account.
	"GET /api/v1/watches":  func(r *round) { r.pages("/api/v1/watches?limit=1") },
	"POST /api/v1/watches": (*round).watches,
	"GET /api/v1/watches/{watch}": func(r *round) {
		r.read("/api/v1/watches/w1")
		r.read("/api/v1/watches/once")
		r.read("/api/v1/watches/none")
	},
	"POST /api/v1/watches/{watch}/check": (*round).checks,
	"DELETE /api/v1/watches/{watch}":     func(r *round) { r.bare("DELETE", "/api/v1/watches/w2"); r.bare("DELETE", "/api/v1/watches/none") },
	"GET /api/v1/playbooks/{id}":         func(r *round) { r.eachPlaybook(func(id string) { r.read("/api/v1/playbooks/" + id) }) },
	"POST /api/v1/playbooks/{id}/ticks": func(r *round) {
		r.eachPlaybook(func(id string) { r.send("POST", "/api/v1/playbooks/"+id+"/ticks", map[string]any{"step": "1"}) })
	},
	"GET /api/v1/webhooks":                   func(r *round) { r.read("/api/v1/webhooks") },
	"POST /api/v1/webhooks":                  (*round).webhooks,
	"DELETE /api/v1/webhooks/{webhook}":      func(r *round) { r.bare("DELETE", "/api/v1/webhooks/gone"); r.bare("DELETE", "/api/v1/webhooks/none") },
	"POST /api/v1/webhooks/{webhook}/test":   func(r *round) { r.bare("POST", "/api/v1/webhooks/none/test") },
	"GET /api/v1/webhooks/{webhook}/failed":  func(r *round) { r.read("/api/v1/webhooks/soc/failed"); r.read("/api/v1/webhooks/none/failed") },
	"POST /api/v1/webhooks/{webhook}/replay": func(r *round) { r.send("POST", "/api/v1/webhooks/soc/replay", map[string]any{}) },
	"GET /api/v1/jobs":                       func(r *round) { r.pages("/api/v1/jobs?limit=1") },
	"POST /api/v1/jobs":                      func(r *round) { r.send("POST", "/api/v1/jobs", map[string]any{"kind": "verify"}) },
	"GET /api/v1/jobs/{job}":                 (*round).jobs,
	"POST /api/v1/jobs/{job}/cancel":         func(r *round) { r.bare("POST", "/api/v1/jobs/"+r.someJob()+"/cancel") },
	"GET /api/v1/drafts":                     func(r *round) { r.pages("/api/v1/drafts?limit=1") },
	"POST /api/v1/drafts":                    (*round).drafts,
	"GET /api/v1/drafts/{draft}":             func(r *round) { r.read("/api/v1/drafts/1"); r.read("/api/v1/drafts/2"); r.read("/api/v1/drafts/99") },
	"POST /api/v1/drafts/{draft}/edit":       func(r *round) { r.send("POST", "/api/v1/drafts/1/edit", map[string]any{"set": []string{"name=Draft"}}) },
	"POST /api/v1/drafts/{draft}/publish":    func(r *round) { r.bare("POST", fmt.Sprintf("/api/v1/drafts/%d/publish", 2*r.n+1)) },
	"DELETE /api/v1/drafts/{draft}":          func(r *round) { r.bare("DELETE", "/api/v1/drafts/2"); r.bare("DELETE", "/api/v1/drafts/77") },

	// Writing in the own member's name.
	"POST /api/v1/author":                (*round).write,
	"PATCH /api/v1/objects/{id}":         (*round).patches,
	"POST /api/v1/objects/{id}/edit":     (*round).edits,
	"POST /api/v1/objects/{id}/tearline": (*round).tearLines,
	"POST /api/v1/objects/{id}/revoke":   func(r *round) { r.eachOwn(func(id string) { r.bare("POST", "/api/v1/objects/"+id+"/revoke") }) },
	"DELETE /api/v1/objects/{id}":        func(r *round) { r.eachOwn(func(id string) { r.bare("DELETE", "/api/v1/objects/"+id) }) },
	"POST /api/v1/sightings":             (*round).sights,
	"POST /api/v1/opinions":              (*round).judges,
	"POST /api/v1/notes":                 (*round).notes,
	"POST /api/v1/relationships":         (*round).relates,
	"POST /api/v1/tags":                  (*round).tags,
}

// operators are what the machine's operator alone reaches, who is shown all of
// it anyway: the admin socket's own, and metrics, which may be answered on an
// address of the operator's choice. Exports are asked as the reader below.
var operators = []string{"POST /import", "POST /backup", "GET /log", "GET /verify", "GET /followers",
	"POST /followers/{name}/rebuild", "GET /metrics",
	"GET /indicators"} // what it gives of an account is held against that account in TestNewsIsAllThatChanged

// TestEveryEndpointIsAsked: what a node answers is read off its doors, so that a
// new endpoint fails here until the test of non-interference asks it.
func TestEveryEndpointIsAsked(t *testing.T) {
	there := map[string]bool{}
	for _, p := range append(patterns(t), operations(t)...) {
		there[p] = true
		_, asked := endpoints[p]
		_, byExport := exports[p]
		if !asked && !byExport && !slices.Contains(operators, p) {
			t.Errorf("%q is answered and not asked by TestNothingUnseenChangesAnAnswer: add it to endpoints", p)
		}
	}
	for _, p := range append(append(slices.Collect(maps.Keys(endpoints)), operators...), slices.Collect(maps.Keys(exports))...) {
		if !there[p] {
			t.Errorf("%q is in the list and answered by no door", p)
		}
	}
}

// operations are those that the OpenAPI document of a running node has.
func operations(t *testing.T) (all []string) {
	dir, _ := newNode(t)
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	w := &world{t: t, n: n, local: n.Admin()}
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(w.do(ask{local: true, method: "GET", path: "/api/v1/openapi.json"}).Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	for path, methods := range doc.Paths {
		for method := range methods {
			all = append(all, strings.ToUpper(method)+" "+path)
		}
	}
	if len(all) < 20 {
		t.Fatalf("the document has %d operations; is it read right?", len(all))
	}
	return all
}

// patterns are those that handlers are registered under in the sources of doors
// and node, and those of TAXII's endpoints. A handler of all that lies below a
// path stands for what is registered behind it.
func patterns(t *testing.T) (all []string) {
	behind := []string{"ctx", "/", `"GET "+Root+"openapi.json"`, "api.Root", "Root", "pattern"}
	root := filepath.Join("..", "door")
	files, err := filepath.Glob(filepath.Join(root, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, file := range append(files, here...) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tree, err := parser.ParseFile(set, file, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			e := patternOf(n)
			if e == nil {
				return true
			}
			text := string(src[set.Position(e.Pos()).Offset:set.Position(e.End()).Offset])
			if plain, err := strconv.Unquote(text); err == nil {
				text = plain
			}
			if text == `"GET "+Root+"openapi.json"` {
				all = append(all, "GET /api/v1/openapi.json")
			}
			if !slices.Contains(behind, text) && !strings.HasPrefix(text, "/debug/") && !strings.Contains(text, "pprof") {
				all = append(all, text)
			}
			return true
		})
	}
	return all
}

// patternOf is the pattern that a node of the syntax registers or declares.
func patternOf(n ast.Node) ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.SelectorExpr:
			name = f.Sel.Name
		case *ast.Ident:
			name = f.Name
		}
		if len(n.Args) != 2 {
			return nil
		}
		// The admin door registers by a function of its own.
		_, literal := n.Args[0].(*ast.BasicLit)
		if name == "Handle" || name == "HandleFunc" || name == "handle" && literal {
			return n.Args[0]
		}
	case *ast.CompositeLit:
		if id, ok := n.Type.(*ast.Ident); ok && id.Name == "endpoint" && len(n.Elts) > 0 {
			if kv, ok := n.Elts[0].(*ast.KeyValueExpr); ok {
				return kv.Value
			}
		}
	}
	return nil
}

// exports are read by the verb of that name, as an account by --as.
var exports = map[string]func(*round){"GET /export": func(r *round) {
	for _, q := range []string{"form=jsonl", "form=stix", "form=jsonl&latest=true", "form=jsonl&collection=feed", "form=jsonl&collection=vault",
		"form=ndjson", "form=rpz", "form=hosts&collection=feed&limit=2", "form=csv&min-confidence=10", "form=csv&min-score=10", "form=misp-feed"} {
		r.hear(ask{local: true, method: http.MethodGet, path: "/export?as=" + r.reader.name + "&" + q})
	}
}}

// lists fetches the list of the device beside the reader, if there is one, with what it
// had last.
func (r *round) lists() {
	name := r.reader.name + "-list"
	if r.tokens[name] == "" {
		name = r.reader.name // who is no device
	}
	a := ask{as: name, method: http.MethodGet, path: "/export/v1"}
	had := r.do(a).Header().Get("ETag")
	r.hear(a)
	a.header = map[string]string{"If-None-Match": had}
	r.hear(a)
	a.header, a.path = nil, a.path+"?since="+strings.Trim(had, `"`)
	r.hear(a)
}
