// Package entente_test holds the house rules: what may stand on what, and what
// must not appear at all. Each rule says why.
package entente_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// floors are the packages from the ground up; one may import only those on a
// lower line, or, where the line says so, on its own.
var floors = []struct {
	name    string
	members []string // a trailing /... takes in all below
	own     bool     // members may import one another
}{
	{"public", []string{"stix", "stix/pattern", "stix/pattern/match", "taxii", "verify", "client"}, true},
	{"ground", []string{"internal/sealed", "internal/dial", "internal/recent", "internal/abreast", "internal/spelling", "internal/score", "internal/format/..."}, false},
	{"store contract", []string{"internal/store"}, false},
	{"store engines", []string{"internal/store/..."}, true},
	{"trust", []string{"internal/trust/..."}, true},
	{"exchange", []string{"internal/exchange"}, false},
	{"practice", []string{"internal/practice/..."}, false},
	{"door", []string{"internal/door/..."}, false},
	{"node", []string{"internal/node"}, false},
	{"stories", []string{"internal/demo", "internal/bench/..."}, true},
	{"verbs", []string{"cmd/..."}, false},
}

func floorOf(pkg string) int {
	for i, f := range floors {
		for _, m := range f.members {
			if m == pkg || strings.HasSuffix(m, "/...") && strings.HasPrefix(pkg+"/", strings.TrimSuffix(m, "...")) {
				return i
			}
		}
	}
	return -1
}

type source struct {
	pkg, file string
	tree      *ast.File
}

func sources(t *testing.T, withTests bool) []source {
	t.Helper()
	var out []source
	set := token.NewFileSet()
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() != "." && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || !withTests && strings.HasSuffix(name, "_test.go") {
			return nil
		}
		tree, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, source{pkg: filepath.ToSlash(filepath.Dir(name)), file: filepath.ToSlash(name), tree: tree})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func imports(s source) []string {
	var out []string
	for _, i := range s.tree.Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

// TestFloors: a reader can understand a floor without those above it, and no
// path of data leads around the exchange, because imports point downwards.
func TestFloors(t *testing.T) {
	for _, s := range sources(t, false) {
		from := floorOf(s.pkg)
		if from < 0 {
			t.Errorf("%s: package %s stands on no floor; add it to ARCHITECTURE.md and to this test", s.file, s.pkg)
			continue
		}
		for _, imported := range imports(s) {
			pkg, ours := strings.CutPrefix(imported, "entente/")
			if !ours {
				continue
			}
			to := floorOf(pkg)
			if to > from || to == from && !floors[from].own {
				t.Errorf("%s (floor %s) imports %s (floor %s); imports point downwards only", s.file, floors[from].name, pkg, floors[max(to, 0)].name)
			}
		}
	}
}

// TestOnlyTheGateOpensSealedValues: what came out of the store can become
// readable in one place only (invariant 1).
func TestOnlyTheGateOpensSealedValues(t *testing.T) {
	allowed := []string{"internal/sealed", "internal/store", "internal/store/pebble", "internal/store/storetest", "internal/trust/handling"}
	opens := []string{"internal/sealed", "internal/trust/handling"}
	for _, s := range sources(t, false) {
		if slices.Contains(imports(s), "entente/internal/sealed") && !slices.Contains(allowed, s.pkg) {
			t.Errorf("%s imports internal/sealed; only store engines seal and only handling opens", s.file)
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Open" {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "sealed" && !slices.Contains(opens, s.pkg) && s.pkg != "internal/store/storetest" {
				if s.pkg == "internal/store/pebble" && strings.HasSuffix(s.file, "verify.go") {
					return true // the checker compares bodies with indexes; it shows none
				}
				t.Errorf("%s opens a sealed value; only handling's gate may", s.file)
			}
			return true
		})
	}
}

// TestOnlyTheExchangeUsesTheStore: one way in and one way out. Trust keeps its
// member rows and the log there, the node opens and closes it.
func TestOnlyTheExchangeUsesTheStore(t *testing.T) {
	reads := []string{"Page", "Fetch", "Lookup", "Edges", "Changes", "Versions"}
	for _, s := range sources(t, false) {
		if strings.HasPrefix(s.pkg, "internal/store") || s.pkg == "internal/exchange" || s.pkg == "internal/bench" || strings.HasPrefix(s.pkg, "internal/bench/") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			sel, ok := lit.Type.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "store" {
				switch sel.Sel.Name {
				case "PageQuery", "Put", "Remove", "Reclass":
					t.Errorf("%s makes a store.%s; only the exchange moves intelligence (methods %v)", s.file, sel.Sel.Name, reads)
				}
			}
			return true
		})
	}
}

// TestPublicPackagesStandAlone: other programs import them, so they bring
// nothing but the standard library and golang.org/x.
func TestPublicPackagesStandAlone(t *testing.T) {
	for _, s := range sources(t, false) {
		if floorOf(s.pkg) != 0 {
			continue
		}
		for _, i := range imports(s) {
			first, _, _ := strings.Cut(i, "/")
			if strings.Contains(first, ".") && !strings.HasPrefix(i, "golang.org/x/") {
				t.Errorf("%s imports %s; public packages keep to the standard library and x/", s.file, i)
			}
		}
	}
}

// TestForbiddenImports: no shell, no reflection-made code paths, no second way
// out to the network.
func TestForbiddenImports(t *testing.T) {
	rules := []struct {
		what   string
		except []string
		why    string
	}{
		{"os/exec", []string{"internal/bench", "cmd/entente/editor.go"}, "nothing runs another program (the kill bench starts its own binary, and writers have an editor)"},
		{"unsafe", []string{"stix", "internal/store/pebble", "internal/door/taxii", "internal/practice/detect/mapped.go"}, "only the hot paths of parsing and paging, and a compiled set where it stands in its file"},
		{"plugin", nil, "nothing is loaded at run time"},
		{"net/http/pprof", []string{"internal/door/admin"}, "profiles are for the admin socket"},
		{"encoding/gob", nil, "nothing is deserialised into types of the sender's choice"},
	}
	for _, s := range sources(t, false) {
		for _, r := range rules {
			if slices.Contains(imports(s), r.what) && !slices.ContainsFunc(r.except, func(e string) bool { return s.pkg == e || s.file == e || strings.HasPrefix(s.pkg, e+"/") }) {
				t.Errorf("%s imports %s: %s", s.file, r.what, r.why)
			}
		}
	}
}

// TestClaimsNameTheirTests: a claim whose test is gone is only a claim.
func TestClaimsNameTheirTests(t *testing.T) {
	have := map[string]bool{}
	for _, s := range sources(t, true) {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				have[f.Name.Name] = true
			}
		}
	}
	for _, page := range []string{"docs/security.md", "ARCHITECTURE.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+)`").FindAllSubmatch(b, -1)
		if len(named) == 0 {
			t.Errorf("%s names no test", page)
		}
		for _, n := range named {
			if !have[string(n[1])] {
				t.Errorf("%s names %s, which does not exist", page, n[1])
			}
		}
	}
}

// TestFilesStayReadable: a file is one thought.
func TestFilesStayReadable(t *testing.T) {
	const most = 400
	for _, s := range sources(t, true) {
		limit := most
		if strings.HasSuffix(s.file, "_test.go") {
			limit = 700 // tables of cases
		}
		b, err := os.ReadFile(s.file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), "\n"); n > limit {
			t.Errorf("%s has %d lines; at most %d, so split it by role", s.file, n, limit)
		}
	}
}

// TestEveryPackageSaysWhatItIsFor: doc.go, five lines or more.
func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	docs := map[string]int{}
	for _, s := range sources(t, false) {
		if _, ok := docs[s.pkg]; !ok {
			docs[s.pkg] = 0
		}
		if s.tree.Doc != nil && path.Base(s.file) == "doc.go" {
			docs[s.pkg] = max(docs[s.pkg], strings.Count(s.tree.Doc.Text(), "\n"))
		}
	}
	for pkg, lines := range docs {
		if lines < 4 && pkg != "." {
			t.Errorf("package %s has a comment of %d lines; say what it is for, what never happens in it, and which way data flows", pkg, lines)
		}
	}
}

// TestNoSleepingTests: a test that sleeps is slow when it passes and flaky when
// it fails.
func TestNoSleepingTests(t *testing.T) {
	for _, s := range sources(t, true) {
		if !strings.HasSuffix(s.file, "_test.go") && path.Base(s.pkg) != "storetest" {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
					t.Errorf("%s sleeps; wait for the thing itself", s.file)
				}
			}
			return true
		})
	}
}
